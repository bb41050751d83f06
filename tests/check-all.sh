#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/check-all.sh [KERNEL]...
#
# Runs the suites that concern the kernel on each kernel of the matrix, or on
# those named, and ends with one line for each and `N passed, N failed` for all.
# The suites' output is in build/check/KERNEL.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/lib.sh
. scripts/lib.sh

passed=0 failed=0 lines=()

suites() { awk '{ print $1 }' tests/kselftest/suites; echo e2e-story; }

# The number before a word in check.sh's last line.
number() { grep -oE "[0-9]+ $1" <<<"$2" | cut -d' ' -f1; }

check_kernel() {
	local kernel=$1 logs=build/check/$1 last KVER=unknown

	mkdir -p "$logs"
	cx_say "building for $kernel"
	if make -s KERNEL="$kernel" kernel-suites >"$logs/build.log" 2>&1; then
		# shellcheck source=/dev/null
		. "build/kernels/$kernel/kernel.env"
		# shellcheck disable=SC2046 # names
		CX_KERNEL=$kernel CX_CHECK_LOGS=$logs tests/check.sh $(suites) | tee "$logs/summary"
		last=$(tail -n 1 "$logs/summary")
	else
		tail -n 30 "$logs/build.log" | sed 's/^/    /'
		last="0 passed, 1 failed (it does not build, see $logs/build.log)"
	fi
	passed=$((passed + $(number passed "$last")))
	failed=$((failed + $(number failed "$last")))
	lines+=("$kernel ($KVER): $last")
}

if [ $# -eq 0 ]; then
	mapfile -t kernels < <(make -s kernels)
	set -- "${kernels[@]}"
fi
for kernel; do
	check_kernel "$kernel"
done
printf '%s\n' "${lines[@]}"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
