#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: run_all.sh [--flat] [--set NAME]... [--only NAME [--args TEXT]]...
#
# Runs the tests of the cryptex module as root, and prints TAP: one result for
# each program, and the program's own output as its subtest.
#
#   --set NAME     the programs of this set, see `programs`; may be repeated
#   --only NAME    this program, of whatever set; may be repeated
#   --args TEXT    arguments for the programs
#   --flat         not as subtests: the programs' TAP one after another, for
#                  whoever counts every test
#
# The store is made on $CX_DISK0, whose content is lost, or on a loop device.
# The module is cryptex.ko beside this script or in $CX_KSFT_MODULE, else the
# installed one. It is loaded anew for each program, so that each one starts
# with an empty keyring.

set -u
here=$(cd "$(dirname "$0")" && pwd)

list='' args='' flat=false

# programs SET...: those of these sets, in their order
programs() {
	while read -r name set; do
		case " $* " in *" $set "*) echo "$name" ;; esac
	done <<-end
		$(grep -v '^#' "$here/programs")
	end
}

# add NAME...: to what is run
add() {
	[ $# -gt 0 ] || { echo "no such program or set" >&2; exit 1; }
	list="$list $*"
}

while [ $# -gt 0 ]; do
	case $1 in
	--set)
		# shellcheck disable=SC2046 # names are words
		add $(programs "${2:?--set needs a name}")
		shift
		;;
	--only) add "${2:?--only needs a name}"; shift ;;
	--args) args=${2:?--args needs a text}; shift ;;
	--flat) flat=true ;;
	*) echo "unknown argument '$1'" >&2; exit 1 ;;
	esac
	shift
done

# shellcheck disable=SC2046
[ -n "$list" ] || add $(programs fast bars)

bail() { echo "Bail out! $*"; exit 1; }

[ "$(id -u)" -eq 0 ] || { echo "1..0 # SKIP root is needed"; exit 4; }

work=/run/cryptex-ksft
store=$work/store
export CX_KSFT_MODULE="${CX_KSFT_MODULE:-$here/cryptex.ko}"

make_store() {
	mkdir -p "$store"
	disk=${CX_DISK0:-$work/disk}
	if [ -z "${CX_DISK0:-}" ]; then
		modprobe -q loop
		truncate -s 256M "$disk"
	fi
	mkfs.ext4 -q -F -O verity -b 4096 "$disk" || bail "mkfs.ext4 $disk failed"
	mount "$disk" "$store" || bail "cannot mount $disk"
	chmod 700 "$store"
	mkdir "$store/objects" "$store/tmp"
}

clean() {
	umount "$store" 2>/dev/null
	rm -rf "$work"
}

load() {
	if [ -e "$CX_KSFT_MODULE" ]; then insmod "$CX_KSFT_MODULE"; else modprobe cryptex; fi
}

# run NAME: its exit status goes to $work/status, since sh has no pipefail.
# module_test.sh loads and unloads by itself.
# shellcheck disable=SC2086 # $args is words
run() {
	echo 1 >"$work/status"
	if [ "$1" = module_test.sh ]; then
		sh "$here/$1" $args
		echo $? >"$work/status"
	elif load; then
		"$here/$1" $args
		echo $? >"$work/status"
		unload || echo 1 >"$work/status"
	fi
}

# A mount that goes with a test's namespace goes a moment after its last process.
unload() {
	tries=50
	until rmmod cryptex 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { rmmod cryptex; return 1; }
		sleep 0.1
	done
}

trap clean EXIT
make_store
# A line on the console for each of 10,000 switches is what would be measured.
dmesg -n 5
export CX_KSFT_STORE="$store"
number=0 failed=0 skipped=0
$flat || echo "TAP version 13"
$flat || echo "1..$(echo "$list" | wc -w)"
for name in $list; do
	number=$((number + 1))
	echo "# Subtest: $name"
	start=$(date +%s)
	if $flat; then run "$name" 2>&1; else run "$name" 2>&1 | sed 's/^/  /'; fi
	read -r status <"$work/status"
	result="ok $number $name # $(($(date +%s) - start)) s"
	case $status in
	0) ;;
	4) result="ok $number $name # SKIP"; skipped=$((skipped + 1)) ;;
	*) result="not $result, exit status $status"; failed=$((failed + 1)) ;;
	esac
	if $flat; then echo "# $result"; else echo "$result"; fi
done
echo "# programs: $((number - failed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
