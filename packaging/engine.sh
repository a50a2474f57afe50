#!/usr/bin/env bash
# Builds lodestone-engine alone, against the LibTorch in a folder (one with CUDA, say), and says how the window finds it:
#   packaging/engine.sh /path/to/libtorch [BUILD_FOLDER [CMAKE_OPTION...]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
config=
[ $# -lt 1 ] || config=$(find -L "$1" -maxdepth 5 -path '*/Torch/TorchConfig.cmake' -print -quit 2>/dev/null || true)
if [ -z "$config" ]; then
    echo "Name the folder of a LibTorch (there is share/cmake/Torch/TorchConfig.cmake in it):" >&2
    echo "packaging/engine.sh /path/to/libtorch [BUILD_FOLDER [CMAKE_OPTION...]]" >&2
    exit 2
fi
config=$(cd "$(dirname "$config")" && pwd)
build=${2:-$lodestone_root/build/engine}
shift $(($# < 2 ? $# : 2))

mapfile -t packages < <(lodestone_sections tools shared)
lodestone_install "${packages[@]}" libcli11-dev libopenmpi-dev
cmake --preset engine -S "$lodestone_root" -B "$build" -DTorch_DIR="$config" -DLODESTONE_TESTS=OFF -DLODESTONE_BENCHMARKS=OFF "$@" >&2
cmake --build "$build" --parallel "$(nproc)" --target lodestone-engine >&2
"$build/bin/lodestone-engine" --version --json
echo "The window takes it with: LODESTONE_ENGINE=$(cd "$build" && pwd)/bin/lodestone-engine lodestone" >&2
