#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/modules.sh
#
# Builds the module for every kernel of the matrix, with W=1 and every warning an
# error, by the kernel's own compiler and by clang. Prints TAP, one line for each.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

count=0 status=0

# fits KERNEL FILE: is FILE a module for that kernel, with what a module needs?
fits() {
	local KVER='' vermagic

	# shellcheck source=/dev/null
	. "build/kernels/$1/kernel.env"
	vermagic=$(modinfo -F vermagic "$2") || return 1
	[ "${vermagic%% *}" = "$KVER" ] || echo "$2 is for ${vermagic%% *}, not $KVER"
	[ "${vermagic%% *}" = "$KVER" ] && [ "$(modinfo -F name "$2")" = cryptex ]
}

# compiled_by KERNEL FILE COMPILER: what the debug information says
compiled_by() {
	local producer

	producer=$(readelf --debug-dump=info "$2" 2>/dev/null | grep -m 1 -E 'DW_AT_producer.*(GNU C|clang)')
	[[ $producer == *"$3"* ]] || echo "$2 was not built by $3: $producer"
	[[ $producer == *"$3"* ]]
}

# try KERNEL FILE COMPILER
try() {
	local file=build/kernels/$1/$2 output

	count=$((count + 1))
	if output=$(make -s "$file" 2>&1 && fits "$1" "$file" && compiled_by "$1" "$file" "$3"); then
		echo "ok $count - the module for $1 by $3"
	else
		tail -n 30 <<<"$output" | sed 's/^/# /'
		echo "not ok $count - the module for $1 by $3"
		status=1
	fi
}

mapfile -t kernels < <(make -s kernels)
echo "1..$((2 * ${#kernels[@]}))"
for kernel in "${kernels[@]}"; do
	try "$kernel" cryptex.ko "GNU C"
	try "$kernel" clang.ko clang
done
exit $status
