#!/usr/bin/python3
"""The key tables of docs/formats/expect.md are the declared ones. `lobule show` does not know these words, so their
declarations are read from src/io; the program is then asked whether it knows these words and keys and wants these types.
With --write the tables of the page are replaced."""
import pathlib
import re
import sys
import tempfile

from pages import DOCS, ROOT, finish, lobule, name

HEAD = "| key | value | needed | meaning |"
STRINGS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
KEY = re.compile(r'\{"(\w+)",\s*(\w+),\s*(true|false),\s*' + STRINGS + r"\}")
WORD = re.compile(r'\{"(\w+)",\s*Form::(\w+),\s*"expect",')


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')


def declared():
    """{word: (form, [(key, type, needed, meaning)])}"""
    source = (ROOT / "src/io/expectation_words.cpp").read_text()
    names = (ROOT / "src/model/words.cpp").read_text()
    types = {kind: joined(text) for kind, text in re.findall(r"case (\w+): return " + STRINGS + ";", names)}
    heads = list(WORD.finditer(source))

    def keys(text):
        return [(key, types[kind], needed == "true", joined(about)) for key, kind, needed, about in KEY.findall(text)]

    measure = keys(source[:heads[0].start()])
    out = {}
    for head, end in zip(heads, [h.start() for h in heads[1:]] + [len(source)]):
        text = source[head.end():end]
        out[head.group(1)] = (head.group(2), keys(text) + (measure if "with_measure(" in text else []))
    return out


def table(keys):
    rows = [f"| `{key}` | {kind} | {'yes' if needed else 'no'} | {about} |" for key, kind, needed, about in keys]
    return [HEAD, "|---|---|---|---|", *rows]


def answers(expectations):
    """What a run of a small case says about these expectations."""
    with tempfile.TemporaryDirectory() as temporary:
        case = pathlib.Path(temporary) / "small"
        (case / "biology").mkdir(parents=True)
        (case / "biology/tank.toml").write_text(
            '[body]\nabout = "A tank."\n[parameters]\n'
            'leak = { value = "1 1/h", range = ["1 1/h", "2 1/h"], source = "assumed", about = "Leak." }\n'
            '[variables]\nlevel = { start = "1 pg", rate = "-leak * level" }\n'
            '[probe]\nlevel = { law = "level", unit = "pg", about = "In the tank." }\n')
        (case / "scenario.toml").write_text('[scenario]\nabout = "A tank."\nparts = ["tank"]\nduration = "1 h"\n')
        (case / "expect.toml").write_text(expectations)
        return lobule("run", case, "-o", pathlib.Path(temporary) / "out", "--quiet", "--progress", "none")


problems = []
page = DOCS / "formats/expect.md"
lines = page.read_text().splitlines()
words = declared()
for word, (form, keys) in words.items():
    heading = f"## {word}"
    if heading not in lines or HEAD not in lines[lines.index(heading):]:
        problems.append(f"{name(page)} has no section `{heading}` with a key table")
        continue
    first = last = lines.index(HEAD, lines.index(heading))
    while last < len(lines) and lines[last].startswith("|"):
        last += 1
    wanted = table(keys)
    if "--write" in sys.argv:
        lines[first:last] = wanted
    else:
        problems += [f"{name(page)}: {word}: not declared: {line}" for line in lines[first:last] if line not in wanted]
        problems += [f"{name(page)}: {word}: lacks {line}" for line in wanted if line not in lines[first:last]]
    # The program: nothing given, then every key with a value of a type that fits none, then one that is not a key.
    opening = {"table": f"[{word}]", "entries": f"[{word}.x]", "array": f"[[{word}]]"}[form]
    code, _, error = answers(opening + "\n")
    required = set(re.findall(r"lacks the key `(\w+)`", error))
    if required != {key for key, _, needed, _ in keys if needed}:
        problems.append(f"{word}: the program (exit {code}) requires {sorted(required)}")
    code, _, error = answers(opening + "\n" + "".join(f"{key} = [1]\n" for key, _, _, _ in keys) + "not_a_key = 1\n")
    found = dict(re.findall(r"`(\w+)` must be (.*)", error))
    for key, kind, _, _ in keys:
        if found.get(key) != kind:
            problems.append(f"{word}: `{key}` must be {kind}, the program says {found.get(key)}")
    if "unknown key `not_a_key`" not in error:
        problems.append(f"{word}: the program takes any key: {error}")
if "--write" in sys.argv:
    page.write_text("\n".join(lines) + "\n")
finish(problems, len(words), "words")
