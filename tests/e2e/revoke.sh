#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Revocation, retiring, locking and events. run.sh boots the machine with the
# same store and runs this with `live`, `rebooted`, `unloaded` and `lost_key`.
# hello has the base 1 and the patches 2 and 3, whose security epochs are their
# labels; the base's is 0.

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
HELLO=/cryptex/hello LISTS=/cryptex/lists
MINE=/usr/cryptexes/hello
EVENTS=/tmp/events

refuse() {
	run "$3"
	claim "$1" refused "$2"
}

stored() { find $STORE/revocations -name '*.list' -printf '%f\n' | sed 's/^0*//' | sort | paste -sd' '; }
status_of() { cryptexctl status --json | python3 -c "
import json, sys
s = json.load(sys.stdin)
c = s['cryptexes'][0] if s['cryptexes'] else {}
print(eval(sys.argv[1]))" "$1"; }
reads_version_2() { grep -q 'version 2'; }
hello() { cat $MINE/current/share/hello; }
# With 3 lines to come at most: what is printed may lag a little.
events_have() { wait_until 20 grep -q -- "$1" $EVENTS.json; }
# event KEY=VALUE...: there is an event that has all of these
event() {
	wait_until 20 python3 -c '
import json, sys
want = dict(a.split("=", 1) for a in sys.argv[2:])
for line in open(sys.argv[1]):
    e = json.loads(line)
    if all(str(e.get(k)) == v for k, v in want.items()):
        sys.exit(0)
sys.exit(1)' $EVENTS.json "$@"
}

start_events() {
	cryptexctl events --json >$EVENTS.json &
	json_pid=$!
	cryptexctl events >$EVENTS.text &
	text_pid=$!
	# Each adds one to the group; the kernel says how many listen.
	wait_until 20 listeners 2
}
listeners() { [ "$(awk '$2 == 16 && $4 != "00000000"' /proc/net/netlink | wc -l)" -ge "$1" ]; }

install_module() {
	install -D -m 644 /cryptex/cryptex.ko "/lib/modules/$(uname -r)/updates/cryptex.ko"
	depmod -a
}

bring_up() {
	make_store "$CX_DISK0" $STORE
	insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
	start_events
	run "cryptexctl init && cryptexctl trust /cryptex/cert.pem $LISTS/reserve.pem"
	run "cryptexctl mount $HELLO/hello-1.cryptex"
	run "cryptexctl stage $HELLO/hello-2.cryptex && cryptexctl stage $HELLO/hello-3.cryptex"
	run 'cryptexctl activate hello@2'
	claim 'hello 2 is active, 3 is staged' accepted '2 is active now'
}

retiring() {
	title 'Retiring'
	refuse 'the base' 'is what a boot puts in force' 'cryptexctl retire hello@1'
	refuse 'what is active' 'is what a boot puts in force' 'cryptexctl retire hello@2'
	refuse 'what is not there' 'has no generation 9' 'cryptexctl retire hello@9'
	exec 9<$MINE/3/share/hello
	refuse 'what is in use; it is said how many files are' 'in use: 1 of its files' \
		'cryptexctl retire hello@3'
	exec 9<&-
	run 'cryptexctl retire hello@3'
	claim 'what nobody uses' accepted 'retired hello@3'
	claim '  is gone' test ! -e $MINE/3
	claim '  from the store as well' test ! -e $STORE/seals/hello/3.seal
	claim '  and it was an event' event event=retired name=hello label=3
	run "cryptexctl stage $HELLO/hello-3.cryptex"
	claim 'it can be staged again' accepted 'staged hello@3'
}

revoking() {
	title 'Revoking what is active'
	refuse 'a list that a stranger has signed' 'signed by a key that is not trusted' \
		"cryptexctl revoke $LISTS/6.list"
	refuse 'a seal is no list' 'not a revocation list' "cryptexctl revoke /cryptex/attacks/other-base.seal"
	claim 'neither is in the store' test -z "$(stored)"
	exec 9<$MINE/current/share/hello
	run "cryptexctl revoke $LISTS/1.list"
	claim 'a list that revokes 2' accepted 'list 1 is in force'
	claim '  says so' said '^hello@2 is revoked$'
	claim '  the base is active' said '^hello: 1 is active now, was 2'
	claim '  and new processes get it' test "$(hello)" = 'hello, version 1'
	claim '  who had it open can read on' reads_version_2 <&9
	exec 9<&-
	refuse 'it cannot be activated again' 'revoked.*EKEYREVOKED' 'cryptexctl activate hello@2'
	claim 'status tells the list' test "$(status_of "s['list_number']")" = 1
	run 'cryptexctl list'
	claim 'list shows what is revoked' said '^hello +2 +revoked '
	run "cryptexctl revoke $LISTS/1.list"
	claim 'once more changes nothing' accepted 'list 1 is in force'
	claim 'the events tell it' event event=revoked list_number=1 "items=[{'label': '2', 'name': 'hello'}]"
	claim '  and the switch' event event=activated "items=[{'label': '1', 'name': 'hello'}]"
	claim '  and the refusal' event event=rejected request=activate error=EKEYREVOKED
}

floors() {
	title 'A floor'
	run "cryptexctl revoke $LISTS/3.list"
	claim 'a floor above the base: the patch that is not below takes over' \
		accepted '^hello: 3 is active now, was 1'
	claim 'the list that it contains is dropped' test "$(stored)" = 3.list
	claim 'status tells the floor' test "$(status_of "c['floor'], c['active']")" = "(3, '3')"
	refuse 'the base is below it' 'security epoch 0 is below the floor 3' 'cryptexctl rollback hello'
	refuse 'an older list' 'list 2 is older than list 3' "cryptexctl revoke $LISTS/2.list"
	claim 'is not kept' test "$(stored)" = 3.list
}

# A listener whose socket has room for next to nothing, and that sleeps
losing_events() {
	local pid old _

	title 'Events that were lost'
	old=$(sysctl -n net.core.rmem_max)
	sysctl -q net.core.rmem_max=2304
	cryptexctl events >$EVENTS.lost &
	pid=$!
	wait_until 20 listeners 3
	sysctl -q "net.core.rmem_max=$old"
	kill -STOP $pid
	for _ in 1 2 3 4 5 6; do cryptexctl activate hello@2 2>/dev/null; done
	kill -CONT $pid
	# What fits into the socket is printed, then the next one shows the gap.
	wait_until 20 test -s $EVENTS.lost
	cryptexctl activate hello@2 2>/dev/null
	claim 'a gap in the numbers is told' wait_until 20 grep -qE ' [1-9][0-9]* events were lost$' $EVENTS.lost
	kill $pid
	wait $pid
	claim '  and is no failure' test $? = 0
}

locking() {
	title 'The lock, and the end of the events'
	run 'cryptexctl lock'
	claim 'locked' accepted 'locked'
	refuse 'no further keys' 'locked: no further keys' 'cryptexctl trust /cryptex/attacks/stranger.pem'
	claim '  nor in the store' test "$(find $STORE/trusted -name '*.der' | wc -l)" = 2
	refuse 'no further cryptexes' 'locked' "cryptexctl mount /cryptex/openssl/openssl-$OLD.cryptex"
	claim 'status tells it' test "$(status_of "s['locked']")" = True
	run 'cryptexctl boot'
	claim 'the boot step can be repeated' accepted
	claim '  and changes nothing' test "$(hello)" = 'hello, version 3'
	claim 'it was an event' event event=locked
	kill -TERM $json_pid
	kill -INT $text_pid
	wait $json_pid
	claim 'events ends on SIGTERM, with success' test $? = 0
	claim 'its numbers have no gap, and none is missing' python3 -c '
import json
numbers = [json.loads(line)["sequence"] for line in open("'$EVENTS.json'")]
assert numbers and numbers == list(range(numbers[0], numbers[0] + len(numbers))), numbers'
	# A background job of a shell that is no terminal ignores SIGINT; events
	# does not, as it sets its own handler.
	claim 'and on SIGINT' wait_until 20 is_not kill -0 $text_pid
	claim 'people get the same' test "$(wc -l <$EVENTS.text)" = "$(wc -l <$EVENTS.json)"
	claim '  a line each, with time and number' \
		grep -qE '^20[0-9-]+ [0-9:]+Z [0-9]+ revoked list 1 hello@2( |$)' $EVENTS.text
}

live() {
	bring_up
	retiring
	revoking
	floors
	losing_events
	locking
}

rebooted() {
	title 'After a reboot'
	run 'cryptexctl boot'
	claim 'the boot step succeeds' accepted 'hello: 3 is active'
	claim 'what is revoked is left out' said 'left out: hello@2: .*revoked'
	claim 'the list is in force' test "$(status_of "s['list_number'], c['floor']")" = '(3, 3)'
	claim 'new processes get what was active' test "$(hello)" = 'hello, version 3'
	refuse 'the floor holds' 'below the floor' 'cryptexctl rollback hello'
	refuse 'what is revoked cannot be staged' 'revoked.*EKEYREVOKED' 'cryptexctl stage hello@2'
	claim 'the lock is gone with the module' test "$(status_of "s['locked']")" = False
}

unloaded() {
	title 'A list that comes while there is no module'
	run "cryptexctl revoke $LISTS/4.list"
	claim 'it is kept' accepted 'gets the list with'
	claim '  and takes nothing away' test "$(stored)" = '3.list 4.list'
	install_module
	run 'cryptexctl boot'
	claim 'what was active is revoked: the base takes over, and that is success' \
		accepted 'hello: 3 was active and is revoked: 1 takes over'
	claim 'both lists are in force' test "$(status_of "s['list_number'], c['floor']")" = '(4, 3)'
	claim 'new processes get the base' test "$(hello)" = 'hello, version 1'
	run 'cryptexctl boot'
	claim 'that is remembered' accepted
	claim '  and said once' is_not said 'takes over'
}

lost_key() {
	title 'The key itself is revoked'
	run 'cryptexctl boot'
	run "cryptexctl revoke $LISTS/5.list"
	claim 'a list of the second key' accepted 'hello@1 is revoked'
	claim 'the list that it contains is dropped' test "$(stored)" = '3.list 5.list'
	refuse 'its certificate is not trusted again' 'revoked' 'cryptexctl trust /cryptex/cert.pem'
	refuse 'nothing that it has signed is mounted' 'revoked' \
		"cryptexctl mount /cryptex/openssl/openssl-$OLD.cryptex"
	refuse 'nor a list of it' 'revoked|older' "cryptexctl revoke $LISTS/4.list"
	claim 'no new process opens a file of it' is_not hello
	run 'cryptexctl umount hello'
	claim 'what was mounted can go' accepted
	rmmod cryptex
	modprobe cryptex
	run 'cryptexctl boot'
	claim 'the boot step succeeds without it' accepted
	claim 'both lists are in force' test "$(status_of "s['list_number']")" = 5
}

if [ "$1" != live ]; then
	mkdir -p $STORE
	mount "$CX_DISK0" $STORE
fi
# From then on it is loaded when it is asked for.
[ "$1" = unloaded ] || install_module
"$1"
[ $failed = 0 ]
