#!/bin/bash
# Signs of expect.toml: a run against another one, in the tables and on the page of a run, and counted apart by `lobule validate`.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
mkdir -p home/evidence home/biology home/scenarios
cp "$LOBULE_HOME"/evidence/sources.csv home/evidence/
python3 - "$LOBULE_HOME/evidence/observations.csv" <<'PY' || fail "no evidence"
import csv, sys
head = next(csv.reader(open(sys.argv[1])))
with open("home/evidence/observations.csv", "w") as out:
    write = csv.DictWriter(out, head, restval="", extrasaction="ignore")
    write.writeheader()
    for row, role, value in [("MORE", "check", "more leaked"), ("LESS", "calibrate", "less leaked")]:
        write.writerow(dict(id=row, role=role, species="none", observable="outside", value=value, numeric="no",
                            unit="qualitative", spread_kind="none", source="S"))
PY
# Without refills 8 (1 - exp(-leak t)) has leaked at 1 h: 0.761 at 0.1/h, 1.450 (1.905 times) at 0.2/h, 0.796 (1.046) at 0.1048/h.
cat >decay/expect.toml <<'END2'
[variant.fast]
about = "It leaks twice as fast."
group = "prediction"
set = { "tank.leak" = "0.2 1/h" }
[variant.slightly]
about = "It leaks a little faster."
group = "prediction"
set = { "tank.leak" = "0.1048 1/h" }
[variant.broken]
about = "It fails."
group = "prediction"
set = { "tank.leak" = "-1e300 1/h" }
END2
entry() { printf '[[%s]]\nprobe = "tank.outside"\nkind = "value_at"\nat = "1 h"\n%s\n' "$1" "$2" >>decay/expect.toml; }
entry feature $'name = "Fast"\nvariant = "fast"\nagainst = "case"\nsign = "more"\nrows = ["MORE"]\nrole = "check"'
entry feature $'name = "Slightly"\nvariant = "slightly"\nagainst = "case"\nsign = "less"\nrows = ["LESS"]\nrole = "calibrate"'
entry feature $'name = "Guess"\nagainst = "fast"\nsign = "less"\nrole = "prediction"'
entry feature $'name = "Broken"\nvariant = "broken"\nagainst = "case"\nsign = "more"\nrole = "prediction"'
entry feature $'name = "Number"\nvariant = "fast"\nagainst = "case"\nexpected = "1.9"\ntolerance = "0.01"\nrole = "prediction"'
entry check $'name = "Same"\nvariant = "slightly"\nagainst = "case"\nsign = "same"\nreason = "Five in a hundred."'
entry check $'name = "Not same"\nvariant = "slightly"\nagainst = "case"\nsign = "more"\nmargin = "4 %"\nreason = "Four."'
export LOBULE_HOME=$work/home
cp -r decay home/scenarios/
run decay -o out || fail "the run failed"
python3 - <<'PY' || fail "$(cat out/comparison/features.csv out/comparison/checks.csv)"
import csv
rows = {row["name"]: row for row in csv.DictReader(open("out/comparison/features.csv"))}
verdicts = {name: row["verdict"] for name, row in rows.items()}
assert verdicts == {"Fast": "agrees", "Slightly": "disagrees", "Guess": "agrees", "Broken": "unreached", "Number": "inside"}, verdicts
assert abs(float(rows["Fast"]["predicted"]) - 1.9048) < 1e-3 and abs(float(rows["Guess"]["predicted"]) - 1 / 1.9048) < 1e-3
assert rows["Fast"]["observed"] == "more leaked" and rows["Fast"]["against"] == "case" and rows["Fast"]["sign"] == "more"
checks = {row["name"]: row for row in csv.DictReader(open("out/comparison/checks.csv"))}
assert checks["Same"]["passed"] == checks["Not same"]["passed"] == "true" and checks["Not same"]["margin"] == "0.04", checks
PY
grep -q 'signs agree' out/report.html && grep -q 'does not agree' out/report.html || fail "the page does not tell the signs"
"$LOBULE" validate --only evidence -o valid >log || { [ $? -eq 6 ] || fail "validate: $(cat log)"; }
grep -q '^  all, check .* 1 of 1 ' log && grep -q '^  all, calibrate .* 0 of 1 ' log || fail "signs are not counted: $(cat log)"
grep -q 'MORE .* Fast .*more leaked (above 1.05 times the case) *1.90[0-9]*  yes$' log || fail "no ratio: $(cat log)"
grep -q 'LESS .* Slightly .* 1.04[0-9]*  no$' log || fail "no ratio: $(cat log)"
grep -q '^decay,fast,check,MORE,.*,true,.*,case,more,S$' valid/evidence.csv || fail "$(cat valid/evidence.csv)"
grep -q '1 of 1' valid/validation.html || fail "the page does not count signs"
# A fit has nothing to fit a sign to.
printf '[problem]\nabout = "x."\nscenarios = ["decay"]\ncompare = ["Slightly"]\n[[parameter]]\nname = "tank.leak"\n' >problem.toml
refused 2 '`Slightly` is in words or a sign' "$LOBULE" fit ./problem.toml
exit 0
