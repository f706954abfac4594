#!/usr/bin/python3
"""docs/formats/run_folder.md names every file of a run folder, every column of its tables and every key of its records."""
import csv
import json
import pathlib
import re
import tempfile

from pages import DOCS, finish, lobule, name

page = DOCS / "formats/run_folder.md"
text = page.read_text()
named = set(re.findall(r"`([^`\n]+)`", text))
rows = {}
for line in text.splitlines():
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if line.startswith("| `") and cells[0].endswith(".csv`"):
        rows[cells[0].strip("`")] = re.findall(r"`([^`]+)`", cells[-1])

problems = []
files = 0
with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary) / "run"
    code, _, error = lobule("run", "partial_hepatectomy_rat", "-o", folder, "--quiet", "--progress", "none")
    if code != 0:
        problems.append(f"the run: exit {code}: {error}")
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        files += 1
        path = str(file.relative_to(folder))
        pattern = re.sub(r"\d{6}", "NNNNNN", path)
        pattern = re.sub(r"^variants/.*", "variants/NAME.csv", re.sub(r"^comparison/.*", "comparison/*.csv", pattern))
        if pattern not in named:
            problems.append(f"{name(page)} does not name {path}")
        if path.startswith("comparison/") and rows.get(file.name) != next(csv.reader(file.open())):
            problems.append(f"{name(page)}: {file.name}: other columns than the file's")
    provenance = json.loads((folder / "provenance.json").read_text())
    index = [json.loads(line) for line in (folder / "segments/index.jsonl").read_text().splitlines()]
    keys = set(provenance) | set(index[0]) | set(index[1])
    for inner in ("solver", "program", "host", "request"):
        keys |= set(provenance[inner])
    keys |= set(provenance["sessions"][0])
    problems += [f"{name(page)} does not name the key {key}" for key in sorted(keys - named)]
finish(problems, files, "files")
