#!/usr/bin/python3
"""The core is silent: base, model, tissue, engine, study and trial never print, exit, open files, read a clock or the
environment, nor draw from a generator that has a state."""
import re

from source import SILENT, cpp_files, finish, name, without_comments

FORBIDDEN = {
    "prints": r"\bstd::(cout|cerr|clog|wcout|wcerr|puts|putchar)\b|\b(f|v|vf)?printf\s*\(|\bfmt::print\b|\bputs\s*\(|"
              r"\bperror\s*\(|\b(stdout|stderr)\b|#\s*include\s*<(iostream|cstdio|stdio\.h|print)>",
    "opens files": r"\bf(re)?open\s*\(|\bstd::([io]?f|basic_[io]?f)(stream|ilebuf)\b|\bstd::filesystem\b|"
                   r"#\s*include\s*<(fstream|filesystem|fcntl\.h|unistd\.h|sys/[a-z]+\.h)>|\breadSBMLFromFile\b|"
                   r"\bwriteSBMLToFile\b",
    "exits": r"\b(std::)?(exit|_exit|_Exit|quick_exit|abort|terminate|at_quick_exit|atexit)\s*\(|"
             r"#\s*include\s*<csignal>|\bstd::(signal|raise)\b",
    "reads the environment": r"\b(secure_)?getenv\s*\(|\b(set|put|unset)env\s*\(|\bsetlocale\s*\(|\bstd::system\s*\(|\bpopen\s*\(",
    "reads a clock": r"\b(system|steady|high_resolution|utc|file)_clock\b|\bstd::(time|clock)\s*\(|\bclock_gettime\b|"
                     r"\bgettimeofday\b|\bomp_get_wtime\b|#\s*include\s*<(ctime|time\.h)>",
    "draws unaddressed": r"\brandom_device\b|\bstd::mt19937|\bs?rand\s*\(\s*\)|\bdrand48\b|#\s*include\s*<random>|"
                         r"\bstd::(normal|uniform_\w+|poisson|exponential|binomial|discrete)_distribution\b",
}

problems = []
files = cpp_files(*(f"src/{layer}" for layer in SILENT))
for path in files:
    lines = without_comments(path.read_text(), strings=False).splitlines()
    for number, line in enumerate(lines, 1):
        for what, pattern in FORBIDDEN.items():
            match = re.search(pattern, line)
            if match:
                problems.append(f"{name(path)}:{number}: {what}: {match.group(0)}")
finish(problems, len(files))
