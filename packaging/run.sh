#!/usr/bin/env bash
# The start command: installs missing packages, builds, and opens the desktop on the embedded demo. Without a display it
# runs the same demo through the engine and leaves the pictures of every page in a folder it names.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

lodestone_install_packages
lodestone_build release lodestone lodestone-engine
bin=$lodestone_root/build/release/bin

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$bin/lodestone" --demo "$@"
fi

run=${1:-$PWD/lodestone-demo-run}
pictures=$run/figures
if [ -e "$run/run.json" ]; then
    echo "The folder $run already holds a run: name another one, for example packaging/run.sh my-run" >&2
    exit 1
fi
echo "No display: running the demo through the engine." >&2
"$bin/lodestone-engine" finetune "$lodestone_root/resources/demo/demo.json" --run "$run"
mkdir -p "$pictures"
xvfb-run -a -s "-screen 0 1600x1000x24" "$bin/lodestone" --demo --no-settings --open-run "$run" --screenshot "$pictures"
echo "Run: $run"
echo "Pictures of every page: $pictures"
