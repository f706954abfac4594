#!/usr/bin/python3
"""clang-tidy 16 has nothing to say about src/base, src/model, src/tissue and src/engine.

A file that was clean before is not looked at again while it, the project's headers that it includes, its compile command
and .clang-tidy stay the same: the memory is a folder of the build tree."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from source import LAYERS, ROOT, SKIP, finish, name

tool = shutil.which("clang-tidy-16")
build = pathlib.Path(os.environ.get("LOBULE_BUILD") or ROOT / "build/dev")
if not tool or not (build / "compile_commands.json").exists():
    print("clang-tidy-16 or compile_commands.json is missing")
    sys.exit(SKIP)

memory = build / "tidy"
memory.mkdir(exist_ok=True)
setting = (ROOT / ".clang-tidy").read_bytes() + subprocess.run([tool, "--version"], capture_output=True).stdout
watched = tuple(str(ROOT / "src" / layer) + "/" for layer in ("base", "model", "tissue", "engine"))
contents = {}


def read(path):
    if path not in contents:
        contents[path] = path.read_bytes()
    return contents[path]


def project_headers(path, seen):
    """The file and every header of the project that it includes, directly or not."""
    if path in seen:
        return seen
    seen.add(path)
    for quoted in re.findall(rb'^\s*#\s*include\s*"([^"]+)"', read(path), re.M):
        quoted = quoted.decode()
        for place in [path.parent] + [ROOT / "src" / layer / "include" for layer in LAYERS]:
            if (place / quoted).is_file():
                project_headers((place / quoted).resolve(), seen)
                break
    return seen


def key(entry):
    digest = hashlib.sha256(setting + entry["command"].encode())
    for path in sorted(project_headers(pathlib.Path(entry["file"]).resolve(), set())):
        digest.update(str(path).encode() + read(path))
    return digest.hexdigest()


def look(entry):
    answer = subprocess.run(
        [tool, "-p", str(build), "--quiet", "--extra-arg=-Wno-unknown-warning-option", entry["file"]],
        capture_output=True, text=True)
    remarks = [line for line in answer.stdout.splitlines() if ": error:" in line or ": warning:" in line]
    return remarks or ([answer.stdout + answer.stderr] if answer.returncode else [])


entries = [entry for entry in json.loads((build / "compile_commands.json").read_text())
           if entry["file"].startswith(watched) and pathlib.Path(entry["file"]).is_file()]
keys = {entry["file"]: key(entry) for entry in entries}
todo = [entry for entry in entries if not (memory / keys[entry["file"]]).exists()]
problems = []
start = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("LOBULE_JOBS") or os.cpu_count() or 1)) as pool:
    for entry, remarks in zip(todo, pool.map(look, todo)):
        if remarks:
            problems += [remark.replace(str(ROOT) + "/", "") for remark in remarks]
        else:
            (memory / keys[entry["file"]]).touch()
for old in memory.iterdir():  # forget what no file has any more
    if old.name not in keys.values():
        old.unlink()
print(f"{len(todo)} of {len(entries)} files looked at in {time.monotonic() - start:.0f} s")
finish(sorted(set(problems)), len(entries))
