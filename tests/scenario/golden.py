#!/usr/bin/python3
"""The rat case gives its golden values: named, with unit and tolerance, in tests/golden/partial_hepatectomy_rat.csv.

The biology has moved since an independent implementation of the same equations agreed with this engine (another language, LSODA at rtol 1e-9); the
values are the program's own since then, so this finds what moves them without being meant to. The arterial buffer response is set to 0. LOBULE_UPDATE_GOLDEN=1 writes the program's own values instead, when the
biology has changed: say why in CHANGELOG.md."""
import csv
import os
import pathlib
import subprocess
import sys
import tempfile

home = pathlib.Path(os.environ["LOBULE_HOME"])
golden = home / "tests/golden/partial_hepatectomy_rat.csv"
with tempfile.TemporaryDirectory() as work:
    folder = pathlib.Path(work) / "run"
    subprocess.run([os.environ["LOBULE"], "run", "partial_hepatectomy_rat", "-o", folder, "--no-report", "--quiet",
                    "--progress", "none", "--set", "liver.buffering=0"], check=True)
    with open(folder / "summary.csv", newline="") as file:
        rows = list(csv.reader(file))
names = [column.split(" [")[0] for column in rows[0]]
at = {float(row[0]): row for row in rows[1:]}  # the last row of a time: after its event

with open(golden, newline="") as file:
    wanted = list(csv.DictReader(file))
problems = 0
for value in wanted:
    now = float(at[float(value["time_h"])][names.index(value["probe"])])
    if os.environ.get("LOBULE_UPDATE_GOLDEN"):
        value["value"] = f"{now:.9g}"
        continue
    if not abs(now - float(value["value"])) <= float(value["tolerance"]) * abs(float(value["value"])):
        problems += 1
        print(f"{value['probe']} at {value['time_h']} h: {now:.9g} instead of {value['value']} {value['unit']}")
if os.environ.get("LOBULE_UPDATE_GOLDEN"):
    with open(golden, "w", newline="") as file:
        writer = csv.DictWriter(file, wanted[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(wanted)
print(f"{len(wanted)} golden values, {problems} problems")
sys.exit(problems > 0)
