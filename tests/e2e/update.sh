#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Updates from a repository: from a folder and over HTTPS, what a publisher takes back,
# what a mirror changes, clocks, kills, and a disk that fills up. Started by run.sh;
# $CX_DISK0 is the store, $CX_DISK1 a small disk.

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
# shellcheck source=tests/e2e/nginx.sh
. /cryptex/e2e/nginx.sh
# shellcheck source=tests/e2e/remote.sh
. /cryptex/e2e/remote.sh
REPO=$WEB/www/repo
BUNDLE=/etc/ssl/certs/ca-certificates.crt
up() { cut -d. -f1 /proc/uptime; }
BOOTED=$(($(date +%s) - $(up)))	# clocks_and_keys sets the clock

# refuse TEXT REGEX COMMAND
refuse() {
	run "$3"
	claim "$1" refused "$2"
}
same_as() { cmp -s "$MINE/$1/share/noise" "$MINE/$2/share/noise"; }
# What the last command has fetched, in bytes
fetched() { sed -n 's/^fetched \([0-9]*\) bytes.*/\1/p' <<<"$OUT" | head -1; }
is_not_there() { [ ! -e "$1" ]; }
parts() { find "$STORE/spool/fixes/parts" -type f -printf '%s\n' 2>/dev/null | sort -n | tail -1; }

set_up() {
	make_store "$CX_DISK0" $STORE
	insmod /cryptex/cryptex.ko || give_up 'the module is loaded'
	run 'cryptexctl init && cryptexctl trust /cryptex/cert.pem'
	claim 'a store' accepted
	run 'cryptexctl mount /cryptex/small/greeting-1.cryptex --no-graft'
	claim 'a base' accepted
	mkdir -p $WEB/www
	publish first $REPO
}

not_ready() {
	title 'What is missing is told'
	refuse 'no repository' 'no repository is known: .cryptexctl remote add' 'cryptexctl check'
	run "cryptexctl remote add fixes file://$REPO /cryptex/root.json"
	claim 'a remote' accepted 'added fixes'
	: >/etc/machine-id
	refuse 'no user for downloads' 'no user cryptex-fetch.*systemd-sysusers' 'cryptexctl check'
	run 'systemd-sysusers /cryptex/cryptex.conf'
	refuse 'no machine id' 'systemd-machine-id-setup' 'cryptexctl check'
	identify
}

from_a_folder() {
	title 'From a folder'
	run 'cryptexctl check'
	claim 'check finds the patch' accepted '^greeting: 2 is available from fixes \(severity high, 1 fix\)'
	claim '  and fetches nothing' is_not staged 2
	run 'cryptexctl available'
	claim 'available lists it' accepted '^greeting +2 +high +1 +fixes +to be had'
	claim '  and what is for others' said 'openssl .*not mounted'
	run 'cryptexctl cve CVE-2026-0002'
	claim 'cve says what closes a hole' accepted 'greeting +2 '
	run 'cryptexctl update'
	claim 'update stages it' accepted 'staged greeting@2'
	claim '  by a delta' said '^fetched .* [12] of 3 came as deltas'
	claim '  no process is affected' test "$(greeting)" = 'hello, version 1'
	claim '  no more than what is new' test "$(fetched)" -lt 1100000
	run 'cryptexctl update'
	claim 'once more there is nothing to do' accepted 'greeting: 2 is here already: .cryptexctl activate greeting@2'
	run 'cryptexctl activate greeting@2'
	claim 'it is activated' test "$(greeting)" = 'hello, version 2'
	claim '  and is not the base' is_not same_as 1 2
	run 'cryptexctl update greeting'
	claim 'nothing newer fits' accepted 'greeting: 2 is active, and nothing newer fits'
	refuse 'what is not mounted' 'openssl is not mounted' 'cryptexctl update openssl'
	claim 'everything is sound' sound
}

over_https() {
	title 'Over HTTPS, by nginx'
	make_web
	cp $BUNDLE /tmp/bundle
	cat $WEB/cert.pem >>$BUNDLE
	start_nginx || give_up 'nginx runs'
	publish newer $REPO
	from https://localhost/repo
	run 'cryptexctl update --activate'
	claim 'the next patch is fetched and put in force' accepted 'greeting.*3 .*active|3 is active'
	claim '  new processes get it' test "$(greeting)" = 'hello, version 3'
	claim '  by deltas' said '[12] of 3 came as deltas'
	claim 'everything is sound' sound
	cp $BUNDLE /tmp/with-ours
	cp /tmp/bundle $BUNDLE
	refuse 'a server whose certificate nobody knows' 'certificate|SSL|TLS' 'cryptexctl check'
	cp /tmp/with-ours $BUNDLE
}

withdrawal() {
	title 'The publisher takes a release back'
	publish withdrawn $REPO
	run 'cryptexctl check'
	claim 'the list is in force' accepted 'list 1 is in force'
	claim '  the release is revoked' said '^greeting@3 is revoked'
	claim '  the reason is told' said 'withdrawn by its publisher: It greets the wrong people'
	claim '  new processes get what stands' is_not test "$(greeting)" = 'hello, version 3'
	run 'cryptexctl status greeting'
	claim 'status says why' said 'It greets the wrong people'
	run 'cryptexctl available'
	claim 'available says why' accepted 'greeting +3 .*It greets the wrong people'
	run 'cryptexctl update'
	claim 'it does not come back' accepted
	claim '  the one before is offered' said 'greeting: 2 is (here|active)|staged greeting@2'
	refuse 'nor by hand' 'revoked' 'cryptexctl activate greeting@3'
}

back_in_time() {
	title 'A mirror that goes back in time'
	publish first $REPO
	refuse 'older metadata are refused' 'older|rollback|version' 'cryptexctl check'
	claim 'the list stays' test -e $STORE/revocations/00000000000000000001.list
}

# Four messages, each with its remedy
clocks_and_keys() {
	title 'Clock, expiry, keys'
	publish rotated $REPO
	from file://$REPO
	run 'cryptexctl check'
	claim 'a key that was replaced in time is none of them' accepted
	date -s @1000000000 >/dev/null
	refuse 'a clock that is wrong' 'clock is wrong: .*: set the clock$' 'cryptexctl update'
	date -s "@$((BOOTED + $(up) + 30 * 86400))" >/dev/null
	refuse 'metadata that expired' \
		'expired on .*: try another mirror; .* its publisher has to sign anew$' 'cryptexctl update'
	date -s "@$((BOOTED + $(up)))" >/dev/null
	publish stolen $REPO
	refuse 'a key that was withdrawn' \
		'signed by the key .* withdrawn for the role .*: use another mirror; .* stolen key$' 'cryptexctl update'
	publish rotated $REPO
	cryptexctl remote remove fixes >/dev/null
	cryptexctl remote add fixes file://$REPO /cryptex/other.json >/dev/null
	refuse 'a key that nobody knows' \
		'0 good signatures by keys of the role .*: do not use .*, or get its new root.json from its publisher$' \
		'cryptexctl update'
	publish stranger $REPO
	from file://$REPO
	refuse 'and one of a seal' 'signed by a key that is not trusted .*cryptexctl trust' 'cryptexctl update'
	claim '  which is not in the store' is_not_there $STORE/seals/greeting/4.seal
	claim 'everything is sound' sound
}

changed() {
	title 'A mirror that changes what it carries'
	forget 2
	publish bad-delta $REPO
	from file://$REPO
	run 'cryptexctl update'
	claim 'changed deltas: the whole objects do' accepted 'staged greeting@2'
	claim '  what was refused is told' said 'a delta is refused'
	claim '  none came as a delta' said '0 of 3 came as deltas'
	claim 'everything is sound' sound
	title 'Bad deltas that an earlier download left'
	forget 2
	rm -rf $STORE/spool/fixes/parts
	mkdir $STORE/spool/fixes/parts
	for part in $REPO/deltas/*/*/*; do
		old=${part##*/} rest=${part%/*}
		hex=${rest%/*}
		hex=${hex##*/}${rest##*/}
		cp "$part" $STORE/spool/fixes/parts/$hex-$old
	done
	chown -R cryptex-fetch: $STORE/spool/fixes/parts
	publish first $REPO
	run 'cryptexctl update'
	claim 'they are fetched anew' accepted 'staged greeting@2'
	claim '  what was left is to blame' said 'a delta that an earlier download had begun is refused .*: it is fetched anew'
	claim '  not the repository' test "$(grep -c 'a delta is refused' <<<"$OUT")" = 0
	claim '  and they are of use then' test "$(grep -c '0 of 3 came as deltas' <<<"$OUT")" = 0
	claim 'everything is sound' sound
	forget 2
	publish bad-all $REPO
	run 'cryptexctl update'
	claim 'all is changed: it fails' test "$STATUS" = 1
	claim '  as no way was left' said 'the repository has no sound copy of the object'
	claim 'the seal is not in the store' is_not_there $STORE/seals/greeting/2.seal
	claim 'everything is sound' sound
	claim 'nothing is left in tmp' test -z "$(ls -A $STORE/tmp)"
	publish first $REPO
	run 'cryptexctl update'
	claim 'from the true repository it comes' accepted 'staged greeting@2'
}

# nginx, so slow that a download can be interrupted
slow_web() {
	stop_nginx
	sed -i "s|root $WEB/www;|root $WEB/www; limit_rate $1;|" $WEB/nginx.conf
	start_nginx
}
fast_web() {
	stop_nginx
	sed -i 's|limit_rate [^;]*;||' $WEB/nginx.conf
	start_nginx
}
arrived() { [ "$(parts)" -gt "$1" ] 2>/dev/null; }

resume() {
	local pid had

	title 'A download that is interrupted'
	publish first $REPO
	rm -rf $REPO/deltas
	from https://localhost/repo
	forget 2
	slow_web 50k
	cryptexctl update >/tmp/update.log 2>&1 &
	pid=$!
	wait_until 120 arrived 1200000
	OUT=$(cat /tmp/update.log)
	claim 'a part has arrived' arrived 1200000
	run 'timeout 20 cryptexctl rollback greeting'
	claim 'the store is not locked meanwhile' accepted
	refuse 'a second update' 'another cryptexctl fetches from fixes' 'cryptexctl update'
	kill -KILL $pid
	wait $pid 2>/dev/null
	claim 'the fetcher ends with its parent' wait_until 10 is_not pgrep -x cryptex-fetch
	had=$(parts)
	fast_web
	run 'cryptexctl update'
	claim 'the next one goes on' accepted 'staged greeting@2'
	claim '  with what was there' test "$(fetched)" -lt $((3100000 - had + 65536))
	claim 'nothing is left of it' test -z "$(parts)"
	claim 'everything is sound' sound
}

# The whole of it is killed, over and over, a little later each time.
kills() {
	local ms=20 killed=0

	title 'Kills'
	publish first $REPO
	from file://$REPO
	forget 2
	while [ $ms -lt 20000 ]; do
		# In a shell of its own, which says nothing of the kill.
		bash -c 'timeout -s KILL "$1" cryptexctl update' sh \
			"$((ms / 1000)).$(printf %03d $((ms % 1000)))" >/tmp/update.log 2>&1 && break
		killed=$((killed + 1))
		if ! sound; then
			cat /tmp/verify.log
			break
		fi
		ms=$((ms * 5 / 4))
	done
	say "killed $killed times, the last time after $ms ms"
	claim 'after each kill the store was sound' sound
	run 'cryptexctl update'
	claim 'in the end it is there' staged 2
	claim 'and more than 5 kills have hit it' test $killed -gt 5
}

full_disk() {
	title 'A disk that is too small'
	forget 2
	mkdir -p /mnt/small
	make_store "$CX_DISK1" /mnt/small
	fallocate -l $(($(df --output=avail -B1 /mnt/small | tail -1) - 12000000)) /mnt/small/filler
	export CRYPTEX_STORE=/mnt/small
	cryptexctl init >/dev/null
	cryptexctl trust /cryptex/cert.pem >/dev/null
	mkdir -p /mnt/small/seals/greeting
	cp $STORE/seals/greeting/1.seal /mnt/small/seals/greeting/
	from file://$REPO
	refuse 'it is told before anything is fetched' 'may take .* MiB of the store .* left: free some space' \
		'cryptexctl update greeting'
	unset CRYPTEX_STORE
	umount /mnt/small
}

taken_over() {
	title 'A fetcher that was taken over'
	run 'taken_over_fetcher'
	claim 'all that it tries is refused' accepted 'network: 28 of 28 refused'
	claim '  also without a network' said 'folder: 28 of 28 refused'
	run 'taken_over_fetcher --outside'
	claim 'outside of the sandbox nothing is' accepted 'outside: 0 of 28 refused'
}

# peaks COMMAND: each of its processes rests at its end, so that what it has needed
# at most can be read; sets needed, in KiB
peaks() {
	local pid status

	: >/tmp/peaks
	strace -f -qq -o /dev/null -e trace=exit_group -e inject=exit_group:delay_enter=1000000 \
		bash -c "$1" >/tmp/peaks.out 2>&1 &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		for status in /proc/[0-9]*/status; do
			awk '/^Name:/ { name = $2 } /^PPid:/ { parent = $2 }
				/^VmHWM:/ && name ~ /^cryptex/ { print name, parent, $2 }' "$status" 2>/dev/null
		done >>/tmp/peaks
		sleep 0.1
	done
	STATUS=0
	wait $pid || STATUS=$?
	OUT=$(cat /tmp/peaks.out)
}
# highest NAME: of processes of this name, and of their children
highest() { awk -v name="$1" '$1 == name && $3 > most { most = $3 } END { print most + 0 }' /tmp/peaks; }

real_packages() {
	title 'Real packages'
	install_old
	run "cryptexctl mount /cryptex/openssl/openssl-$OLD.cryptex"
	claim 'the base is mounted' accepted
	publish newer $REPO
	from https://localhost/repo
	peaks 'cryptexctl update openssl --activate'
	show_output
	claim 'the patch is found, fetched and put in force' accepted "openssl.*$NEW_RE"
	claim '  by deltas' said '^fetched .* [0-9]+ of [0-9]+ came as deltas'
	claim 'a new process runs it' grep -q "Library: $NEW_TEXT" <(openssl version)
	memory
}

# The largest files, before and after, in KiB
largest_pair() {
	stat -c %s "$MOUNT"/{"$OLD","$NEW"}/"$LIBDIR/libcrypto.so.3" | awk '{ n += $1 } END { print int(n / 1024) }'
}
memory() {
	local fetcher patching bar=$((65536 + $(largest_pair) * 3 / 2))

	fetcher=$(highest cryptex-fetch) patching=$(highest cryptexctl)
	claim "the fetcher has needed $fetcher KiB at most" test "$fetcher" -gt 0 -a "$fetcher" -le 65536
	claim "who patches has needed $patching KiB at most, of $bar" \
		test "$patching" -gt 0 -a "$patching" -le $bar
}

openssl_withdrawn() {
	local server

	title 'Its publisher takes it back'
	openssl s_server -accept 4433 -cert $WEB/cert.pem -key $WEB/key.pem >/dev/null 2>&1 </dev/null &
	server=$!
	claim 'a server runs it' wait_until 20 runs_only $server "$NEW"
	publish openssl-withdrawn $REPO
	run 'cryptexctl update'
	claim 'the release is revoked' accepted "^openssl@$NEW_RE is revoked"
	claim '  the machine goes back' said "^openssl: $OLD_RE is active now, was $NEW_RE"
	claim '  and says why' said "openssl@$NEW_RE was withdrawn by its publisher: It breaks old clients"
	claim '  a new process runs what stands' grep -q "Library: $OLD_TEXT" <(openssl version)
	run 'cryptexctl ps'
	claim '  who still runs it is listed' said "^ *$server .*$NEW_RE"
	run 'cryptexctl status openssl'
	claim 'status says why' said 'It breaks old clients'
	run 'cryptexctl update openssl --activate'
	claim 'it does not come back' accepted 'openssl: nothing is available for its base'
	refuse 'nor by hand' 'revoked' "cryptexctl activate openssl@$NEW"
	kill "$server"
	claim 'the store is sound' sound
}

# A key that the machine itself knows to be revoked
revoked_key() {
	title 'The key is revoked'
	run 'cryptexctl trust /cryptex/lists/reserve.pem && cryptexctl revoke /cryptex/lists/5.list'
	claim 'the list is in force' accepted
	refuse 'nothing that it signed gets in' \
		'made by a revoked key .*: wait for a release that its publisher has signed anew$' \
		'cryptexctl update greeting'
}

set_up
not_ready
from_a_folder
over_https
withdrawal
back_in_time
clocks_and_keys
changed
resume
kills
full_disk
taken_over
real_packages
openssl_withdrawn
revoked_key
plan
[ $failed = 0 ]
