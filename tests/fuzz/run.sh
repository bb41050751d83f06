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
