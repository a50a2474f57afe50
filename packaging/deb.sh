#!/usr/bin/env bash
# Makes the packages lodestone and lodestone-engine for the Debian that this runs on: installs what is missing, builds the
# release preset, packs, and lets lintian look (its errors fail). The files are in build/release/packages.
# Who answers for them: LODESTONE_PACKAGER="NAME <MAIL>" packaging/deb.sh
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

lodestone_install_packages packages-deb.txt
lodestone_build release lodestone_manuals
build=$lodestone_root/build/release
rm -rf "$build/packages"
(umask 022 && cd "$build" && cpack -G DEB)
rm -rf "$build/packages/_CPack_Packages"
user=()
[ "$(id -u)" -ne 0 ] || user=(--allow-root)
lintian "${user[@]}" --fail-on error "$build"/packages/*.deb
ls -l "$build"/packages/*.deb
