#!/bin/bash
# Ctrl-C and its kin stop a run at a checkpoint with 75, kill -9 leaves what was closed; either goes on to the same result.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
# Longer than any patience, with a restart of the solver every five minutes of simulated time.
sed -i 's/duration = .*/duration = "100000 d"/; s/epoch = .*/epoch = "5 min"/' decay/scenario.toml

segments() { grep -c '"file"' "$1/segments/index.jsonl" 2>/dev/null || true; }
start() { # NAME   in the background, until two segments are closed
    "$LOBULE" run decay -o "$1" --quiet --progress none 2>"$1.log" &
    pid=$!
    for _ in $(seq 600); do
        [ "$(segments "$1")" -ge 2 ] 2>/dev/null && return
        sleep 0.1
    done
    fail "no segments after a minute: $(cat "$1.log")"
}
goes_on() { # NAME   a little further, and as far as a whole run
    local reached until
    local before p
    before=$(segments "$1")
    "$LOBULE" run --resume "$1" --until 1000000d --quiet --progress none >"$1.reached" 2>&1 &
    p=$!
    for _ in $(seq 600); do # a signal that comes before it listens would end it without a word
        [ "$(segments "$1")" -gt "$before" ] && break
        sleep 0.1
    done
    kill -TERM $p
    wait $p
    reached=$(cat "$1.reached")
    grep -q 'Go on with: .* run --resume' <<<"$reached" || fail "$1 does not say how to go on: $reached"
    until=$(sed -n 's/^  "time_h": \([0-9]*\).*/\1/p' "$1/provenance.json")
    until=$((until + 100))
    run --resume "$1" --until ${until}h || fail "$1 does not go on"
    run decay -o "$1.whole" --until ${until}h || fail "the whole run failed"
    same "$1" "$1.whole" "$1"
    rm -rf "$1" "$1.whole"
}

for signal in INT TERM USR1; do
    start $signal
    kill -$signal $pid
    wait $pid
    status=$?
    [ $status -eq 75 ] || fail "SIG$signal: exit $status, not 75: $(cat $signal.log)"
    [ "$(wc -l <$signal.log)" -eq 1 ] && grep -q "run --resume $signal" $signal.log || fail "SIG$signal: says $(cat $signal.log)"
    goes_on $signal
done

start killed
refused 1 'another run is writing here' run --resume killed
kill -9 $pid
wait $pid 2>/dev/null
: >killed/segments/000099.h5.part # as a kill within a write leaves it
goes_on killed

# A second signal does not wait. SIGSTOP holds the program so that both arrive together.
start second
kill -STOP $pid
kill -INT $pid
kill -TERM $pid
kill -CONT $pid
wait $pid
status=$?
[ $status -eq 130 ] || [ $status -eq 143 ] || fail "two signals: exit $status, not 130 or 143"
