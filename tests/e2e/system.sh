#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a system meets beside the story: no module, no store, a wrong file system,
# a full disk, two cryptexes as one set, and output for programs. Started by
# run.sh; $CX_DISK0 takes the JSON to the host, $CX_DISK1 is the store, $CX_DISK2 a
# small disk.

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
BASE=/cryptex/openssl/openssl-$OLD.cryptex PATCH=/cryptex/openssl/openssl-$NEW.cryptex
HELLO=/cryptex/hello
MINE=/usr/cryptexes/hello

# refuse TEXT REGEX COMMAND
refuse() {
	run "$3"
	claim "$1" refused "$2"
}

no_module() {
	local command

	title 'The module is not loaded'
	make_store "$CX_DISK1" $STORE
	run 'cryptexctl init'
	claim 'init needs no module' accepted 'is ready'
	run 'cryptexctl trust /cryptex/cert.pem'
	claim 'trust needs none, and says when the kernel will know' accepted 'not loaded'
	for command in "mount $BASE" "stage $PATCH" "activate openssl@$NEW" \
		'rollback openssl' status ps; do
		refuse "${command%% *}: it names the module" 'module is not loaded' \
			"cryptexctl $command"
	done
	run 'cryptexctl list'
	claim 'list shows the store without it' accepted
	run 'cryptexctl verify'
	claim 'verify works without it' accepted
	insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
	refuse 'a key that the helper trusts and the kernel does not: the kernel decides' \
		'trusted key' "cryptexctl mount $BASE"
	run 'cryptexctl trust /cryptex/cert.pem'
	claim 'now the kernel knows it' accepted
}

bad_stores() {
	title 'Stores that will not do'
	# shellcheck disable=SC2016 # that is how it is printed
	refuse 'no store' 'no store at /nowhere: make it with `cryptexctl init`' \
		"cryptexctl --store /nowhere mount $BASE"
	refuse 'a folder that is no store' 'is not a store' "cryptexctl --store /usr stage $PATCH"
	refuse 'a file' 'not a folder' "cryptexctl --store /etc/passwd verify"
	refuse 'tmpfs: the remedy is named' 'tmpfs.*no fs-verity.*init --loop' \
		'cryptexctl --store /tmp/store init'
	claim 'nothing is left of it' test ! -e /tmp/store
	refuse 'a loop store that is too small' 'at least' \
		'cryptexctl --store /tmp/store init --loop 1M'
	refuse 'a loop store that does not fit' 'are free there' \
		'cryptexctl --store /tmp/store init --loop 900G'
	claim 'nothing is left of these' test -z "$(ls -d /tmp/store* 2>/dev/null)"
}

everything() { find $STORE -type f | sort; }

bad_input() {
	local file=/tmp/input.cryptex before

	before=$(everything)
	title 'Bad input'
	refuse 'a missing file' 'no such file|does not exist|No such file' \
		'cryptexctl mount /nowhere.cryptex'
	: >$file
	refuse 'an empty file' 'empty' "cryptexctl mount $file"
	refuse 'a folder' 'folder|directory' 'cryptexctl mount /usr'
	head -c 100000 "$BASE" >$file
	refuse 'a truncated container' 'cut short|truncated|damaged|ends' "cryptexctl mount $file"
	head -c 100000 /dev/urandom >$file
	refuse 'noise' 'container|archive' "cryptexctl mount $file"
	refuse 'a patch where a base is due' 'is a patch' "cryptexctl mount $HELLO/hello-2.cryptex"
	refuse 'a patch whose cryptex is not mounted' 'no cryptex hello is mounted' \
		"cryptexctl stage $HELLO/hello-2.cryptex"
	refuse 'activating what is not mounted' 'no cryptex hello is mounted' \
		'cryptexctl activate hello@1'
	refuse 'rolling it back' 'no cryptex hello is mounted' 'cryptexctl rollback hello'
	claim 'nothing of all this is in the store' test "$before" = "$(everything)"
	rm -f $file
}

active() { cryptexctl status --json | grep -A1 '"active"' | sed -n 's/.*"active": "\(.*\)".*/\1/p' | paste -sd' '; }
epoch() { sed -n 's/.*(epoch \([0-9]*\))/\1/p' <<<"$OUT" | sort -u; }

one_set() {
	title 'Two cryptexes as one set'
	run "cryptexctl mount $BASE && cryptexctl mount $HELLO/hello-1.cryptex"
	claim 'both are mounted' accepted 'mounted hello@1'
	run "cryptexctl stage $PATCH && cryptexctl stage $HELLO/hello-2.cryptex"
	claim 'both patches are staged' accepted 'staged hello@2'
	refuse 'one bad name' 'hello has no staged generation 7' \
		"cryptexctl activate openssl@$NEW hello@7"
	claim '  and none is switched' test "$(active)" = "1 $OLD"
	refuse 'one bad name, the other way round' 'no cryptex hullo is mounted' \
		"cryptexctl activate hello@2 hullo@1"
	claim '  and none is switched' test "$(active)" = "1 $OLD"
	refuse 'one cryptex twice' 'named twice' 'cryptexctl activate hello@1 hello@2'
	run "cryptexctl activate openssl@$NEW hello@2"
	claim 'both are switched' test "$(active)" = "2 $NEW"
	claim '  as one epoch' test "$(epoch | wc -l)" = 1
	run "cat $MINE/current/share/hello"
	claim 'the files are those of the patch' said 'version 2$'
	run 'cryptexctl rollback --all'
	claim 'rollback --all returns both' test "$(active)" = "1 $OLD"
	claim '  as one epoch' test "$(epoch | wc -l)" = 1
	run 'cryptexctl rollback --all'
	claim 'again is nothing to do' accepted 'nothing to do'
}

# --- output for programs and for people

hand_over_json() {
	local dir=/tmp/json reader

	title 'Output'
	mkdir $dir
	# A program that waits for its input, on what is old code afterwards
	sleep 1000 | openssl dgst >/dev/null &
	reader=$!
	wait_until 30 runs_only $reader "$OLD"
	cryptexctl activate "openssl@$NEW" hello@2 >/dev/null
	cryptexctl status --json >$dir/status
	cryptexctl list --json >$dir/list
	cryptexctl ps --json >$dir/ps
	cryptexctl ps --all --json >$dir/ps-all
	cryptexctl verify --json >$dir/verify
	cryptexctl trust --json >$dir/trust
	cryptexctl show "openssl@$NEW" --files --json >$dir/show
	pkill -P $$ sleep
	wait $reader
	tar -C $dir -cf "$CX_DISK0" .
}

# on_terminal COMMAND: what it prints to one
on_terminal() { script -qec "$1" /dev/null; }
has_escapes() { [[ $1 == *$'\033'* ]]; }

colours() {
	local text command

	text=$(TERM=xterm on_terminal 'cryptexctl list')
	claim 'list is coloured on a terminal' has_escapes "$text"
	for command in status list 'ps --all' verify 'show hello@2'; do
		text=$(TERM=xterm NO_COLOR=1 on_terminal "cryptexctl $command")
		claim "$command has no escapes with NO_COLOR" is_not has_escapes "$text"
		# shellcheck disable=SC2086 # words
		text=$(TERM=xterm cryptexctl $command)
		claim "$command has none in a pipe" is_not has_escapes "$text"
	done
	run 'cryptexctl list >/dev/full'
	claim 'output that cannot be written is a failure' refused 'cannot write'
}

# --- deltas

objects_of() { find "$STORE/objects" -type f | sort; }

# lie TEXT REGEX CONTAINER
lie() {
	local before

	before=$(everything)
	refuse "$1" "$2" "cryptexctl stage /cryptex/lies/$3.cryptex"
	claim '  and the store is as it was' test "$before" = "$(everything)"
}

lies() {
	title 'Deltas that are not what their names say'
	cryptexctl umount hello >/dev/null
	cryptexctl retire hello@2 >/dev/null
	cryptexctl gc >/dev/null
	cryptexctl mount $HELLO/hello-1.cryptex >/dev/null
	lie 'for another old file' \
		'the delta for share/noise cannot be used: .*; get the whole container of hello@2' for-another
	lie 'a sound one, that makes another file' 'what it makes is not what the seal names' makes-another
	lie 'one that is cut short' 'share/noise cannot be used' truncated
	lie 'one with a bit flipped' 'share/noise cannot be used' flipped
	lie 'noise' 'share/noise cannot be used' noise
	lie 'for an object that the seal does not name' 'object that its seal does not name' not-in-seal
	lie 'for an object that is not in the store' 'not in the store: .*objects/00/0.* is missing' no-old
	lie 'longer than what it makes' 'more than the [0-9]+ that it makes' too-long
	refuse 'a good one without the rest' 'the content of share/hello is not to be had' \
		'cryptexctl stage /cryptex/lies/a-good.cryptex'
	run "cryptexctl stage $HELLO/hello-2-from-1.cryptex"
	claim 'after all that, the real one is taken' accepted 'staged hello@2'
	run "cmp $MINE/2/share/noise <(cat $MINE/2/share/noise) && cryptexctl verify hello"
	claim 'and is as it was sealed' accepted 'all is as it was sealed'
}

collected() {
	local before

	title 'Objects are collected, and made again'
	run 'cryptexctl gc'
	claim 'what is staged is needed' accepted 'every object is needed'
	refuse 'the base cannot be retired' 'boot puts in force|the base' 'cryptexctl retire hello@1'
	run "cryptexctl stage $HELLO/hello-3-from-2.cryptex && cryptexctl activate hello@3"
	claim 'from one patch to the next by a delta' accepted 'fetched .* [12] of 2 came as deltas'
	before=$(objects_of | wc -l)
	run 'cryptexctl retire hello@2 && strace -qq -o /dev/null -e inject=unlink:signal=KILL:when=1 cryptexctl gc'
	claim 'a collection is killed at its first object' test "$STATUS" = 137
	run 'cryptexctl verify && cryptexctl gc'
	claim '  which harms nothing, and the next one ends it' \
		test "$STATUS" = 0 -a "$(objects_of | wc -l)" = $((before - 2))
	run "cryptexctl verify && cat $MINE/current/share/hello"
	claim 'the old patch is collected, and nothing else' accepted 'version 3$'
	refuse 'it cannot be activated' 'hello has no staged generation 2' 'cryptexctl activate hello@2'
	run "cryptexctl stage $HELLO/hello-2-from-3.cryptex && cryptexctl activate hello@2"
	claim 'the antipatch brings it back' accepted '2 is active now, was 3'
	run "cryptexctl verify && cat $MINE/current/share/hello"
	claim '  whole' accepted 'version 2$'

	before=$(objects_of)
	mv $STORE/seals/hello/3.seal /tmp/3.seal
	refuse 'gc, with a seal missing that the kernel has' 'kernel has hello@3, whose seal' 'cryptexctl gc'
	: >$STORE/seals/hello/3.seal
	refuse 'gc, with a seal that is damaged' 'what hello@3 needs is not known' 'cryptexctl gc'
	mv /tmp/3.seal $STORE/seals/hello/3.seal
	claim '  collects nothing' test "$before" = "$(objects_of)"

	run 'cryptexctl umount hello && cryptexctl retire hello@1 && cryptexctl gc'
	claim 'a base that is not mounted can be collected' accepted 'removed 2 objects'
	run "cryptexctl mount $HELLO/hello-1-from-2.cryptex"
	claim 'and comes back from the antipatch alone' accepted 'mounted hello@1'
	run "cryptexctl verify && cat $MINE/current/share/hello"
	claim '  whole' accepted 'version 1$'
}

# --- a full disk

full_disk() {
	local store=/small

	title 'The disk is full while staging'
	cryptexctl umount openssl >/dev/null
	cryptexctl umount hello >/dev/null
	make_store "$CX_DISK2" $store
	run "cryptexctl --store $store init && cryptexctl --store $store trust /cryptex/cert.pem"
	run "cryptexctl --store $store mount $BASE"
	claim 'a small store takes the base' accepted
	dd if=/dev/zero of=$store/filler bs=64k 2>/dev/null
	truncate -s -1M $store/filler
	run "df -k $store"
	refuse 'the patch does not fit' "store $store is full: free some space" \
		"cryptexctl --store $store stage $PATCH"
	refuse 'nor do its deltas' "store $store is full: free some space" \
		"cryptexctl --store $store stage ${PATCH%.cryptex}.patch.cryptex"
	claim '  no seal was stored, nothing is in tmp' \
		test -z "$(find $store/tmp $store/seals -name "*$NEW*" -o -path "$store/tmp/*")"
	claim '  and no generation was added' \
		test "$(cryptexctl --store $store list --json | grep -c '"label"')" = 1
	run "cryptexctl --store $store verify"
	claim '  and the store verifies' accepted
	rm $store/filler
	run "cryptexctl --store $store stage ${PATCH%.cryptex}.patch.cryptex"
	claim 'with room, it is staged' accepted "staged openssl@$NEW_RE"
	run "cryptexctl --store $store verify && cryptexctl --store $store umount openssl"
	claim 'and verifies' accepted 'all is as it was sealed'
	umount $store
}

no_module
bad_stores
bad_input
one_set
hand_over_json
colours
lies
collected
full_disk
title 'The end'
claim 'the module can be unloaded' rmmod cryptex
[ $failed = 0 ]
