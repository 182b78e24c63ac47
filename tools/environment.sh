# Sourced by tools/demo, tools/test and tools/check: makes or reuses .venv, and installs into it.
#
#   environment EXTRA    sees to it that $python has the project with that extra

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
python=$root/.venv/bin/python

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

can_train() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

# The first Python that can train; $PYTHON comes first.
find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11; do
        if can_train "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    fail "edgedet trains on Python 3.11, 3.12 or 3.13; python3 is: $(python3 --version 2>&1)." \
        "Install one of these, or name it: PYTHON=/path/to/python3.11 $0"
}

make_venv() {
    local chosen
    chosen=$(find_python) || exit 1
    echo "Making $root/.venv with $chosen." >&2
    "$chosen" -m venv --clear -- "$root/.venv" >&2 ||
        fail "The virtual environment could not be made." \
            "On Debian and Ubuntu: apt install python3-venv"
}

# What an installation depends on: what the project asks for, and where it lies.
fingerprint() {
    { printf '%s\n' "$root" && cat -- "$root/pyproject.toml"; } | cksum
}

# Whether one of the named extras is installed as pyproject.toml now describes it.
installed() {
    local extra
    for extra in "$@"; do
        if cmp -s -- <(fingerprint) "$root/.venv/installed-$extra"; then
            return 0
        fi
    done
    return 1
}

environment() {
    local extra=$1
    # What developers need holds all that training needs.
    if [[ -x $python ]] && installed "$extra" dev; then
        return 0
    fi
    if ! "$python" -m pip --version >/dev/null 2>&1; then
        make_venv
    fi
    can_train "$python" ||
        fail "$root/.venv has $("$python" --version 2>&1); edgedet trains on 3.11, 3.12 or 3.13." \
            "Remove $root/.venv and run this again."
    echo "Installing edgedet[$extra] into $root/.venv; the first time takes a minute or two." >&2
    "$python" -m pip install --quiet --disable-pip-version-check --editable "$root[$extra]" >&2 ||
        fail "The installation failed; pip has said why above." \
            "It needs the network, and about 2.5 GB of space."
    fingerprint >"$root/.venv/installed-$extra"
}
