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
# Where a second mount shows it, at a path like that of ours.
like_ours=/usr/plaintrees/openssl
many=/usr/manycryptexes
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
	ctl trust "$here/seals.der"
	ctl mount "$here/base.cryptex" --no-graft
	ctl stage "$here/patch.cryptex"
	make_plain
	put_object
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
	mkdir -p "$like_ours"
	mount --bind "$plain" "$like_ours"
	sync
}

# The one object of the seals that bench-seals made.
put_object() {
	local path

	path=$(object "$here/object")
	mkdir -p "${path%/*}"
	cp "$here/object" "$path"
	fsverity enable "$path"
}

# mount_seals NAME: mounts NAME-0.seal
mount_seals() {
	mkdir -p "$many/$1"
	mount -t cryptex -o store=/srv/store "$here/$1-0.seal" "$many/$1"
}

# stage_seals NAME FIRST LAST
stage_seals() {
	local i

	for ((i = $2; i <= $3; i++)); do
		bench stage "$here/$1-$i.seal" >/dev/null
	done
}

# object FILE: the store's file that holds the content
object() {
	local digest

	digest=$(fsverity digest --compact "$1")
	echo "/srv/store/objects/${digest:0:2}/${digest:2}"
}

# hold COMMAND...: start processes that map something, for let_go to end
hold() {
	local answer

	coproc HOLDER { bench "$@"; }
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

# All parts begin alike: the base is active and nobody is left behind.
back_to_base() {
	ctl activate "openssl@$base"
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

# switch_row WHAT N ARGUMENT...: measures a switch, against the first of its kind
switch_row() {
	local call after what=$1 n=$2

	shift 2
	read -r call after < <(bench "$@")
	if [ "${kind:-}" != "$what" ]; then
		kind=$what first=$n first_call=$call first_after=$after
	fi
	row "switch, $what: $n, the call" "$call" "$first_call" instructions 1.10 "with $first"
	row "switch, $what: $n, work after it" "$after" "$first_after" instructions 1.10 "with $first"
}

# walk_rows PATH STATE BAR MAPPINGS [CODE]
walk_rows() {
	local job mine peer path=$1 state=$2 bar=$3

	shift 3
	for job in path stat access; do
		read -r mine peer < <("$here/bench-walk" "$job" "$ours/$path" "$like_ours/$path" "$@")
		row "walk to ${path/$libs/...}, $job, $state, $1 mappings" \
			"$mine" "$peer" instructions "$bar" 'a link on ext4'
	done
}

measure_walks() {
	local n old=$ours/$base/$libs/libcrypto.so.3

	back_to_base
	hold hold "$ours/$crypto" 1
	ctl activate "openssl@$patch"
	for n in 20 200 5000; do
		walk_rows $crypto 'stale process alive' - $n
		walk_rows $crypto 'caller is stale' - $n "$old"
	done
	let_go
	for n in 20 5000; do
		walk_rows $crypto 'settled' 1.15 $n
	done
	walk_rows current/usr 'settled' 1.15 20
}

measure_crowds() {
	local n

	back_to_base
	for n in 1 1000; do
		hold hold "$ours/$crypto" $n
		switch_row 'processes' $n switch openssl "$base" "$patch"
		let_go
	done
	for n in 1 1000; do
		hold namespaces "$ours/$crypto" $n
		switch_row 'mount namespaces' $n switch openssl "$base" "$patch"
		let_go
	done
}

measure_trees() {
	mount_seals few
	stage_seals few 1 1
	mount_seals many
	stage_seals many 1 1
	switch_row 'files' 10 switch-cached few 0 1 "$many/few/active/." 10
	switch_row 'files' 100000 switch-cached many 0 1 "$many/many/active/." 100000
	umount "$many/few" "$many/many"
}

measure_generations() {
	mount_seals few
	stage_seals few 1 1
	switch_row 'generations' 2 switch few 0 1
	stage_seals few 2 63
	switch_row 'generations' 64 switch few 0 1
	umount "$many/few"
}

# set_row COUNT WHAT: what a switch of so many as one set costs for each of them
set_row() {
	local call after

	read -r call after < <(bench switch-set other "$1" 0 1)
	call=$((call / $1)) after=$((after / $1))
	row "switch of a set of $1$2, the call, for each" "$call" "${set_call:=$call}" \
		instructions 1.10 'a set of 1'
	row "switch of a set of $1$2, work after it, for each" "$after" "${set_after:=$after}" \
		instructions 1.10 'a set of 1'
}

measure_cryptexes() {
	local i set_call='' set_after=''

	switch_row 'cryptexes' 1 switch openssl "$base" "$patch"
	mkdir -p "$many"
	bench mount-many "$here/other" /srv/store "$many" 1023
	switch_row 'cryptexes' 1024 switch openssl "$base" "$patch"
	for ((i = 1; i <= 1023; i++)); do
		stage_seals "other$i" 1 1
	done
	set_row 1 ''
	set_row 1023 ''
	hold hold-each "$many" 1023 current/file-000000
	set_row 1023 ' in use'
	let_go
	bench umount-many "$many" 1023
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

# stage_rows ENTRIES: what each entry beyond those staged before costs, so that the
# signature, which costs the same for all, does not flatter the larger ones
stage_rows() {
	local cost before after further

	before=$(kernel_memory)
	cost=$(bench stage "$here/line-$1.seal")
	after=$(kernel_memory)
	if [ "$1" -gt 1000 ]; then
		further=$(((cost - staged_cost) / ($1 - $1 / 10)))
		row "stage, $1 entries, each further one" $further "${first_further:=$further}" \
			instructions 1.10 'with 10000'
	fi
	row "stage, $1 entries, in all" "$cost" "$1" instructions - 'its entries'
	row "memory of a generation, $1 entries" $((after - before)) \
		"$(stat -c %s "$here/line-$1.seal")" bytes 1.10 'its seal'
	staged_cost=$cost
}

measure_staging() {
	local n first_further='' staged_cost=0

	mount_seals line
	# What the mount has left in caches goes once only.
	kernel_memory >/dev/null
	for n in 1000 10000 100000 1000000; do
		stage_rows $n
	done
	umount "$many/line"
}

measure_files() {
	back_to_base
	hold hold "$ours/$crypto" 1
	ctl activate "openssl@$patch"
	compare_files 'stale process alive'
	compare_lookups_among
	let_go
	compare_files 'settled'
}

info kernel "$(uname -srv)"
info clocksource "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
set_up
[ $# -gt 0 ] || set -- files walks crowds trees generations cryptexes rename staging
for part; do
	"measure_$part"
done
