"""What the tests of the repository share: its files, and C++ text without comments."""
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(os.environ.get("LOBULE_HOME") or pathlib.Path(__file__).resolve().parents[2])
LAYERS = ("base", "model", "tissue", "engine", "study", "trial", "io", "app")
SILENT = ("base", "model", "tissue", "engine", "study", "trial")


def cpp_files(*folders):
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".cpp", ".hpp") and path.is_file():
                found.append(path)
    return found


def name(path):
    return str(path.relative_to(ROOT))


_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\\\s]*)\((?:.*?)\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", re.S)


def without_comments(text, strings=True):
    """The same text, line for line, with comments blanked out; with strings=False string contents too."""
    def blank(match):
        piece = match.group(0)
        if piece.startswith("/") or (not strings and not piece.startswith("'")):
            return re.sub(r"[^\n]", " ", piece)
        return piece
    return _TOKEN.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text))


def finish(problems, checked):
    for problem in problems:
        print(problem)
    print(f"{checked} files checked, {len(problems)} problems")
    sys.exit(1 if problems else 0)


SKIP = 77
