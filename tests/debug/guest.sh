#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: guest.sh PROGRAM [ARG]...
#
# In the test machine with a debug kernel: runs one of the kernel tests, then
# asks the kernel's aids what they saw that is not in its log, as tests of their
# own. PROGRAM is one of run_all.sh's, set:NAME for all of a set, or plant:BUG.

set -u
here=$(cd "$(dirname "$0")" && pwd)
DEBUGFS=/sys/kernel/debug
KMEMLEAK=$DEBUGFS/kmemleak
KCSAN=$DEBUGFS/kcsan
# kmemleak takes what is younger for something that is still being set up.
YOUNG=6

program=$1
shift
mountpoint -q "$DEBUGFS" || mount -t debugfs debugfs "$DEBUGFS"

# It refuses when kmemleak is off, as it is after it ran out of memory itself.
scan() { echo scan 2>/dev/null >"$KMEMLEAK"; }

# A second scan: what a processor held in a register at the first is found again.
find_leaks() {
	sleep "$YOUNG"
	scan && sleep 1 && scan && cat "$KMEMLEAK"
}

run_program() {
	case $program in
	plant:*) insmod "$here/cryptex_planted.ko" "bug=${program#plant:}" &&
		rmmod cryptex_planted ;;
	set:*) sh "$here/run_all.sh" --flat --set "${program#set:}" ;;
	*) sh "$here/run_all.sh" --flat --only "$program" ${1:+--args "$*"} ;;
	esac
}

# What is not referenced in any memory any more, module and all being gone.
test_leaks() {
	if grep -qw kmemleak=off /proc/cmdline; then
		echo "ok $1 # SKIP no leak: kmemleak was not wanted"
		return
	fi
	if ! find_leaks >/tmp/leaks; then
		echo "not ok $1 kmemleak still watched at the end"
	elif [ -s /tmp/leaks ]; then
		head -n 60 /tmp/leaks | sed 's/^/# /'
		echo "not ok $1 no leak"
	else
		echo "ok $1 no leak"
	fi
}

# lockdep switches itself off when its tables are full, or after a report.
test_lockdep() {
	grep -E 'debug_locks|lock-classes|dependency chains:|direct dependencies' /proc/lockdep_stats |
		sed 's/^/# /'
	if grep -Eq 'debug_locks: +1' /proc/lockdep_stats; then
		echo "ok $1 lockdep still watched at the end"
	else
		echo "not ok $1 lockdep still watched at the end"
	fi
}

test_kcsan() {
	sed -n 's/^[a-z_]*: .*/# kcsan &/p' "$KCSAN" | head -n 9
	if grep -q 'enabled: 1' "$KCSAN" && ! grep -q 'setup_watchpoints: 0' "$KCSAN"; then
		echo "ok $1 KCSAN still watched at the end"
	else
		echo "not ok $1 KCSAN still watched at the end"
	fi
}

status=0
if [ -e "$KMEMLEAK" ] && scan; then
	sleep "$YOUNG"
	scan
	echo clear >"$KMEMLEAK"
fi
# Not before: what boots has races that are not ours, and boots slowly with it.
[ ! -e "$KCSAN" ] || echo on >"$KCSAN"
run_program "$@" || status=$?
# Behind the program's own TAP, with a plan of its own.
if [ -e "$KMEMLEAK" ]; then
	echo 1..2
	test_leaks 1
	test_lockdep 2
else
	echo 1..1
	test_kcsan 1
fi
exit "$status"
