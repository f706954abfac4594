#!/usr/bin/python3
"""docs/formats/command_line.md has the program's verbs and options, each in its section, and no others. The commands of
all pages use options that exist."""
import re

from pages import DOCS, finish, lobule, name

OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*(?![\w-])", re.I)
COMMON = {"-h", "--help"}


def help_of(*verb):
    """(options, verbs) that a help text lists"""
    code, out, error = lobule(*verb, "--help")
    if code != 0:
        problems.append(f"lobule {' '.join(verb)} --help: exit {code}: {error}")
    options, verbs, within = set(), [], ""
    for line in out.splitlines():
        if line and not line.startswith(" "):
            within = line.rstrip(":")
        elif within == "Options" and line.startswith("  -"):
            options |= set(OPTION.findall(re.sub(r"\{\w+\}", "", line.split()[0]).replace(",", " ")))
        elif within == "Subcommands" and re.match(r"  \w", line):
            verbs.append(line.split()[0])
    return options, verbs


problems = []
own, verbs = help_of()
known = {"": own} | {verb: help_of(verb)[0] for verb in verbs}

page = DOCS / "formats/command_line.md"
sections = re.split(r"^## ", page.read_text(), flags=re.M)
told = {part.splitlines()[0]: part for part in sections[1:]}
for verb, options in known.items():
    section = told.get(f"lobule {verb}".strip())
    if section is None:
        problems.append(f"{name(page)} has no section `## lobule {verb}`")
        continue
    rows = {option for line in section.splitlines() if line.startswith("| `-") for option in OPTION.findall(line.split("|")[1])}
    wanted = options if verb == "" else options - COMMON
    problems += [f"{name(page)}: lobule {verb}: lacks {option}" for option in sorted(wanted - rows)]
    problems += [f"{name(page)}: lobule {verb}: the program has no {option}" for option in sorted(rows - wanted)]
named = {option for token in re.findall(r"`([^`\n]+)`", page.read_text()) for option in OPTION.findall(token)}
problems += [f"{name(page)}: no verb has {option}" for option in sorted(named - set().union(*known.values()))]
problems += [f"{name(page)}: {title}: no such verb" for title in told if title.startswith("lobule ") and title[7:] not in known]

commands = 0
for file in sorted(DOCS.rglob("*.md")):
    text = file.read_text()
    lines = "\n".join(re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.S | re.M)).splitlines()
    lines += re.findall(r"`([^`\n]+)`", text)
    for line in lines:
        verb = re.match(r"(?:\./)?lobule (\w+)(.*)", line.split(" #")[0])
        if verb is None or verb.group(1) in ("test", "VERB"):
            continue
        commands += 1
        if verb.group(1) not in known:
            problems.append(f"{name(file)}: no such verb: {line}")
            continue
        for option in OPTION.findall(re.sub(r"'[^']*'|\"[^\"]*\"", "", verb.group(2))):
            if option not in known[verb.group(1)]:
                problems.append(f"{name(file)}: no option {option}: {line}")
finish(problems, commands, "commands and the help")
