#!/bin/bash
# The launcher, with stand-ins for apt, dpkg, cmake, ninja and the compiler, in a copy of the repository's outline.
set -u
work=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
repo=$work/repo tools=$work/tools calls=$work/calls
mkdir -p "$repo/src/app" "$repo/packages" "$tools" "$work/home"
cp "$LOBULE_HOME/lobule" "$repo/lobule"
printf 'cmake_minimum_required(VERSION 3.25)\n' >"$repo/CMakeLists.txt"
echo '{}' >"$repo/CMakePresets.json"
echo 'int main() {}' >"$repo/src/app/main.cpp"
printf '# a comment\nalpha\nbeta # why\n' >"$repo/packages/run.txt"
printf 'gamma\n' >"$repo/packages/test.txt"
export HOME=$work/home PATH="$tools:$PATH" CALLS=$calls INSTALLED=$work/installed
unset XDG_CACHE_HOME LOBULE_JOBS
: >"$calls"
printf 'alpha\nbeta\ngamma\n' >"$INSTALLED"

tool() { { echo '#!/bin/bash'; cat; } >"$tools/$1"; chmod +x "$tools/$1"; }
tool dpkg-query <<'EOT'
echo dpkg-query >>"$CALLS"
shift 3
for p; do grep -qx "$p" "$INSTALLED" && echo "$p installed"; done; exit 0
EOT
tool apt-get <<'EOT'
echo "apt-get $*" >>"$CALLS"
case " $* " in *" install "*) echo "0 upgraded, 1 newly installed"; for p; do echo "$p"; done >>"$INSTALLED" ;; esac
exit 0
EOT
tool sudo <<'EOT'
exit 1
EOT
tool id <<'EOT'
echo "${FAKE_UID:-0}"
EOT
tool cmake <<'EOT'
echo "cmake $*" >>"$CALLS"
while [ $# -gt 0 ]; do [ "$1" = -B ] && tree=$2; shift; done
mkdir -p "$tree"; touch "$tree/build.ninja"; echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >"$tree/CMakeCache.txt"
EOT
tool ninja <<'EOT'
echo "ninja $*" >>"$CALLS"
sleep "${SLOW:-0}"
[ -z "${BREAK:-}" ] || { echo '[1/2] ok'; echo 'FAILED: x.o'; echo 'x.cpp:1: the reason'; exit 1; }
printf '[1/2] a\n[2/2] b\n'
{ echo '#!/bin/bash'; echo 'echo "ran in $LOBULE_HOME: $*"; exit 7'; } >"$2/lobule"; chmod +x "$2/lobule"
EOT

failed=0
check() { # WHAT CONDITION...
    local what=$1
    shift
    if "$@"; then return; fi
    failed=$((failed + 1))
    echo "FAILED: $what"
    sed 's/^/    /' "$work/out" "$work/err" "$calls"
}
launch() { : >"$calls"; "$repo/lobule" "$@" >"$work/out" 2>"$work/err" </dev/null; status=$?; }
called() { grep -q -- "$1" "$calls"; }
not() { ! "$@"; }

launch run x --until 3d
check "the program's exit code comes through" [ $status -eq 7 ]
check "the program gets its arguments and the repository" grep -qx "ran in $repo: run x --until 3d" "$work/out"
check "the first start configures and builds" called ninja
check "installed packages are not installed again" not called apt-get
check "plain progress when piped" grep -q 'building release 2/2' "$work/err"

launch list
check "the second start neither builds" not called ninja
check "... nor asks for packages" not called dpkg-query
check "... nor says anything" [ ! -s "$work/err" ]

touch "$repo/src/app/main.cpp"
launch list
check "a touched file is no reason to build" not called ninja
echo '// more' >>"$repo/src/app/main.cpp"
launch list
check "a changed file is" called ninja
check "... without configuring again" not called 'cmake'

BREAK=1
export BREAK
echo '// broken' >>"$repo/src/app/main.cpp"
launch list
unset BREAK
check "a failed build ends with 1" [ $status -eq 1 ]
check "... shows the reason" grep -q 'the reason' "$work/err"
check "... and where the log is" grep -q "$repo/build/release.log" "$work/err"
launch list
check "the next start builds again" called ninja

echo delta >>"$repo/packages/run.txt"
FAKE_UID=1000
export FAKE_UID
launch list
check "no root, no terminal: exit 2" [ $status -eq 2 ]
check "... with one line" [ "$(wc -l <"$work/err")" -eq 1 ]
check "... that installs what is missing and no more" grep -q 'apt-get install -y --no-install-recommends delta$' "$work/err"
check "... and nothing is run" not called 'apt-get'
unset FAKE_UID
launch list
check "root installs what is missing" called 'install -y -q --no-install-recommends delta$'
check "... and goes on to the program" [ $status -eq 7 ]

echo '// two at once' >>"$repo/src/app/main.cpp"
: >"$calls"
SLOW=1 "$repo/lobule" list >/dev/null 2>&1 &
sleep 0.4
"$repo/lobule" list >"$work/out" 2>"$work/err"
wait
check "two launchers build once" [ "$(grep -c ninja "$calls")" -eq 1 ]
check "... and the second says that it waits" grep -q 'waiting for another build' "$work/err"

ln -s "$repo/lobule" "$work/link"
"$work/link" a 'b c' >"$work/out" 2>"$work/err"
check "a link to the launcher works" grep -qx "ran in $repo: a b c" "$work/out"

# The rest needs folders that cannot be written, which root does not have: ask the kernel who we are.
if [ "$(awk '/^Uid/ { print $2 }' /proc/self/status)" -ne 0 ]; then
    chmod -R a-w "$repo"
    launch list
    check "a read-only checkout runs once built" [ $status -eq 7 ]
    check "... in silence" [ ! -s "$work/err" ]
    chmod -R u+w "$repo"
    rm -rf "$repo/build"
    chmod -R a-w "$repo"
    launch list
    check "a read-only checkout never built is built in the cache" compgen -G "$work/home/.cache/lobule/*/release/lobule"
    check "... and runs" [ $status -eq 7 ]
fi

echo "$failed failed"
[ $failed -eq 0 ]
