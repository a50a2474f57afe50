#!/usr/bin/env bash
# check_packages.sh SOURCE VERSION: packaging/packages.txt names what tests and scripts call, once each; the changelog of the
# packages begins with this version.
set -euo pipefail
cd "$1/packaging"
failures=0
complain() {
    echo "$*" >&2
    failures=$((failures + 1))
}

twice=$(grep -hvE '^\s*(#|$)' packages*.txt | sort | uniq -d)
[ -z "$twice" ] || complain "Named twice in packages*.txt: $twice"
for tool in mandoc groff fish update-mime-database desktop-file-validate appstreamcli xvfb-run xauth; do
    path=$(command -v "$tool") || { complain "$tool is not installed."; continue; }
    package=$(dpkg-query -S "$(readlink -f "$path")" 2>/dev/null || dpkg-query -S "$path" 2>/dev/null) || package=
    package=${package%%:*}
    grep -qx -- "$package" packages.txt || complain "$tool is in the package '$package', which packages.txt does not name."
done
newest=$(sed -n '1s/^lodestone (\(.*\)) .*/\1/p' changelog)
[ "$newest" = "$2" ] || complain "packaging/changelog begins with version '$newest', not $2."
exit $((failures > 0))
