#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: BIN=build/bin tests/unit/ctl_revoke.sh
#
# `cryptexctl revoke` without the module: what it takes into the store and what
# not. Prints TAP. What the kernel makes of a list is tried in the virtual
# machine.

set -euo pipefail
# shellcheck source=tests/unit/publish/lib.sh
. "$(dirname "$0")/publish/lib.sh"
cd "$work"
if [ -e /sys/module/cryptex ]; then
	echo '1..0 # SKIP the module is loaded on this machine'
	exit 0
fi
export CRYPTEX_STORE=$work/store
mkdir -m 700 store store/{objects,seals,trusted,tmp}
ctl() { "$BIN/cryptexctl" "$@"; }
make_list() { "$publish" revoke --key key/key.pem --cert key/cert.pem "$@"; }
stored() { ls store/revocations 2>/dev/null | sed 's/^0*//' | paste -sd' '; }
# kept NAME LISTS: these are in the store, and nothing unfinished
kept() { check "$1" test "$(stored)$(ls store/tmp)" = "$2"; }

signing_key key
signing_key stranger
one=1111111111111111111111111111111111111111111111111111111111111111
make_list --number 1 --seal-digest $one -o 1.list
make_list --from 1.list --number 3 --floor openssl=2 -o 3.list
make_list --number 3 --floor zlib=1 -o other-3.list
make_list --number 4 --floor curl=1 -o 4.list
make_list --number 18446744073709551615 --floor curl=1 -o last.list
"$publish" revoke --number 9 --floor a=1 --key stranger/key.pem --cert stranger/cert.pem -o stranger.list

refused "nothing is trusted yet" 1 '1.list: signed by a key that is not trusted' ctl revoke 1.list
ctl trust key/cert.pem 2>/dev/null >/dev/null
refused "a stranger's" 1 'stranger.list: signed by a key that is not trusted' ctl revoke stranger.list
refused "a missing one" 1 'none: there is no such file' ctl revoke none
: >empty
refused "an empty one" 1 'empty: is empty' ctl revoke empty
mkdir folder
refused "a folder" 1 'is a folder' ctl revoke folder
refused "a certificate" 1 'not a revocation list: wrong magic' ctl revoke key/cert.pem
size=$(stat -c %s 1.list)
bad=
for ((at = 1; at < size; at += 7)); do
	head -c $at 1.list >cut.list
	! ctl revoke cut.list 2>err && grep -q '^cryptexctl: revoke: cut.list: ' err || bad+=" $at"
done
check "cut anywhere, it is refused" test -z "$bad"
bad=
for ((at = 0; at < size; at += 5)); do
	cp 1.list bit.list
	byte=$(od -An -t u1 -j $at -N 1 1.list)
	# shellcheck disable=SC2059 # an octal escape is meant
	printf "\\$(printf %03o $((byte ^ 4)))" | dd of=bit.list bs=1 seek=$at conv=notrunc status=none
	! ctl revoke bit.list 2>err || bad+=" $at"
done
check "a bit flipped anywhere, it is refused" test -z "$bad"
kept "nothing of all that is kept" ''

ctl revoke 1.list 2>err
check "a good one is kept, for the boot" grep -q 'gets the list with `cryptexctl boot`' err
kept "it is in the store" 1.list
check "byte for byte" cmp 1.list store/revocations/00000000000000000001.list
check "for nobody but root" test "$(stat -c %a store/revocations store/revocations/*1.list | paste -sd' ')" = '700 600'
check "once more is no error" ctl revoke 1.list
ctl revoke 3.list 2>err
kept "what the kernel has not judged takes nothing away" '1.list 3.list'
refused "an older one" 1 'list 1 is older than list 3, which is in force' ctl revoke 1.list
refused "another one of the same number" 1 'another list with the number 3' ctl revoke other-3.list
printf x >>store/revocations/00000000000000000003.list
check "one that was damaged in the store is repaired" ctl revoke 3.list
check "it is whole again" cmp 3.list store/revocations/00000000000000000003.list
check "numbers are ordered as such" ctl revoke last.list
refused "and not as text" 1 'list 4 is older than list 18446744073709551615' ctl revoke 4.list
if [ "$(id -u)" = 0 ]; then
	chmod 755 . && chmod -R a+rX key ./*.list && cp "$BIN/cryptexctl" ./ctl
	refused "not as somebody else" 1 'needs root' \
		setpriv --reuid 65534 --regid 65534 --clear-groups ./ctl revoke 4.list
else
	skip "not as somebody else" "needs root, to become somebody else"
fi

for command in lock 'retire a@1' events; do
	# shellcheck disable=SC2086 # a command and its argument
	refused "$command needs the module" 1 'module is not loaded' ctl $command
done

finish
