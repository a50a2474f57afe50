#!/usr/bin/env bash
# The test command: installs missing packages, builds the release preset with warnings as errors, runs every test.
# Arguments go to ctest, for example: packaging/test.sh -R nequix
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

lodestone_install_packages
lodestone_build release
export LODESTONE_TEST_ARTIFACTS=${LODESTONE_TEST_ARTIFACTS:-$lodestone_root/build/release/artifacts}
mkdir -p "$LODESTONE_TEST_ARTIFACTS"
cd "$lodestone_root/build/release"
ctest --output-on-failure --no-tests=error -j 2 "$@"
echo "Screenshots and figures of the tests: $LODESTONE_TEST_ARTIFACTS" >&2
