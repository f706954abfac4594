#!/usr/bin/python3
"""Each input of tests/malformed is a mistake of a user: `lobule check` answers with exactly the lines that stand beside it,
exits with 2 and never crashes. `--write NAME...` writes the lines of new inputs (see tests/malformed/README.md)."""
import difflib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("LOBULE_HOME") or pathlib.Path(__file__).resolve().parents[1])
CORPUS = ROOT / "tests" / "malformed"


def inputs():
    for folder in ("parts", "scenarios"):
        yield from sorted((CORPUS / folder).glob("*.toml"))
    yield from sorted(path for path in (CORPUS / "cases").iterdir() if path.is_dir())


def answer(path):
    """(what is wrong with the way it ended, the lines)"""
    environment = dict(os.environ, LOBULE_HOME="home")
    try:
        done = subprocess.run([os.environ["LOBULE"], "check", str(path.relative_to(CORPUS))], cwd=CORPUS, env=environment,
                              capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return ["takes longer than a minute"], []
    faults = []
    if done.returncode != 2:
        faults.append(f"exit {done.returncode}, not 2")
    if done.stdout:
        faults.append(f"standard output: {done.stdout[:200]!r}")
    text = done.stderr.decode("utf-8", "replace")
    if "Sanitizer" in text or "runtime error:" in text:
        faults.append("a sanitizer spoke")
    return faults, text.splitlines()


if not os.access(os.environ.get("LOBULE", ""), os.X_OK):
    print("no program: set LOBULE")
    sys.exit(77)
writes = sys.argv[2:] if sys.argv[1:2] == ["--write"] else []
failed = count = 0
for path in inputs():
    count += 1
    beside = path.with_suffix(".expected") if path.is_file() else path.parent / (path.name + ".expected")
    faults, lines = answer(path)
    if path.stem in writes:
        beside.write_text("".join(line + "\n" for line in lines))
    elif not beside.exists():
        faults.append(f"{beside.name} is missing")
        faults += lines
    else:
        expected = beside.read_text().splitlines()
        if lines != expected:
            faults += difflib.unified_diff(expected, lines, "expected", "answered", lineterm="", n=0)
    if faults:
        failed += 1
        print(f"{path.relative_to(CORPUS)}:")
        for fault in faults[:40]:
            print(f"    {fault[:2000]}")
print(f"{count} malformed inputs, {failed} answered wrongly")
sys.exit(1 if failed or count < 60 else 0)
