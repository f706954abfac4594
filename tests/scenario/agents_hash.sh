#!/usr/bin/env bash
# One state hash for agents: whatever the threads, the output grid, and where they were stopped and resumed; another seed,
# step or sample gives another. The teaching case has encounters, births, deaths, blood and random branches.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quiet=(--quiet --progress none --no-report --resolution mixed)
hash_of() { sed -n 's/.*"state_hash": *"\([0-9a-f]*\)".*/\1/p' "$1/provenance.json" | head -1; }
run() { local name=$1; shift; "$LOBULE" run scar_and_resolution -o "$work/$name" "${quiet[@]}" --until 3d "$@"; hash_of "$work/$name"; }
whole=$(run whole --threads 1)
[ -n "$whole" ]
for threads in 2 3; do
  [ "$(run threads_$threads --threads $threads)" = "$whole" ] || { echo "$threads threads, another hash"; exit 1; }
done
[ "$(run every --every 7min)" = "$whole" ] || { echo "another output grid, another hash"; exit 1; }
[ "$(LOBULE_VECTORS=narrow run narrow)" = "$whole" ] || { echo "narrow vectors, another hash"; exit 1; }
[ "$(GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-AVX2_Usable,-FMA_Usable run masked)" = "$whole" ] || { echo "masked FMA, another hash"; exit 1; }
for until in 5h 61h; do
  "$LOBULE" run scar_and_resolution -o "$work/part_$until" "${quiet[@]}" --until $until
  "$LOBULE" run --resume "$work/part_$until" --quiet --progress none --no-report --until 3d
  [ "$(hash_of "$work/part_$until")" = "$whole" ] || { echo "resumed after $until, another hash"; exit 1; }
  cmp "$work/part_$until/summary.csv" "$work/whole/summary.csv"
done
for other in "--seed 2" "--step 20min" "--sample 0.5"; do
  # shellcheck disable=SC2086
  [ "$(run "other${other// /}" $other)" != "$whole" ] || { echo "$other changes nothing"; exit 1; }
done
echo "one hash: $whole"
