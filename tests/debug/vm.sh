#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/debug/vm.sh [--swift] kasan|kcsan SECONDS PROGRAM [ARG]...
#
# Runs one kernel test on a debug kernel, in a machine of its own: the first
# report of KASAN or lockdep switches the watching off for the rest of a boot.
# SECONDS is the time limit. Prints TAP; the kernel's log is in
# build/check/KERNEL-PROGRAM.kmsg.
#
# With --swift the machine has one processor, and kmemleak, which costs more than
# all other aids, is off: several times as fast for a program of one thread.

set -euo pipefail
cd "$(dirname "$0")/../.."

swift=false
if [ "$1" = --swift ]; then
	swift=true
	shift
fi
aid=$1 limit=$2 program=$3
shift 3
dir=build/debug/$aid
# shellcheck source=/dev/null
. "$dir/kernel.env"
mkdir -p build/check
kmsg=build/check/$aid-${program#*:}.kmsg
append='oops=panic rcupdate.rcu_cpu_stall_timeout=180 hung_task_timeout_secs=300'
# An instrumented kernel takes longer to boot.
export CX_VM_BOOT_LIMIT=${CX_VM_BOOT_LIMIT:-300}
status=0
options=(--kernel "$VMLINUZ" --modules "$KMODDIR" --mem 3072)
if $swift; then
	append+=' kmemleak=off'
	kmsg=${kmsg%.kmsg}-swift.kmsg
	options+=(--smp 1)
fi
options+=(--kmsg "$kmsg" --append "$append" --scratch 256M
	--payload build/ksft --payload "$dir/payload" --timeout "$limit")
[ "$aid" = kasan ] || options+=(--log-filter 'tests/debug/kcsan.awk')
tests/vm/run.sh "${options[@]}" -- sh /cryptex/guest.sh "$program" "$@" || status=$?
[ "$aid" = kasan ] || tests/debug/kcsan.awk -v count=1 <"$kmsg"
exit "$status"
