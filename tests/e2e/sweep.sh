#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: sweep.sh some|all [COMMAND]...
#
# At each system call of each command that changes something, the process is
# killed, or the call fails with EIO, ENOSPC or ENOMEM. Afterwards the store
# verifies, the state and the kernel agree, and one more try succeeds; nobody cleans
# up. Started by run.sh; $CX_DISK0 is the store.
#
# `all` is every call of every name; `some` is the calls that change something: of
# each name the first ones, the middle one and the last.

# shellcheck disable=SC2034 # try_X and again_X are used by name
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

# ended X FAULT STATUS: may the command end so?
ended() {
	case $2:$3 in
	signal=KILL:137) ;;
	# It was another process than the first one.
	signal=KILL:1) [ -s /tmp/out ] || { echo 'it has failed without a word'; return 1; } ;;
	signal=KILL:0) [[ $1 =~ ^(update|withdraw)$ ]] && "done_$1" ||
		{ echo 'not killed'; return 1; } ;;
	*:0) "done_$1" || grep -q 'could not be saved' /tmp/out ||
		{ echo "it claims to have succeeded"; return 1; } ;;
	*:1) [ -s /tmp/out ] || { echo 'it has failed without a word'; return 1; } ;;
	*:127 | *:2) ;;
	*) return 1 ;;
	esac
}

# hit X CALL N FAULT
hit() {
	local try=try_$1 again=again_$1 rc=0

	"begin_$1" >/tmp/begin 2>&1 || { echo "it cannot begin: $(cat /tmp/begin)"; return 1; }
	# shellcheck disable=SC2086 # words
	timeout 60 strace -f -qq -o /dev/null -e trace="$2" -e inject="$2:$4:when=$3" \
		${!try} >/tmp/out 2>&1 || rc=$?
	ended "$1" "$4" $rc || { echo "status $rc: $(cat /tmp/out)"; return 1; }
	[ "$4" = signal=KILL ] || agree /tmp/out || { echo "after: $(cat /tmp/out)"; return 1; }
	cryptexctl verify >/tmp/verify 2>&1 || { echo "verify: $(cat /tmp/verify)"; return 1; }
	rc=0
	${!try} >/tmp/again 2>&1 || rc=$?
	[ $rc = 0 ] || { [ -n "${!again:-}" ] && grep -q "${!again}" /tmp/again; } ||
		{ echo "the next try, after $(cat /tmp/out): $(cat /tmp/again)"; return 1; }
	"done_$1" || { echo "the next try has done nothing: $(cat /tmp/again)"; return 1; }
	agree /tmp/again
}

# --- all points

# calls X: what it calls: how often at most one process makes each call, since
# strace counts for each; how often the dynamic linker does before the program
# starts; the call
calls() {
	local try=try_$1

	"begin_$1" >/tmp/begin 2>&1
	# shellcheck disable=SC2086 # words
	strace -f -qq -o /tmp/calls ${!try} >/tmp/out 2>&1
	awk '{ call = $2; sub(/\(.*/, "", call) }
		call !~ /^[a-z0-9_]+$/ { next }
		!first { first = $1 }
		{ n[$1 " " call]++ }
		$1 == first && !started { before[call]++ }
		/^[0-9]+ +prlimit64/ && !started { started = 1 }
		END {
			for (key in n) {
				split(key, part, " ")
				if (n[key] > most[part[2]]) most[part[2]] = n[key]
			}
			for (call in most) print most[call], before[call] + 0, call
		}' /tmp/calls | grep -vE ' (execve|exit|exit_group|rt_sigreturn)$' | sort -k3
}

# points FIRST LAST
points() {
	if [ "$how" = all ]; then
		seq "$1" "$2"
	else
		seq "$1" "$2" | awk -v first="$1" -v last="$2" \
			'NR <= 2 || $1 == int((first + last) / 2) || $1 == last'
	fi
}

# faults N CALL: `some` takes one at the N-th point, in turn. brk() returns no error
# but where the memory ends.
faults() {
	local errors=(EIO ENOSPC ENOMEM) error

	error=error=${errors[$1 / 2 % 3]}
	[ "$2" != brk ] || error=retval=0
	if [ "$how" = all ]; then
		echo signal=KILL
		[ "$2" = brk ] || printf 'error=%s\n' "${errors[@]}"
		[ "$2" != brk ] || echo $error
	elif [ $(($1 % 2)) = 0 ]; then
		echo signal=KILL
	else
		echo $error
	fi
}

sweep() {
	local most before call n fault why bad='' killed=0 failing=0 verdict=0 start=$SECONDS

	calls "$1" >/tmp/points
	while read -r most before call; do
		[ "$how" = all ] || [[ $call =~ ^($CHANGING)$ ]] || continue
		for n in $(points $((before + 1)) "$most"); do
			for fault in $(faults $((killed + failing)) "$call"); do
				case $fault in *KILL) killed=$((killed + 1)) ;; *) failing=$((failing + 1)) ;; esac
				why=$(hit "$1" "$call" "$n" "$fault" 2>&1) && continue
				bad+="$call $n $fault: $why"$'\n'
				verdict=$((verdict + 1))
			done
		done
	done </tmp/points
	OUT=$(head -c 6000 <<<"$bad") STATUS=$verdict
	total=$((total + killed + failing))
	claim "$1: killed at $killed calls, $failing calls fail ($((SECONDS - start)) s): $verdict were bad" \
		test $verdict = 0 -a $killed -gt 5
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
	sweep "$command"
done
say "$total points"
run 'cryptexctl init'
claim 'what was left in tmp is gone with init or boot' test -z "$(ls $STORE/tmp)"
[ $failed = 0 ]
