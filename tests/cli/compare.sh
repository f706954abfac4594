#!/bin/bash
# `lobule compare`: what it writes and prints, what it refuses, and that a refusal writes nothing.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
compare() { "$LOBULE" compare "$@"; }

run decay -o runs/base && run decay -o runs/fast --set 'tank.leak=0.2 1/h' && run decay -o runs/fine --every 15min &&
    run decay -o runs/short --until 3d || fail "the runs failed"

# A page and a table beside the first folder; the largest difference first.
answer=$(compare runs/base runs/fast) || fail "compare failed"
[ -s runs/comparison.html ] && [ -s runs/comparison.csv ] || fail "no page beside the first folder"
grep -qE '^  A +tank.leak 0.1 1/h +runs/base$|^  A  tank.leak 0.1 1/h  runs/base$' <<<"$answer" || fail "labels: $answer"
grep -q '^page   runs/comparison.html$' <<<"$answer" || fail "where the page is: $answer"
head -n 1 runs/comparison.csv | grep -qx 'what,name,run,against,statistic,value,unit' || fail "the table's head"

# The numbers are those of the curves.
python3 - <<'END2' || fail "the numbers do not hold"
import csv
def curve(folder):
    rows = list(csv.DictReader(open(f"runs/{folder}/summary.csv")))
    return [(float(r["time [h]"]), float(r["tank.inside [pg]"])) for r in rows]
a, b = curve("base"), curve("fast")
assert [t for t, _ in a] == [t for t, _ in b]
differences = [y - x for (_, x), (_, y) in zip(a, b)]
largest = max(differences, key=abs)
said = {r["statistic"]: float(r["value"]) for r in csv.DictReader(open("runs/comparison.csv"))
        if r["name"] == "tank.inside" and r["run"] == "tank.leak 0.2 1/h"}
assert said["largest_difference"] == largest, (said, largest)
assert said["difference_at_end"] == differences[-1]
assert said["common_to"] == 240 and said["relative_difference"] == abs(largest) / max(x for _, x in a), said
END2

# Never over a page that is there, unless told to.
before=$(cat runs/comparison.html runs/comparison.csv | sha1sum)
refused 2 'comparison.html: is there already; --force overwrites it' compare runs/base runs/short
rm runs/comparison.html
refused 2 'comparison.csv: is there already; --force overwrites it' compare runs/base runs/short
compare runs/base runs/fast --force >/dev/null || fail "--force"
[ "$before" = "$(cat runs/comparison.html runs/comparison.csv | sha1sum)" ] || fail "the same command gives another page"
(cd runs/base && compare . ../short -o ../../deep/er/page.html >/dev/null) && [ -s deep/er/page.csv ] || fail "-o in a new folder"
(cd runs/base && compare . ../short --force >/dev/null) || fail "the first folder as ."

# The same run on another grid, and a part of it: no difference, to the last bit.
answer=$(compare runs/base runs/fine runs/short -o same.html) || fail "compare of equal runs"
grep -q 'identical to the first: state_hash equal' <<<"$answer" || fail "identical runs: $answer"
grep -q 'no probe differs' <<<"$answer" || fail "equal runs differ: $answer"
grep -q 'state_hash equal' same.html || fail "the page does not say that runs are identical"
! grep -E ',(largest|rms|relative)_difference,' same.csv | grep -qvE ',0,[^,]*$' || fail "a difference of equal runs"

# Replicates: two more seeds, played by copies with other numbers.
for seed in 2 3; do
    cp -r runs/base runs/seed$seed
    sed -i -E "s/\"seed\": [0-9]+/\"seed\": $seed/; s/(\"state_hash\": \")./\1z$seed/" runs/seed$seed/provenance.json
    awk -F, -v OFS=, -v s=$seed 'NR > 1 { $2 *= 1 + s / 100 } 1' runs/base/summary.csv >runs/seed$seed/summary.csv
done
answer=$(compare runs/base runs/seed2 runs/seed3 runs/fast -o seeds.html) || fail "compare of replicates"
grep -q '(n = 3)' <<<"$answer" || fail "replicates are no group: $answer"
grep -q 'class="ribbon c0"' seeds.html || fail "replicates have no band"

# One JSON document.
compare runs/base runs/fast --json -o json.html --label slow --label 'fast, "twice"' | python3 -c '
import json, sys
it = json.load(sys.stdin)
assert it["page"] == "json.html" and it["table"] == "json.csv", it
assert [r["label"] for r in it["runs"]] == ["slow", "fast, \"twice\""], it["runs"]
assert [d["name"] for d in it["differing"]] == ["tank.leak"], it["differing"]
sizes = [d["relative"] for d in it["differences"]]
assert sizes == sorted(sizes, reverse=True) and len(sizes) == 2, sizes
' || fail "--json"

# Mistakes: one line, exit 2, nothing written.
mkdir -p folder.html && ls >before
refused 2 'runs/fest: does not exist (nearest: runs/fast)' compare runs/base runs/fest -o no.html
refused 2 'decay: is no run folder' compare runs/base decay -o no.html
refused 2 'runs/base/: is the same folder as runs/base' compare runs/base runs/base/ -o no.html
refused 2 'needs at least two' compare runs/base -o no.html
refused 2 'must end in .html' compare runs/base runs/fast -o no.csv
refused 2 'is a folder' compare runs/base runs/fast -o folder.html --force
refused 2 'is given 1 times for 2 runs' compare runs/base runs/fast -o no.html --label one
cp -r runs/base bad
sed -i '1s/\[pg\]/[ng]/' bad/summary.csv
refused 2 'the probe tank.inside is in ng, in runs/base it is in pg' compare runs/base bad -o no.html
sed -i '2,$d' bad/summary.csv
refused 2 'holds no samples' compare runs/base bad -o no.html
rm bad/summary.csv
refused 2 'holds no samples yet' compare runs/base bad -o no.html
truncate -s 40 bad/provenance.json
refused 2 'cut short or edited' compare runs/base bad -o no.html
rm -r bad
refused 1 'cannot' compare runs/base runs/fast -o /proc/none/page.html
ls | grep -v '^before$' | diff <(grep -v '^before$' before) - || fail "a refused comparison left something"
