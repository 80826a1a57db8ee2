#!/bin/sh
# Runs the auditor from a checkout; sets up what it needs first. Needs nothing but sh and Python 3.11 or newer.
#
#   ./auditor.sh run [OPTION…]        audits the rehearsal province from three vantages; the report is in ./rehearsal-report/
#   ./auditor.sh demo [OPTION…]       serves that round as pages to log in to; options are those of `auditor serve`
#   ./auditor.sh test [PYTEST-ARG…]   all checks and all tests, side by side; with arguments pytest alone with them
#   ./auditor.sh …                    anything else goes to `auditor`, in your current folder: ./auditor.sh check example.vn
#
# Python packages go into .venv beside this file, from the hashed lock files, by uv where there is one, else by pip.
# Debian packages that are missing are installed when root calls; anybody else is told the line to type (exit 2).
set -eu

root=$(dirname -- "$(readlink -f -- "$0")")
venv=$root/.venv
python=$venv/bin/python

say() { printf 'auditor.sh: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 2
}

# --- Debian packages -------------------------------------------------------------------------------------------------

require_debian_packages() { # NAME…
    if ! command -v apt-get >/dev/null 2>&1; then
        die "this system has no apt-get; install what these Debian packages bring, then call again: $*"
    elif [ "$(id -u)" != 0 ]; then
        say "Debian packages are missing; install them, then call again:"
        printf 'sudo apt-get install -y --no-install-recommends %s\n' "$*" >&2
        exit 2
    fi
    say "installing Debian packages (their services stay stopped): $*"
    trap release_services EXIT
    trap 'exit 130' INT TERM
    hold_services
    install_debian_packages "$@"
}

install_debian_packages() {
    log=$(mktemp)
    if ! has_package_lists; then
        apt_get update >"$log" 2>&1 || fail_with "$log"
    fi
    # Lists that are old name files that are gone: fetch them again and try once more.
    apt_get install -y --no-install-recommends "$@" >"$log" 2>&1 ||
        { apt_get update && apt_get install -y --no-install-recommends "$@"; } >"$log" 2>&1 || fail_with "$log"
    rm -f "$log"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null 9>&-; }

has_package_lists() {
    for list in /var/lib/apt/lists/*_Packages*; do
        [ -e "$list" ] && return 0
    done
    return 1
}

fail_with() { # LOG
    cat "$1" >&2
    rm -f "$1"
    die "apt-get failed, see above"
}

# Name servers and web servers that a rehearsal starts in namespaces of its own must not start on the machine itself.
# The policy speaks only while this process lives: one left behind by a kill does nothing.
policy=/usr/sbin/policy-rc.d
held=
hold_services() {
    if [ -e "$policy" ] && ! grep -q 'By auditor.sh' "$policy"; then
        return
    fi
    held=yes
    printf '#!/bin/sh\n# By auditor.sh, for one apt-get.\n[ -e /proc/%s ] && exit 101\nexit 0\n' "$$" >"$policy"
    chmod 755 "$policy"
}
release_services() {
    [ -n "$held" ] && rm -f "$policy"
    held=
}

# --- .venv -----------------------------------------------------------------------------------------------------------

wanted() { # LOCK…: what a finished set-up writes down; the path is in it since a .venv does not survive a move
    printf '%s %s' "$root" "$(cd "$root" && cat pyproject.toml hatch_build.py "$@" | cksum)"
}

is_set_up() { # STAMP LOCK…
    stamp=$venv/.stamp-$1
    shift
    [ -x "$python" ] && [ -r "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted "$@")" ]
}

is_python() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Debian's own comes first: its build is optimised, and the packages run under it.
choose_python() { # sets $base, empty if there is none; what can have a .venv before what cannot
    base=
    if [ -n "${PYTHON:-}" ] && is_python "$PYTHON"; then
        base=$PYTHON
        return
    fi
    for candidate in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
        is_python "$candidate" || continue
        : "${base:=$candidate}"
        if can_have_venv "$candidate"; then
            base=$candidate
            return
        fi
    done
}

can_have_venv() { # PYTHON: at once, or after a package is installed
    command -v uv >/dev/null 2>&1 || can_make_venv "$1" ||
        { [ "$1" = /usr/bin/python3 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

make_venv_by_uv() { # LOCK
    command -v uv >/dev/null 2>&1 || return 1
    [ -x "$python" ] || uv venv --quiet --allow-existing --python "${base:-">=3.11"}" "$venv" >&2 || return 1
    install_by_uv uv "$1"
}

install_by_uv() { # UV LOCK
    "$1" pip install --quiet --compile-bytecode --require-hashes --python "$python" -r "$root/$2" >&2 &&
        "$1" pip install --quiet --no-deps --no-build-isolation --python "$python" -e "$root" >&2
}

# The lock for tests has uv, which needs a third of pip's time for the rest. Where only pip knows how packages are reached
# it fails, and pip goes on.
install_by_locked_uv() { # LOCK
    lines=$(sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^ *--hash/p;}' "$root/$1")
    [ -n "$lines" ] || return 1
    pinned=$(mktemp)
    printf '%s\n' "$lines" >"$pinned"
    own=
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$pinned" >&2 && own=yes
    rm -f "$pinned"
    [ -n "$own" ] && install_by_uv "$venv/bin/uv" "$1"
}

make_venv_by_pip() { # LOCK
    if ! "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$venv"
        [ -n "$base" ] && "$base" -m venv "$venv" >&2 || return 1
    fi
    install_by_locked_uv "$1" && return
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$root/$1" >&2 &&
        "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e "$root" >&2
}

require_python() {
    choose_python
    if [ -z "$base" ] && ! command -v uv >/dev/null 2>&1; then
        if command -v python3 >/dev/null 2>&1; then
            die "needs Python 3.11 or newer (or uv); python3 here is $(python3 -V 2>&1 | cut -d' ' -f2)"
        fi
        require_debian_packages python3-venv
        choose_python
        [ -n "$base" ] || die "needs Python 3.11 or newer (or uv)"
    fi
    command -v uv >/dev/null 2>&1 && return
    can_make_venv "$base" && return
    require_debian_packages python3-venv
    can_make_venv "$base" && return
    base=/usr/bin/python3 # a Python from elsewhere, without ensurepip: Debian's own has it now
    { is_python "$base" && can_make_venv "$base"; } || die "$base cannot make virtual environments (no ensurepip)"
}

set_up() { # STAMP LOCK…: the last lock holds the others
    is_set_up "$@" && return # another call was first
    kind=$1
    shift
    want=$(wanted "$@")
    for lock; do :; done
    is_python "$python" || rm -rf "$venv"
    require_python
    say "setting up $venv (once, about half a minute)"
    make_venv_by_uv "$lock" || make_venv_by_pip "$lock" || die "could not set up $venv, see above"
    wanted requirements.lock >"$venv/.stamp-plain"
    printf '%s' "$want" >"$venv/.stamp-$kind" # last: what has no stamp is done again
}

compile_catalogues() { # message catalogues that are newer than their compiled form; [ -nt ] is in dash, bash, busybox
    for po in "$root"/auditor/locale/*/LC_MESSAGES/*.po; do
        [ -e "$po" ] || continue
        # shellcheck disable=SC3013
        if [ ! -e "${po%.po}.mo" ] || [ "$po" -nt "${po%.po}.mo" ]; then
            "$python" "$root/auditor/locale/compile.py" || say "message catalogues were not compiled"
            return
        fi
    done
}

# In a subshell, so that the lock's descriptor reaches neither the auditor nor a daemon.
locked() {
    [ -w "$root" ] || die "cannot write to $root, and what is needed is not set up there yet"
    (
        command -v flock >/dev/null 2>&1 && flock 9
        "$@"
    ) 9>"$root/.venv.lock"
}

ready() { # plain|dev
    if [ "$1" = dev ]; then
        set -- dev requirements.lock requirements-dev.lock
    else
        set -- plain requirements.lock
    fi
    is_set_up "$@" || locked set_up "$@"
    compile_catalogues
}

# --- the rehearsal ---------------------------------------------------------------------------------------------------

# The module, not `python -m containers.rehearsal packages`: that one imports what only .venv has, and is slower.
missing_for_rehearsal() { # PYTHON [--tests]
    "$1" -P -c 'import sys; from containers.rehearsal.packages import missing
print(*missing(tests="--tests" in sys.argv))' ${2:+"$2"}
}

# Before .venv is there, so that an ordinary user reads one line with everything, and again with it.
ready_for_rehearsal() { # plain|dev [OPTION]
    if [ "$(id -u)" != 0 ] && [ ! -x "$python" ]; then
        tell_everything "${2-}"
    fi
    ready "$1"
    names=$(missing_for_rehearsal "$python" "${2-}") || die "cannot tell which packages the rehearsal needs"
    # shellcheck disable=SC2086
    [ -z "$names" ] || locked require_debian_packages $names
}

tell_everything() {
    choose_python
    [ -n "$base" ] || return 0
    names=$(PYTHONPATH=$root missing_for_rehearsal "$base" "$1" 2>/dev/null) || return 0
    command -v uv >/dev/null 2>&1 || can_make_venv || names="python3-venv $names"
    # shellcheck disable=SC2086
    [ -z "$names" ] || require_debian_packages $names
}

run_rehearsal() {
    out=$PWD/rehearsal-report
    if [ -e "$out" ] && [ ! -e "$out/.rehearsal" ]; then
        die "$out is there and is not from an earlier run: move it away"
    fi
    rm -rf "$out"
    mkdir "$out"
    : >"$out/.rehearsal"
    code=0
    "$python" -P -m containers.rehearsal round --out "$out" -- "$@" || code=$?
    case $code in
        # The province has planted defects: "a check failed" and "not everything could be decided" are what it is for.
        0 | 3 | 4) ;;
        *) exit "$code" ;;
    esac
    for report in "$out"/*.html; do
        [ -e "$report" ] || die "the audit ended without a report in $out"
        printf 'report: %s\n' "$report"
    done
    printf 'next: ./auditor.sh demo\n'
}

run_demo() {
    out=$PWD/rehearsal-report
    if [ ! -e "$out/pages.toml" ]; then
        ready_for_rehearsal plain
        run_rehearsal
    fi
    exec "$python" -P -m containers.rehearsal.demo "$out" "$@"
}

run_tests() {
    cd "$root"
    [ $# = 0 ] || exec "$python" -m pytest "$@"
    code=0
    linted=0
    # Beside the tests: the longest of it uses one processor alone, and the tests use all from the start.
    said=$(mktemp)
    nice scripts/check lint >"$said" 2>&1 &
    lint=$!
    # Compiled once: where PYTHONDONTWRITEBYTECODE is set, every program that a test starts would do it anew.
    "$python" -m compileall -q -j 0 auditor probes inventory reports containers tests/support || :
    # Who measures waits a third of its time: a process more than processors, two for what only waits, and three for
    # what measures nothing.
    processes=$(nproc)
    # One order, so that what passed before it is handed in passes again; without arguments alone.
    PYTHONDONTWRITEBYTECODE='' "$python" -m pytest --randomly-seed=1 -p tests.support.side_by_side \
        -n $((processes < 4 ? processes + 6 : 10)) || code=$?
    wait "$lint" || linted=$?
    [ "$linted" = 0 ] || cat "$said" >&2
    rm -f "$said"
    [ "$linted" = 0 ] || say "format, lint, types or import contracts failed, see above"
    exit $((code ? code : linted))
}

# The comment at the head of this file.
tell_usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$(readlink -f -- "$0")"; }

case ${1-}:${2-} in
    run:-h | run:--help | demo:-h | demo:--help)
        tell_usage
        exit
        ;;
esac
case ${1-} in
    run)
        shift
        ready_for_rehearsal plain
        run_rehearsal "$@"
        ;;
    demo)
        shift
        ready plain
        run_demo "$@"
        ;;
    test)
        shift
        ready_for_rehearsal dev --tests
        run_tests "$@"
        ;;
    '')
        ready plain
        exec "$venv/bin/auditor" --help
        ;;
    *)
        ready plain
        exec "$venv/bin/auditor" "$@"
        ;;
esac
