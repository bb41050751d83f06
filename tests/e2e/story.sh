#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The story of Cryptex, told in the virtual machine: a real fix of OpenSSL goes
# live without a reboot. run.sh starts it; FACE chooses for whom, see say.sh.
# The publisher's steps are in prepare.sh.

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
# shellcheck source=tests/e2e/nginx.sh
. /cryptex/e2e/nginx.sh
# shellcheck source=tests/e2e/attacks.sh
. /cryptex/e2e/attacks.sh
# shellcheck source=tests/e2e/system-files.sh
. /cryptex/e2e/system-files.sh
cd /cryptex/openssl || exit
BASE=openssl-$OLD.cryptex WHOLE=openssl-$NEW.cryptex
# What the publisher's `release` made: both lead from one to the other.
PATCH=openssl-$NEW.patch.cryptex ANTIPATCH=openssl-$OLD.antipatch.cryptex
NEW_PROCESS="curl -s file:///proc/self/maps | grep -o '$MOUNT/.*' | sort -u"

tell_trust() {
	title 'Before the fix: a machine, and whom it trusts'
	say "This is a Debian machine with libssl3 $OLD. The store is an ext4 file" \
		'system with fs-verity.' ''
	run 'dpkg-query -W libssl3'
	claim "the machine's own libssl3 is the older one" said "$OLD_RE\$"
	run 'openssl version'
	claim "new processes run $OLD_TEXT, the system's own" said "Library: $OLD_TEXT"
	insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
	make_store "$CX_DISK0" $STORE || give_up 'there is an ext4 file system with fs-verity'
	run 'cryptexctl init'
	claim 'the store is ready' accepted 'is ready'
	run "cryptexctl mount $BASE"
	claim 'nothing is trusted from the start: the base is refused' \
		refused 'no certificate is trusted yet'
	run 'cryptexctl trust /cryptex/cert.pem'
	claim 'the certificate is trusted' accepted 'Example publisher'
	run "cryptexctl show $BASE"
	claim 'the seal of the base is verified' accepted '^Signature: +verified'
	run "cryptexctl show $PATCH | sed -n '1,20p'"
	claim 'the seal of the patch is verified' accepted '^Signature: +verified'
}

tell_mount() {
	title '3. The base is mounted; the dynamic linker finds it'
	run "cryptexctl mount $BASE"
	claim 'the kernel has verified the base and mounted it' accepted 'mounted openssl@'
	run 'findmnt -t cryptex -o TARGET,FSTYPE,OPTIONS'
	claim 'it is a read-only file system of type cryptex' said "^$MOUNT +cryptex +ro,"
	run "ls -l $MOUNT"
	claim 'it shows the generation, and base, active and current' said "current -> $OLD_RE\$"
	run 'cat /etc/ld.so.conf.d/00-cryptex-openssl.conf'
	run "ldd /usr/sbin/nginx | grep -E 'libssl|libcrypto'"
	claim 'nginx finds libssl in the cryptex' said "libssl.so.3 => $MOUNT/current/"
	claim 'nginx finds libcrypto in the cryptex' said "libcrypto.so.3 => $MOUNT/current/"
	say "Which generation does a new process map? curl reads its own /proc/self/maps:"
	run "$NEW_PROCESS"
	claim "a new process maps libssl of $OLD from the cryptex" \
		said "^$MOUNT/$OLD_RE/$LIBDIR/libssl.so.3\$"
	check_system 'no file of the system has changed but these'
}

tell_server() {
	title '4. A TLS server serves a client'
	make_web
	start_nginx
	run "pgrep -a nginx"
	claim 'nginx runs' said 'master process'
	run "grep -h -o '$MOUNT/.*' /proc/$(master)/maps | sort -u"
	claim "nginx runs $OLD, and nothing else of the cryptex" nginx_runs_only "$OLD"
	run "curl -sSv --cacert $WEB/cert.pem https://localhost/ 2>&1 | grep -E 'SSL connection|Hello over'"
	claim 'a client gets an answer over TLS' said '^Hello over TLS'
	claim 'the connection is TLS 1.3' said 'TLSv1\.3'
	start_client
	say '' 'From now on a client asks again and again, until the server is restarted.'
}

only_nginx_is_stale() {
	local list

	list=$(cryptexctl ps --json | grep '"command"')
	[ "$(grep -c '"nginx"' <<<"$list")" = 2 ] && [ "$(wc -l <<<"$list")" = 2 ]
}

names_nginx() {
	local pid

	for pid in $(master) $(workers); do
		said "^ *$pid +nginx +openssl +$OLD_RE +$NEW_RE\$" || return 1
	done
}

# share FILE OF: tenths of a per cent
share() { echo $((1000 * $(stat -c %s "$1") / $(stat -c %s "$2"))); }

tell_stage() {
	say 'The patch has what changed since the base, and nothing else.' ''
	run "ls -lh $WHOLE $PATCH | awk '{ print \$5, \$9 }'"
	claim 'it has less than a tenth of the whole' test "$(share "$PATCH" "$WHOLE")" -lt 100
	run "cryptexctl stage $PATCH"
	claim 'the patch is staged' accepted "staged openssl@$NEW_RE"
	claim '  from what was fetched: all its files came as deltas' \
		said "^fetched $(stat -c %s "$PATCH") bytes for files of [0-9]+ bytes .*; ([0-9]+) of \\1 came as deltas"
}

tell_switch() {
	title '5. The fix goes live'
	tell_stage
	run "$NEW_PROCESS"
	claim 'staging affects no process: new ones run the base' said "^$MOUNT/$OLD_RE/"
	run "cryptexctl activate openssl@$NEW"
	claim 'the patch is active' accepted "$NEW_RE is active now"
	say "(It took $TOOK ms on this emulated processor.)" ''
	run 'openssl version'
	claim "new processes run $NEW_TEXT" said "Library: $NEW_TEXT"
	run "$NEW_PROCESS"
	claim "a new process maps libssl of $NEW" said "^$MOUNT/$NEW_RE/$LIBDIR/libssl.so.3\$"
	claim 'and nothing of the base' is_not said "^$MOUNT/$OLD_RE/"
	run "cryptexctl status --json | grep -A5 '\"active_cost\"'"
	claim 'the status says what was fetched' said "\"fetched_bytes\": $(stat -c %s "$PATCH"),"
	run "cryptexctl status | sed -n '1,8p'"
	claim "the status counts $FIXES fixes" \
		said "^openssl .* $FIXES $MOUNT\$"
	[ "$FIXES" = 0 ] || claim 'and names them' said '^CVE-'
	claim 'the running server is on the old code, whole' nginx_runs_only "$OLD"
	claim 'and it answers' fetch
	tell_late_load
	tell_stale
}

# nginx loads an engine when its new configuration names one: a dlopen() in a
# process that has been running since before the switch.
tell_late_load() {
	local before

	say '' 'The server loads a library late: its new configuration names an engine,' \
		"which it finds through $MOUNT/current."
	before=$(workers)
	sed -i '1i ssl_engine loader_attic;' $WEB/nginx.conf
	claim 'no process of nginx has the engine as yet' \
		is_not grep -q loader_attic "/proc/$(master)/maps"
	run "readlink $MOUNT/current"
	claim "for a new process, current is $NEW" said "^$NEW_RE\$"
	run "nginx -c $WEB/nginx.conf -s reload 2>/dev/null"
	wait_until 60 workers_are_new "$before"
	run "grep -h -o '$MOUNT/.*' /proc/$(master)/maps | sort -u"
	claim "the engine has come from $OLD, the server's own generation" \
		said "^$MOUNT/$OLD_RE/.*/loader_attic.so\$"
	claim 'the server is still on the old code, whole: no mixed process' nginx_runs_only "$OLD"
	claim 'and it answers, with new workers' fetch
}

tell_stale() {
	say '' 'Who still runs the old code?'
	wait_until 60 only_nginx_is_stale
	run 'cryptexctl ps'
	claim 'ps names the master and the worker: pid, command, generation' names_nginx
	stop_client
	say "The client got $(answers good) answers since step 4; $(answers bad) requests failed."
	claim 'the server answered every request through stage, activation and reload' \
		test "$(answers bad)" = 0 -a "$(answers good)" -gt 0
	stop_nginx
	start_nginx
	say '' 'The server is restarted.'
	run 'cryptexctl ps'
	claim 'no process runs old code' accepted 'no process runs old code'
	run 'cryptexctl ps --all'
	claim "nginx runs $NEW, and nothing else of the cryptex" nginx_runs_only "$NEW"
	claim 'and it answers' fetch
}

tell_rollback() {
	local before

	title '6. One command back to the baseline, and forward again'
	before=$(store_files)
	run 'cryptexctl rollback openssl'
	claim 'the base is active' accepted "$OLD_RE is active now"
	say "(It took $TOOK ms. The machine has no network but the loopback device.)" ''
	claim 'no network was there to download from' \
		test "$(ls /sys/class/net)" = lo
	claim 'no object and no seal in the store has changed' test "$before" = "$(store_files)"
	run 'openssl version'
	claim "new processes run $OLD_TEXT" said "Library: $OLD_TEXT"
	claim 'the server, started before, stays on its own generation, whole' nginx_runs_only "$NEW"
	run "cryptexctl activate openssl@$NEW"
	claim 'forward again' accepted "$NEW_RE is active now"
	run 'openssl version'
	claim "new processes run $NEW_TEXT" said "Library: $NEW_TEXT"
	claim 'again nothing in the store has changed' test "$before" = "$(store_files)"
	run "cryptexctl activate openssl@$NEW"
	claim 'what is active already is nothing to do' accepted 'nothing to do'
}

# The base, collected, from the patch's objects and the antipatch alone
tell_collected() {
	local libssl

	title '8. Back to what was collected'
	stop_nginx
	libssl=$(object_of "$OLD" "$LIBDIR/libssl.so.3")
	run 'cryptexctl gc'
	claim 'nothing is collected that is needed' accepted 'every object is needed'
	run 'cryptexctl umount openssl'
	claim 'the cryptex is unmounted' accepted 'unmounted openssl'
	run "cryptexctl retire openssl@$OLD && cryptexctl gc"
	claim 'the base is retired, and its objects are collected' accepted 'removed [0-9]+ objects'
	claim '  libssl is gone' test ! -e "$libssl"
	run "cryptexctl mount $ANTIPATCH"
	claim 'the antipatch alone brings it back' accepted "mounted openssl@$OLD_RE"
	claim "  with $(stat -c %s "$ANTIPATCH") bytes" \
		said "^fetched $(stat -c %s "$ANTIPATCH") bytes for files of [0-9]+ bytes"
	claim '  libssl is there' test -s "$libssl"
	run 'cryptexctl verify'
	claim 'the store is as it was sealed' accepted 'all is as it was sealed'
	run "$NEW_PROCESS"
	claim "a new process maps libssl of $OLD" said "^$MOUNT/$OLD_RE/$LIBDIR/libssl.so.3\$"
}

tell_end() {
	title '9. And when it is taken away'
	run 'cryptexctl umount openssl'
	claim 'the cryptex is unmounted' accepted 'unmounted openssl'
	run 'openssl version'
	claim "new processes run the system's own library" said "Library: $OLD_TEXT"
	check_system 'the system is as it was before' gone
	claim 'the module can be unloaded' rmmod cryptex
}

summary() {
	[ "$FACE" = demo ] || return 0
	if [ $failed != 0 ]; then
		title 'Not as promised'
		verdict_demo 1 "$failed of $claims claims are false"
		return 0
	fi
	title 'What was shown'
	say "  libssl3 $OLD -> $NEW, as Debian built them, went live without a reboot;" \
		'  the kernel verified each seal against a trusted key before anything was mounted;' \
		'  no file of the system changed;' \
		"  a TLS server kept running and answering: $(answers good) requests, $(answers bad) failed;" \
		'  new processes had the new code, running ones the old, and none was mixed;' \
		"  it took $(stat -c %s "$PATCH") bytes, $(stat -c %s "$WHOLE") had it been whole;" \
		'  stale processes were named; one command led back, and nothing was downloaded;' \
		'  every attack was refused, with its reason.' ''
	verdict_demo 0 "all $claims claims are true"
}

install_old
remember_system
tell_trust
tell_mount
tell_server
tell_switch
tell_rollback
tell_attacks
tell_collected
tell_end
plan
summary
[ $failed = 0 ]
