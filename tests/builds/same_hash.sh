#!/bin/bash
# release and another build (sanitizers, audit) reach the same state: for each case with a part or species that no case before it had, the state_hash of this build equals that of the other one, and
# equals itself when fused multiply-add is hidden from the C library and our own vectors are narrow.
set -u
[ -x "$LOBULE" ] && [ -x "$LOBULE_OTHER" ] || { echo "needs both programs"; exit 77; }
shopt -s nullglob
declare -A seen
cases=()
for case in "$LOBULE_HOME"/scenarios/*/scenario.toml; do
    new=
    for word in $(grep -E '^(species|parts) *=' "$case" | grep -o '"[^"]*"'); do
        [ "${seen[$word]+x}" ] || new=1
        seen[$word]=1
    done
    [ -z "$new" ] || cases+=("$case")
done
[ ${#cases[@]} -gt 0 ] || { echo "no scenarios"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/cells"
sed '/^duration/a thickness = "25 um"' "$LOBULE_HOME/scenarios/partial_hepatectomy_rat/scenario.toml" >"$work/cells/scenario.toml"
cases+=("$work/cells/scenario.toml")
run() { # NAME PROGRAM CASE   prints the hash
    local how=(--until 3d)
    [ "${3##*/}" = cells ] && how=(--resolution cells --step 1h --until 6h)
    "$2" run "$3" -o "$work/$1" "${how[@]}" --force --quiet --progress none --no-report >"$work/$1.log" 2>&1 ||
        { echo "$1 failed on $3:" >&2; tail -n 20 "$work/$1.log" >&2; return 1; }
    sed -n 's/.*"state_hash" *: *"\([^"]*\)".*/\1/p' "$work/$1/provenance.json"
}
failed=0
for case in "${cases[@]}"; do
    case=${case%/scenario.toml}
    here=$(run here "$LOBULE" "$case") && other=$(run other "$LOBULE_OTHER" "$case") &&
        masked=$(LOBULE_VECTORS=narrow GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-AVX512F run masked "$LOBULE_OTHER" "$case") ||
        { failed=1; continue; }
    echo "${case##*/}: this build $here, release $other, release without FMA and AVX2 $masked"
    [ -n "$here" ] && [ "$here" = "$other" ] && [ "$here" = "$masked" ] || { echo "these differ"; failed=1; }
done
exit $failed
