#!/bin/bash
# [band] of expect.toml: runs over declared ranges, beside a case that can be computed by hand.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
cat >decay/expect.toml <<'END2'
[variant.poor]
about = "A small refill."
group = "prediction"
set = { "tank.refill" = "1 pg" }
[[figure]]
name = "Level"
probes = ["tank.inside"]
variants = ["case", "poor"]
[band]
about = "The leak is not known."
parameters = ["tank.leak", "tank.refill"]
runs = 10
variants = ["poor"]
END2
show() { "$LOBULE" run decay --until 1.5h --quiet --progress none "$@"; }
show -o one --threads 1 || fail "the band failed"
python3 - <<'PY' || fail "the band does not hold"
import csv, math
runs = list(csv.DictReader(open("one/comparison/band_runs.csv")))
assert [(r["run"], r["variant"]) for r in runs] == [(str(i), v) for i in range(1, 11) for v in ("", "poor")], runs
for r in runs:  # before the first refill
    left = 8 * math.exp(-1.5 * float(r["tank.leak [1/h]"]))
    assert abs(float(r["tank.inside [pg]"]) - left) < 1e-3 and not r["failure"], r
leaks = sorted(math.log10(float(r["tank.leak [1/h]"])) for r in runs[::2])
assert all(-2 + 0.2 * i <= x <= -1.8 + 0.2 * i for i, x in enumerate(leaks)), leaks  # a factor of 100: in log
refills = sorted(float(r["tank.refill [pg]"]) for r in runs[::2])
assert all(1 + 0.8 * i <= x <= 1.8 + 0.8 * i for i, x in enumerate(refills)), refills
last = [r for r in csv.DictReader(open("one/comparison/band.csv")) if r["time_h"] == "1.5" and not r["variant"]][0]
ends = sorted(8 * math.exp(-1.5 * 10 ** x) for x in leaks)
assert abs(float(last["low"]) - (ends[0] + 0.45 * (ends[1] - ends[0]))) < 1e-3, (last, ends)
assert abs(float(last["median"]) - 0.5 * (ends[4] + ends[5])) < 1e-3, last
PY
show -o three --threads 3 || fail "three threads failed"
for f in band.csv band_runs.csv band_inputs.csv band_about.csv band_features.csv; do
    cmp "one/comparison/$f" "three/comparison/$f" || fail "threads: $f differs"
done
grep -q '90 % of 10 runs over the declared ranges' one/report.html || fail "no legend on the page"
grep -q '<h2>Declared inputs</h2>' one/report.html || fail "no table on the page"
cp one/report.html before.html && "$LOBULE" report one >/dev/null && cmp one/report.html before.html || fail "report: another page"

show -o held --set tank.leak="0.2 1/h" || fail "with --set: failed"
python3 - <<'PY' || fail "--set does not hold"
import csv
assert {r["tank.leak [1/h]"] for r in csv.DictReader(open("held/comparison/band_runs.csv"))} == {"0.2"}
assert [r["held"] for r in csv.DictReader(open("held/comparison/band_inputs.csv"))] == ["command line", ""]
PY
grep -q 'held: set on the command line' held/report.html || fail "the table does not say what is held"

show -o one --force --no-band || fail "--no-band failed"
[ -e one/report.html ] && ! grep -q 'declared ranges' one/report.html || fail "--no-band: the page has a band"
ls one/comparison/band* 2>/dev/null && fail "--no-band: tables of an earlier band are left"
show -o none --no-report && [ ! -e none/comparison ] || fail "--no-report made runs"
exit 0
