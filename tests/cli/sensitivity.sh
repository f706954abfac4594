#!/bin/bash
# `lobule sensitivity`: indices of a case that can be computed by hand; threads and a resume change no byte; what it refuses.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
# Without refill the tank holds 8 exp(-leak t): refill moves nothing before 2 h.
cat >decay/study.toml <<'END2'
[study]
about = "What moves the tank."
scenario = "."
method = "morris"
samples = 8
[[parameter]]
name = "tank.leak"
between = ["0.1 1/h", "0.2 1/h"]
[[parameter]]
name = "tank.refill"
[[output]]
name = "At one hour"
probe = "tank.inside"
kind = "value_at"
at = "1 h"
[[output]]
name = "After the refill"
probe = "tank.inside"
kind = "value_at"
at = "2 h"
END2
sense() { "$LOBULE" sensitivity "$@" --progress none; }
files="result.json indices.csv points.csv sensitivity.html"
same_study() { for f in $files; do cmp "$1/$f" "$2/$f" || fail "$3: $f differs"; done; }

answer=$(sense decay -o one --threads 1) || fail "the study failed: $answer"
grep -q 'decay: 24 runs, 0 failed' <<<"$answer" || fail "$answer"
python3 - <<'PY' || fail "the indices do not hold: $answer"
import csv, math
rows = {(r["output"], r["parameter"], r["index"]): float(r["value"]) for r in csv.DictReader(open("one/indices.csv"))}
# The leak moves what is left after 1 h by 8 (exp(-0.1) - exp(-0.2)) over its range, almost linearly; the refill not at all.
assert abs(rows["At one hour", "tank.leak", "mu_star"] - 8 * (math.exp(-0.1) - math.exp(-0.2))) < 0.02, rows
assert rows["At one hour", "tank.leak", "mu"] < 0
assert rows["At one hour", "tank.refill", "mu_star"] == 0
# The moment after the event: 1 to 9 pg are added.
assert abs(rows["After the refill", "tank.refill", "mu_star"] - 8) < 1e-4, rows
assert rows["After the refill", "tank.refill", "sigma"] < 1e-4
assert len(list(csv.DictReader(open("one/points.csv")))) == 24
PY
sense decay -o three --threads 3 --quiet && same_study one three "threads"
mkdir part && head -n 7 one/work.jsonl >part/work.jsonl && printf '{"point":9,"out' >>part/work.jsonl
sense --resume part --quiet && same_study one part "resumed"

sed -i 's/morris/sobol/; s/samples = 8/samples = 200/' decay/study.toml
sense decay -o sobol --quiet || fail "sobol failed"
python3 - <<'PY' || fail "the shares of variance do not hold"
import csv
rows = {(r["output"], r["parameter"], r["index"]): float(r["value"]) for r in csv.DictReader(open("sobol/indices.csv"))}
assert abs(rows["At one hour", "tank.leak", "total"] - 1) < 0.15, rows
assert rows["At one hour", "tank.refill", "total"] == 0
assert rows["After the refill", "tank.refill", "first"] > 0.85, rows
PY
refused 2 'was begun with other parts, rows or options' sense decay --resume one --samples 9
refused 2 'is not empty' sense decay -o one
refused 2 'needs a study' sense
sed -i 's/sobol/sobel/' decay/study.toml
refused 2 'decay/study.toml:4:10: study.method: unknown method `sobel` (nearest: sobol)' sense decay -o never
[ ! -e never ] || fail "a refusal wrote something"
exit 0
