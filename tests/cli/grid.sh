#!/bin/bash
# `lobule grid`: a case that can be computed by hand over all combinations; threads and a resume change no byte; what it refuses.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
cat >decay/grid.toml <<'END2'
[grid]
about = "What is left in the tank, by leak and refill."
scenario = "."
[[axis]]
label = "Leak"
parameter = "tank.leak"
values = ["0.05 1/h", "0.1 1/h", "0.2 1/h"]
names = ["slow", "usual", "fast"]
[[axis]]
label = "Refill"
parameter = "tank.refill"
values = ["0 pg", "5 pg"]
[[outcome]]
name = "Gain by refilling"
better = "more"
against = { "tank.refill" = "0 pg" }
probe = "tank.inside"
kind = "value_at"
at = "2 h"
[[outcome]]
name = "Left against the usual leak"
better = "less"
against = { "tank.leak" = "0.1 1/h" }
as = "ratio"
unit = "%"
probe = "tank.inside"
kind = "value_at"
at = "1 h"
[[outcome]]
name = "Empty"
better = "less"
probe = "tank.inside"
kind = "first_below"
level = "7 pg"
until = "1.5 h"
END2
grid() { "$LOBULE" grid "$@" --progress none; }
files="result.json grid.csv grid.html"
same_grid() { for f in $files; do cmp "$1/$f" "$2/$f" || fail "$3: $f differs"; done; }

answer=$(grid decay -o one --threads 1) || fail "the grid failed: $answer"
grep -q 'decay: 6 combinations, 6 runs, 0 failed' <<<"$answer" || fail "$answer"
grep -q 'best   90.48  Leak: fast, Refill: 0 pg' <<<"$answer" || fail "$answer"
python3 - <<'PY' || fail "the numbers do not hold"
import csv, json, math
rows = list(csv.DictReader(open("one/grid.csv")))
assert len(rows) == 6
for r in rows:
    leak, refill = float(r["tank.leak"].split()[0]), float(r["tank.refill"].split()[0])
    assert abs(float(r["Gain by refilling [pg]"]) - refill) < 1e-4, r          # at the event itself
    assert abs(float(r["Gain by refilling: baseline [pg]"]) - 8 * math.exp(-2 * leak)) < 1e-4, r
    assert abs(float(r["Left against the usual leak [%]"]) - 100 * math.exp(0.1 - leak)) < 1e-2, r
    reached = r["Empty [h]"]   # 7 pg at ln(8/7)/leak: after 1.5 h where the leak is slow
    assert (reached == "") == (leak == 0.05), r
    assert reached == "" or abs(float(reached) - math.log(8 / 7) / leak) < 0.03, r  # read between hourly samples
best = json.load(open("one/result.json"))["outcomes"]
assert best["Left against the usual leak"]["best"] == {"tank.leak": "0.2 1/h", "tank.refill": "0 pg"}, best
assert best["Empty"]["combinations"] == 4, best
PY
grep -q 'Best of 6: Leak: slow, Refill: 5 pg: 5 pg' one/grid.html || fail "the page does not name the best"
grep -q 'Difference to the same with Refill: 0 pg' one/grid.html || fail "the page does not name the baseline"
grep -q 'url(#hatch2)' one/grid.html && grep -q '2 hatched' one/grid.html || fail "what is not reached is not hatched"
grep -q 'http' one/grid.html && fail "the page asks for something"
grid decay -o three --threads 3 --quiet && same_grid one three "threads"
mkdir part && head -n 3 one/work.jsonl >part/work.jsonl && printf '{"run":4,"val' >>part/work.jsonl
grid --resume part --quiet && same_grid one part "resumed"
"$LOBULE" show decay/grid.toml | grep -q '6 combinations' || fail "show"
"$LOBULE" check decay/grid.toml >/dev/null || fail "check"
refused 2 'is not empty' grid decay -o one
refused 2 'needs a grid' grid
sed -i 's/"5 pg"/"6 pg"/' decay/grid.toml
refused 2 'was begun with other parts, rows or options' grid decay --resume one
sed -i 's/parameter = "tank.leak"/parameter = "tank.leek"/' decay/grid.toml
refused 2 'no parameter `tank.leek` in this model (nearest: tank.leak)' grid decay -o never
[ ! -e never ] || fail "a refusal wrote something"
exit 0
