#!/usr/bin/env bash
# Fuzzes the readers: packaging/fuzz.sh [--jobs N] [--seed N] [SECONDS [TARGET...]]
# Installs missing packages, builds the libFuzzer targets (tests/fuzz) with Clang, AddressSanitizer and
# UndefinedBehaviorSanitizer, and runs every one for SECONDS (60), N (2) at a time. Prints one line a target and fails if
# there is a finding: a crash, more than 2 GiB of memory or more than 10 s for one input. The input is left in
# build/fuzz/findings/TARGET, the report in build/fuzz/logs/TARGET.log. Targets begin with their seeds and with what earlier
# calls found out (build/fuzz/corpora). With --seed, and corpora that are the same, the same inputs are tried in the same order.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

usage() {
    sed -n '2s/^# //p' "${BASH_SOURCE[0]}" >&2
    exit 2
}
jobs=2
seed=0 # libFuzzer: another one every time
while [[ ${1:-} == --* ]]; do
    case $1 in
        --jobs) jobs=${2:-} ;;
        --seed) seed=${2:-} ;;
        *) usage ;;
    esac
    shift $(($# < 2 ? $# : 2))
done
seconds=${1:-60}
shift $(($# < 1 ? $# : 1))
[[ $jobs =~ ^[1-9][0-9]*$ && $seed =~ ^[0-9]+$ && $seconds =~ ^[1-9][0-9]*$ ]] || usage

lodestone_install_packages packages-fuzz.txt
lodestone_build fuzz fuzzers >&2
fuzz=$lodestone_root/build/fuzz
mapfile -t known <"$fuzz/fuzzers.txt"
targets=("${@:-${known[@]}}")
for target in "${targets[@]}"; do
    if ! grep -qx -- "$target" "$fuzz/fuzzers.txt"; then
        echo "There is no target $target; targets are ${known[*]}." >&2
        exit 2
    fi
done

mkdir -p "$fuzz"/{logs,seeds}
for maker in make_archive_seeds make_hdf5_seeds make_array_seeds make_model_seeds; do
    "$fuzz/bin/$maker" "$fuzz/seeds"
done
scratch=$(mktemp -d -p /dev/shm lodestone-fuzz.XXXXXX) # targets of several files write these there
trap 'rm -rf "$scratch"' EXIT

# run_target NAME: one line; leaves the file `failed` if there is a finding.
run_target() {
    local name=$1 log=$fuzz/logs/$1.log code=0 folder begin runs peak
    local folders=("$fuzz/corpora/$name")
    for folder in "$fuzz/seeds/$name" "$lodestone_root/tests/fuzz/corpus/$name"; do
        [ ! -d "$folder" ] || folders+=("$folder")
    done
    mkdir -p "$fuzz/corpora/$name" "$fuzz/findings/$name"
    begin=$SECONDS
    TMPDIR=$scratch OMP_NUM_THREADS=1 "$fuzz/bin/fuzz_$name" -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$fuzz/findings/$name/" "${folders[@]}" >"$log" 2>&1 || code=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    peak=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
    printf '%-14s %10s runs %6d s %6s MB at most  ' "$name" "${runs:-0}" $((SECONDS - begin)) "${peak:-?}"
    if [ "$code" -eq 0 ]; then
        echo "no finding"
        rmdir --ignore-fail-on-non-empty "$fuzz/findings/$name"
        return 0
    fi
    echo "FINDING: $(sed -n 's/.*Test unit written to //p' "$log" | tail -1)" "($(grep -m1 '^SUMMARY:' "$log" || echo "see $log"))"
    touch "$scratch/failed"
}

for target in "${targets[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n || true
    done
    run_target "$target" &
done
wait
[ ! -e "$scratch/failed" ]
