#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/unit/delta.sh
#
# Deltas by the command cryptex-delta: what it refuses, how much memory it takes,
# files of more than 4 GiB; and 10,000 generated pairs ($CX_DELTA_PAIRS others).
# shellcheck disable=SC2317 # checks are called by name
set -euo pipefail
cd "$(dirname "$0")/../.."

delta=${BIN:-build/bin}/cryptex-delta
pairs=${CX_DELTA_PAIRS:-10000}
work=$(mktemp -d)
failed=build/check/delta-pair
trap 'rm -rf "$work"' EXIT
count=0 status=0

# check NAME COMMAND...: one test
check() {
	local name=$1

	shift
	count=$((count + 1))
	if "$@" >"$work/log" 2>&1; then
		echo "ok $count - $name"
	else
		sed 's/^/# /' "$work/log"
		echo "not ok $count - $name"
		status=1
	fi
}

round_trip() {
	"$delta" diff "$1" "$2" "$work/patch" && "$delta" apply "$1" "$work/patch" "$work/made" &&
		cmp "$2" "$work/made" && rm "$work/made"
}

# refused WORD COMMAND...: fails, says why, and leaves no file
refused() {
	local word=$1

	shift
	! "$@" 2>"$work/why" && cat "$work/why" && [ "$(wc -l <"$work/why")" -eq 1 ] &&
		grep -qi "$word" "$work/why" && [ ! -e "$work/made" ]
}

size_of() { stat -c %s "$1"; }

# within_limit OLD NEW: applied in 64 MiB and 1.5 times both files, counting
# every page that is mapped, used or not
within_limit() {
	local limit=$(((64 << 20) + ($(size_of "$1") + $(size_of "$2")) * 3 / 2))

	"$delta" diff "$1" "$2" "$work/patch" &&
		prlimit --as="$limit" "$delta" apply "$1" "$work/patch" "$work/made" &&
		cmp "$2" "$work/made" && rm "$work/made"
}

# Libraries of the system, and what a larger fix makes of them
big_pair() {
	local lib

	lib=$(ldconfig -p | sed -n 's/^\tlibcrypto.so.3 (libc6,x86-64) => //p' | head -n 1)
	cat "$lib" >"$work/big.old"
	{ head -c 2000000 "$lib"; head -c 70000 /dev/zero; tail -c +2000001 "$lib"; } >"$work/big.new"
	cat "$lib" /lib/x86_64-linux-gnu/libc.so.6 "$lib" >"$work/huge.old"
	cat /lib/x86_64-linux-gnu/libc.so.6 "$lib" /lib/x86_64-linux-gnu/libc.so.6 >"$work/huge.new"
}

# Holes of 2 GiB and more, with something behind each
sparse_pair() {
	truncate -s 4200M "$work/sparse.old" "$work/sparse.new"
	dd if="$work/1.so" of="$work/sparse.old" bs=4096 seek=$((4150 * 256)) conv=notrunc status=none
	dd if="$work/2.so" of="$work/sparse.new" bs=4096 seek=$((4151 * 256)) conv=notrunc status=none
	dd if="$work/3.so" of="$work/sparse.new" bs=4096 seek=$((2049 * 256)) conv=notrunc status=none
}

make_samples() {
	local i options

	for ((i = 0; i < 24; i++)); do
		options=()
		[ $((i % 3)) -eq 0 ] || options+=(-s)
		[ $((i % 2)) -eq 0 ] || options+=('-Wl,-z,noseparate-code')
		[ $((i % 5)) -ne 1 ] || options+=('-Wl,-z,pack-relative-relocs')
		[ $((i % 7)) -ne 1 ] || options+=(-fcf-protection)
		tests/unit/delta/sample.sh "$i" $((4 + i % 4 * 20)) "$work/$i.so" "${options[@]}"
	done
	# An object file, and a program that is not position-independent
	tests/unit/delta/sample.sh 1 20 "$work/other.o" -c
	echo 'int main(void) { return 0; }' | ${CC:-gcc} -xc - -no-pie -O2 -o "$work/fixed"
}

# generated SEED: half of the pairs
generated() {
	build/test/delta-pairs "$1" $((pairs / 2)) "$failed-$1" "$work"/*.so "$work/other.o" \
		"$work/fixed" /lib/x86_64-linux-gnu/lib{m.so.6,z.so.1} tests/unit/delta.sh
}

mkdir -p "${failed%/*}"
make_samples
check "a patch is made, applied, and makes the new file" round_trip "$work/1.so" "$work/2.so"
"$delta" diff "$work/1.so" "$work/2.so" "$work/patch"
check "it is shown" "$delta" show "$work/patch"
check "another old file is refused" refused old "$delta" apply "$work/2.so" "$work/patch" "$work/made"
head -c 100 "$work/patch" >"$work/short"
check "a broken patch is refused" refused patch "$delta" apply "$work/1.so" "$work/short" "$work/made"
check "what is no patch is refused" refused patch "$delta" apply "$work/1.so" "$work/1.so" "$work/made"
check "what is no patch is not shown" refused patch "$delta" show "$work/1.so"
check "a missing file is named" refused "$work/none" "$delta" diff "$work/1.so" "$work/none" "$work/made"
big_pair
check "memory: a small library" within_limit "$work/4.so" "$work/5.so"
check "memory: a large library" within_limit "$work/big.old" "$work/big.new"
check "memory: one that has nothing to predict" within_limit "$work/huge.old" "$work/huge.new"
sparse_pair
check "files of more than 4 GiB" round_trip "$work/sparse.old" "$work/sparse.new"
rm "$work"/sparse.*
# Two at a time, each with its own part of the generator's numbers
generated 1 >"$work/1.log" 2>&1 &
check "$((pairs / 2)) generated pairs" generated 2
echo "# $(tail -n 1 "$work/log")"
finished() { wait $! && tail -n 1 "$work/1.log" || ! cat "$work/1.log"; }
check "$((pairs / 2)) other generated pairs" finished
echo "# $(tail -n 1 "$work/log")"
echo "1..$count"
exit $status
