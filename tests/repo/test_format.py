#!/usr/bin/python3
"""clang-format 16 has nothing to change."""
import shutil
import subprocess
import sys

from source import SKIP, cpp_files, finish, name

tool = shutil.which("clang-format-16")
if not tool:
    print("clang-format-16 is not installed")
    sys.exit(SKIP)
files = cpp_files("src", "tests", "bench")
problems = []
if files:
    # One run for all; only when something is wrong the first line of each file is shown.
    answer = subprocess.run([tool, "--dry-run", "-Werror", *map(str, files)], capture_output=True, text=True)
    if answer.returncode:
        seen = set()
        for line in answer.stderr.splitlines():
            path = line.split(":")[0]
            if ": error:" in line and path not in seen:
                seen.add(path)
                problems.append(line)
        problems = problems or [answer.stderr]
        print("to repair: clang-format-16 -i " + " ".join(name(f) for f in files if str(f) in seen))
finish(problems, len(files))
