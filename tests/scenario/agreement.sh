#!/usr/bin/env bash
# Agents agree with the ODE, with fewer replicates than the page has: the teaching case, which has every word, and a published
# model. Fixed seeds: a failure is a change of a reading, not chance.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$LOBULE" agree scar_and_resolution furchtgott2009 mald --replicates 16 -o "$work/a" --progress none
[ -s "$work/a/agreement.html" ]
[ "$(head -1 "$work/a/agreement.csv" | tr ',' '\n' | wc -l)" -eq 24 ]
# No number depends on the threads; another seed gives other numbers.
"$LOBULE" agree mald --replicates 10 --threads 1 -o "$work/one" -q
"$LOBULE" agree mald --replicates 10 --threads 3 -o "$work/three" -q
cmp "$work/one/agreement.csv" "$work/three/agreement.csv"
"$LOBULE" agree mald --replicates 10 --seed 77 -o "$work/seed" -q || [ $? -eq 6 ]
! cmp -s "$work/one/agreement.csv" "$work/seed/agreement.csv"
# An existing page is not overwritten.
if "$LOBULE" agree mald --replicates 10 -o "$work/one" -q 2>"$work/error"; then exit 1; fi
grep -q -- '--force' "$work/error"
