#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/fuzz/run.sh SECONDS [FORMAT]...
#
# Fuzzes each parser, or those of the formats that are named (seal, revocation,
# delta, delta_make), for that long, starting from real files, and keeps what it
# finds in build/fuzz/corpus-*. Prints TAP.

# shellcheck disable=SC2317 # seeds are called by name
set -euo pipefail
cd "$(dirname "$0")/../.."

limit=${1:?usage: tests/fuzz/run.sh SECONDS [FORMAT]...}
shift
formats=("$@")
[ $# -gt 0 ] || formats=(seal revocation delta delta_make)
status=0

# A seal of this very folder's files, unsigned: the parser does not care.
seed_seal() {
	mkdir -p build/fuzz/tree
	cp -rL tests/unit build/fuzz/tree/
	ln -sf unit build/fuzz/tree/link
	setfattr -n user.a -v 1 build/fuzz/tree/unit/*.c
	setfattr -n user.bb -v 2 build/fuzz/tree/unit/*.c
	setfattr -n user.a -v 1 build/fuzz/tree/unit/*.sh
	build/bin/cryptex-publish build --name seed --label 1 --dir build/fuzz/tree \
		--build-time 0 -o build/fuzz/seed.cryptex
	tar -xOf build/fuzz/seed.cryptex manifest
}

# A signed list of something of each kind
seed_revocation() {
	rm -rf build/fuzz/key build/fuzz/other
	build/bin/cryptex-publish keygen --out build/fuzz/key --ec
	build/bin/cryptex-publish keygen --out build/fuzz/other --ec
	build/bin/cryptex-publish revoke --number 1 --floor a=1 --floor b=2 \
		--seal build/fuzz/seed.cryptex --certificate build/fuzz/other/cert.pem \
		--key build/fuzz/key/key.pem --cert build/fuzz/key/cert.pem -o build/fuzz/seed.list
	cat build/fuzz/seed.list
}

# An old file by its number, and a patch for it: of libraries and of a text; the
# fuzzer makes more by itself.
seed_delta() {
	local corpus=$1 i

	for i in 0 1 2 3 4 5; do
		printf '%b' "\\0$i" >"$corpus/seed-$i"
	done
	build/bin/cryptex-delta diff build/test/delta-sample-0.so build/test/delta-sample-1.so \
		build/fuzz/seed.patch
	{ printf '\001'; cat build/fuzz/seed.patch; } >"$corpus/seed-patch"
}

# pair OLD NEW: with the old file's size in front, in four bytes
pair() {
	local size i

	size=$(stat -c %s "$1")
	for i in 0 8 16 24; do
		printf '%b' "\\0$(printf '%o' $((size >> i & 255)))"
	done
	cat "$1" "$2"
}

seed_delta_make() {
	local lib=build/test/delta-sample

	pair "$lib-0.so" "$lib-1.so" >"$1/seed-libraries"
	pair "$lib-small.so" "$lib-small.so" >"$1/seed-small"
	pair tests/fuzz/run.sh tests/check.sh >"$1/seed-text"
}

# Files that a parser reads as they are get some bytes more.
with_tail() {
	"$2" >"$1/seed"
	printf 'a signature and 32 bytes for the checksum' >>"$1/seed"
}

seed() {
	case $2 in
	delta*) "seed_$2" "$1" ;;
	*) with_tail "$1" "seed_$2" ;;
	esac
}

# fuzz NUMBER FORMAT
fuzz() {
	local corpus=build/fuzz/corpus-$2 log=build/fuzz/log-$2

	mkdir -p "$corpus"
	[ -n "$(find "$corpus" -name 'seed*' -print -quit)" ] || seed "$corpus" "$2"
	if UBSAN_OPTIONS=print_stacktrace=1 "build/test/fuzz_$2" -max_total_time="$limit" -max_len=65536 -timeout=120 \
		-artifact_prefix="build/fuzz/$2-" "$corpus" >"$log" 2>&1; then
		echo "ok $1 - $2: $(grep -o 'Done [0-9]* runs' "$log") in $limit s"
	else
		tail -n 40 "$log" | sed 's/^/# /'
		echo "not ok $1 - $2: what breaks it is build/fuzz/$2-*"
		status=1
	fi
}

echo "1..${#formats[@]}"
for ((i = 0; i < ${#formats[@]}; i++)); do
	fuzz $((i + 1)) "${formats[i]}"
done
exit $status
