#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/fuzz/run.sh SECONDS [FORMAT]...
#
# Fuzzes each parser, or those of the formats that are named (seal, revocation,
# container, tuf, delta, delta_make), for that long, two at a time, starting from real files
# and from what earlier runs have found: inputs are kept in the cache, and what breaks
# a parser in build/fuzz. Then it runs all inputs once more and counts the lines
# that they reach: of each parser at least 90 in 100 are wanted. Prints TAP.

# shellcheck disable=SC2317 # seeds are called by name
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

cache=$(cx_cache)
WANTED=90	# per cent of the lines

limit=${1:?usage: tests/fuzz/run.sh SECONDS [FORMAT]...}
shift
formats=("$@")
[ $# -gt 0 ] || formats=(seal revocation container tuf delta delta_make)
status=0

# The parser of a format; what makes files is not judged.
sources_of() {
	case $1 in
	seal) echo kmod/seal.c kmod/seal_xattr.c kmod/envelope.c ;;
	revocation) echo kmod/revocation.c ;;
	container) echo helper/lib/container.c ;;
	tuf) echo helper/lib/tuf/{canonical,envelope,fields,hashes,key,names,root,snapshot,targets}.c ;;
	delta*) echo helper/lib/delta/*.c ;;
	esac
}

# A seal of this very folder's files, unsigned: the parser does not care.
seed_seal() {
	rm -rf build/fuzz/tree
	mkdir build/fuzz/tree
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

# A tree of files that are as large as the fuzzer says objects are
tree() {
	mkdir -p "build/fuzz/$1"
	seq "$2" $(($2 + 999)) >"build/fuzz/$1/a"
	seq "$3" $(($3 + 999)) >"build/fuzz/$1/b"
}

sign() {
	build/bin/cryptex-publish sign --key build/fuzz/key/key.pem --cert build/fuzz/key/cert.pem "$1" -o "$2"
}

# Whole, and as deltas; unsigned, and signed
seed_container() {
	[ -d build/fuzz/key ] || build/bin/cryptex-publish keygen --out build/fuzz/key --ec
	tree old 1000 1001
	tree new 1002 1003
	build/bin/cryptex-publish build --name seed --label 1 --dir build/fuzz/old --build-time 0 -o "$1/seed-manifest"
	sign "$1/seed-manifest" "$1/seed-base"
	build/bin/cryptex-publish build --name seed --label 2 --dir build/fuzz/new --base "$1/seed-base" \
		--build-time 0 -o build/fuzz/new.cryptex
	sign build/fuzz/new.cryptex "$1/seed-patch"
	build/bin/cryptex-publish release "$1/seed-patch" --from "$1/seed-base" -o "$1/seed-deltas"
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

# Metadata of each kind, with real signatures
seed_tuf() { build/test/tuf-seeds "$1"; }

# Files that a parser reads as they are get some bytes more.
with_tail() {
	"$2" >"$1/seed"
	printf 'a signature and 32 bytes for the checksum' >>"$1/seed"
}

seed() {
	case $2 in
	container | delta* | tuf) "seed_$2" "$1" ;;
	*) with_tail "$1" "seed_$2" ;;
	esac
}

corpus_of() { printf "%s\n" "$cache/fuzz/$1"; }

# Before the fuzzing, as seeds are made of one another
plant() {
	local corpus

	corpus=$(corpus_of "$1")
	mkdir -p "$corpus"
	rm -f "$corpus"/seed*
	seed "$corpus" "$1" >"build/fuzz/log-seed-$1"
}

run_fuzzer() {
	UBSAN_OPTIONS=print_stacktrace=1 "build/test/fuzz_$1" -max_total_time="$limit" -max_len=65536 -timeout=120 \
		-artifact_prefix="build/fuzz/$1-" "$(corpus_of "$1")" >"build/fuzz/log-$1" 2>&1
}

# judge FORMAT STATUS
judge() {
	local log=build/fuzz/log-$1

	if [ "$2" -eq 0 ]; then
		echo "ok $((++number)) - $1: $(grep -o 'Done [0-9]* runs' "$log") in $limit s"
	else
		tail -n 40 "$log" | sed 's/^/# /'
		echo "not ok $((++number)) - $1: what breaks it is build/fuzz/$1-*"
		status=1
	fi
}

# fuzz FORMAT...: side by side
fuzz() {
	local format child children=() result

	for format; do
		run_fuzzer "$format" &
		children+=($!)
	done
	for format; do
		result=0
		child=${children[0]}
		children=("${children[@]:1}")
		wait "$child" || result=$?
		judge "$format" "$result"
	done
}

# The last line of llvm-cov's table ends with the per cent of all lines.
cover() {
	local raw=build/fuzz/$1.profraw profile=build/fuzz/$1.profdata percent

	LLVM_PROFILE_FILE=$raw "build/test/cover_$1" -runs=0 "$(corpus_of "$1")" >"build/fuzz/log-cover-$1" 2>&1
	llvm-profdata merge "$raw" -o "$profile"
	# shellcheck disable=SC2046 # a list
	llvm-cov report "build/test/cover_$1" -instr-profile="$profile" -show-region-summary=0 \
		-show-branch-summary=0 $(sources_of "$1") >"build/fuzz/lines-$1"
	percent=$(awk 'END { print $NF + 0 }' "build/fuzz/lines-$1")
	sed 's/^/# /' "build/fuzz/lines-$1"
	if awk -v got="$percent" -v want="$WANTED" 'BEGIN { exit got < want }'; then
		echo "ok $((++number)) - $1: $percent % of the parser's lines"
	else
		echo "not ok $((++number)) - $1: $percent % of the parser's lines, less than $WANTED"
		status=1
	fi
}

mkdir -p build/fuzz
number=0
echo "1..$((2 * ${#formats[@]}))"
for format in "${formats[@]}"; do plant "$format"; done
for ((i = 0; i < ${#formats[@]}; i += 2)); do fuzz "${formats[@]:i:2}"; done
for format in "${formats[@]}"; do cover "$format"; done
exit $status
