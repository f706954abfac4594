#!/usr/bin/python3
"""`lobule bench --quick` shows every class of operation and the laws, in three forms that agree. No time is asserted."""
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CLASSES = """add sub mul mul_one div min max abs less and select sqrt power_2 power_4 hill_1 hill_2 hill_4 hill_real exp ln
tanh pow""".split()
LAWS = ["law_transition", "law_growth", "law_rate", "law_all_rates"]
SWEEP = [1, 3, 8, 64, 256, 4096]
COLUMNS = """group name lanes operations best_ns median_ns reference_ns ratio limit_ns limit_ratio target_ns met""".split()


def bench(*arguments, vectors=""):
    environment = dict(os.environ, LOBULE_VECTORS=vectors)
    return subprocess.run([os.environ["LOBULE"], "bench", "--quick", *map(str, arguments)], capture_output=True,
                          text=True, env=environment, stdin=subprocess.DEVNULL, timeout=120)


def check(condition, what):
    if not condition:
        print(what)
        sys.exit(1)


with tempfile.TemporaryDirectory() as folder:
    table = pathlib.Path(folder) / "table.csv"
    done = bench("-o", table)
    check(done.returncode == 0 and done.stderr == "", f"exit {done.returncode}: {done.stderr}")
    rows = list(csv.DictReader(table.read_text().splitlines()))
    check(list(rows[0]) == COLUMNS, f"columns: {list(rows[0])}")
    found = {(row["name"], int(row["lanes"])) for row in rows}
    wanted = {(name, 256) for name in CLASSES} | {(name, lanes) for name in [*LAWS, "mul", "hill_2"] for lanes in SWEEP}
    check(found == wanted, f"rows missing: {sorted(wanted - found)}, not known: {sorted(found - wanted)}")
    for row in rows:
        check(row["group"] == "rate_laws" and int(row["operations"]) > 0, f"row {row}")
        check(all(float(row[key]) > 0.0 for key in ("best_ns", "median_ns", "reference_ns", "ratio")), f"times: {row}")
        check((row["target_ns"] == "") == (row["met"] == ""), f"a target without an answer: {row}")
    lines = done.stdout.splitlines()
    check(all(any(line.split()[:2] == [name, str(lanes)] for line in lines) for name, lanes in wanted), done.stdout)
    check(lines[3].startswith("rate_laws: "), lines[3])

done = bench("--json", "--only", "hill*", vectors="narrow")
document = json.loads(done.stdout)
check({row["name"] for row in document["rows"]} == {name for name in CLASSES if name.startswith("hill")}, done.stdout)
check(document["machine"]["vectors"] == "SSE2" and document["quick"] is True, document["machine"])

done = bench("--only", "nothing_of_the_kind")
check(done.returncode == 2 and "fits no benchmark" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
