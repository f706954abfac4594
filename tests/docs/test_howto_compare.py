#!/usr/bin/python3
"""The commands of docs/howto/compare_runs.md run as they are written, one after the other, and leave what the page promises."""
import os
import pathlib
import re
import subprocess
import tempfile

from pages import DOCS, ROOT, finish, name, program

page = DOCS / "howto/compare_runs.md"
blocks = re.findall(r"^ *```sh\n(.*?)^ *```", page.read_text(), re.S | re.M)
commands = [line.strip() for block in blocks for line in block.splitlines()]
problems = []
with tempfile.TemporaryDirectory() as temporary:
    place = pathlib.Path(temporary)
    (place / "bin").mkdir()
    (place / "bin/lobule").symlink_to(program())
    environment = dict(os.environ, LOBULE_HOME=str(ROOT), PATH=f"{place / 'bin'}:{os.environ['PATH']}")
    for command in commands:
        done = subprocess.run(command, shell=True, cwd=place, env=environment, capture_output=True, text=True,
                              timeout=250, stdin=subprocess.DEVNULL)
        if done.returncode != 0 or (command.startswith("grep") and done.stdout.count("\n") != 5):
            problems.append(f"{name(page)}: {command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    for file in ("runs/remnants.html", "runs/remnants.csv"):
        if not (place / file).exists():
            problems.append(f"{name(page)}: {file} was not made")
finish(problems, len(commands), "commands run")
