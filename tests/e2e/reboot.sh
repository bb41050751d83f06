#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What survives a reboot. run.sh boots the machine three times with the same two
# disks and runs this with `before`, `after` and `damaged`. The root file system
# is new each time, so /etc, which would be kept, is carried over here; what
# cryptexctl does is cryptexctl's.

set -u
# shellcheck source=tests/e2e/guest.sh
. /cryptex/e2e/guest.sh
OTHER=/srv/cryptex
KEPT=/srv/kept
NEW_PROCESS="curl -s file:///proc/self/maps | grep -o '$MOUNT/.*' | sort -u"

# As `make modules_install` does it, so that the boot step can load it.
install_module() {
	install -D -m 644 /cryptex/cryptex.ko "/lib/modules/$(uname -r)/updates/cryptex.ko"
	depmod -a
}

keep_etc() {
	mkdir -p $KEPT
	cp -a /etc/ld.so.cache /etc/ld.so.conf.d $KEPT/
}
restore_etc() { cp -a $KEPT/ld.so.cache $KEPT/ld.so.conf.d /etc/; }
remember_state() {
	state_of_all openssl >$KEPT/openssl.json
}
same_state() { diff <(state_of_all openssl) $KEPT/openssl.json; }

before() {
	title 'First boot: two stores are made and filled'
	modprobe cryptex || give_up 'the module is loaded'
	run 'cryptexctl boot'
	claim 'boot without a store is nothing to do' accepted 'no store at .*nothing to do'
	make_store "$CX_DISK0" $STORE
	run "cryptexctl init && cryptexctl trust /cryptex/cert.pem"
	run "cryptexctl mount /cryptex/openssl/openssl-$OLD.cryptex"
	run "cryptexctl stage /cryptex/openssl/openssl-$NEW.cryptex"
	run "cryptexctl activate openssl@$NEW"
	claim "openssl $NEW is active" accepted 'is active now'

	mkfs.ext4 -q -O ^verity "$CX_DISK1"
	mount "$CX_DISK1" /srv
	run "cryptexctl --store $OTHER init"
	claim 'a file system without fs-verity is refused, with both remedies' \
		refused "tune2fs -O verity $CX_DISK1.*cryptexctl init --loop"
	run "cryptexctl --store $OTHER init --loop 64M"
	claim 'init --loop makes a store that has it' accepted "made $OTHER.img"
	claim 'the store is on a file system of its own' mountpoint -q $OTHER
	run "cryptexctl --store $OTHER init --loop 64M"
	claim 'again it is nothing to do' accepted 'is ready'
	run "cryptexctl --store $OTHER trust /cryptex/cert.pem"
	run "cryptexctl --store $OTHER mount /cryptex/hello/hello-1.cryptex"
	claim 'a second cryptex is mounted from it' accepted 'mounted hello@1'
	run "cryptexctl --store $OTHER stage /cryptex/hello/hello-2.cryptex"
	run "cryptexctl --store $OTHER activate hello@2"
	claim 'its patch is active' accepted '2 is active now'
	keep_etc
	remember_state
}

after() {
	title 'Second boot: cryptexctl boot, and nothing else'
	restore_etc
	run 'openssl version'
	claim 'before that programs run, with the library of the system' accepted
	run 'cryptexctl boot'
	claim 'it succeeds' accepted "openssl: $NEW_RE is active"
	claim 'it has loaded the module' grep -q '^cryptex ' /proc/modules
	run 'cryptexctl list'
	claim 'base and patch are as they were' same_state
	run "$NEW_PROCESS"
	claim 'a new process finds the patch by the dynamic linker' \
		said "^$MOUNT/$NEW_RE/$LIBDIR/libssl.so.3\$"
	claim 'and nothing of the base' is_not said "^$MOUNT/$OLD_RE/"
	run 'cryptexctl boot'
	claim 'once more is nothing to do' accepted
	claim 'and changes nothing' same_state

	run "cryptexctl --store $OTHER boot"
	claim 'the store in a file is mounted' mountpoint -q $OTHER
	claim 'its cryptex is back' accepted 'hello: 2 is active'
	run 'cat /usr/cryptexes/hello/current/share/hello'
	claim 'with the patch' said '^hello, version 2$'
	run 'cryptexctl verify'
	claim 'all is as it was sealed' accepted 'all is as it was sealed'
}

# flip_seal LABEL: one bit of the manifest's first digest, and back again
flip_seal() {
	local seal=$STORE/seals/openssl/$1.seal byte

	byte=$(od -An -t u1 -j 700 -N 1 "$seal")
	# shellcheck disable=SC2059 # an octal escape is meant
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of="$seal" bs=1 seek=700 conv=notrunc status=none
}

# told_and_failed REGEX: exit status 1, and one of the lines says it
told_and_failed() { [ "$STATUS" = 1 ] && said "$1"; }

damaged() {
	title 'Third boot: the seals were damaged on the disk'
	restore_etc
	flip_seal "$OLD"
	run 'cryptexctl boot'
	claim "the base's seal has one bit flipped: exit 1, and it is named" \
		told_and_failed "$OLD_RE.seal: the signature does not match"
	claim 'openssl is not mounted' is_not mountpoint -q $MOUNT
	run 'openssl version'
	claim 'programs run, with the library of the system' accepted
	flip_seal "$OLD"

	flip_seal "$NEW"
	run 'cryptexctl boot'
	claim "the patch's seal has one bit flipped: exit 1, and it is named" \
		told_and_failed "$NEW_RE.seal: the signature does not match"
	claim 'it says that the base is in force' said "$NEW_RE was active .*$OLD_RE, the base, is in force"
	run "$NEW_PROCESS"
	claim 'a new process runs the base' said "^$MOUNT/$OLD_RE/$LIBDIR/libssl.so.3\$"
	run 'cryptexctl verify'
	claim 'verify names the seal' told_and_failed "$NEW_RE.seal: the signature does not match"

	run "cryptexctl stage /cryptex/openssl/openssl-$NEW.cryptex"
	claim 'staging the container again repairs it' accepted "staged openssl@$NEW_RE"
	run "cryptexctl activate openssl@$NEW"
	claim 'and it is activated again' accepted
	run "$NEW_PROCESS"
	claim 'a new process runs the patch' said "^$MOUNT/$NEW_RE/"
	claim 'all is as it was two boots ago' same_state
	run 'cryptexctl verify'
	claim 'and verifies' accepted 'all is as it was sealed'
}

# What /etc/fstab would do
mount_disks() {
	mkdir -p $STORE
	mount "$CX_DISK0" $STORE
	mount "$CX_DISK1" /srv
}

install_module
# udev would make its device node.
modprobe loop
[ "$1" = before ] || mount_disks
"$1"
[ $failed = 0 ]
