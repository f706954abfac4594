#!/usr/bin/python3
"""A file past 600 lines is asked why: split it."""
from source import ROOT, cpp_files, finish, name

LIMIT = 600
files = cpp_files("src", "tests") + sorted((ROOT / "tests").rglob("*.py")) + [ROOT / "lobule"]
problems = []
for path in files:
    lines = len(path.read_text(errors="replace").splitlines())
    if lines > LIMIT:
        problems.append(f"{name(path)}: {lines} lines, more than {LIMIT}")
finish(problems, len(files))
