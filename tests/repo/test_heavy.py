#!/usr/bin/python3
"""Third-party headers stay where they belong: each only in its layers, and the heavy ones (seconds for each include) in
one file of the whole project."""
import re

from source import LAYERS, cpp_files, finish, name, without_comments

# library: (pattern of its headers, layers that may include it, most files that may)
HEADERS = {
    "CLI11": (r"CLI/", ("app",), 1),
    "nlohmann-json": (r"nlohmann/", ("io",), 1),
    "toml++": (r"toml\+\+/|toml\.hpp", ("io",), 1),
    "libSBML": (r"sbml/", ("model", "io"), 1),
    "HDF5": (r"hdf5|H5\w*\.h", ("io",), 2),
    "Cairo": (r"cairo", ("io",), 1),
    "SUNDIALS": (r"cvodes?/|nvector/|sunlinsol/|sunmatrix/|sunnonlinsol/|sundials/", ("engine",), 4),
    "SuiteSparse": (r"klu\.h|suitesparse/", ("engine",), 4),
    "Eigen": (r"Eigen/", ("tissue", "engine", "study", "trial"), 6),
    "Random123": (r"Random123/", ("base",), 1),
    "SLEEF": (r"sleef", ("base",), 1),
    "xxHash": (r"xxhash", ("base",), 1),
    "spdlog": (r"spdlog/", (), 0),
    "Boost": (r"boost/", ("study", "trial", "io"), 4),
    "test libraries": (r"gtest/|gmock/|rapidcheck", (), 0),
}

problems = []
files = cpp_files("src")
users = {library: [] for library in HEADERS}
for path in files:
    layer = path.parts[path.parts.index("src") + 1]
    for number, line in enumerate(without_comments(path.read_text()).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if not match:
            continue
        for library, (pattern, layers, _) in HEADERS.items():
            if re.match(pattern, match.group(1)):
                users[library].append(name(path))
                if layer not in layers:
                    problems.append(f"{name(path)}:{number}: {library} is for {', '.join(layers) or 'no layer'} only")
for library, (_, _, most) in HEADERS.items():
    using = sorted(set(users[library]))
    if len(using) > most > 0:
        problems.append(f"{library} is included by {len(using)} files, at most {most}: {', '.join(using)}")
assert all(path.parts[path.parts.index("src") + 1] in LAYERS for path in files), "a folder of src/ is not a layer"
finish(problems, len(files))
