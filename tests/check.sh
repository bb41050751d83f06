#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/check.sh [SUITE]...
#
# Runs every suite, or those named, in two lanes side by side: those of the virtual
# machine, which share its disks, and the others. Counts the TAP that they print, and ends
# with `N passed, N failed` (`, N skipped` where something was). A suite's whole
# output is in build/check/SUITE.log ($CX_CHECK_LOGS names another folder). A suite
# that prints no test, or not as many as it planned, or fails without a failed
# test counts as one failure more.
#
# CX_SUITES names a program that prints other suites, a name and a command each.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

logs=${CX_CHECK_LOGS:-build/check}

# suites: name and command, a line each
suites() {
	local test

	for test in build/test/test_*; do
		[ -x "$test" ] || continue
		case $test in *.o | *.d) continue ;; esac
		echo "unit-${test##*/test_} CMOCKA_MESSAGE_OUTPUT=TAP $test"
	done
	for test in tests/unit/*.sh; do
		echo "unit-$(basename "$test" .sh) BIN=build/bin $test"
	done
	echo "lint tests/lint.sh"
	echo "modules tests/modules.sh"
	echo "fuzz tests/fuzz/run.sh 60"
	cat tests/*/suites
}

count() { grep -cE "$1" "$2" || true; }

# judge NAME LOG STATUS SECONDS
judge() {
	local ok bad skip planned

	skip=$(count '^ok [0-9]+.*# SKIP' "$2")
	ok=$(($(count '^ok [0-9]+' "$2") - skip))
	bad=$(count '^not ok [0-9]+' "$2")
	planned=$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$2" | awk '{ n += $1 } END { print n + 0 }')
	if [ $((ok + bad + skip)) -eq 0 ] || [ $((ok + bad + skip)) -ne "$planned" ]; then
		echo "# $1: $planned tests planned, $((ok + bad + skip)) told (exit status $3)"
		bad=$((bad + 1))
	elif [ "$3" -ne 0 ] && [ "$bad" -eq 0 ]; then
		echo "# $1: exit status $3 without a failed test"
		bad=$((bad + 1))
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	grep -E '^ok [0-9]+.*# SKIP' "$2"
	if [ "$bad" -gt 0 ]; then
		echo "FAIL $1: $ok passed, $bad failed, $skip skipped in $4 s; the end of $2:"
		grep -E '^not ok' "$2" | sed 's/^/    /'
		tail -n 40 "$2" | sed 's/^/    /'
	else
		echo "PASS $1: $ok passed, $skip skipped in $4 s"
	fi
}

run_suite() {
	local name=$1 start=$SECONDS status

	bash -c "$2" >"$logs/$name.log" 2>&1 </dev/null
	status=$?
	judge "$name" "$logs/$name.log" $status $((SECONDS - start))
}

in_machine() { [[ $1 == ksft* || $1 == e2e* ]]; }

# run_lane NAME TEST: the suites for which TEST is true; their sums go to a file
run_lane() {
	local passed=0 failed=0 skipped=0 name command

	while read -r name command; do
		"${@:2}" "$name" || continue
		run_suite "$name" "$command"
	done
	echo $passed $failed $skipped >"$logs/lane-$1"
}

is_not() { ! "$@"; }
wanted_suites() {
	local name command

	while read -r name command; do
		[ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
		echo "$name $command"
	done < <(${CX_SUITES:-suites})
}

mkdir -p "$logs"
rm -f "$logs"/lane-*
wanted_suites "$@" | run_lane machine in_machine &
wanted_suites "$@" | run_lane host is_not in_machine &
wait
read -r passed failed skipped lanes < <(cat "$logs"/lane-* |
	awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0, NR }')
if [ "$lanes" -ne 2 ]; then
	echo 'a lane has not come to its end'
	failed=$((failed + 1))
fi

printf '%d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
echo
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
