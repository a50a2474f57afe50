#!/usr/bin/env bash
# A real Slurm (munged, slurmctld, slurmd) on this one machine, for tests: no systemd, nothing outside FOLDER but free ports.
#   slurm.sh start FOLDER PID   returns when jobs can be submitted with SLURM_CONF=FOLDER/slurm.conf; everything ends when the
#                               process PID (the test) ends, however it ends
#   slurm.sh stop FOLDER        cancels all jobs, ends the daemons and returns when they are gone
# Needs root (slurmd starts jobs for users) and Debian's slurmctld, slurmd, slurm-client and munge. Exit code 77: not here.
set -euo pipefail

self=$(realpath "${BASH_SOURCE[0]}")
PATH=$PATH:/usr/sbin:/sbin

free_ports() { # two that nobody listens on, below the range that the kernel gives to clients
    local port found=() taken
    taken=$(sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]\{4\}\) .*/\1/p' /proc/net/tcp /proc/net/tcp6 2>/dev/null | sort -u)
    while [ ${#found[@]} -lt 2 ]; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 10000))
        grep -qx "$(printf %04X "$port")" <<<"$taken" || found+=("$port")
    done
    echo "${found[@]}"
}

write_configuration() {
    local host ports
    host=$(hostname -s)
    read -ra ports < <(free_ports)
    mkdir -p "$folder"/{munge,state,spool}
    chmod 700 "$folder" "$folder"/munge
    head -c 128 /dev/urandom >"$folder/munge/key"
    chmod 600 "$folder/munge/key"
    # One processor, so that a second job has to wait; two GPUs of which only the number exists.
    cat >"$folder/slurm.conf" <<CONF
ClusterName=lodestone-test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=10
MinJobAge=${LODESTONE_SLURM_MIN_JOB_AGE:-300}
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=1 RealMemory=4096 Gres=gpu:2 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=60 State=UP
CONF
    printf "Name=gpu File=/dev/%s\n" null zero >"$folder/gres.conf"
}

# Ends with SIGKILL what SIGTERM did not end in ten seconds.
end_process() {
    local pid=$1 turn
    kill -TERM "$pid" 2>/dev/null || return 0
    for ((turn = 0; turn < 100; ++turn)); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

# Processes that jobs of this Slurm left, told by their environment. Their slurmstepd ends after them.
job_processes() {
    local entry settings
    for entry in /proc/[0-9]*; do
        settings=$(tr '\0' '\n' 2>/dev/null <"$entry/environ" || true)
        if grep -qxF "SLURM_CONF=$folder/slurm.conf" <<<"$settings" && grep -q '^SLURM_JOB_ID=' <<<"$settings"; then
            echo "${entry#/proc/}"
        fi
    done
}

end_all() {
    trap - EXIT TERM INT HUP
    local turn pid
    export SLURM_CONF=$folder/slurm.conf
    timeout 10 scancel --state=PENDING --user=root >/dev/null 2>&1 || true
    timeout 10 scancel --user=root >/dev/null 2>&1 || true
    for ((turn = 0; turn < 150; ++turn)); do
        [ -n "$(timeout 10 squeue --noheader 2>/dev/null || true)" ] || break
        sleep 0.1
    done
    for pid in "${daemons[@]}"; do
        end_process "$pid"
    done
    for pid in $(job_processes); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    touch "$folder/stopped"
}

# Runs apart from the test (in a session of its own, a child of init), so that who kills the test's processes leaves it alone.
supervise() {
    daemons=()
    trap end_all EXIT TERM INT HUP
    # Should this process be killed too, the kernel ends the daemons with it.
    # --force: the folder is closed to other users, and nobody else needs the socket.
    setpriv --pdeathsig TERM munged --foreground --force --num-threads=2 --socket="$folder/munge/socket" \
        --key-file="$folder/munge/key" --pid-file="$folder/munge/pid" --seed-file="$folder/munge/seed" \
        --log-file="$folder/munge/log" >"$folder/munge.out" 2>&1 &
    daemons+=($!)
    for ((turn = 0; turn < 100; ++turn)); do
        [ ! -S "$folder/munge/socket" ] || break
        sleep 0.1
    done
    SLURM_CONF=$folder/slurm.conf setpriv --pdeathsig TERM slurmctld -D -c -f "$folder/slurm.conf" >"$folder/slurmctld.out" 2>&1 &
    daemons=($! "${daemons[@]}")
    SLURM_CONF=$folder/slurm.conf setpriv --pdeathsig TERM slurmd -D -f "$folder/slurm.conf" >"$folder/slurmd.out" 2>&1 &
    daemons=($! "${daemons[@]}")
    while [ ! -e "$folder/stop" ] && kill -0 "$owner" 2>/dev/null; do
        for pid in "${daemons[@]}"; do
            kill -0 "$pid" 2>/dev/null || exit 1
        done
        sleep 0.2
    done
}

case ${1:-} in
start)
    [ $# -eq 3 ] || exit 2
    for program in munged slurmctld slurmd sbatch squeue scancel setpriv; do
        command -v $program >/dev/null || { echo "Slurm is not installed here: there is no $program." >&2; exit 77; }
    done
    [ "$(id -u)" -eq 0 ] || { echo "Only root can start Slurm's daemons." >&2; exit 77; }
    mkdir -p "$2"
    folder=$(realpath "$2")
    write_configuration
    setsid --fork "$self" supervise "$folder" "$3" </dev/null >"$folder/supervise.out" 2>&1
    for ((turn = 0; turn < 300; ++turn)); do
        if [ "$(SLURM_CONF=$folder/slurm.conf timeout 5 sinfo --noheader --format=%t 2>/dev/null || true)" = idle ]; then
            exit 0
        fi
        [ ! -e "$folder/stopped" ] || break
        sleep 0.1
    done
    echo "Slurm did not start:" >&2
    tail -n 20 "$folder"/*.out >&2 || true
    "$self" stop "$folder"
    exit 1
    ;;
supervise)
    folder=$2
    owner=$3
    supervise
    ;;
stop)
    [ $# -eq 2 ] || exit 2
    touch "$2/stop"
    for ((turn = 0; turn < 600; ++turn)); do
        [ ! -e "$2/stopped" ] || exit 0
        sleep 0.1
    done
    echo "Slurm's daemons did not end within a minute." >&2
    exit 1
    ;;
*)
    sed -n '2,7s/^# //p' "$self" >&2
    exit 2
    ;;
esac
