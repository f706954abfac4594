#!/bin/sh
# Runs one test for ctest. With CI set a skipped test, whole or within a GoogleTest program, is a failure.
[ -z "${CI:-}" ] && exec "$@"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
"$@" >"$log" 2>&1
status=$?
cat "$log"
if [ "$status" -eq 77 ]; then
    echo "skipped, which counts as a failure here (CI is set)"
    exit 1
fi
if [ "$status" -eq 0 ] && grep -q '^\[  SKIPPED \]' "$log"; then
    echo "a skipped test counts as a failure here (CI is set)"
    exit 1
fi
exit "$status"
