#!/bin/sh
# Makes the files of this folder with the engine of a build: make.sh ENGINE
# They stand for what versions of schema 1 have written, so this is run once and not again when the program
# changes; a later schema gets a folder and a copy of this script of its own. Needs root or user namespaces
# (unshare), so that the name of the machine is not in the files, and works in a folder whose name says nothing.
set -eu
engine=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=/tmp/lodestone-schema-1
if [ "$(hostname)" != fixture ]; then
    exec unshare --uts --map-root-user sh -c 'hostname fixture && exec sh "$0" "$1"' "$0" "$engine"
fi
rm -rf "$work"
mkdir "$work"
cd "$work"
export OMP_NUM_THREADS=1

# A model with few weights, and a few small frames of the demo without oxygen.
python3 "$here/model.py" model.nqx
small() { # FILE COUNT
    awk -v most="$2" '{ if (left == 0) { left = $1 + 2; text = ""; fits = $1 == 8 }
                        if ($1 == "O") fits = 0
                        text = text $0 "\n"; left--
                        if (left == 0 && fits && kept < most) { printf "%s", text; kept++ } }' "$here/../../../resources/demo/$1"
}
small demo_train.extxyz 6 > train.extxyz
small demo_test.extxyz 2 > test.extxyz

cat > config.json << 'END'
{
  "model": "model.nqx",
  "data": {"train": ["train.extxyz"], "validation": 0.34, "test": ["test.extxyz"], "split_seed": 1},
  "targets": {"energy": 3, "forces": 10, "stress": 0, "moments": 0},
  "blocks": {"preset": "", "select": ["layer_0/linear_2", "layer_1/linear_2", "readout"]},
  "method": {"kind": "sparse", "target_fraction": 0.1},
  "epochs": 6, "batch": {"max_frames": 2}, "early_stopping": 0, "forgetting_frames": 2, "seed": 1, "dtype": "float32"
}
END
magnetic="--set magnetism.head=vector --set targets.moments=1"

# A finished run with everything that its folder can hold, and one that was killed in the midst of its epochs.
"$engine" finetune config.json --run finished --threads 1 $magnetic
"$engine" explain finished --threads 1 > /dev/null
printf '%s\n' '{"do":"pause","time":1700000000.5}' '{"do":"resume","time":1700000001.5}' > finished/control.jsonl
"$engine" finetune config.json --run interrupted --threads 1 $magnetic --set checkpoint_every=0.001 &
pid=$!
until grep -q '"kind":"checkpoint".*"step":8' interrupted/events.jsonl 2> /dev/null; do :; done
kill -KILL $pid
wait $pid || true
[ -e interrupted/lock ] && [ -e interrupted/checkpoints/last.h5 ] && ! grep -q '"finished"' interrupted/events.jsonl

# Deltas of all methods, without a head and with one.
mkdir deltas
for method in sparse l1 low-rank dense full readout; do
    "$engine" finetune config.json --run run --threads 1 --no-audit --set epochs=1 --set method.kind=$method --set forgetting_frames=0 \
        --set method.target_fraction=null --set method.rank=2
    cp run/result/delta.h5 deltas/$method.delta.h5
    rm -r run
    "$engine" finetune config.json --run run --threads 1 --no-audit --set epochs=1 --set method.kind=$method --set forgetting_frames=0 \
        --set method.target_fraction=null --set method.rank=2 $magnetic
    cp run/result/delta.h5 deltas/$method-vector.delta.h5
    rm -r run
done
for head in "magnitude targets.moments=1" "spin-energy targets.moments=0"; do
    set -- $head
    "$engine" finetune config.json --run run --threads 1 --no-audit --set epochs=1 --set magnetism.head=$1 --set $2 --set forgetting_frames=0
    cp run/result/delta.h5 deltas/sparse-$1.delta.h5
    rm -r run
done

"$engine" sweep config.json --run sweep --threads 1 --no-audit --vary method.target_fraction=0.05,0.2 --set epochs=1 --set forgetting_frames=0

# Only what the tests read, packed where that helps: HDF5 files are half empty.
rm finished/checkpoints/best.h5 interrupted/result/delta.h5 sweep/*/result/*.h5
rm -r sweep/*/checkpoints
find . \( -name '*.h5' -o -name events.jsonl -o -name audit.json -o -name explanation.json \) -exec gzip -n -9 {} +
for made in *; do
    rm -rf "${here:?}/$made"
    cp -r "$made" "$here/$made"
done
