#!/bin/bash
# A run that stops and goes on gives the same state, summary.csv and run.h5 as a whole one; so does one with another output grid
# or seed for its state.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
run decay -o whole || fail "the whole run failed"

# At the start, within an interval, at an event, at an epoch, at both, at the end; and at times nobody chose.
for until in 1min 1.5h 2h 30h 65h 150h 10d $((RANDOM % 239 + 1)).${RANDOM}h $((RANDOM % 239 + 1)).${RANDOM}h $((RANDOM % 14399 + 1))min; do
    rm -rf part
    run decay -o part --until "$until" || fail "--until $until failed"
    run --resume part || fail "the run stopped at $until did not go on"
    same whole part "stopped at $until"
done

rm -rf part
run decay -o part --until 20h && run --resume part --until 70h && run decay --resume part -o part || fail "a run resumed twice failed"
same whole part "resumed twice"
run --resume part && same whole part "resumed when finished"

# 150 h is an epoch but no multiple of 7 h: what is sampled there only because the run ends is dropped when it goes on.
run decay -o sevens --every 7h && run decay -o sevens_part --every 7h --until 150h && run --resume sevens_part || fail "--every 7h failed"
same sevens sevens_part "stopped between outputs"

run decay -o grid --every 17min && [ "$(hash_of grid)" = "$(hash_of whole)" ] || fail "another output grid changes the state"
run decay -o seed --seed 18446744073709551615 && [ "$(hash_of seed)" = "$(hash_of whole)" ] || fail "the seed changes a deterministic run"
grep -q '"seed": 18446744073709551615' seed/provenance.json || fail "the seed is not recorded"

# The settings are kept.
run decay -o set --set 'tank.leak=0.2 1/h' && run decay -o set_part --set 'tank.leak=0.2 1/h' --until 33h && run --resume set_part || fail "--set failed"
same set set_part "with --set"
[ "$(hash_of set)" != "$(hash_of whole)" ] || fail "--set has no effect"
grep -q '"tank.leak" = { value = "0.2 1/h", source = "assumed", origin = "command line" }' set/scenario.resolved.toml ||
    fail "the resolved scenario does not say where tank.leak comes from"

# Other laws or values make another run: what differs is named.
refused 2 'differs from the run in set' run --resume set --set 'tank.leak=0.3 1/h'
refused 2 'differs from the run in set' run --resume set --every 2h
sed -i 's/value = "5 pg"/value = "6 pg"/' decay/biology/tank.toml
refused 2 '"tank.refill" was "5 pg", the files now give "6 pg"' run --resume whole
sed -i 's/value = "6 pg"/value = "5 pg"/; s/rate = "-leak \* inside"/rate = "-2 * leak * inside"/' decay/biology/tank.toml
refused 2 'a law' run --resume whole
