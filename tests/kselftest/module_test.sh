#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: module_test.sh [ROUNDS]
#
# Loads the module, lets it do a little of everything, and unloads it, 100 times
# or as often as told; nothing may be left. Started by run_all.sh with the module not loaded.

set -u
here=$(cd "$(dirname "$0")" && pwd)
ROUNDS=${1:-100}
# The first rounds fill caches that stay.
WARM_UP=$((ROUNDS < 100 ? 10 : ROUNDS / 10))
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

# Objects in use, for each cache; a processor's free ones count as used until the
# cache is shrunk.
objects() {
	for cache in /sys/kernel/slab/*/shrink; do
		[ -L "${cache%/shrink}" ] || echo 1 >"$cache"
	done
	awk 'NR > 2 { print $1, $2, $5 }' /proc/slabinfo | sort
}

# Until it has a policy, or for five minutes, IMA keeps a copy of each key that is
# added anywhere. One that changes nothing will do.
IMA=/sys/kernel/security/ima/policy
settle_ima() {
	[ ! -w "$IMA" ] || echo 'dont_measure fsmagic=0x9fa0' >"$IMA" || true
}

is_gone() {
	[ ! -e /sys/module/cryptex ] || fail "module still there"
	left=$(grep -l cryptex /proc/filesystems /proc/keys /proc/slabinfo)
	[ -z "$left" ] || fail "still named in $left"
	! grep -q ' cryptex ' /proc/mounts || fail "mount still there"
}

one_round() {
	load || fail "insmod"
	"$here/module_round" once "$work" || fail "module_round"
	rmmod cryptex || fail "rmmod"
	is_gone
}

check_kmemleak() {
	[ -w "$KMEMLEAK" ] || { echo "ok 4 # SKIP this kernel has no kmemleak"; return; }
	echo scan >"$KMEMLEAK"
	sleep 5
	echo scan >"$KMEMLEAK"
	if grep -q . "$KMEMLEAK"; then
		sed 's/^/# /' "$KMEMLEAK"
		echo "not ok 4 kmemleak"
		failures="$failures kmemleak"
	else
		echo "ok 4 kmemleak"
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

# What leaks, leaks each round. A slab that a processor has at hand counts as full.
# Of two caches that is not so under KASAN, which keeps freed objects for a while: that of
# the files of sysfs that objects() itself opens, and that of the objects that watch
# others. Where there is kmemleak, these are left to it.
judge_objects() {
	unsteady='^$'
	[ ! -w "$KMEMLEAK" ] || unsteady='^(kmalloc-128|debug_objects_cache)$'
	limit=$(((ROUNDS - WARM_UP) / 2))
	objects >"$work/after"
	join "$work/before" "$work/after" |
		awk -v limit=$limit -v unsteady="$unsteady" \
			'$1 !~ unsteady && $4 - $2 >= limit + $3 { print $1 " +" $4 - $2 }' >"$work/grown"
	if [ -s "$work/grown" ]; then
		echo "# $limit objects and more left behind: $(tr '\n' ' ' <"$work/grown")"
		failures="$failures objects"
	else
		echo "# no slab cache has $limit objects more than after $WARM_UP rounds"
	fi
}

# result NUMBER TEXT BEFORE: passed if there is no failure more than before
result() {
	if [ "$failures" = "$3" ]; then
		echo "ok $1 $2"
	else
		echo "not ok $1 $2:${failures#"$3"}"
	fi
}

mounted_module_stays() {
	load || fail "insmod"
	"$here/module_round" hold "$work" >"$work/held" &
	until [ -s "$work/held" ]; do sleep 0.1; done
	! rmmod cryptex 2>"$work/said" || fail "rmmod of a mounted module"
	grep -q 'in use' "$work/said" || fail "rmmod said: $(cat "$work/said")"
	kill $!
	wait $! 2>/dev/null
	tries=50
	until rmmod cryptex 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { fail "rmmod after the mount has gone"; return; }
		sleep 0.1
	done
	is_gone
}

settle_ima
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! load || ! "$here/module_round" make "$work" || ! rmmod cryptex; then
	echo "Bail out! no round can be made"
	exit 1
fi
echo "TAP version 13"
echo "1..4"
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
		objects >"$work/before"
	fi
	round=$((round + 1))
done
echo "$kept" >"$PAGES_KEPT"
result 1 "$ROUNDS times loaded, used and unloaded" ''

before=$failures
# A page a round is 4 KiB.
judge memory $((free0 - free)) $((1024 + 4 * (ROUNDS - WARM_UP)))
judge slab $((slab - slab0)) $((4 * (ROUNDS - WARM_UP)))
judge vmalloc $((vmalloc - vmalloc0)) $((4 * (ROUNDS - WARM_UP)))
judge_objects
result 2 memory "$before"

before=$failures
mounted_module_stays
result 3 'a mounted module stays' "$before"
check_kmemleak
[ -z "$failures" ]
