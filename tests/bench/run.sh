#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/bench/run.sh [PART]...
#
# Measures all parts, or those named (files, walks, crowds, trees, generations,
# cryptexes, rename, staging), in the test machine, whose clock counts
# instructions, and prints a table. The same is in build/bench/results.json, all
# output of the machine in build/bench/guest.log. Exits non-zero if something
# could not be measured, not when a bar is missed.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"
cd "$here/../.."

out=build/bench
fixtures=$out/fixtures
programs=$out/programs

size_of() { stat -c %s "$fixtures/$1.cryptex"; }

# row NAME OURS PEER UNIT BAR PEER-NAME
row() { printf 'row\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@"; }
info() { printf 'info\t%s\t%s\n' "$@"; }

host_facts() {
	row 'size of the patch for libssl3' "$(size_of patch)" "$(size_of full)" bytes - \
		'the full container'
	row 'size of the patch for libssl3' "$(size_of patch)" "$(cat "$fixtures/deb.size")" \
		bytes - 'the .deb'
	info host "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors"
	info emulator "$(qemu-system-x86_64 --version | head -n 1), TCG, -icount shift=0"
	info 'what counts' "'rep movsb' counts 1 for each byte, so copying weighs more than on a real processor"
}

for part; do
	case $part in
	files | walks | crowds | trees | generations | cryptexes | rename | staging) ;;
	*) cx_usage >&2; exit 2 ;;
	esac
done
mkdir -p "$programs"
cp build/cryptex.ko build/bin/cryptexctl build/test/bench build/test/bench-walk "$here/guest.sh" "$programs"
cx_say "measuring in the test machine; this takes some minutes"
status=0
# One processor that counts boots slowly where others work as well.
export CX_VM_BOOT_LIMIT=${CX_VM_BOOT_LIMIT:-300}
tests/vm/run.sh --icount --timeout 3600 --scratch 1G --payload "$fixtures" \
	--payload "$programs" --append oops=panic -- "bash /cryptex/guest.sh $*" >"$out/guest.log" || status=$?
if [ "$status" -ne 0 ]; then
	tail -n 30 "$out/guest.log" >&2
	cx_die "the machine could not measure (exit status $status)"
fi
{ cat "$out/guest.log"; host_facts; } | build/test/bench-report "$out/results.json"
