#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Prints the suites of `make check-debug` for tests/check.sh: each kernel test on
# each debug kernel, in a machine of its own. CX_DEBUG_KERNELS and
# CX_STORM_SECONDS make less of it.

set -euo pipefail

STORM=${CX_STORM_SECONDS:-600}

# limits_of KERNEL/PROGRAM: its time limit in seconds, and arguments. The bars have
# their full numbers in `make check`; here they are as long as an emulated
# instrumented kernel allows. A limit of 0: not on this kernel, which has not got what it
# takes, or nothing to see there.
limits_of() {
	case $1 in
	kcsan/failnth_test) echo 0 ;;
	kcsan/netlink_fuzz) echo "1800 --messages 20000" ;;
	*/storm_test) echo "$((STORM + 900)) --seconds $STORM" ;;
	*/switch_test) echo "1800 20000 2000" ;;
	*/torn_test) echo "1800 --launches 2000 --dlopen 200" ;;
	*/module_test.sh) echo "1800 20" ;;
	*/long_walk_test) echo "1800 120 1000" ;;
	# One signature after the other, for hours, in one process: no race to see.
	kcsan/bitflip_test) echo 0 ;;
	*/failnth_test) echo 3600 ;;
	# Too few to take many branches: this is for leaks. For the others see below.
	*/netlink_fuzz) echo "1800 --messages 20000 --branches 75" ;;
	*) echo 1800 ;;
	esac
}

for aid in ${CX_DEBUG_KERNELS:-kasan kcsan}; do
	echo "$aid-control tests/debug/control.sh $aid"
	grep -v '^#' tests/kselftest/programs | while read -r program _; do
		read -r limit arguments < <(limits_of "$aid/$program")
		[ "$limit" -gt 0 ] || continue
		echo "$aid-${program%_test*} tests/debug/vm.sh $aid $limit $program ${arguments:-}"
	done
	[ "$aid" != kasan ] ||
		echo "kasan-netlink_fuzz-million" \
			"tests/debug/vm.sh --swift kasan 7200 netlink_fuzz --messages 1000000"
done
