#!/usr/bin/python3
"""Every word of the language has a page, and the page's key table is the one that `lobule show` prints.
With --write the tables of the pages are replaced by the program's."""
import sys
import tempfile

from pages import LANGUAGE, finish, lobule, name

HEAD = "| key | value | needed | meaning |"


def table_of(lines):
    """(first, last) of the key table's lines, or None"""
    if HEAD not in lines:
        return None
    first = last = lines.index(HEAD)
    while last < len(lines) and lines[last].startswith("|"):
        last += 1
    return first, last


def shown(word):
    # Without biology: a part may have the name of a word, and would be shown instead.
    with tempfile.TemporaryDirectory() as nothing:
        code, out, error = lobule("show", word, home=nothing)
    if code != 0:
        return None, error.strip()
    lines = out.splitlines()
    span = table_of(lines)
    return (lines[span[0]:span[1]], "") if span else (None, "prints no key table")


problems = []
code, listed, error = lobule("list", "words")
if code != 0:
    problems.append(f"lobule list words: exit {code}: {error.strip()}")
words = [line.split()[0] for line in listed.splitlines() if line.strip()]
if "scenario" not in words:
    words.append("scenario")
for word in words:
    table, trouble = shown(word)
    if table is None:
        problems.append(f"lobule show {word}: {trouble}")
        continue
    page = LANGUAGE / f"{word}.md"
    if not page.exists():
        problems.append(f"{name(page)} is missing")
        continue
    lines = page.read_text().splitlines()
    span = table_of(lines)
    if "--write" in sys.argv:
        if span is None and "{{keys}}" in lines:
            span = (lines.index("{{keys}}"), lines.index("{{keys}}") + 1)
        if span:
            lines[span[0]:span[1]] = table
            page.write_text("\n".join(lines) + "\n")
            continue
    if span is None:
        problems.append(f"{name(page)} has no key table")
        continue
    for line in (line for line in lines[span[0]:span[1]] if line not in table):
        problems.append(f"{name(page)}:{lines.index(line) + 1}: not in `lobule show {word}`: {line}")
    for line in (line for line in table if line not in lines[span[0]:span[1]]):
        problems.append(f"{name(page)}: its key table lacks: {line}")
for page in sorted(LANGUAGE.glob("*.md")):
    if page.stem != "README" and page.stem not in words:
        problems.append(f"{name(page)} is not a word of the language")
finish(problems, len(words), "words")
