#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/fuzz/run.sh SECONDS
#
# Fuzzes each parser for that long, starting from real files, and keeps what it
# finds in build/fuzz/corpus-*. Prints TAP.

set -euo pipefail
cd "$(dirname "$0")/../.."

limit=${1:?usage: tests/fuzz/run.sh SECONDS}
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

# A header (version, signed size 211, number 1, time, three counts), a digest, a
# floor of 7 for "a", and two certificates, of 1 and of 2 bytes.
seed_revocation() {
	printf 'cryptex-deny\1\0\0\0\323\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0'
	head -c 8 /dev/zero
	printf '\1\0\0\0\1\0\0\0\2\0\0\0'
	head -c 44 /dev/zero
	printf '%032d' 0
	printf a
	head -c 63 /dev/zero
	printf '\7\0\0\0\0\0\0\0'
	printf '\1\0\0\0A\2\0\0\0AB'
}

# fuzz NUMBER FORMAT
fuzz() {
	local corpus=build/fuzz/corpus-$2 log=build/fuzz/log-$2

	mkdir -p "$corpus"
	if ! [ -e "$corpus/seed" ]; then
		"seed_$2" >"$corpus/seed"
		printf 'a signature and 32 bytes for the checksum' >>"$corpus/seed"
	fi
	if "build/test/fuzz_$2" -max_total_time="$limit" -max_len=65536 \
		-artifact_prefix="build/fuzz/$2-" "$corpus" >"$log" 2>&1; then
		echo "ok $1 - $2: $(grep -o 'Done [0-9]* runs' "$log") in $limit s"
	else
		tail -n 40 "$log" | sed 's/^/# /'
		echo "not ok $1 - $2: what breaks it is build/fuzz/$2-*"
		status=1
	fi
}

echo 1..2
fuzz 1 seal
fuzz 2 revocation
exit $status
