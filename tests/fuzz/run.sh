#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/fuzz/run.sh SECONDS
#
# Fuzzes the seal parser for that long, starting from real seals that the
# publisher makes, and keeps what it finds in build/fuzz/corpus. Prints TAP.

set -euo pipefail
cd "$(dirname "$0")/../.."

limit=${1:?usage: tests/fuzz/run.sh SECONDS}
corpus=build/fuzz/corpus
log=build/fuzz/log

# A seal of this very folder's tree, unsigned: the parser does not care.
make_seed() {
	build/bin/cryptex-publish build --name seed --label 1 --dir tests/unit \
		--build-time 0 -o build/fuzz/seed.cryptex
	tar -xOf build/fuzz/seed.cryptex manifest >"$corpus/seed"
	printf 'a signature and 32 bytes for the checksum' >>"$corpus/seed"
}

mkdir -p "$corpus"
[ -e "$corpus/seed" ] || make_seed
echo 1..1
if build/test/fuzz_seal -max_total_time="$limit" -max_len=65536 \
	-artifact_prefix=build/fuzz/ "$corpus" >"$log" 2>&1; then
	echo "ok 1 - seal parser: $(grep -o 'Done [0-9]* runs' "$log") in $limit s"
else
	tail -n 40 "$log" | sed 's/^/# /'
	echo "not ok 1 - seal parser: the input that breaks it is in build/fuzz/"
	exit 1
fi
