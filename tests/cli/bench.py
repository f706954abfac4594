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
COLUMNS = """group name size threads operations best median unit bytes reference ratio limit share bound target
met""".split()
IN_SPACE = {"machine": "add mul add_and_mul sqrt div read in_place copy", "mechanics": "from_scratch kept_lists",
            "lobule": "by_clocks by_balance", "diffusion": "signals_1 signals_5 signals_10", "signals": "cold warm sweep"}


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
    done = bench("--only", "rate_laws/*", "-o", table)
    check(done.returncode == 0 and done.stderr == "", f"exit {done.returncode}: {done.stderr}")
    rows = list(csv.DictReader(table.read_text().splitlines()))
    check(list(rows[0]) == COLUMNS, f"columns: {list(rows[0])}")
    found = {(row["name"], int(row["size"])) for row in rows}
    wanted = {(name, 256) for name in CLASSES} | {(name, lanes) for name in [*LAWS, "mul", "hill_2"] for lanes in SWEEP}
    check(found == wanted, f"rows missing: {sorted(wanted - found)}, not known: {sorted(found - wanted)}")
    for row in rows:
        check(row["group"] == "rate_laws" and int(row["operations"]) > 0, f"row {row}")
        check(all(float(row[key]) > 0.0 for key in ("best", "median", "reference", "ratio")), f"times: {row}")
        check((row["target"] == "") == (row["met"] == ""), f"a target without an answer: {row}")
    lines = done.stdout.splitlines()
    check(all(any(line.split()[:2] == [name, str(lanes)] for line in lines) for name, lanes in wanted), done.stdout)
    check(lines[3].startswith("rate_laws: "), lines[3])

document = {"rows": [], "checks": []}
for group in IN_SPACE:
    done = bench("--json", "--only", group + "/*")
    check(done.returncode == 0 and done.stderr == "", f"{group}: exit {done.returncode}: {done.stdout} {done.stderr}")
    for key, items in document.items():
        items += json.loads(done.stdout)[key]
found = {(row["group"], row["name"]) for row in document["rows"]}
wanted = {(group, name) for group, names in IN_SPACE.items() for name in names.split()}
check(found == wanted, f"rows missing: {sorted(wanted - found)}, not known: {sorted(found - wanted)}")
check(all(row["best"] > 0.0 for row in document["rows"]), document["rows"])
check({item["group"] for item in document["checks"]} == IN_SPACE.keys() - {"machine"}, document["checks"])
check(all(item["right"] for item in document["checks"]), document["checks"])

done = bench("--json", "--only", "hill*", vectors="narrow")
document = json.loads(done.stdout)
check({row["name"] for row in document["rows"]} == {name for name in CLASSES if name.startswith("hill")}, done.stdout)
check(document["machine"]["vectors"] == "SSE2" and document["quick"] is True, document["machine"])

done = bench("--only", "nothing_of_the_kind")
check(done.returncode == 2 and "fits no benchmark" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
