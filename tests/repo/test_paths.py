#!/usr/bin/python3
"""Every path that ARCHITECTURE.md, README.md and CONTRIBUTING.md name exists."""
import glob
import itertools
import re

from source import LAYERS, ROOT, finish

GENERATED = ("build", "runs")  # made by using the program
ENDINGS = (".md", ".toml", ".cpp", ".hpp", ".txt", ".csv", ".sh", ".py", ".json", ".cff", ".cmake")


def expand(text):
    """a/{b,c} -> a/b, a/c"""
    parts = re.split(r"\{([^{}]*)\}", text)
    choices = [[part] if i % 2 == 0 else part.split(",") for i, part in enumerate(parts)]
    return ["".join(pieces) for pieces in itertools.product(*choices)]


def looks_like_path(token):
    if not re.fullmatch(r"[\w.][\w.+*{},/-]*", token) or token.startswith(".."):
        return False
    return token.endswith(ENDINGS) or ("/" in token and (ROOT / token.lstrip("./").split("/")[0]).exists()) \
        or (token.endswith("/") and token.count("/") >= 1)


def exists(token, folder):
    token = token.rstrip("/").removeprefix("./")
    if token.split("/")[0] in GENERATED:
        return True
    places = [folder, ROOT] + [ROOT / "src" / layer / "include" for layer in LAYERS]
    return any(glob.glob(str(place / token)) for place in places)


problems = []
documents = ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"]
for document in documents:
    page = ROOT / document
    if not page.exists():
        problems.append(f"{document} is missing")
        continue
    block = None  # the language of the fenced block that we are in
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = re.match(r"\s*```\s*(\S*)", line)
        if fence:
            block = None if block is not None else fence.group(1) or "tree"
            continue
        tokens = []
        if block is None:
            tokens = [t for t in re.findall(r"`([^`]+)`", line) if looks_like_path(t)]
            tokens += [t.split("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", line)
                       if not re.match(r"[a-z]+:|#", t)]
        elif block in ("tree", "text"):
            # a tree of folders: the first word of a line
            first = line.split()[:1]
            tokens = [t for t in first if looks_like_path(t) and (t.endswith("/") or t.endswith(ENDINGS))]
        for token in tokens:
            for path in expand(token):
                if path and not exists(path, page.parent):
                    problems.append(f"{document}:{number}: {path} does not exist")
finish(problems, len(documents))
