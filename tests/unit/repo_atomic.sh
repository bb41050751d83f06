#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Publishing is all or nothing: killed at any call, failed calls, a full disk, two at once,
# and readers all the while.
set -euo pipefail
. "$(dirname "$0")/repo/lib.sh"
cd "$work"
samples 101 102 103 104 105 106

"$repo" init start --keys keys >/dev/null
"$repo" release start demo-100.cryptex demo-101.cryptex --keys keys >/dev/null
cp -a start whole
"$repo" release whole demo-102.cryptex --keys keys >/dev/null
old=$(bytes start) new=$(bytes whole)

# The next release, its retry, and what a reader finds in between
release() { "$repo" release r demo-102.cryptex --keys keys; }
# state: old or new, by what a reader is led to; anything unsound is "mixed"
state() {
	if ! "$repo" check r >out 2>&1; then
		echo mixed
	elif "$repo" show r | grep -q '^demo@102 '; then
		echo new
	else
		echo old
	fi
}
# One retry of the same command makes all as if nothing had happened.
finished() { release >out 2>&1 && "$repo" check r >out 2>&1 && [ "$(bytes r)" = "$new" ]; }

# each CALL ACTION NAME NEW: at each call of that name in turn; at least at NEW of them the
# new repository is there already
each() {
	local call=$1 action=$2 name=$3 least=$4 n total olds=0 news=0 bad=''

	cp -a start r
	strace -f -qq -e trace="$call" -o calls "$repo" release r demo-102.cryptex --keys keys >/dev/null
	total=$(grep -c "$call(" calls)
	rm -rf r
	for ((n = 1; n <= total; n++)); do
		cp -a start r
		(strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:$action:when=$n" \
			"$repo" release r demo-102.cryptex --keys keys || true) >/dev/null 2>&1
		case $(state) in
		old) olds=$((olds + 1)) ;;
		new) news=$((news + 1)) ;;
		*) bad+=" $n: $(head -1 out);" ;;
		esac
		finished || bad+=" $n: a retry: $(head -1 out);"
		rm -rf r
	done
	check "$name: $total calls, $olds times the old repository, $news times the new one, a retry finishes" \
		test -z "$bad" -a "$total" -gt 0 -a "$olds" -gt 0 -a "$news" -ge "$least"
	[ -z "$bad" ] || echo "#$bad"
}

if command -v strace >/dev/null; then
	each renameat signal=KILL "killed at each renameat" 0
	each fsync signal=KILL "killed at each fsync" 1
	each openat signal=KILL "killed at each openat" 1
	each mkdirat signal=KILL "killed at each mkdirat" 0
	each write signal=KILL "killed at each write" 0
	each renameat error=EIO "renameat fails" 0
	each fsync error=EIO "fsync fails" 0
	each write error=ENOSPC "no room at each write" 0
else
	skip "killed at each call" "there is no strace"
fi

# steps NAME CALL COMMAND...: any command, killed at each CALL: sound, and so after one retry
steps() {
	local name=$1 call=$2 n total bad=''
	shift 2

	rm -rf r && cp -a start r
	strace -f -qq -e trace="$call" -o calls "$@" >/dev/null
	total=$(grep -c "$call(" calls)
	for ((n = 1; n <= total; n++)); do
		rm -rf r && cp -a start r
		(strace -f -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$n" "$@" || true) >/dev/null 2>&1
		[ -n "${window:-}" ] || "$repo" check r >out 2>&1 || bad+=" $n: $(head -1 out);"
		"$@" >out 2>&1 || bad+=" $n: a retry: $(head -1 out);"
		"$repo" check r >out 2>&1 || bad+=" $n: after a retry: $(head -1 out);"
	done
	rm -rf r
	check "$name: killed at each $call ($total), it is sound, and a retry finishes" test -z "$bad" -a "$total" -gt 0
	[ -z "$bad" ] || echo "#$bad"
}

if command -v strace >/dev/null; then
	openssl genpkey -algorithm ed25519 -out next.pem
	mkdir lost && cp keys/root.pem keys/snapshot.pem lost/
	for call in renameat fsync; do
		steps withdraw $call "$repo" withdraw r demo@101 --reason x --keys keys --key signing/key.pem --cert signing/cert.pem
		steps "rotate timestamp" $call "$repo" rotate r timestamp --new-key next.pem --keys keys
		steps "rotate root" $call "$repo" rotate r root --new-key next.pem --keys keys --role-key next.pem
		# Without the old key there is a moment in which root is ahead of the rest.
		window=1 steps "rotate timestamp, whose key is lost" $call "$repo" rotate r timestamp --new-key next.pem --keys lost
	done
	steps gc unlinkat env SOURCE_DATE_EPOCH=$((start + 2 * 86400)) "$repo" gc r
else
	skip "killed at each call of other commands" "there is no strace"
fi

# A command that fails leaves the repository as it was, to the byte.
cp -a start r
printf garbage >>demo-103.cryptex
refused "a damaged container" 1 'demo-103.cryptex: ' "$repo" release r demo-102.cryptex demo-103.cryptex --keys keys
check "no byte has changed" test "$(bytes r)" = "$old"
check "no temporary file is left" test -z "$(ls r/.publish/tmp)"
mkdir few && cp keys/snapshot.pem few/
refused "keys that are not at hand" 1 'of the role targets must sign' "$repo" release r demo-102.cryptex --keys few
check "no byte has changed" test "$(bytes r)" = "$old"
check "no temporary file is left" test -z "$(ls r/.publish/tmp)"

# Two at once
exec 9>r/.publish/lock
flock 9
refused "somebody else publishes" 1 'somebody else is changing it' release
flock -u 9
exec 9>&-
check "and then has ended" release
signing_key again >/dev/null && sealed 103 100

# Readers meet the old repository or the new one while releases appear.
watch() { # NAME COMMAND...: reads until `stop` is there
	local name=$1
	shift
	(times=0
	while :; do
		last=$(ls stop 2>/dev/null) || true
		"$@" >>"$name.log" 2>&1 || { echo "reading failed" >>"$name.log"; break; }
		times=$((times + 1))
		[ -z "$last" ] || break
	done
	echo "$times times" >>"$name.times") &
}
: >check.log
watch check "$repo" check r
first=$!
others=
if has_reader; then
	reader r --until stop >reader.log 2>&1 &
	others=$!
fi
for n in 103 104 105 106; do
	"$repo" release r "demo-$n.cryptex" --keys keys >/dev/null
	"$repo" rollout r "demo@$n" --percent 50 --keys keys
done
for role in timestamp snapshot targets root timestamp snapshot targets; do
	openssl genpkey -algorithm ed25519 -out next.pem
	"$repo" rotate r "$role" --new-key next.pem --keys keys
	mv next.pem "keys/$role.pem"
	"$repo" refresh r --keys keys
done
for n in 103 104; do
	"$repo" withdraw r "demo@$n" --reason x --keys keys --key signing/key.pem --cert signing/cert.pem
done
"$repo" gc r >/dev/null
: >stop
wait $first
check "releases, rotations, withdrawals: check found no mixture, $(cat check.times)" \
	bash -c '! grep -q "^cryptex-repo:\|failed" check.log && [ "$(cut -d" " -f1 check.times)" -ge 3 ]'
if [ -n "$others" ]; then
	status=0
	wait "$others" || status=$?
	check "nor did the reference client, $(tail -1 reader.log) times" test $status = 0
	[ $status = 0 ] || sed 's/^/# /' reader.log
else
	skip "nor did the reference client" "there is no python-tuf"
fi
finish
