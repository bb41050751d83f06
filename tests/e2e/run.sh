#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/e2e/run.sh demo|story|reboot|revoke|system|update|cuts|power|sweep
#        tests/e2e/run.sh power-all|sweep-all [PART]...
#
# The end-to-end tests, in the virtual machine. `demo` shows the story to a
# person; the others print TAP: the same story, what survives a reboot, revocation,
# what else a system meets, updates from a repository, over a network that is cut,
# power cuts, and system calls that fail. They need what `make programs module` builds,
# build/test/{ask-kernel,fail-call,taken_over_fetcher,cutting_server} and build/test/power-*.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$top/build/e2e
# The machine ends at once when the kernel fails, and the run with it.
vm=("$here/../vm/run.sh" --append oops=panic)

# Fills build/e2e/check, unless it is newer than all it is made from. Where there
# is one libssl3 only, there is nothing to test.
prepare() {
	local rc=0 log=$work/check.log inputs

	inputs=("$here" "$top"/build/bin/{cryptexctl,cryptex-publish}
		"$top"/build/test/ask-kernel "$top"/build/cryptex.ko)
	mkdir -p "$work"
	if [ -e "$work/check/done" ] &&
		[ -z "$(find "${inputs[@]}" -newer "$work/check/done" -print -quit)" ]; then
		return 0
	fi
	FACE=tap "$here/prepare.sh" "$work/check" >"$log" 2>&1 || rc=$?
	if [ $rc = 0 ]; then
		touch "$work/check/done"
		return 0
	fi
	sed 's/^/# /' "$log"
	if [ $rc = 3 ]; then
		echo 'ok 1 - end to end # SKIP apt offers one version of libssl3 only'
	else
		echo "not ok 1 - the publisher's part"
	fi
	echo 1..1
	[ $rc = 3 ]
	exit
}

# What the suites that boot more than once, or judge on the host as well, have
# told so far; claims are numbered through.
told=$work/told
number() { grep -cE '^(not )?ok ' "$told" || true; }

# machine OPTION... -- COMMAND: one boot of the machine, with FIRST set. A run
# that ends early without a false claim is a false claim.
machine() {
	local rc=0 before options=()

	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	before=$(grep -c '^not ok' "$told" || true)
	"${vm[@]}" "${options[@]}" --payload "$work/check/payload" -- \
		"FACE=tap FIRST=$(($(number) + 1)) $2" | tee -a "$told" || rc=$?
	if [ $rc != 0 ] && [ "$(grep -c '^not ok' "$told")" = "$before" ]; then
		tell 1 "the machine ran to the end: $2 (exit status $rc)"
	fi
}

# tell STATUS TEXT: a claim that is judged on the host
tell() {
	local verdict=ok

	[ "$1" = 0 ] || verdict='not ok'
	echo "$verdict $(($(number) + 1)) - $2" | tee -a "$told"
}

# check TEXT COMMAND...
check() {
	local text=$1 output rc=0

	shift
	output=$("$@" 2>&1) || rc=$?
	[ $rc = 0 ] || printf '%s\n' "$output" | sed 's/^/# /'
	tell $rc "$text"
}

end() {
	echo "1..$(number)"
	! grep -q '^not ok' "$told"
}

demo() {
	local color='' pace=0 start=$SECONDS

	if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
		color=1 pace=1
	fi
	mkdir -p "$work"
	FACE=demo COLOR=$color PACE=$pace "$here/prepare.sh" "$work/demo"
	printf '\nA virtual machine boots, with a real kernel and the real module ...\n\n'
	"${vm[@]}" --timeout 600 --scratch 256M --payload "$work/demo/payload" -- \
		"FACE=demo COLOR=$color PACE=$pace bash /cryptex/e2e/story.sh"
	printf '\n(%d seconds)\n' $((SECONDS - start))
}

story() {
	"${vm[@]}" --timeout 600 --scratch 256M --payload "$work/check/payload" -- \
		'FACE=tap bash /cryptex/e2e/story.sh'
}

# The same disks in three boots: one for the store, one for a file system
# without fs-verity that holds a store in a file.
reboot() {
	local disks=(--disk "$work/disk0" --disk "$work/disk1") phase

	rm -f "$work"/disk[01]
	truncate -s 256M "$work/disk0" "$work/disk1"
	for phase in before after damaged; do
		machine --timeout 300 "${disks[@]}" -- "bash /cryptex/e2e/reboot.sh $phase"
	done
	rm -f "$work"/disk[01]
	end
}

# Revocation, and that it outlives a boot: the same disk in four of them.
revoke() {
	local phase

	rm -f "$work/disk0"
	truncate -s 128M "$work/disk0"
	for phase in live rebooted unloaded lost_key; do
		machine --timeout 300 --disk "$work/disk0" -- "bash /cryptex/e2e/revoke.sh $phase"
	done
	rm -f "$work/disk0"
	end
}

is_installed() { [ "$(stat -c %a "$work/install/$1")" = "$2" ]; }

installed() {
	rm -rf "$work/install"
	check 'make install into DESTDIR with PREFIX=/usr' \
		make -C "$top" --no-print-directory install DESTDIR="$work/install" PREFIX=/usr
	check 'usr/sbin/cryptexctl' is_installed usr/sbin/cryptexctl 755
	check 'usr/bin/cryptex-publish' is_installed usr/bin/cryptex-publish 755
	check 'usr/include/linux/cryptex.h' is_installed usr/include/linux/cryptex.h 644
	check 'usr/lib/systemd/system/cryptex-boot.service' \
		is_installed usr/lib/systemd/system/cryptex-boot.service 644
	check 'nothing outside usr' test "$(ls -A "$work/install")" = usr
	check 'the installed cryptexctl runs' "$work/install/usr/sbin/cryptexctl" help
	check 'the installed cryptex-publish runs' "$work/install/usr/bin/cryptex-publish" --help
}

# Judged by a JSON parser that is not the one that wrote it
check_json() {
	local file

	rm -rf "$work/json"
	mkdir "$work/json"
	check 'the machine has handed over its JSON' tar -C "$work/json" -xf "$work/disk0"
	for file in "$work"/json/*; do
		check "$(basename "$file") --json is JSON" python3 -m json.tool "$file" /dev/null
	done
	check 'ps --json names the one stale process' python3 -c '
import json, sys
[p] = json.load(open(sys.argv[1]))
assert p["command"] == "openssl" and p["cryptex"] == "openssl" and p["stale"], p
assert p["generation"] != p["active"] and p["pid"] > 1, p' "$work/json/ps"
}

system() {
	installed
	rm -f "$work/disk0"
	truncate -s 4M "$work/disk0"
	machine --timeout 1200 --disk "$work/disk0" --scratch 128M --scratch 20M -- \
		'bash /cryptex/e2e/system.sh'
	check_json
	rm -f "$work/disk0"
	end
}

# Fills build/e2e/update, on top of what prepare() makes, likewise.
prepare_update() {
	local log=$work/update.log inputs

	inputs=("$here" "$work/check/done" "$top"/build/bin/{cryptex-fetch,cryptex-repo}
		"$top"/build/test/{fail-call,taken_over_fetcher,cutting_server})
	if [ -e "$work/update/done" ] &&
		[ -z "$(find "${inputs[@]}" -newer "$work/update/done" -print -quit)" ]; then
		return 0
	fi
	if "$here/prepare-update.sh" "$work/update" "$work/check" >"$log" 2>&1; then
		touch "$work/update/done"
		return 0
	fi
	sed 's/^/# /' "$log"
	printf "not ok 1 - the publisher's part\n1..1\n"
	exit 1
}

update() {
	prepare_update
	"${vm[@]}" --timeout 1500 --scratch 512M --scratch 48M --payload "$work/check/payload" \
		--payload "$work/update/payload" -- 'FACE=tap bash /cryptex/e2e/update.sh'
}

# A network that is cut, over and over
cuts() {
	prepare_update
	machine --timeout 1500 --scratch 128M --payload "$work/update/payload" -- \
		'bash /cryptex/e2e/cuts.sh'
	end
}

# power_cuts PART...: see tests/power/power.sh
power_cuts() {
	local part disks=(--scratch 64M --scratch 512M --scratch 64M --scratch 64M)

	prepare_update
	rm -rf "$work/power"
	mkdir -p "$work/power"/{bin,power}
	cp "$top"/tests/power/*.sh "$work/power/power/"
	cp "$top"/build/test/power-{replay,nosync.so} "$work/power/bin/"
	for part; do
		machine --timeout 3600 "${disks[@]}" --payload "$work/power" \
			--payload "$work/update/payload" -- \
			"bash /cryptex/power/power.sh $part"
	done
	end
}

power() { power_cuts some unsynced; }
power_all() {
	[ $# != 0 ] || set -- some update parts again unsynced
	power_cuts "$@"
}

# Of the kernel and of the disk, and of the fetcher as well; `all` takes
# hours, a machine for each command. One processor: tracer and command alternate,
# and to wake another processor costs more than to switch.
sweep() {
	prepare_update
	machine --timeout 3600 --smp 1 --scratch 256M --payload "$work/update/payload" -- \
		'bash /cryptex/e2e/sweep.sh some activate update'
	end
}

sweep_all() {
	local command

	[ $# != 0 ] || set -- trust stage delta activate rollback retire gc revoke boot umount \
		mount update withdraw
	prepare_update
	for command; do
		machine --timeout 36000 --smp 1 --scratch 256M --payload "$work/update/payload" -- \
			"bash /cryptex/e2e/sweep.sh all $command"
	done
	end
}

case ${1:-} in
demo) demo ;;
story | reboot | revoke | system | update | cuts | power | sweep | power-all | sweep-all)
	prepare
	: >"$told"
	mode=${1//-/_}
	shift
	"$mode" "$@"
	;;
*) sed -n '/^# Usage:/,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac
