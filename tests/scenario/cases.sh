#!/usr/bin/env bash
# Every shipped case and published model runs, its page is written, and every [[check]] of its expect.toml holds. Two at a time.
set -eu
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT
one() { # SCENARIO.toml
  local name begin checks failed=0
  name=$(basename "$(dirname "$1")")
  begin=$(date +%s)
  "$LOBULE" run "$name" -o "$work/$name" --quiet --progress none --threads 1 --no-band || failed=1
  [ -s "$work/$name/report.html" ] || { echo "$name: no report"; failed=1; }
  checks="$work/$name/comparison/checks.csv"
  if [ ! -s "$checks" ] || [ "$(wc -l <"$checks")" -lt 2 ]; then
    echo "$name: expect.toml asserts nothing"
    return 1
  fi
  if grep -n ',false,' "$checks"; then
    echo "$name: the checks above do not hold"
    failed=1
  fi
  echo "$name: $(($(wc -l <"$checks") - 1)) checks in $(($(date +%s) - begin)) s"
  rm -rf "${work:?}/$name"
  return $failed
}
export -f one
printf '%s\n' "$LOBULE_HOME"/scenarios/*/scenario.toml "$LOBULE_HOME"/biology/published/*/scenario.toml |
  xargs -P 2 -I{} bash -c 'one "$1"' one {}
