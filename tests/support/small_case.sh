# Sourced by tests of `lobule run`: a small case with events in a folder of its own, and what is asked of its results.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir -p decay/biology
cat >decay/biology/tank.toml <<'END'
[body]
about = "A tank that leaks and is refilled."
[parameters]
leak   = { value = "0.1 1/h", range = ["0.01 1/h", "1 1/h"], source = "assumed", about = "Rate of leaking." }
refill = { value = "5 pg", range = ["1 pg", "9 pg"], source = "assumed", about = "One refill." }
[variables]
inside  = { start = "8 pg", rate = "-leak * inside" }
outside = { start = "0 pg", scale = "1 pg", rate = "leak * inside", accumulates = true }
[probe]
inside  = { law = "inside", unit = "pg", about = "In the tank." }
outside = { law = "outside", unit = "pg", about = "Leaked so far." }
[[event]]
at = "2 h"
every = "7 h"
set = { inside = "inside + refill" }
END
cat >decay/scenario.toml <<'END'
[scenario]
about = "A tank for ten days."
parts = ["tank"]
duration = "10 d"
epoch = "30 h"
END

fail() { printf '%s\n' "$*" >&2; exit 1; }
run() { "$LOBULE" run "$@" --quiet --progress none; }
hash_of() { sed -n 's/.*"state_hash": "\([^"]*\)".*/\1/p' "$1/provenance.json"; }
same() { # DIR DIR   two folders hold the same result
    [ -n "$(hash_of "$1")" ] && [ "$(hash_of "$1")" = "$(hash_of "$2")" ] || fail "$3: state_hash $(hash_of "$1") against $(hash_of "$2")"
    cmp "$1/summary.csv" "$2/summary.csv" || fail "$3: summary.csv differs"
    cmp "$1/run.h5" "$2/run.h5" || fail "$3: run.h5 differs"
}
refused() { # STATUS WORDS COMMAND...   ends with this status and one line with these words
    local status=$1 words=$2 answer
    shift 2
    answer=$("$@" 2>&1 >/dev/null </dev/null)
    local got=$?
    [ $got -eq "$status" ] || fail "exit $got, not $status, from: $*: $answer"
    [ "$(wc -l <<<"$answer")" -eq 1 ] || fail "more than one line from: $*: $answer"
    grep -qF -- "$words" <<<"$answer" || fail "no '$words' in the answer of: $*: $answer"
}
