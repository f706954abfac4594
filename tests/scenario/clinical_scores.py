#!/usr/bin/python3
"""The numbers of the clinical scores tell a right formula from a wrong one: with each mistake below, seen in public calculators or easily
made, rows of that score come out wrong, and no row of a score that does not read it. Without a mistake all are met (published.sh)."""
import csv
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HOME = pathlib.Path(os.environ["LOBULE_HOME"])
EVERY_MELD = {"MELD", "MELD-Na"}
# (what is wrong, part, text, its replacement, models whose rows fail)
MISTAKES = [
    ("creatinine capped at 4 in MELD 3.0", "meld3", 'creatinine_most  = { value = "3 mg', 'creatinine_most  = { value = "4 mg', {"MELD 3.0"}),
    ("albumin held between 2.7 and 3.6", "meld3", 'albumin_least    = { value = "1.5', 'albumin_least    = { value = "2.7', {"MELD 3.0"}),
    ("albumin up to 3.6", "meld3", 'albumin_most     = { value = "3.5', 'albumin_most     = { value = "3.6', {"MELD 3.0"}),
    ("albumin from 1", "meld3", 'albumin_least    = { value = "1.5', 'albumin_least    = { value = "1', {"MELD 3.0"}),
    ("no sex term below 18 years", "meld3", " || laboratory.age < adult", "", {"MELD 3.0"}),
    ("MELD 3.0 without a cap", "meld3", "whole(unrounded), least", "unrounded, least", {"MELD 3.0"}),
    ("creatinine capped at 3 in MELD", "meld", 'creatinine_most  = { value = "4 mg', 'creatinine_most  = { value = "3 mg', EVERY_MELD),
    ("bilirubin capped at 4", "meld", "max(laboratory.bilirubin, bilirubin_least)", "min(max(laboratory.bilirubin, bilirubin_least), 4 * mg_dl)", EVERY_MELD),
    ("decimal logarithms", "meld", "ln(", "log10(", EVERY_MELD),
    ("bilirubin below 1 taken as it is", "meld", 'bilirubin_least  = { value = "1 mg', 'bilirubin_least  = { value = "0.1 mg', {"MELD"}),
    ("dialysis forgotten", "meld", "laboratory.dialysis >= 0.5", "laboratory.dialysis >= 2", EVERY_MELD),
    ("MELD not rounded before the sodium term", "meld_na", "meld.score", "meld.unrounded", {"MELD-Na"}),
    ("sodium counts at any MELD", "meld_na", 'least_meld   = { value = "11"', 'least_meld   = { value = "0"', {"MELD-Na"}),
    ("sodium counts up to 140", "meld_na", 'sodium_most  = { value = "137', 'sodium_most  = { value = "140', {"MELD-Na"}),
    ("sodium below 125 counts", "meld_na", 'sodium_least = { value = "125', 'sodium_least = { value = "100', {"MELD-Na"}),
    ("bilirubin of 2 has one point", "child_pugh", "from(laboratory.bilirubin", "above(laboratory.bilirubin", {"Child-Pugh"}),
    ("albumin of 3.5 has one point", "child_pugh", "above(laboratory.albumin", "from(laboratory.albumin", {"Child-Pugh"}),
    ("INR of 2.3 has three points", "child_pugh", "above(laboratory.inr", "from(laboratory.inr", {"Child-Pugh"}),
    ("Harrison's albumin in the common table", "child_pugh", 'albumin_low    = { value = "2.8', 'albumin_low    = { value = "3.0', {"Child-Pugh"}),
    ("bilirubin in mg/dl", "albi", 'molar         = { value = "17.1"', 'molar         = { value = "1"', {"ALBI"}),
    ("root of AST instead of ALT", "fib4", "sqrt(laboratory.alt", "sqrt(laboratory.ast", {"FIB-4"}),
    ("AST not against its limit", "apri", "laboratory.ast / laboratory.ast_upper_limit", "laboratory.ast / laboratory.alt", {"APRI"}),
    ("kidney fails from 3.5 mg/dl", "clif_c_of", "from(kidney, 2)", "from(kidney, 3)", {"CLIF-C OF"}),
    ("liver fails above 12 mg/dl", "clif_c_of", "from(laboratory.bilirubin, bilirubin_3)", "(1 - upto(laboratory.bilirubin, bilirubin_3))", {"CLIF-C OF", "CLIF-C ACLF"}),
    ("one organ is always grade 1", "clif_c_of", "kidney_fails + impaired >= 1", "kidney_fails + impaired >= 0", {"CLIF-C OF"}),
    ("white cells by decimal logarithm", "clif_c_aclf", "ln(laboratory.white_cells", "log10(laboratory.white_cells", {"CLIF-C ACLF"}),
    ("creatinine of at least 1 in CLIF-C AD", "clif_c_ad", "ln(laboratory.creatinine / mg_dl)", "ln(max(laboratory.creatinine / mg_dl, 1))", {"CLIF-C AD"}),
]

# Mistakes whose models differ are made at once.
rounds = []
for mistake in MISTAKES:
    free = next((r for r in rounds if not any(mistake[4] & other[4] or mistake[1] == other[1] for other in r)), None)
    if free is None:
        rounds.append(free := [])
    free.append(mistake)

with open(HOME / "evidence/reproduction.csv", newline="") as file:
    model = {row["id"]: row["model"] for row in csv.DictReader(file)}
problems = 0
with tempfile.TemporaryDirectory() as work:
    home = pathlib.Path(work) / "home"
    for folder in ("biology", "evidence"):
        shutil.copytree(HOME / folder, home / folder)
    (home / "scenarios").mkdir()
    scores = home / "biology/scores"
    for number, mistakes in enumerate(rounds):
        shutil.copytree(HOME / "biology/scores", scores, dirs_exist_ok=True)
        for what, part, old, new, _ in mistakes:
            text = (scores / f"{part}.toml").read_text()
            # laws alone, where the text is a piece of a law
            wrong = re.sub(r'law = "[^"]*"', lambda law: law.group(0).replace(old, new), text) if '"' not in old else text.replace(old, new)
            if wrong == text:
                problems += 1
                print(f"{what}: {part}.toml no longer has the text {old}")
            (scores / f"{part}.toml").write_text(wrong)
        out = pathlib.Path(work) / f"out{number}"
        run = subprocess.run([os.environ["LOBULE"], "validate", "--only", "published/clinical_scores", "-o", out, "--quiet"],
                             env={**os.environ, "LOBULE_HOME": str(home)}, capture_output=True, text=True)
        outside = []
        if (out / "validation.csv").exists():
            with open(out / "validation.csv", newline="") as file:
                outside = [model[row["row"]] for row in csv.DictReader(file) if row["inside"] == "false"]
        for what, _, _, _, wanted in mistakes:
            count = {name: outside.count(name) for name in sorted(wanted)}
            print(f"{what}: {count}")
            if not all(count.values()):
                problems += 1
                print("  every one of them should have rows outside")
        others = set(outside) - set().union(*(wanted for *_, wanted in mistakes))
        if run.returncode != 6 or others:
            problems += 1
            print(f"exit {run.returncode} instead of 6; also outside: {sorted(others)}\n{run.stderr}")
print(f"{len(MISTAKES)} mistakes in {len(rounds)} runs, {problems} problems")
sys.exit(problems > 0)
