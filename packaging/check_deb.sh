#!/usr/bin/env bash
# Installs the packages of packaging/deb.sh on a fresh Debian and uses them there: versions, a short run of the demo, the
# window on a virtual screen, manual pages. Needs root, 3 GB below FOLDER and Debian's archive (or the mirror LODESTONE_MIRROR).
#   packaging/check_deb.sh [RELEASE [FOLDER]]     (bookworm, /var/tmp/lodestone-fresh, which is removed at the end)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"
release=${1:-bookworm}
fresh=${2:-/var/tmp/lodestone-fresh}

if [ "$(id -u)" -ne 0 ]; then
    echo "check_deb.sh makes a system of its own and needs root." >&2
    exit 1
fi
if [ -e "$fresh" ]; then
    echo "$fresh is there already; name another folder or remove it." >&2
    exit 1
fi
packages=("$lodestone_root"/build/release/packages/lodestone*.deb)
[ -e "${packages[0]}" ] || { echo "There are no packages in build/release/packages: packaging/deb.sh makes them." >&2; exit 1; }
lodestone_install mmdebstrap
within() { chroot "$fresh" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
finish() {
    umount "$fresh/proc" "$fresh/dev" 2>/dev/null || true
    mountpoint -q "$fresh/proc" || mountpoint -q "$fresh/dev" || rm -rf --one-file-system "$fresh"
}
trap finish EXIT

mmdebstrap --mode=root --variant=apt --include=ca-certificates "$release" "$fresh" ${LODESTONE_MIRROR:+"$LODESTONE_MIRROR"} >&2
mount --bind /proc "$fresh/proc"
mount --bind /dev "$fresh/dev"
mkdir "$fresh/packages"
cp "${packages[@]}" "$fresh/packages"
within apt-get update -qq
within sh -c 'apt-get install -y -qq /packages/*.deb' >&2
echo "Installed: $(within dpkg-query -W -f '${Package} ${Version}, ' lodestone lodestone-engine)$(du -sm --one-file-system "$fresh" | cut -f1) MB with the system"

within lodestone-engine --version --json
within lodestone --version
within lodestone-engine finetune /usr/share/lodestone/demo/demo.json --run /root/run --set epochs=2
# The window, with Debian's own screen; the pictures show what it found: demo, engine, run.
within apt-get install -y -qq --no-install-recommends xvfb xauth man-db desktop-file-utils shared-mime-info mandoc >&2
within xvfb-run -a -s "-screen 0 1600x1000x24" lodestone --demo --no-settings --open-run /root/run --screenshot /root/pictures
within ls -l /root/pictures
mkdir -p "$lodestone_root/build/release/artifacts/fresh"
cp "$fresh"/root/pictures/*.png "$lodestone_root/build/release/artifacts/fresh"
within man --warnings -P cat lodestone-engine >/dev/null
within sh -e -c 'for page in /usr/share/man/man1/lodestone*.gz; do zcat $page | mandoc -T lint -W warning; done'
within grep -q application/x-nequix-model=io.github.lodestone.Lodestone.desktop /usr/share/applications/mimeinfo.cache
within grep -q 'application/x-lodestone-delta' /usr/share/mime/globs2
# The window does without the packaged engine, so that another one can take its place; both leave nothing behind.
within apt-get remove -y -qq lodestone-engine >&2
within lodestone --version >/dev/null
within apt-get purge -y -qq lodestone lodestone-engine >&2
left=$(within find /usr -name '*lodestone*' -not -path '/usr/share/icons/*.cache')
[ -z "$left" ] || { echo "Left behind: $left" >&2; exit 1; }
echo "The packages work on a fresh $release."
