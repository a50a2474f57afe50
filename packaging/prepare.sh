# Sourced by the scripts beside it: installs the Debian packages that are missing, then configures and builds a preset.

lodestone_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# lodestone_install_packages [LIST...]: what packages.txt names, and further lists beside it.
lodestone_install_packages() {
    local wanted
    mapfile -t wanted < <(cd "$lodestone_root/packaging" && grep -hvE '^\s*(#|$)' packages.txt "$@")
    lodestone_install "${wanted[@]}"
}

# lodestone_sections NAME...: what stands in packages.txt below the comments that begin with these names.
lodestone_sections() {
    awk -v names=" $* " '/^#/ { inside = index(names, " " $2 " "); next } NF && inside' "$lodestone_root/packaging/packages.txt"
}

# lodestone_install PACKAGE...: those that are missing.
lodestone_install() {
    local missing=() package as_root=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "Installing ${#missing[@]} Debian packages: ${missing[*]}" >&2
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These packages are missing and need root to install: apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# lodestone_build PRESET [TARGET...]
lodestone_build() {
    local preset=$1
    shift
    local log
    log=$(mktemp)
    (cd "$lodestone_root" && cmake --preset "$preset" >"$log" 2>&1) || {
        cat "$log" >&2
        rm -f "$log"
        return 1
    }
    rm -f "$log"
    cmake --build "$lodestone_root/build/$preset" --parallel "$(nproc)" ${@:+--target "$@"}
}
