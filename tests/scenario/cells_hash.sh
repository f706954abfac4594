#!/usr/bin/env bash
# One state hash for cells in space: whatever the threads, the output grid, the vectors and the CPU, and where they were stopped
# and resumed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quiet=(--quiet --progress none --no-report)
mkdir "$work/thin"
sed '/^duration/a thickness = "25 um"' "$LOBULE_HOME/scenarios/partial_hepatectomy_rat/scenario.toml" >"$work/thin/scenario.toml"
hash_of() { sed -n 's/.*"state_hash": *"\([0-9a-f]*\)".*/\1/p' "$1/provenance.json" | head -1; }
run() { local name=$1; shift; "$LOBULE" run "$work/thin" --resolution cells --step 1h -o "$work/$name" "${quiet[@]}" --until 25h "$@"; hash_of "$work/$name"; }
whole=$(run whole --threads 1)
[ -n "$whole" ]
[ "$(LOBULE_VECTORS=narrow run threads --threads 3 --every 7min)" = "$whole" ] || { echo "3 threads, narrow vectors, another output grid: another hash"; exit 1; }
[ "$(GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-AVX2_Usable,-FMA_Usable run masked --threads 2)" = "$whole" ] || { echo "masked FMA, another hash"; exit 1; }
"$LOBULE" run "$work/thin" --resolution cells --step 1h -o "$work/part" "${quiet[@]}" --until 5h
"$LOBULE" run --resume "$work/part" "${quiet[@]}" --until 25h
[ "$(hash_of "$work/part")" = "$whole" ] || { echo "resumed after 5 h, another hash"; exit 1; }
echo "one hash: $whole"
