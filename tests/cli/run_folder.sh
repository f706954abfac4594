#!/bin/bash
# What a run leaves, what it refuses to write over, and what it says when the disk or a file is broken.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1

# Contents and default names.
run decay || fail "the run failed"
for file in scenario.toml scenario.resolved.toml provenance.json run.h5 summary.csv segments/index.jsonl segments/000001.h5 checkpoints; do
    [ -e runs/decay/$file ] || fail "runs/decay/$file is missing"
done
cmp decay/scenario.toml runs/decay/scenario.toml || fail "the scenario is not kept as it was"
[ "$(head -n 1 runs/decay/summary.csv)" = 'time [h],tank.inside [pg],tank.outside [pg]' ] || fail "header: $(head -n 1 runs/decay/summary.csv)"
python3 - runs/decay <<'END' || fail "the records do not hold"
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
record = json.loads((folder / "provenance.json").read_text())
assert record["status"] == "finished" and record["exit_status"] == 0 and record["time_h"] == 240, record
assert record["solver"]["steps"] > 0 and record["host"]["cores"] > 0 and record["program"]["version"], record
index = [json.loads(line) for line in (folder / "segments/index.jsonl").read_text().splitlines()]
rows = (folder / "summary.csv").read_text().splitlines()[1:]
assert sum(line["samples"] for line in index[1:]) == len(rows), "rows"
assert [p["name"] for p in index[0]["probes"]] == ["tank.inside", "tank.outside"], index[0]
try:
    import tomllib
except ImportError:
    sys.exit(0)
resolved = tomllib.loads((folder / "scenario.resolved.toml").read_text())
assert resolved["scenario"]["epoch"] == "30 h" and resolved["scenario"]["zones"] == 3, resolved
assert resolved["resolved"]["parameters"]["tank.refill"]["value"] == "5 pg", resolved
END
run decay && [ -e runs/decay-2/summary.csv ] && run decay && [ -e runs/decay-3/summary.csv ] || fail "a second run is not beside the first"
run decay --force && [ ! -e runs/decay-4 ] || fail "--force does not take the first name"

# Refusals.
refused 2 'holds a run already' run decay -o runs/decay
touch runs/decay/mine
run decay -o runs/decay --force && [ -e runs/decay/mine ] || fail "--force removed a file that is not a run's"
mkdir other && touch other/mine
refused 2 'holds other files' run decay -o other
refused 2 'holds other files' run decay -o other --force
refused 2 'is a file' run decay -o other/mine --force
refused 2 'is no run folder' run --resume other
refused 2 'cells in space need sizes of vessels' run decay --resolution cells
refused 2 'must be a time' run decay --until 3kg
refused 2 'nearest: tank.leak' run decay --set 'tank.leek=1 1/h'
refused 2 'name a later time' run --resume runs/decay --until 3h
refused 1 'cannot create the folder' run decay -o /proc/none/here
[ ! -e /proc/none ] && [ "$(ls other)" = mine ] || fail "a refused run left something"

# A full disk, played by a limit on the size of files (64 kB here): one line, what was complete is kept, the run goes on later.
limited() { (ulimit -f 64 && run "$@"); }
refused 1 'File too large; what was complete is kept, go on with:' limited decay -o full --every 1min
[ -e full/checkpoints/000001.h5 ] && [ -e full/segments/000001.h5 ] && [ -z "$(find full -name '*.part')" ] || fail "$(find full)"
grep -q '"status": "failed"' full/provenance.json || fail "a failed run is not called failed"
run --resume full || fail "a run does not go on once there is room"
run decay -o roomy --every 1min && same full roomy "after a full disk"
tiny() { (ulimit -f 0 && run "$@"); }
refused 1 'File too large' tiny decay -o nothing
[ ! -e nothing/provenance.json ] && run decay -o nothing || fail "a run that could not begin is in the way of the next"

# Files that were cut short.
newest=$(ls runs/decay/checkpoints | tail -n 1)
cp -r runs/decay cut
truncate -s 2000 "cut/checkpoints/$newest"
run --resume cut || fail "the checkpoint before the last one is not used"
same cut runs/decay "from the checkpoint before the last one"
rm -rf cut && cp -r runs/decay cut
for file in cut/checkpoints/*; do truncate -s 2000 "$file"; done
refused 2 "checkpoints/$newest is no whole HDF5 file" run --resume cut
[ -e cut/summary.csv ] && [ -e cut/segments/000001.h5 ] || fail "a refused resume removed something"
truncate -s 100 cut/provenance.json
refused 2 'provenance.json' run --resume cut
rm -rf cut && cp -r runs/decay cut
truncate -s 0 cut/segments/index.jsonl
refused 2 'index.jsonl' run --resume cut
rm -rf cut && cp -r runs/decay cut
truncate -s 1000 cut/segments/000001.h5
refused 2 'segments/000001.h5 is missing or was cut short' run --resume cut
rm -rf cut && cp -r runs/decay cut
rm cut/scenario.toml
refused 2 'scenario.toml is missing' run --resume cut
