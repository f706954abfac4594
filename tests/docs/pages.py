"""What the tests of the documents share: the pages, the program and the ending."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("LOBULE_HOME") or pathlib.Path(__file__).resolve().parents[2])
DOCS = ROOT / "docs"
LANGUAGE = DOCS / "language"
SKIP = 77


def name(path):
    return str(path.relative_to(ROOT))


def program():
    path = os.environ.get("LOBULE", "")
    if not os.access(path, os.X_OK):
        print("no program: set LOBULE")
        sys.exit(SKIP)
    return path


def lobule(*arguments, home=ROOT, timeout=120):
    """(exit code, stdout, stderr)"""
    environment = dict(os.environ, LOBULE_HOME=str(home))
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          env=environment, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def finish(problems, count, what):
    for problem in problems:
        print(problem)
    print(f"{count} {what}, {len(problems)} problems")
    sys.exit(1 if problems or count == 0 else 0)
