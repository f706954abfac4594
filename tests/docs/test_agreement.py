#!/usr/bin/python3
"""The key table of docs/formats/agreement.md is the declared one. With --write it is replaced."""
import re
import sys

from pages import DOCS, ROOT, finish, name

HEAD = "| key | value | needed | meaning |"
STRINGS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
KEY = re.compile(r'\{"(\w+)",\s*(\w+),\s*(true|false),\s*' + STRINGS + r"\}")


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')


source = (ROOT / "src/io/agreement.cpp").read_text()
names = (ROOT / "src/model/words.cpp").read_text()
types = {kind: joined(text) for kind, text in re.findall(r"case (\w+): return " + STRINGS + ";", names)}
wanted = [HEAD, "|---|---|---|---|"]
wanted += [f"| `{key}` | {types[kind]} | {'yes' if needed == 'true' else 'no'} | {joined(about)} |"
           for key, kind, needed, about in KEY.findall(source)]
page = DOCS / "formats/agreement.md"
lines = page.read_text().splitlines()
if "--write" in sys.argv:
    first = lines.index("{{keys}}") if "{{keys}}" in lines else lines.index(HEAD)
    last = first + 1
    while lines[first] == HEAD and lines[last].startswith("|"):
        last += 1
    lines[first:last] = wanted
    page.write_text("\n".join(lines) + "\n")
    sys.exit(0)
problems = [] if HEAD in lines else [f"{name(page)} has no key table"]
problems += [f"{name(page)} lacks {line}" for line in wanted if line not in lines]
finish(problems, len(wanted) - 2, "keys")
