#!/usr/bin/env bash
# Shipped cases against evidence: a table and a page; what a row shows changes no exit code, and one row can be asked for.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$LOBULE" validate --only evidence/partial_hepatectomy_rat -o "$work/all" >"$work/out"
grep -q 'all, calibrate' "$work/out" && grep -q 'all, check' "$work/out" && grep -q 'APART' "$work/out"
python3 - "$work/all/evidence.csv" <<'P'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
assert {row["role"] for row in rows} == {"calibrate", "check"}, "roles"
for row in rows:
    inside = row["predicted"] != "" and float(row["low"]) <= float(row["predicted"]) <= float(row["high"])
    assert (row["agrees"] == "true") == inside, row["rows"]
agree = [row["agrees"] for row in rows if row["role"] == "calibrate"].count("true")
assert agree >= 25, f"{agree} of the rows to calibrate agree: the case has come off what it was fitted to"
P
grep -q 'id="evidence"' "$work/all/validation.html"
[ ! -e "$work/all/validation.csv" ]  # no published model was asked for
"$LOBULE" validate --only evidence/partial_hepatectomy_rat/PHX024 -o "$work/one" --quiet
[ "$(grep -c PHX024 "$work/one/evidence.csv")" -eq 2 ] && [ "$(wc -l <"$work/one/evidence.csv")" -eq 3 ]  # its height and its time
