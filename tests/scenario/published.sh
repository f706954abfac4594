#!/usr/bin/env bash
# Every row of every published model lies within its declared tolerance, and the page is written. A row that does not is exit 6.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$LOBULE" validate --only published -o "$work/validation"
[ -s "$work/validation/validation.html" ]
if grep -n ',false,' "$work/validation/validation.csv"; then
  echo "the table holds rows outside"
  exit 1
fi

# A folder that holds a validation is not overwritten.
code=0
"$LOBULE" validate --only published/mald -o "$work/validation" 2>"$work/error" || code=$?
[ $code -eq 2 ] && grep -q -- '--force' "$work/error"

# What is asked for, and nothing else; a pattern that selects nothing is a mistake.
"$LOBULE" validate --only 'published/m*/REP06*' -o "$work/some" >"$work/out"
grep -q '^mald:' "$work/out" && ! grep -q '^cook2015:' "$work/out"
code=0
"$LOBULE" validate --only publisched -o "$work/none" 2>"$work/error" || code=$?
[ $code -eq 2 ] && grep -q 'nearest: published' "$work/error"

# A model that no longer gives its numbers: exit 6, and the rows are named.
cp -r "$LOBULE_HOME/biology" "$LOBULE_HOME/evidence" "$LOBULE_HOME/scenarios" "$work"
sed -i 's/value = "20.8"/value = "20"/' "$work/biology/published/cook2015/cook2015_signals.toml"
code=0
LOBULE_HOME="$work" "$LOBULE" validate --only published/cook2015 -o "$work/wrong" >"$work/out" || code=$?
[ $code -eq 6 ] && grep -q 'REP.*OUTSIDE' "$work/out"
