#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Power cuts. Every command that changes a store runs on a disk whose writes are
# recorded; then the disk is made as it was at every flush, at every write past the
# cache and at the instant at which a command had just succeeded, and the machine
# boots from that. Started by e2e/run.sh; $CX_DISK0 and up are empty disks.
#
# Usage: power.sh some|update|parts|again|unsynced
#
#   some      a cut at each such instant
#   update    likewise, while releases are fetched and one is withdrawn
#   parts     and before each, twice with a made-up part of what was not sure to be
#             on the disk
#   again     a cut after a command that was killed and then succeeded
#   unsynced  the first one, by a program that syncs nothing: it must fail

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
DATA=$CX_DISK0 LOG=$CX_DISK1 COPY=$CX_DISK2 COW=$CX_DISK3
# shellcheck source=tests/power/devices.sh
. /cryptex/power/devices.sh
# shellcheck source=tests/e2e/remote.sh
. /cryptex/e2e/remote.sh
HELLO=/cryptex/hello/hello
MINE=/usr/cryptexes/hello
NOSYNC=/cryptex/bin/power-nosync.so

# --- recording

# after[N]: what a machine has that boots after step N
steps=0 after=() title_of=()

# step AFTER COMMAND...
step() {
	local text=$1

	shift
	steps=$((steps + 1))
	after[steps]=$text title_of[steps]="$*"
	mark "begin:$steps"
	run "$*"
	[ "$STATUS" = 0 ] || give_up "recorded: $*"
	mark "done:$steps"
}

story() {
	step 'trusts 1' cryptexctl trust /cryptex/cert.pem
	step 'trusts 1; has 1, active 1' cryptexctl mount $HELLO-1.cryptex
	step 'trusts 1; has 1 2, active 1' cryptexctl stage $HELLO-2.cryptex
	step 'trusts 1; has 1 2, active 2' cryptexctl activate hello@2
	step 'trusts 1; has 1 2 3, active 2' cryptexctl stage $HELLO-3-from-2.cryptex
	step 'trusts 1; has 1 2 3, active 3' cryptexctl activate hello@3
	step 'trusts 1; has 1 2 3, active 1' cryptexctl rollback hello
	step 'trusts 1; has 1 3, active 1' cryptexctl retire hello@2
	step 'trusts 1; has 1 3, active 1' cryptexctl gc
	step 'trusts 1; has 1 3, active 3' cryptexctl activate hello@3
	step 'trusts 1, list 4; has 1, active 1' cryptexctl revoke /cryptex/lists/4.list
	step 'trusts 1, list 4' cryptexctl umount hello
}

# Out of a folder that is on another disk
story_update() {
	publish first /srv/repo
	from file:///srv/repo
	step 'trusts 1' cryptexctl trust /cryptex/cert.pem
	step 'trusts 1; has 1, active 1' cryptexctl mount /cryptex/small/greeting-1.cryptex --no-graft
	step 'trusts 1; has 1, active 1' cryptexctl check
	# A boot stages whatever is in the store.
	step 'trusts 1; has 1 2, active 1' cryptexctl update --download-only
	step 'trusts 1; has 1 2, active 1' cryptexctl update
	step 'trusts 1; has 1 2, active 2' cryptexctl update --activate
	publish newer /srv/repo
	step 'trusts 1; has 1 2 3, active 2' cryptexctl update
	step 'trusts 1; has 1 2 3, active 3' cryptexctl update --activate
	publish withdrawn /srv/repo
	step 'trusts 1, list 1; has 1 2, active 1' cryptexctl update
}

# record STORY
record() {
	insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
	steps=0 after=('trusts nothing')
	start_recording
	quietly 'cryptexctl init' && sync -f "$STORE"
	[ "$STATUS" = 0 ] || give_up 'the store is made'
	"$1"
	! mountpoint -q $MINE || umount $MINE
	stop_recording
	rmmod cryptex || give_up 'the module can be unloaded'
}

# --- judging

# What is on the disk, and in the kernel after a boot
what_there_is() {
	local certs lists=() file

	certs=$(find "$STORE/trusted" -name '*.der' | wc -l)
	[ "$certs" != 0 ] || certs=nothing
	for file in "$STORE"/revocations/*.list; do
		[ ! -e "$file" ] || file=${file%.list} lists+=("list ${file##*0}")
	done
	printf 'trusts %s' "$certs"
	[ ${#lists[@]} = 0 ] || printf ', %s' "${lists[@]}"
	[ ! -e $MINE/active ] ||
		printf '; has %s, active %s' "$(cd $MINE && echo [0-9]*)" "$(readlink $MINE/active)"
}

# Is every file below objects the object that its name tells?
objects_are_whole() {
	local files

	mapfile -t files < <(find "$STORE/objects" -type f)
	[ ${#files[@]} != 0 ] || return 0
	fsverity measure "${files[@]}" | awk '{ name = $2; gsub(".*/objects/|/", "", name)
		if ($1 != "sha256:" name) { print "is not whole: " $2; bad = 1 } } END { exit bad }'
}

verifies() {
	local rc=0

	cryptexctl verify || rc=$?
	objects_are_whole || rc=$?
	return $rc
}

# The module forgets the cryptexes when they are unmounted; lists it does not.
boots() {
	local rc=0

	[ -e /sys/module/cryptex ] || insmod /cryptex/cryptex.ko
	cryptexctl boot || rc=$?
	seen=$(what_there_is)
	if [ -e $MINE/active ]; then
		[ "$(cat $MINE/current/share/hello)" = "hello, version $(readlink $MINE/active)" ] ||
			{ echo "the content of $(readlink $MINE/active) is not its own"; rc=1; }
		umount $MINE || rc=$?
	fi
	[[ $seen != *list* ]] || rmmod cryptex || rc=$?
	return $rc
}

# look_at FROM TO [SEED]: mount, verify and boot; sets $fault and $seen
look_at() {
	local verifying

	fault='' seen='what cannot be mounted'
	look "$@" || { fault='the file system cannot be mounted'; look_away; return; }
	verifies >/tmp/verifies 2>&1 &
	verifying=$!
	boots >/tmp/boots 2>&1 || fault="boot: $(cat /tmp/boots)"
	wait $verifying || fault+=" verify: $(cat /tmp/verifies)"
	look_away
}

# judge WHERE: what was last seen
judge() {
	local text

	looked=$((looked + 1))
	for text in "${allowed[@]}"; do
		[ "$seen" != "$text" ] || [ "$fault" ] || return 0
	done
	bad=$((bad + 1))
	[ $bad -le 5 ] || return 0
	say "$1: it $seen" "  allowed: it ${allowed[0]}" "       or: it ${allowed[-1]}"
	[ -z "$fault" ] || say "  $fault"
}

# replay PARTS: judge every instant; where several writes lie before one, also
# PARTS times a made-up part of them. With `done` in its place, judge the
# acknowledgements alone.
replay() {
	local at writes kind what n from=0 i where='' parts=${1/done/0}
	local allowed=() seen fault

	looked=0 bad=0 lost=0 acknowledged=0 started=$SECONDS
	dd if=/dev/zero of="$COPY" bs=1M status=none 2>/dev/null
	power-replay list "$LOG" >/tmp/instants
	while IFS=' :' read -r at writes kind what n; do
		case $what in
		begin) allowed=("${after[n - 1]}" "${after[n]}") where="during ${title_of[n]}" ;;
		done) allowed=("${after[n]}") where="after ${title_of[n]}" ;;
		esac
		[ ${#allowed[@]} != 0 ] || continue
		[ "$1" != 'done' ] || [ "$what" = 'done' ] || continue
		for ((i = 0; i < parts && from && writes > 1; i++)); do
			look_at "$from" "$at" $((at + i))
			judge "$where, a part of what comes before byte $at"
		done
		# Where nothing was written, it is as it was when last looked at.
		if [ "$1$writes" != "${parts}0" ] || [ "$from" = 0 ]; then
			look_at "$from" "$at"
		fi
		judge "$where, byte $at, $kind"
		if [ "$what" = 'done' ]; then
			acknowledged=$((acknowledged + 1))
			[ "$seen" = "${allowed[0]}" ] || lost=$((lost + 1))
		fi
		from=$at
	done </tmp/instants
	[ ! -e /sys/module/cryptex ] || rmmod cryptex
	say "$looked instants in $((SECONDS - started)) s, $bad of them bad"
}

# cut_at_any_instant STORY PARTS TITLE
cut_at_any_instant() {
	title "$3"
	record "$1"
	replay "$2"
	claim "$looked cuts: the old or the new state, all objects whole" test $bad = 0 -a $looked -gt 20
	claim "  after each of $steps commands that had succeeded, the new one" \
		test $acknowledged = $steps -a $lost = 0
}

# --- killed, tried again, and then a cut

# again AFTER UNDO COMMAND: killed at each call that gets something onto the disk;
# the next try succeeds, and that is acknowledged
again() {
	local call n

	for call in fsync renameat2; do
		n=0
		until [ -e /tmp/survived ]; do
			n=$((n + 1))
			step "$1" "strace -f -qq -o /dev/null -e trace=$call" \
				"-e inject=$call:signal=KILL:when=$n $3 && touch /tmp/survived; $3"
			quietly "$2"
			[ "$STATUS" = 0 ] || give_up "undone: $2"
		done
		rm /tmp/survived
	done
}

story_again() {
	step 'trusts 1' cryptexctl trust /cryptex/cert.pem
	again 'trusts 1' "rm $STORE/trusted/* && sync -f $STORE" \
		'cryptexctl trust /cryptex/cert.pem'
	step 'trusts 1' cryptexctl trust /cryptex/cert.pem
	step 'trusts 1; has 1, active 1' cryptexctl mount $HELLO-1.cryptex
	again 'trusts 1; has 1 2, active 1' \
		'cryptexctl retire hello@2 && cryptexctl gc' "cryptexctl stage $HELLO-2.cryptex"
	step 'trusts 1; has 1 2, active 1' cryptexctl stage $HELLO-2.cryptex
	again 'trusts 1; has 1 2, active 2' \
		'cryptexctl rollback hello' 'cryptexctl activate hello@2'
	again 'trusts 1; has 1 2, active 1' \
		'cryptexctl activate hello@2' 'cryptexctl rollback hello'
	step 'trusts 1; has 1 2, active 1' cryptexctl rollback hello
	again 'trusts 1, list 4; has 1 2, active 1' \
		"rm $STORE/revocations/* && sync -f $STORE" 'cryptexctl revoke /cryptex/lists/4.list'
}

# --- that it can fail

# The same story by a program that syncs nothing
story_unsynced() {
	# shellcheck disable=SC2317 # story calls it
	cryptexctl() { LD_PRELOAD=$NOSYNC command cryptexctl "$@"; }
	story
	unset -f cryptexctl
}

unsynced() {
	title 'The same without a sync'
	record story_unsynced
	replay 0
	claim "without a sync, $bad of $looked cuts are bad, and $lost of $acknowledged acknowledgements are lost" \
		test $bad -gt 0 -a $lost -gt 0
}

never_write_back
modprobe -a dm-log-writes dm-snapshot || give_up 'the kernel has dm-log-writes and dm-snapshot'
case ${1:-} in
update)
	MINE=/usr/cryptexes/greeting
	identify
	cut_at_any_instant story_update 0 'Each update, and a cut at any instant'
	;;
some) cut_at_any_instant story 0 'Each command, and a cut at any instant' ;;
parts) cut_at_any_instant story 2 'The same, with a part of what was not sure' ;;
again) cut_at_any_instant story_again 'done' 'Killed, tried again, and cut off' ;;
unsynced) unsynced ;;
*) give_up "the part '${1:-}' of this test is known" ;;
esac
[ $failed = 0 ]
