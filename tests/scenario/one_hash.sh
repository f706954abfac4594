#!/usr/bin/env bash
# One state hash for the rat case: whatever the output grid, the threads and seed, and where it was stopped and resumed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quiet=(--quiet --progress none --no-report)
hash_of() { sed -n 's/.*"state_hash": *"\([0-9a-f]*\)".*/\1/p' "$1/provenance.json" | head -1; }
"$LOBULE" run partial_hepatectomy_rat -o "$work/whole" "${quiet[@]}"
whole=$(hash_of "$work/whole")
[ -n "$whole" ]
for every in 7min 3h 10d; do
  "$LOBULE" run partial_hepatectomy_rat -o "$work/every_$every" --every $every "${quiet[@]}"
  [ "$(hash_of "$work/every_$every")" = "$whole" ] || { echo "another output grid ($every), another hash"; exit 1; }
done
for threads in 1 2 3; do
  "$LOBULE" run partial_hepatectomy_rat -o "$work/threads_$threads" --threads $threads --seed $((threads * 1000003)) "${quiet[@]}"
  [ "$(hash_of "$work/threads_$threads")" = "$whole" ] || { echo "$threads threads, another hash"; exit 1; }
done
for until in 1h 36h 7d 250h; do
  "$LOBULE" run partial_hepatectomy_rat -o "$work/part_$until" --until $until "${quiet[@]}"
  "$LOBULE" run --resume "$work/part_$until" "${quiet[@]}"
  [ "$(hash_of "$work/part_$until")" = "$whole" ] || { echo "resumed after $until, another hash"; exit 1; }
  cmp "$work/part_$until/summary.csv" "$work/whole/summary.csv"
done
echo "one hash: $whole"
