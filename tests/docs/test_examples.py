#!/usr/bin/python3
"""Every example of the documents is right: the blocks of a page are written to a folder as their first lines say, all of
them check without a problem, and a scenario runs. In docs/language every toml block is such an example. An expect.toml is read
by the run, and its checks hold."""
import csv
import pathlib
import re
import sys
import tempfile

from pages import DOCS, LANGUAGE, finish, lobule, name

BLOCK = re.compile(r"^```toml\n(.*?)^```", re.S | re.M)
FIRST = re.compile(r"# ([\w/]+\.toml)\n")

problems = []
ran = 0
wanted = sys.argv[1:]
for page in sorted(DOCS.rglob("*.md")):
    if wanted and page.stem not in wanted:
        continue
    files = {}
    text = page.read_text()
    for block in BLOCK.finditer(text):
        line = text[:block.start()].count("\n") + 1
        first = FIRST.match(block.group(1))
        if first is None and LANGUAGE not in page.parents:
            continue
        if first is None:
            problems.append(f"{name(page)}:{line}: the block does not start with the path of its file")
        elif first.group(1) in files:
            problems.append(f"{name(page)}:{line}: a second {first.group(1)} on this page")
        else:
            files[first.group(1)] = block.group(1)
    if not files:
        continue
    with tempfile.TemporaryDirectory() as temporary:
        case = pathlib.Path(temporary) / "example"
        for path, content in files.items():
            (case / path).parent.mkdir(parents=True, exist_ok=True)
            (case / path).write_text(content)
        parts = [case / path for path in files if path not in ("scenario.toml", "expect.toml")]
        if parts:
            code, _, error = lobule("check", *parts)
            if code != 0:
                problems.append(f"{name(page)}: check of its parts: exit {code}\n{error}")
        if "scenario.toml" not in files:
            problems.append(f"{name(page)}: no scenario runs its parts")
            continue
        code, _, error = lobule("check", case)
        if code != 0:
            problems.append(f"{name(page)}: check: exit {code}\n{error}")
            continue
        code, out, error = lobule("run", case, "-o", pathlib.Path(temporary) / "run", "--quiet", "--progress", "none")
        if code != 0 or not (pathlib.Path(temporary) / "run" / "summary.csv").exists():
            problems.append(f"{name(page)}: run: exit {code}\n{out}{error}")
        checks = pathlib.Path(temporary) / "run" / "comparison" / "checks.csv"
        if "expect.toml" in files and code == 0:
            for row in csv.DictReader(checks.open()):
                if row["passed"] != "true":
                    problems.append(f"{name(page)}: check does not hold: {row}")
        ran += 1
finish(problems, ran, "examples run")
