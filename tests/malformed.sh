#!/bin/bash
# Each file or folder of tests/malformed/ is a mistake of a user: `lobule check` must name the file and the line, exit 2,
# and never crash. A first line "# expect: WORDS" in a file asks for these words in the answer.
set -u
shopt -s nullglob
corpus=$LOBULE_HOME/tests/malformed
cases=("$corpus"/*)
if [ ! -x "$LOBULE" ] || [ ${#cases[@]} -eq 0 ]; then
    echo "no program or no files in tests/malformed"
    exit 77
fi
failed=0 count=0
complain() { failed=$((failed + 1)); printf '%s: %s\n%s\n' "${case#"$LOBULE_HOME"/}" "$1" "$answer"; }
for case in "${cases[@]}"; do
    [ "${case##*/}" = README.md ] && continue
    count=$((count + 1))
    answer=$(timeout 20 "$LOBULE" check "$case" 2>&1 </dev/null | head -c 20000; exit "${PIPESTATUS[0]}")
    status=$?
    expected=
    [ -f "$case" ] && expected=$(head -n 1 "$case" | tr -d '\0' | sed -n 's/^# expect: *//p')
    name=${case##*/}
    if [ "$status" -ne 2 ]; then
        complain "exit $status, not 2"
    elif grep -qE 'Sanitizer|runtime error:' <<<"$answer"; then
        complain "a sanitizer spoke"
    elif ! grep -qE "${name//./\\.}.*:[0-9]+" <<<"$answer"; then
        complain "the answer has no file:line"
    elif [ -n "$expected" ] && ! grep -qF -- "$expected" <<<"$answer"; then
        complain "the answer lacks '$expected'"
    fi
done
echo "$count malformed inputs, $failed answered wrongly"
[ "$failed" -eq 0 ]
