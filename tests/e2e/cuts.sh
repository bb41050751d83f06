#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The network is cut at every 4 KiB of a download: for a moment, for good, and again
# and again. What has arrived does not come a second time. Started by run.sh; $CX_DISK0
# is the store, and the server is tests/fetch/cutting_server.c.

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
# shellcheck source=tests/e2e/remote.sh
. /cryptex/e2e/remote.sh
REPO=/cryptex/repos/page
STEP=4096 NEVER=4000000000
PARTS=$STORE/spool/page/parts

# What the server is told: MANNER AFTER; sets answers and sent, of the time before
cut() {
	echo "$1 $FILE $2" >&"${SERVER[1]}"
	read -r answers sent <&"${SERVER[0]}"
}
fetch() { quietly 'cryptexctl update page --download-only'; }
# How much of the file has been kept; its folder's name is the beginning of its own.
here() { stat -c %s "$PARTS"/??"${FILE%.zst}" 2>/dev/null || echo 0; }
forget_page() { cryptexctl retire page@2 >/dev/null && cryptexctl gc >/dev/null; }

set_up() {
	make_store "$CX_DISK0" $STORE
	insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
	identify
	run 'cryptexctl init && cryptexctl trust /cryptex/cert.pem'
	run 'cryptexctl mount /cryptex/small/page-1.cryptex --no-graft'
	[ "$STATUS" = 0 ] || give_up 'the base is mounted'
	FILE=$(find $REPO/objects -type f -printf '%s %f\n' | sort -n | tail -1)
	SIZE=${FILE% *} FILE=${FILE#* }
	coproc SERVER { cutting_server $REPO; }
	read -r url <&"${SERVER[0]}"
	cryptexctl remote add page "$url" /cryptex/page.json >/dev/null
	say "$FILE has $SIZE bytes"
}

# miss TEXT: a point at which it is not as it should be
miss() {
	bad=$((bad + 1))
	[ $bad -gt 3 ] || say "after $at bytes: $1" "  status $STATUS: $OUT"
}

for_a_moment() {
	local at points=0 bad=0 worst=0

	title 'For a moment'
	for ((at = 0; at < SIZE; at += STEP)); do
		points=$((points + 1))
		cut hiccup $at
		fetch
		cut each $NEVER
		accepted 'page@2 is in the store' || miss 'it is not there'
		[ "$answers" = 2 ] || miss "$answers requests"
		[ $((sent - SIZE)) -le $worst ] || worst=$((sent - SIZE))
		forget_page || miss 'it cannot be forgotten'
	done
	claim "at $points points, each $STEP bytes: the update goes on by itself" test $bad = 0 -a $points -gt 30
	claim "  and at most $worst bytes come twice" test "$worst" -le $STEP
}

for_good() {
	local at=0 bad=0 failures=0 total=0

	title 'For good, until the next update'
	while [ $at -lt "$SIZE" ]; do
		cut gone $STEP
		fetch
		cut each $NEVER
		total=$((total + sent)) at=$((at + STEP))
		[ "$STATUS" = 1 ] || break
		failures=$((failures + 1))
		refused 'cannot be fetched: .*check the network' || miss 'it is not told'
		[ "$(here)" = $at ] || miss "$(here) bytes are kept"
	done
	claim "$failures updates fail, tell so and keep what came" test $bad = 0 -a $failures -gt 30
	claim '  and the last one succeeds' accepted 'page@2 is in the store'
	claim "  of $SIZE bytes $total were sent" test "$total" -le $((SIZE + STEP)) -a "$total" -ge "$SIZE"
	claim '  nothing is left of the download' test -z "$(ls "$PARTS")"
	forget_page
}

each_time() {
	title 'Again and again'
	cut each $STEP
	fetch
	cut each $NEVER
	claim "one update gets it in $answers pieces" accepted 'page@2 is in the store'
	claim "  of $SIZE bytes $sent were sent" test "$sent" -le $((SIZE + STEP)) -a "$answers" -gt 30
}

set_up
for_a_moment
for_good
each_time
run 'cryptexctl update page'
claim 'it is staged' accepted
run 'cryptexctl verify'
claim 'the store is sound' accepted
[ $failed = 0 ]
