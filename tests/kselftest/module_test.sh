#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: module_test.sh [ROUNDS]
#
# Loads the module, lets it do a little of everything, and unloads it, 100 times;
# nothing may be left. Started by run_all.sh with the module not loaded.

set -u
here=$(cd "$(dirname "$0")" && pwd)
ROUNDS=${1:-100}
# The first rounds fill caches that stay.
WARM_UP=10
KMEMLEAK=/sys/kernel/debug/kmemleak
failures=''

load() {
	if [ -e "$CX_KSFT_MODULE" ]; then insmod "$CX_KSFT_MODULE"; else modprobe cryptex; fi
}

fail() {
	echo "# round $round: $*"
	failures="$failures $*"
}

# meminfo FIELD: in KiB
meminfo() { awk -v field="$1:" '$1 == field { print $2 }' /proc/meminfo; }

# Pages that each processor keeps to itself are counted as used, up to tens of
# MiB of them; told to keep few, the numbers hold still to some 300 KiB.
PAGES_KEPT=/proc/sys/vm/percpu_pagelist_high_fraction
settle() {
	sync
	sleep 0.3
	echo 3 >/proc/sys/vm/drop_caches
	echo 1 >/proc/sys/vm/compact_memory
	cat /proc/sys/vm/stat_refresh
}

measure() {
	settle
	free=$(meminfo MemFree) slab=$(meminfo SUnreclaim) vmalloc=$(meminfo VmallocUsed)
}

is_gone() {
	[ ! -e /sys/module/cryptex ] || fail "module still there"
	! grep -q cryptex /proc/filesystems || fail "file system still registered"
	! grep -q cryptex /proc/keys || fail "keyring still there"
	! grep -q cryptex /proc/slabinfo || fail "slab cache still there"
	! grep -q ' cryptex ' /proc/mounts || fail "mount still there"
}

one_round() {
	load || fail "insmod"
	"$here/module_round" || fail "module_round"
	rmmod cryptex || fail "rmmod"
	is_gone
}

check_kmemleak() {
	[ -w "$KMEMLEAK" ] || { echo "ok 3 # SKIP this kernel has no kmemleak"; return; }
	echo scan >"$KMEMLEAK"
	sleep 5
	echo scan >"$KMEMLEAK"
	if grep -q . "$KMEMLEAK"; then
		sed 's/^/# /' "$KMEMLEAK"
		echo "not ok 3 kmemleak"
		failures="$failures kmemleak"
	else
		echo "ok 3 kmemleak"
	fi
}

# judge NAME GROWN LIMIT
judge() {
	if [ "$2" -lt "$3" ]; then
		echo "# $1: $2 KiB more in use, limit $3"
	else
		echo "# $1: $2 KiB more in use, which is not below $3"
		failures="$failures $1"
	fi
}

echo "TAP version 13"
echo "1..3"
kept=$(cat "$PAGES_KEPT")
echo 1000000 >"$PAGES_KEPT"
round=1
while [ "$round" -le "$ROUNDS" ]; do
	one_round
	if [ $((round % WARM_UP)) -eq 0 ]; then
		measure
		echo "# round $round: KiB free $free, slab $slab, vmalloc $vmalloc"
	fi
	if [ "$round" -eq "$WARM_UP" ]; then
		free0=$free slab0=$slab vmalloc0=$vmalloc
	fi
	round=$((round + 1))
done
echo "$kept" >"$PAGES_KEPT"
if [ -z "$failures" ]; then
	echo "ok 1 $ROUNDS times loaded, used and unloaded"
else
	echo "not ok 1 rounds:$failures"
fi

# A page a round is 4 KiB.
before=$failures
judge memory $((free0 - free)) $((1024 + 4 * (ROUNDS - WARM_UP)))
judge slab $((slab - slab0)) $((4 * (ROUNDS - WARM_UP)))
judge vmalloc $((vmalloc - vmalloc0)) $((4 * (ROUNDS - WARM_UP)))
if [ "$failures" = "$before" ]; then
	echo "ok 2 memory"
else
	echo "not ok 2 memory"
fi
check_kmemleak
[ -z "$failures" ]
