#!/usr/bin/python3
"""The key tables of docs/formats/fit.md, sensitivity.md and grid.md are the declared ones, and their examples check. With --write the tables are
replaced."""
import pathlib
import re
import sys
import tempfile

from pages import DOCS, ROOT, finish, lobule, name

HEAD = "| key | value | needed | meaning |"
STRINGS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
KEY = re.compile(r'\{"(\w+)",\s*(\w+),\s*(true|false),\s*' + STRINGS + r"\}")


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')


names = (ROOT / "src/model/words.cpp").read_text()
types = {kind: joined(text) for kind, text in re.findall(r"case (\w+): return " + STRINGS + ";", names)}


def keys(file, first="", last="\0"):
    text = (ROOT / "src/io" / file).read_text()
    text = text[text.index(first):].split(last)[0]
    return [f"| `{key}` | {types[kind]} | {'yes' if needed == 'true' else 'no'} | {joined(about)} |"
            for key, kind, needed, about in KEY.findall(text)]


parameter = keys("varied.cpp", "Word varied_word")
measure = [row for row in keys("expectation_words.cpp", "make_measure()", "make_words()") if not row.startswith("| `variant`")]
study = keys("sensitivity.cpp", '{{"study"')
pages = {"fit.md": {"problem": keys("fit_words.cpp", '{{"problem"'), "parameter": parameter},
         "sensitivity.md": {"study": study, "parameter": parameter,
                            "output": keys("sensitivity.cpp", "std::vector<Key> output", "for (") + measure},
         "grid.md": {"grid": keys("grid.cpp", '{{"grid"', '{"axis"'), "axis": keys("grid.cpp", '{"axis"', '{"outcome"'),
                     "outcome": keys("grid.cpp", "std::vector<Key> outcome", "for (") + measure}}
problems, count = [], 0
for file, words in pages.items():
    page = DOCS / "formats" / file
    text = page.read_text()
    for word, rows in words.items():
        count += len(rows)
        wanted = "\n".join([HEAD, "|---|---|---|---|", *rows])
        head, section = re.split(rf"^## {word}\n", text, maxsplit=1, flags=re.M)
        if "--write" in sys.argv:
            section = section.replace("{{" + word + "}}", wanted, 1)
            section = re.sub(r"(?:^\|.*\n)+", lambda _: wanted + "\n", section, count=1, flags=re.M)
            text = f"{head}## {word}\n{section}"
        elif wanted not in section:
            problems.append(f"{name(page)}: the table of {word} is not the declared one:\n{wanted}")
    if "--write" in sys.argv:
        page.write_text(text)
        continue
    for block in re.findall(r"^```toml\n(.*?)^```", text, re.S | re.M):
        with tempfile.TemporaryDirectory() as folder:
            example = pathlib.Path(folder) / ("problem.toml" if "[problem]" in block else "grid.toml" if "[grid]" in block else "study.toml")
            example.write_text(block)
            code, _, error = lobule("check", example)
            if code != 0:
                problems.append(f"{name(page)}: its example: exit {code}\n{error}")
            for word in words:  # a key that no word has
                text_with_fault = re.sub(rf"^(\[+{word}\]+)$", r"\1" + "\nnosuchkey = 1", block, count=1, flags=re.M)
                example.write_text(text_with_fault)
                code, _, error = lobule("check", example)
                if code != 2 or "nosuchkey" not in error:
                    problems.append(f"{name(page)}: [{word}] takes any key: exit {code} {error}")
finish(problems, count, "keys")
