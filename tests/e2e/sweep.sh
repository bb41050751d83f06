#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: sweep.sh some|all [COMMAND[:K/M]]...
#
# At each system call of each command that changes something, in any of its
# processes, that process is killed, or the call fails with EIO, ENOSPC or ENOMEM.
# Afterwards the store verifies, the state and the kernel agree, and one more try
# succeeds; nobody cleans up. Started by run.sh; $CX_DISK0 is the store.
#
# `all` is every call, or every M-th from the K-th; `some` is the calls that change
# something: of each name the first ones, the middle one and the last.

# shellcheck disable=SC2034,SC2016 # try_X and again_X are used by name
set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
# shellcheck source=tests/e2e/remote.sh
. /cryptex/e2e/remote.sh
HELLO=/cryptex/hello/hello
MINE=/usr/cryptexes/hello
STATE=$STORE/state.json
how=$1
shift

# Calls that change something, or start what does
CHANGING='mkdirat|mkdir|openat|write|pwrite64|ftruncate|fallocate|fsync|fdatasync|ioctl|fchmod|renameat|renameat2|linkat|unlinkat|unlink|rmdir|sendmsg|recvmsg|flock|clone|clone3|vfork|mount|umount2|fsconfig|fsmount|move_mount|getdents64|brk|mmap'

active() { readlink $MINE/active; }
certs() { find "$STORE/trusted" -name '*.der' | wc -l; }
stored() { [ -e "$STORE/seals/hello/$1.seal" ]; }
stage_2() { { stored 2 && [ -e $MINE/2 ]; } || cryptexctl stage $HELLO-2.cryptex; }
unstage_2() {
	[ "$(active)" = 1 ] || cryptexctl rollback hello
	if stored 2 || [ -e $MINE/2 ]; then cryptexctl retire hello@2; fi
	cryptexctl gc
}
afresh() {
	! mountpoint -q $MINE || umount $MINE
	rmmod cryptex
	insmod /cryptex/cryptex.ko
}

# --- the commands. begin_X leads to where X starts, try_X is X, done_X tells whether
# it has come about. again_X is what another try may say where nothing is left to do.

begin_trust() { find "$STORE/trusted" -newer /tmp/first_cert -name '*.der' -delete; }
try_trust='cryptexctl trust /cryptex/lists/reserve.pem'
done_trust() { [ "$(certs)" = 2 ]; }

begin_mount() {
	cryptexctl umount hello
	rm -rf "$STORE"/seals/hello "$STORE"/objects/*
}
try_mount="cryptexctl mount $HELLO-1.cryptex"
done_mount() { [ "$(active)" = 1 ] && grep -q '"hello"' "$STATE"; }

begin_stage() { unstage_2; }
try_stage="cryptexctl stage $HELLO-2.cryptex"
done_stage() { stored 2 && grep -q 'version 2$' $MINE/2/share/hello; }

begin_delta() { unstage_2; }
try_delta="cryptexctl stage $HELLO-2-from-1.cryptex"
done_delta() { done_stage; }

begin_activate() { stage_2 && { [ "$(active)" = 1 ] || cryptexctl rollback hello; }; }
try_activate='cryptexctl activate hello@2'
done_activate() { [ "$(active)" = 2 ] && grep -q 'version 2$' $MINE/current/share/hello; }

begin_rollback() { stage_2 && { [ "$(active)" = 2 ] || cryptexctl activate hello@2; }; }
try_rollback='cryptexctl rollback hello'
done_rollback() { [ "$(active)" = 1 ] && grep -q 'version 1$' $MINE/current/share/hello; }

begin_retire() { stage_2 && { [ "$(active)" = 1 ] || cryptexctl rollback hello; }; }
try_retire='cryptexctl retire hello@2'
done_retire() { [ ! -e $MINE/2 ] && ! stored 2; }
again_retire='hello has no generation 2'

garbage() { printf "$STORE/objects/0$1/%062d" "$1"; }
begin_gc() {
	local i

	for i in 1 2 3; do
		mkdir -p "$STORE/objects/0$i"
		echo "$i" >"$(garbage $i)"
	done
}
try_gc='cryptexctl gc'
done_gc() { [ ! -e "$(garbage 1)" ] && [ ! -e "$(garbage 2)" ] && [ ! -e "$(garbage 3)" ]; }

# The kernel takes no older list, and forgets none.
begin_revoke() {
	rm -rf "$STORE"/revocations/*
	afresh
	cryptexctl boot
	begin_rollback
}
try_revoke='cryptexctl revoke /cryptex/lists/1.list'
done_revoke() {
	[ "$(active)" = 1 ] && [ -e "$STORE/revocations/00000000000000000001.list" ] &&
		! grep -q '"active": "2"' "$STATE"
}

GREETING=/usr/cryptexes/greeting
begin_boot() {
	mountpoint -q $MINE || cryptexctl mount $HELLO-1.cryptex
	begin_rollback
	afresh
}
try_boot='cryptexctl boot'
done_boot() { done_activate; }

begin_umount() { cryptexctl mount $HELLO-1.cryptex; }
try_umount='cryptexctl umount hello'
done_umount() { ! mountpoint -q $MINE && ! grep -q '"hello"' "$STATE"; }

# From a folder; the fetcher is a process of its own, whose calls fail as well.
set_up_update() {
	[ ! -e $GREETING/1 ] || return 0
	systemd-sysusers /cryptex/cryptex.conf
	tr -dc 0-9a-f </dev/urandom | head -c 32 >/etc/machine-id
	publish first /srv/repo
	cryptexctl mount /cryptex/small/greeting-1.cryptex --no-graft
	from file:///srv/repo
}
begin_update() {
	set_up_update
	[ "$(readlink $GREETING/active)" = 1 ] || cryptexctl rollback greeting
	if [ -e $GREETING/2 ] || [ -e "$STORE/seals/greeting/2.seal" ]; then
		cryptexctl retire greeting@2
	fi
	cryptexctl gc
}
try_update='cryptexctl update greeting'
done_update() { grep -q 'version 2$' $GREETING/2/share/hello && [ -e "$STORE/seals/greeting/2.seal" ]; }

# A list that comes with the metadata hits what is active.
begin_withdraw() {
	set_up_update
	rm -rf "$STORE"/revocations/*
	umount $GREETING
	afresh
	cryptexctl boot
	publish newer /srv/repo
	from file:///srv/repo
	cryptexctl update greeting --activate
	[ "$(readlink $GREETING/active)" = 3 ] && publish withdrawn /srv/repo
}
try_withdraw='cryptexctl update greeting'
done_withdraw() {
	[ "$(readlink $GREETING/active)" != 3 ] && [ "$(state_of greeting)" != 3 ] &&
		[ -e "$STORE/revocations/00000000000000000001.list" ]
}

COMMANDS='trust stage delta activate rollback retire gc revoke boot umount mount'

# --- one point

# What the next boot will make active
state_of() { sed -n "/^    \"$1\": {/,/}/s/.*\"active\": \"\([^\"]*\)\".*/\1/p" "$STATE"; }

# agree FILE: do the state and the kernel tell the same? A command that warned that it
# could not save what it did is allowed to leave that to the next try.
agree() {
	local name active

	! grep -q 'could not be saved' "$1" || return 0
	for name in hello greeting; do
		mountpoint -q /usr/cryptexes/$name || continue
		active=$(readlink /usr/cryptexes/$name/active)
		[ "$(state_of $name)" = "$active" ] ||
			{ echo "the kernel has $name@$active active, the state has:"; cat "$STATE"; return 1; }
	done
}

# ended X CALL FAULT STATUS: may the command end so?
ended() {
	case $3:$4 in
	kill:137) ;;
	# It was another process than the first one.
	kill:1) [ -s /tmp/out ] || { echo 'it has failed without a word'; return 1; } ;;
	kill:0) [[ $1 =~ ^(update|withdraw)$ ]] || { echo 'it was not killed'; return 1; }
		"done_$1" || { echo 'it claims to have succeeded'; return 1; } ;;
	*:0) "done_$1" || grep -q 'could not be saved' /tmp/out ||
		{ echo "it claims to have succeeded"; return 1; } ;;
	*:1) [ -s /tmp/out ] || { echo 'it has failed without a word'; return 1; } ;;
	*:127 | *:2) ;;
	# The C library gives up where futex() fails.
	*:134) [ "$2" = futex ] ;;
	*) return 1 ;;
	esac
}

# hit X N FAULT: leaves the name of the call in /tmp/call, nothing if there is no
# N-th one; then the command has to come to its end
hit() {
	local try=try_$1 again=again_$1 rc=0

	"begin_$1" >/tmp/begin 2>&1 || { echo "it cannot begin: $(cat /tmp/begin)"; return 1; }
	# shellcheck disable=SC2086 # words
	timeout 60 fail-call /tmp/call "$2" "$3" ${!try} >/tmp/out 2>&1 || rc=$?
	if [ ! -s /tmp/call ]; then
		[ $rc = 0 ] && "done_$1" && return
		echo "status $rc before that call: $(cat /tmp/out)"
		return 1
	fi
	ended "$1" "$(cat /tmp/call)" "$3" $rc || { echo "status $rc: $(cat /tmp/out)"; return 1; }
	[ "$3" = kill ] || agree /tmp/out || { echo "after: $(cat /tmp/out)"; return 1; }
	cryptexctl verify >/tmp/verify 2>&1 || { echo "verify: $(cat /tmp/verify)"; return 1; }
	rc=0
	${!try} >/tmp/again 2>&1 || rc=$?
	[ $rc = 0 ] || { [ -n "${!again:-}" ] && grep -q "${!again}" /tmp/again; } ||
		{ echo "the next try, after $(cat /tmp/out): $(cat /tmp/again)"; return 1; }
	"done_$1" || { echo "the next try has done nothing: $(cat /tmp/again)"; return 1; }
	agree /tmp/again
}

# --- all points

# points X SHARE: the numbers of the calls to hit. With `all` the end is where a
# command makes no N-th call.
points() {
	local try=try_$1

	if [ "$how" = all ]; then
		seq "${2%/*}" "${2#*/}" 100000
		return
	fi
	"begin_$1" >/tmp/begin 2>&1
	# shellcheck disable=SC2086 # words
	fail-call /tmp/calls list ${!try} >/tmp/out 2>&1
	awk -v changing="^($CHANGING)\$" '
		$0 ~ changing { at[$0, ++n[$0]] = NR }
		END {
			for (call in n) {
				print at[call, 1]
				if (n[call] > 1) print at[call, 2]
				print at[call, int((1 + n[call]) / 2)]
				print at[call, n[call]]
			}
		}' /tmp/calls | sort -nu
}

# faults N: `some` takes one at the N-th point, in turn
faults() {
	local all=(kill EIO kill ENOSPC kill ENOMEM)

	if [ "$how" = all ]; then
		echo kill EIO ENOSPC ENOMEM
	else
		echo "${all[$1 % 6]}"
	fi
}

# sweep X SHARE
sweep() {
	local n fault why points=0 verdict=0 start=$SECONDS
	declare -A hits=()

	for n in $(points "$1" "$2"); do
		for fault in $(faults $points); do
			if ! why=$(hit "$1" "$n" "$fault" 2>&1); then
				sed 's/^/# /' <<<"$1: call $n, $(cat /tmp/call), $fault: $why"
				verdict=$((verdict + 1))
			fi
			[ -s /tmp/call ] || break 2
			hits[$fault]=$((${hits[$fault]:-0} + 1))
			points=$((points + 1))
			# For whoever has to stop it before its end
			[ $((points % 400)) != 0 ] ||
				echo "# $1: $points points, up to call $n: $verdict bad"
		done
	done
	OUT='' STATUS=$verdict
	total=$((total + points))
	claim "$1: killed at ${hits[kill]:-0} calls, $((points - ${hits[kill]:-0})) calls fail ($((SECONDS - start)) s): $verdict were bad" \
		test $verdict = 0 -a "${hits[kill]:-0}" -gt $((5 / ${2#*/}))
}

total=0
insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
make_store "$CX_DISK0" $STORE
run 'cryptexctl init && cryptexctl trust /cryptex/cert.pem'
touch /tmp/first_cert
run "cryptexctl mount $HELLO-1.cryptex"
[ "$STATUS" = 0 ] || give_up 'the base is mounted'
# shellcheck disable=SC2086 # words
[ $# != 0 ] || set -- $COMMANDS
for command; do
	[[ $command = *:* ]] || command+=:1/1
	sweep "${command%:*}" "${command#*:}"
done
say "$total points"
run 'cryptexctl init'
claim 'what was left in tmp is gone with init or boot' test -z "$(ls $STORE/tmp)"
[ $failed = 0 ]
