#!/bin/bash
# `lobule list` and `lobule show` know fits and studies; `lobule check` of a case reads agreement.toml too.
. "$LOBULE_HOME/tests/support/small_case.sh" && cd "${work:?}" || exit 1
for what in fits studies; do
    "$LOBULE" list $what >one || fail "list $what"
    grep -q '^  resection_rat ' one || fail "list $what: $(cat one)"
    "$LOBULE" list | sed -n "/^$what\$/,/^[a-z]/p" | grep -qxF "$(head -n 1 one)" || fail "list does not have $what"
done
"$LOBULE" show resection_rat >both || fail "show"
for words in 'resection_rat (fit): ' 'resection_rat (sensitivity): ' 'case partial_hepatectomy_rat' 'Females, chow (females_chow)  [0-9]* points' 'hepatocyte.commitment = .* 1/h  \[.*\]  profile'; do
    grep -q "$words" both || fail "show resection_rat lacks '$words': $(cat both)"
done
"$LOBULE" show "$LOBULE_HOME/fits/resection_rat" >fit || fail "show a folder"
[ "$(cat fit)" = "$(sed '/^resection_rat (sens/,$d' both)" ] || fail "a folder says something else: $(cat fit)"
"$LOBULE" show "$LOBULE_HOME/studies/resection_rat/study.toml" | grep -q '(sensitivity)' || fail "show a file"
refused 2 'nearest: resection_rat' "$LOBULE" show resection_rt
refused 2 'nearest: fits' "$LOBULE" list fit

printf '[[look]]\nname = "a"\nabout = "b"\nprobe = "tank.insid"\nabove = "1 pg"\n' >decay/agreement.toml
refused 2 'agreement.toml:4:9: look[1].probe: unknown probe `tank.insid` (nearest: tank.inside)' "$LOBULE" check decay
refused 2 'unknown probe `tank.insid`' "$LOBULE" check decay/agreement.toml
sed -i 's/insid"/inside"/' decay/agreement.toml
"$LOBULE" check decay >/dev/null || fail "a right agreement.toml is refused"
exit 0
