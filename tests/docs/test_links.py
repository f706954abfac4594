#!/usr/bin/python3
"""Every link and every path that the documents name exists; headings that links point at, too."""
import glob
import re

from pages import DOCS, ROOT, finish, name

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
TOPS = {path.name for path in ROOT.iterdir()}
GENERATED = {"build", "runs"}


def anchors(page):
    heads = re.findall(r"^#+ +(.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


problems = []
checked = 0
for page in sorted(DOCS.rglob("*.md")):
    blocks = re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group(0)), page.read_text(), flags=re.S | re.M)
    for number, line in enumerate(blocks.splitlines(), 1):
        for target in LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            checked += 1
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                problems.append(f"{name(page)}:{number}: no such file: {target}")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file):
                problems.append(f"{name(page)}:{number}: no such heading: {target}")
        for token in CODE.findall(line):
            # A path of the repository: a known top folder or file, and nothing that a path does not hold.
            if not re.fullmatch(r"[\w.][\w.+*/-]*", token) or "/" not in token:
                continue
            top = token.split("/")[0]
            if top not in TOPS or top in GENERATED:
                continue
            checked += 1
            if not glob.glob(str(ROOT / token.rstrip("/"))):
                problems.append(f"{name(page)}:{number}: no such path: {token}")
finish(problems, checked, "links and paths")
