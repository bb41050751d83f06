#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/debug/control.sh kasan|kcsan
#
# Shows that the debug kernel, and what reads its reports, finds bugs: each one
# of planted.c must make its run fail, with the report that belongs to it.

set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

aid=$1 number=0 failed=0
log=build/check/$aid-control.log

# plant BUG REPORT
plant() {
	local status=0 ok=ok

	number=$((number + 1))
	tests/debug/vm.sh "$aid" 120 "plant:$1" >"$log.$1" 2>&1 || status=$?
	if [ $status -eq 124 ] || [ $status -eq 125 ] || ! grep -E "$2" "$log.$1" >/dev/null; then
		ok='not ok' failed=$((failed + 1))
		tail -n 15 "$log.$1" | sed 's/^/# /'
	fi
	echo "$ok $number $1 is found"
}

case $aid in
kasan)
	echo 1..5
	plant use-after-free '^  .*BUG: KASAN: slab-use-after-free in use_after_free'
	plant lock-order '^  .*possible circular locking dependency'
	plant sleep-in-atomic '^  .*BUG: (scheduling while atomic|sleeping function)'
	plant out-of-bounds '^  .*(UBSAN: array-index-out-of-bounds|BUG: KASAN: global-out-of-bounds)'
	plant leak '^not ok 1 no leak'
	;;
kcsan)
	echo 1..1
	plant data-race '^  .*BUG: KCSAN: data-race in race'
	;;
esac
[ $failed -eq 0 ]
