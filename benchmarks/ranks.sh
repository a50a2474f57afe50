#!/usr/bin/env bash
# A training step of nequix-mp-1 on crystals of Mo, by one process on one core and by two processes on a core each, in turn:
#   benchmarks/ranks.sh ROUNDS ENGINE SHARED [FRAMES_A_BATCH]
# SHARED: the folder with models/ and data/. Needs mpirun and a machine of two cores that does nothing else.
set -euo pipefail
[ $# -ge 3 ] || { echo "benchmarks/ranks.sh ROUNDS ENGINE SHARED [FRAMES_A_BATCH]" >&2; exit 2; }
rounds=$1 engine=$2 shared=$3 frames=${4:-4}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
cat >"$work/config.json" <<JSON
{"model": "$shared/models/nequix/nequix-mp-1.nqx",
 "data": {"train": ["$shared/data/mlearn/Mo_training.extxyz"], "validation": 0.02, "max_train": $((12 * frames)), "max_validation": 1},
 "targets": {"energy": 1, "forces": 10}, "method": {"kind": "sparse", "target_fraction": 0.03},
 "epochs": 1, "batch": {"max_frames": $frames, "max_edges": 1000000}, "forgetting_frames": 0, "early_stopping": 0}
JSON

# Seconds a step of a run whose folder is $1: between the second step and the last.
seconds() {
    python3 - "$1" <<'PYTHON'
import json, sys
steps = [e for e in map(json.loads, open(sys.argv[1] + "/events.jsonl")) if e["kind"] == "step"]
a, b = steps[1], steps[-1]
print((b["seconds"] - a["seconds"]) / (b["step"] - a["step"]))
PYTHON
}
run() { # processes, folder
    local command=("$engine" finetune "$work/config.json" --run "$2" --threads 1 --no-audit --log-level error)
    if [ "$1" -eq 1 ]; then
        taskset -c 0 "${command[@]}" >/dev/null 2>&1
    else
        mpirun -n "$1" --bind-to core "${command[@]}" >/dev/null 2>&1
    fi
}
for round in $(seq "$rounds"); do
    for processes in 1 2; do
        run $processes "$work/run-$round-$processes"
        seconds "$work/run-$round-$processes" >>"$work/seconds-$processes"
    done
    echo "round $round: $(paste "$work"/seconds-1 "$work"/seconds-2 | tail -1)"
done
python3 - "$work" <<'PYTHON'
import statistics, sys
one, two = ([float(x) for x in open(f"{sys.argv[1]}/seconds-{n}")] for n in (1, 2))
ratios = [a / b for a, b in zip(one, two)]
print(f"one process {statistics.median(one):.3f} s a step ({min(one):.3f} to {max(one):.3f}), "
      f"two {statistics.median(two):.3f} s ({min(two):.3f} to {max(two):.3f})")
print(f"speed-up {statistics.median(ratios):.2f} (median of {len(ratios)} pairs, {min(ratios):.2f} to {max(ratios):.2f})")
PYTHON
