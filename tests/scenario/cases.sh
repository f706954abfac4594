#!/usr/bin/env bash
# Every shipped case and published model runs, its page is written, and every [[check]] of its expect.toml holds.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for file in "$LOBULE_HOME"/scenarios/*/scenario.toml "$LOBULE_HOME"/biology/published/*/scenario.toml; do
  case=$(dirname "$file")
  name=$(basename "$case")
  begin=$(date +%s)
  "$LOBULE" run "$name" -o "$work/$name" --quiet --progress none
  [ -s "$work/$name/report.html" ] || { echo "$name: no report"; failed=1; }
  checks="$work/$name/comparison/checks.csv"
  if [ ! -s "$checks" ] || [ "$(wc -l <"$checks")" -lt 2 ]; then
    echo "$name: expect.toml asserts nothing"
    failed=1
  fi
  if grep -n ',false,' "$checks"; then
    echo "$name: the checks above do not hold"
    failed=1
  fi
  echo "$name: $(($(wc -l <"$checks") - 1)) checks in $(($(date +%s) - begin)) s"
done
exit $failed
