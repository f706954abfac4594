#!/usr/bin/python3
"""The key tables of docs/formats/reproduce.md are the declared ones, and the program knows these keys and types. The page "write a
published model" is carried out: its files, its rows, `lobule check` and `lobule validate`. With --write the tables are replaced."""
import pathlib
import re
import shutil
import sys
import tempfile

from pages import DOCS, ROOT, finish, lobule, name

HEAD = "| key | value | needed | meaning |"
STRINGS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
KEY = re.compile(r'\{"(\w+)",\s*(\w+),\s*(true|false),\s*' + STRINGS + r"\}")
WORD = re.compile(r'\{"(\w+)",\s*Form::(\w+),\s*"reproduce",')
HOWTO = DOCS / "howto/write_a_published_model.md"


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')


def declared():
    """{word: (form, [(key, type, needed, meaning)])}"""
    source = (ROOT / "src/io/reproduction_words.cpp").read_text()
    names = (ROOT / "src/model/words.cpp").read_text()
    types = {kind: joined(text) for kind, text in re.findall(r"case (\w+): return " + STRINGS + ";", names)}
    heads = list(WORD.finditer(source))
    out = {}
    for head, end in zip(heads, [h.start() for h in heads[1:]] + [len(source)]):
        keys = KEY.findall(source[head.end():end])
        out[head.group(1)] = (head.group(2), [(k, types[t], n == "true", joined(a)) for k, t, n, a in keys])
    return out


def home(folder):
    """A project with the model of the how-to page."""
    text = HOWTO.read_text()
    model = folder / "biology/published/bateman1910"
    model.mkdir(parents=True)
    (folder / "evidence").mkdir()
    (folder / "scenarios").mkdir()
    for block in re.findall(r"^```(?:toml)?\n(.*?)^```", text, re.S | re.M):
        file = re.match(r"# (?:biology/)?([\w]+\.toml)\n", block)
        if file:
            (model / file.group(1)).write_text(block)
        elif block.startswith("[reproduce]"):
            (model / "reproduce.toml").write_text(block)
        elif block.startswith("REP"):
            head = (ROOT / "evidence/reproduction.csv").read_text().splitlines()[0]
            (folder / "evidence/reproduction.csv").write_text(head + "\n" + block)
    (folder / "evidence/sources.csv").write_text("source\nbateman1910\n")
    return model


problems = []
page = DOCS / "formats/reproduce.md"
lines = page.read_text().splitlines()
words = declared()
with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary) / "home"
    model = home(folder)
    whole = (model / "reproduce.toml").read_text()
    code, out, error = lobule("check", model, home=folder)
    if code != 0:
        problems.append(f"{name(HOWTO)}: check: exit {code}\n{error}")
    code, out, error = lobule("validate", "--only", "published/bateman1910", "-o", pathlib.Path(temporary) / "out", home=folder)
    if code != 0 or not re.search(r"2 rows of published models, 2 inside", out):
        problems.append(f"{name(HOWTO)}: validate: exit {code}\n{out}{error}")

    def answers(text):
        (model / "reproduce.toml").write_text(text)
        return lobule("check", model / "reproduce.toml", home=folder)[2]

    for word, (form, keys) in words.items():
        heading = f"## {word}"
        if heading not in lines or HEAD not in lines[lines.index(heading):]:
            problems.append(f"{name(page)} has no section `{heading}` with a key table")
            continue
        first = last = lines.index(HEAD, lines.index(heading))
        while last < len(lines) and lines[last].startswith("|"):
            last += 1
        wanted = [HEAD, "|---|---|---|---|"] + [f"| `{k}` | {t} | {'yes' if n else 'no'} | {a} |" for k, t, n, a in keys]
        if "--write" in sys.argv:
            lines[first:last] = wanted
        elif lines[first:last] != wanted:
            problems += [f"{name(page)}: {word}: not declared: {line}" for line in lines[first:last] if line not in wanted]
            problems += [f"{name(page)}: {word}: lacks {line}" for line in wanted if line not in lines[first:last]]
        opening = {"table": f"[{word}]", "entries": f"[{word}.x]", "array": f"[[{word}]]"}[form]
        rest = "" if word == "reproduce" else whole
        error = answers(rest + "\n" + opening + "\n")
        required = set(re.findall(r"lacks the key `(\w+)`", error))
        if required != {key for key, _, needed, _ in keys if needed}:
            problems.append(f"{word}: the program requires {sorted(required)}: {error}")
        error = answers(rest + "\n" + opening + "\n" + "".join(f"{key} = [1]\n" for key, _, _, _ in keys) + "not_a_key = 1\n")
        found = dict(re.findall(r"`(\w+)` must be (.*)", error))
        for key, kind, _, _ in keys:
            if found.get(key) != kind:
                problems.append(f"{word}: `{key}` must be {kind}, the program says {found.get(key)}")
        if "unknown key `not_a_key`" not in error:
            problems.append(f"{word}: the program takes any key: {error}")
    shutil.rmtree(folder)
if "--write" in sys.argv:
    page.write_text("\n".join(lines) + "\n")
finish(problems, len(words), "words")
