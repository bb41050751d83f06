#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/unit/delta_x86.sh [FILE]...
#
# The instruction decoder of deltas, beside binutils' disassembler, on files
# (the system's own libraries) and on every opcode.
set -euo pipefail
cd "$(dirname "$0")/../.."

compare=build/test/delta-x86
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0 status=0

# same NAME OBJDUMP-ARGUMENT...: AMD and Intel differ in branches of 16 bits
same() {
	local name=$1

	shift
	count=$((count + 1))
	objdump -w -M intel64 "$@" 2>/dev/null | "$compare" >"$work/out" || {
		printf 'not '
		status=1
	}
	echo "ok $count - $name: $(tail -n 1 "$work/out")"
	grep '^#' "$work/out" || true
}

libraries() {
	local name

	for name in libcrypto.so.3 libc.so.6 libstdc++.so.6 libgcrypt.so.20; do
		ldconfig -p | sed -n "s/^\t$name (libc6,x86-64[^)]*) => //p" | head -n 1
	done
}

[ $# -gt 0 ] || mapfile -t files < <(libraries)
[ $# -eq 0 ] || files=("$@")
for file in "${files[@]}"; do
	same "${file##*/}" -d "$file"
done
tests/unit/delta/opcodes.py >"$work/opcodes"
same "every opcode" -D -b binary -m i386:x86-64 "$work/opcodes"
echo "1..$count"
exit $status
