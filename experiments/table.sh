#!/usr/bin/env bash
# The table of methods (docs/results.md): every method on every data set, its learning rate chosen on the
# validation frames among three, then three seeds. Can be stopped and started again; finished runs are kept.
#   experiments/table.sh [FOLDER FOR THE RUNS] [DATA SET...]
# LODESTONE_SETTINGS adds options for every run, for example "--set device=cuda --set epochs=200 --set
# data.max_train=0" for a larger setting on a GPU.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engine=${LODESTONE_ENGINE:-$here/../build/release/bin/lodestone-engine}
runs=${1:-$here/../build/experiments/table}
shift || true
read -r -a more <<<"${LODESTONE_SETTINGS:-}"
sets=("$@")
[ ${#sets[@]} -gt 0 ] || for file in "$here"/table/*.json; do sets+=("$(basename "$file" .json)"); done

declare -A method=(
    [full]="--set method.kind=full"
    [dense]="--set method.kind=dense"
    [low-rank]="--set method.kind=low-rank"
    [l1]="--set method.kind=l1"
    [sparse-L]="--set method.kind=sparse --set method.preset=L"
    [sparse-H]="--set method.kind=sparse --set method.preset=H"
    [sparse-5]="--set method.kind=sparse --set method.target_fraction=0.05"
    [sparse-1]="--set method.kind=sparse --set method.target_fraction=0.01"
)
# Around the best of each method as found on Mo; a set with other scales names a factor below.
declare -A rates=([full]="0.0001 0.0003 0.001" [dense]="0.0003 0.001 0.003" [low-rank]="0.0003 0.001 0.003"
    [l1]="0.001 0.003 0.01" [sparse-L]="0.001 0.003 0.01" [sparse-H]="0.001 0.003 0.01"
    [sparse-5]="0.003 0.01 0.03" [sparse-1]="0.003 0.01 0.03")
declare -A factor=([nio]=0.1)
order=(full dense low-rank l1 sparse-L sparse-H sparse-5 sparse-1)

for set in "${sets[@]}"; do
    folders=()
    for name in "${order[@]}"; do
        folder=$runs/$set/$name
        folders+=("$folder")
        mkdir -p "$folder"
        read -r -a options <<<"${method[$name]}"
        trials=$(awk -v f="${factor[$set]:-1}" '{ for (i = 1; i <= NF; ++i) printf "%s%g", (i > 1 ? "," : ""), f * $i }' \
            <<<"${rates[$name]}")
        # A setting that diverges counts as a trial that was lost (exit code 1), not as an end.
        "$engine" sweep "$here/table/$set.json" --run "$folder" "${options[@]}" "${more[@]}" \
            --vary "optimiser.learning_rate=$trials" --best-seeds 1-3 --log-level error \
            >"$folder/summary.txt" || [ $? -eq 1 ]
    done
    echo "## $set"
    "$engine" compare --markdown "${folders[@]}" | tee "$runs/$set/table.md"
done
