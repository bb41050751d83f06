#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: bash guest.sh [PART]...
#
# Runs in the test machine; see run.sh. Prints the facts that report.c reads.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ours=/usr/cryptexes/openssl
plain=/srv/plain/openssl
libs=usr/lib/x86_64-linux-gnu
crypto=current/$libs/libcrypto.so.3
{ read -r base; read -r patch; } <"$here/labels"

ctl() { "$here/cryptexctl" --store /srv/store "$@" >/dev/null; }
bench() { "$here/bench" "$@"; }

# row NAME OURS PEER UNIT BAR PEER-NAME
row() { printf 'row\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
info() { printf 'info\t%s\t%s\n' "$@"; }

# compare NAME BAR PEER-NAME COMMAND...: a row of instructions
compare() {
	local name=$1 bar=$2 peer_name=$3 mine peer

	shift 3
	read -r mine peer < <(bench "$@")
	row "$name" "$mine" "$peer" instructions "$bar" "$peer_name"
}

set_up() {
	insmod "$here/cryptex.ko"
	mkfs.ext4 -q -O verity -b 4096 "$CX_DISK0"
	mount "$CX_DISK0" /srv
	ctl init
	ctl trust "$here/cert.pem"
	ctl mount "$here/base.cryptex" --no-graft
	ctl stage "$here/patch.cryptex"
	make_plain
}

# The same tree, as another scheme would lay it out on the same file system.
make_plain() {
	local file

	mkdir -p "$plain"
	cp -r "$ours/$patch" "$plain/"
	ln -s "$patch" "$plain/current"
	find "$plain" -type f | while read -r file; do
		fsverity enable "$file"
	done
	sync
}

# object FILE: the store's file that holds the content
object() {
	local digest

	digest=$(fsverity digest --compact "$1")
	echo "/srv/store/objects/${digest:0:2}/${digest:2}"
}

# hold KIND N: start N processes that map libcrypto, for let_go to end
hold() {
	local answer

	coproc HOLDER { bench "$1" "$ours/$crypto" "$2"; }
	read -r answer <&"${HOLDER[0]}"
	[ "$answer" = ready ]
}

# Whoever ends is drained some RCU grace periods later.
let_go() {
	local pid=$HOLDER_PID

	eval "exec ${HOLDER[1]}>&-"
	wait "$pid"
	sleep 3
}

compare_files() {
	local state=$1 object

	object=$(object "$ours/$crypto")
	compare "read libcrypto, 128 KiB a call, $state" 1.03 'its object in the store' \
		read "$ours/$crypto" "$object" 131072
	compare "read libcrypto, 4 KiB a call, $state" 1.03 'its object in the store' \
		read "$ours/$crypto" "$object" 4096
	compare "mmap libcrypto, touch each page, $state" - 'its object in the store' \
		touch "$ours/$crypto" "$object"
	compare "dlopen libcrypto, $state" 1.10 'a plain copy on ext4' \
		dlopen "$ours/current/$libs" "$plain/current/$libs" libcrypto.so.3
	compare "dlopen libssl and libcrypto, $state" 1.10 'a plain copy on ext4' \
		dlopen-both "$ours/current/$libs" "$plain/current/$libs"
	compare "dlopen libssl, libcrypto is there, $state" 1.10 'a plain copy on ext4' \
		dlopen "$ours/current/$libs" "$plain/current/$libs" libssl.so.3 libcrypto.so.3
	compare "open and close, $state" - 'a plain copy on ext4' \
		open "$ours/$crypto" "$plain/$crypto"
	compare "stat, $state" - 'a plain copy on ext4' stat "$ours/$crypto" "$plain/$crypto"
}

compare_lookups_among() {
	local n

	for n in 100 1000; do
		compare "open and close, stale process alive, caller with $n mappings" - \
			'a plain copy on ext4' open-among "$ours/$crypto" "$plain/$crypto" $n
	done
}

# switch_row WHAT N: measures a switch, against the first of its kind
switch_row() {
	local call after

	read -r call after < <(bench switch openssl "$base" "$patch")
	if [ "${kind:-}" != "$1" ]; then
		kind=$1 first=$2 first_call=$call first_after=$after
	fi
	row "switch, $1: $2, the call" "$call" "$first_call" instructions - "with $first"
	row "switch, $1: $2, work after it" "$after" "$first_after" instructions - "with $first"
}

measure_crowds() {
	local n

	for n in 1 100 400; do
		hold hold $n
		switch_row 'processes' $n
		let_go
	done
	for n in 1 10 200; do
		hold namespaces $n
		switch_row 'mount namespaces' $n
		let_go
	done
}

measure_rename() {
	local call after rename rename_after

	mkdir /srv/rename
	read -r rename rename_after < <(bench rename /srv/rename)
	read -r call after < <(bench switch openssl "$base" "$patch")
	row 'switch: the call' "$call" "$rename" instructions - 'rename of a link, fsync'
	row 'switch: the call and the work after it' $((call + after)) \
		$((rename + rename_after)) instructions - 'rename of a link, fsync'
}

# Bytes that are in use when all caches have been emptied: the module's own
# pages, and slab objects of any kind. (Pages of slabs and of other owners, as
# kernel stacks, come and go with everything.) A cache that is not shrunk counts
# the free objects that a processor keeps at hand as used.
kernel_memory() {
	local cache i

	for ((i = 0; i < 5; i++)); do
		sync
		echo 3 >/proc/sys/vm/drop_caches
		sleep 1
	done
	for cache in /sys/kernel/slab/*/shrink; do
		[ -L "${cache%/shrink}" ] || echo 1 >"$cache"
	done
	{
		sed -nE '/\[cryptex\]/s/.* pages=([0-9]+) .*/\1 4096/p' /proc/vmallocinfo
		awk 'NR > 2 { print $2, $4 }' /proc/slabinfo
	} | awk '{ bytes += $1 * $2 } END { printf "%d\n", bytes }'
}

# stage PREFIX FIRST LAST
stage() {
	local i

	for ((i = $2; i <= $3; i++)); do
		ctl stage "$here/$1$i.cryptex"
	done
}

# memory_row WHAT SEAL COUNT BEFORE AFTER
memory_row() {
	row "memory of a staged generation, $1" $((($5 - $4) / $3)) "$(stat -c %s "$2")" \
		bytes - 'its seal'
}

measure_staged() {
	local before after

	switch_row 'staged generations' 1
	stage g 2 10
	switch_row 'staged generations' 10
	before=$(kernel_memory)
	stage g 11 50
	after=$(kernel_memory)
	switch_row 'staged generations' 50
	memory_row 'libssl3' /srv/store/seals/openssl/g11.seal 40 "$before" "$after"
}

measure_big() {
	local before after

	ctl mount "$here/big.cryptex" --no-graft
	stage big 1 2
	before=$(kernel_memory)
	stage big 3 8
	after=$(kernel_memory)
	memory_row '5000 files' /srv/store/seals/big/b3.seal 6 "$before" "$after"
}

measure_files() {
	hold hold 1
	ctl activate "openssl@$patch"
	compare_files 'stale process alive'
	compare_lookups_among
	let_go
	compare_files 'settled'
}

info kernel "$(uname -srv)"
info clocksource "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
set_up
[ $# -gt 0 ] || set -- files crowds rename staged big
for part; do
	"measure_$part"
done
