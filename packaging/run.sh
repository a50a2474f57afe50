#!/usr/bin/env bash
# The start command: installs missing packages, builds, and opens the desktop on the embedded demo. Without a display it
# runs the same demo through the engine and leaves the pictures of every page in a folder it names.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

lodestone_install_packages
lodestone_build release lodestone lodestone-engine
bin=$lodestone_root/build/release/bin

if [ -n "${DISPLAY:-}" ]; then # XWayland sets it too; VTK 9.1 needs GLX
    exec "$bin/lodestone" --demo "$@"
fi

run=${1:-$PWD/lodestone-demo-run}
for ((n = 2; ; ++n)); do # a run that is there already stays as it is
    [ -e "$run" ] || break
    run=${1:-$PWD/lodestone-demo-run}-$n
done
pictures=$run/figures
echo "No display: running the demo through the engine." >&2
"$bin/lodestone-engine" finetune "$lodestone_root/resources/demo/demo.json" --run "$run"
mkdir -p "$pictures"
xvfb-run -a -s "-screen 0 1600x1000x24" "$bin/lodestone" --demo --no-settings --open-run "$run" --screenshot "$pictures"
echo "Run: $run"
echo "Pictures of every page: $pictures"
