#!/usr/bin/python3
"""The engine knows words, never the biology: no C++ file names a cell type, signal, matrix, injury or therapy that is a
file under biology/ (comments do not count)."""
import re

from source import ROOT, cpp_files, finish, name, without_comments

FOLDERS = ("cells", "signals", "matrix", "injuries", "therapies")

names = sorted({path.stem for folder in FOLDERS for path in (ROOT / "biology" / folder).glob("*.toml")})
problems = []
files = cpp_files("src")
if names:
    either = "|".join(f"{re.escape(n)}|{re.escape(n.capitalize())}|{re.escape(n.upper())}" for n in names)
    # A word by itself or within an identifier: kupffer, kupffer_count, KupfferCell.
    pattern = re.compile(rf"(?<![A-Za-z])(?:{either})(?![a-z])")
    for path in files:
        for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
            match = pattern.search(line)
            if match:
                problems.append(f"{name(path)}:{number}: names a part of biology/: {match.group(0)}")
finish(problems, len(files))
