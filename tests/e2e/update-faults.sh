#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# An update that is killed, or told EIO, ENOSPC or ENOMEM, at the system calls that
# change something: what is left is sound, and one more update brings all. By strace;
# its counter runs for each process, so a number hits cryptexctl, the fetcher and the
# children alike. Started by run.sh; $CX_DISK0 is the store.

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
# shellcheck source=tests/e2e/remote.sh
. /cryptex/e2e/remote.sh
REPO=/root/repo
CALLS='mkdirat|openat|write|pwrite64|ftruncate|fallocate|fsync|ioctl|fchmod|rename|renameat|renameat2|unlinkat|unlink|sendmsg|recvmsg|flock|clone|fork|exit_group'

# Calls by which an update changes something, and how often one process makes each
changing_calls() {
	strace -f -qq -o /tmp/calls cryptexctl update >/tmp/out 2>&1
	sed -nE "s/^([0-9]+) +($CALLS)\\(.*/\\1 \\2/p" /tmp/calls | sort | uniq -c |
		awk '{ if ($1 > most[$3]) most[$3] = $1 } END { for (call in most) print most[call], call }'
}

# points LAST: the first, the middle and the last
points() { seq 1 "$1" | awk -v last="$1" 'NR == 1 || NR == int(last / 2) || NR == last'; }

# hit CALL N FAULT
hit() {
	local again

	forget 2
	timeout 120 strace -f -qq -o /dev/null -e trace="$1" -e inject="$1:$3:when=$2" \
		cryptexctl update >/tmp/out 2>&1
	sound || { echo "$1 $2 $3: verify:"; cat /tmp/verify.log; return 1; }
	again=$(timeout 120 cryptexctl update 2>&1) ||
		{ echo "$1 $2 $3: the next try: $again"; cat /tmp/out; return 1; }
	sound || { echo "$1 $2 $3: verify after:"; cat /tmp/verify.log; return 1; }
	cryptexctl activate greeting@2 >/dev/null || { echo "$1 $2 $3: activate"; return 1; }
	[ "$(greeting)" = 'hello, version 2' ] || { echo "$1 $2 $3: content"; return 1; }
	[ -z "$(ls -A $STORE/tmp)" ] || { echo "$1 $2 $3: left: $(ls $STORE/tmp)"; return 1; }
}

# sweep FAULT TEXT CALL...: only these calls, if some are named
sweep() {
	local call count n fault=$1 text=$2 bad=0 tried=0

	shift 2
	while read -r count call; do
		[ $# = 0 ] || [[ " $* " = *" $call "* ]] || continue
		say "$fault: $call, of $count: $(points "$count" | paste -sd' ')"
		for n in $(points "$count"); do
			quietly "hit $call $n $fault"
			tried=$((tried + 1))
			[ "$STATUS" = 0 ] && continue
			bad=$((bad + 1))
			say "$OUT"
		done
	done </tmp/counts
	say "$fault: $tried points, $bad bad"
	claim "$text ($tried points)" test $bad = 0 -a $tried -gt 3
}

make_store "$CX_DISK0" $STORE
insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
run 'cryptexctl init && cryptexctl trust /cryptex/cert.pem && cryptexctl mount /cryptex/small/greeting-1.cryptex --no-graft'
claim 'a base is mounted' accepted
identify
chmod 755 /root
publish first $REPO
from file://$REPO
changing_calls >/tmp/counts
claim 'an update, looked at' staged 2
say "$(tr '\n' ';' </tmp/counts)"
title 'Killed'
sweep signal=KILL 'killed at any call: what is left is sound, and the next update brings all'
title 'Errors'
sweep error=EIO 'EIO' openat write pwrite64 fsync ioctl rename renameat renameat2 ftruncate fallocate
sweep error=ENOSPC 'ENOSPC' openat mkdirat write pwrite64 fsync fallocate ftruncate renameat
sweep error=ENOMEM 'ENOMEM' openat clone fork sendmsg recvmsg
plan
[ $failed = 0 ]
