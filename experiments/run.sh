#!/usr/bin/env bash
# Runs every experiment of this folder one after another and prints the comparison. Can be stopped and started again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engine=${LODESTONE_ENGINE:-$here/../build/release/bin/lodestone-engine}
runs=${1:-$here/../build/experiments}
mkdir -p "$runs"
for configuration in "$here"/*.json; do
    run=$runs/$(basename "$configuration" .json)
    [ -e "$run/result/metrics.json" ] && grep -q '"kind":"finished"' "$run/events.jsonl" && continue
    resume=()
    [ -e "$run/checkpoints/last.h5" ] && resume=(--resume)
    "$engine" finetune "$configuration" --run "$run" "${resume[@]}"
done
"$engine" compare "$runs"/mo-*
"$engine" compare "$runs"/li-fe-o-*
"$engine" compare "$runs"/nio-*
