# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Step 7 of the story: each attack is refused, with a reason of its own, and the
# active generation stays. To be sourced after guest.sh and nginx.sh.

A=/cryptex/attacks

# attack TEXT HELPER-SAYS KERNEL-SAYS CONTAINER: by way of cryptexctl, and by a
# helper that was taken over and checks nothing
attack() {
	local before

	before=$(state_of_all)
	run "cryptexctl stage $A/$4.cryptex"
	claim "$1: cryptexctl refuses it" refused "$2"
	run "ask-kernel stage $A/$4.seal"
	claim "$1: the kernel refuses it" refused "$3"
	claim '  and nothing has changed' test "$before" = "$(state_of_all)"
}

tell_seals() {
	say 'First cryptexctl is asked; then the kernel alone, by a helper that was taken' \
		'over and checks nothing.' ''
	attack 'one bit flipped in the manifest' ': the signature does not match' \
		'signature: does not match the seal \(EKEYREJECTED\)' manifest-bit
	attack 'one bit flipped in the signature' ': the signature does not match' \
		'signature: does not match the seal \(EKEYREJECTED\)' signature-bit
	attack 'one bit flipped in the checksum' ': is damaged, its checksum differs' \
		'damaged.*\(EBADMSG\)' checksum-bit
	attack 'a seal signed by an unknown key' ': signed by a key that is not trusted' \
		'signature: made by no trusted key \(ENOKEY\)' unknown-key
	attack 'a patch for another base' 'was made for another base than' \
		'made for base .*, mounted is .*\(ESTALE\)' for-other-base
}

# refuse_user TEXT REGEX COMMAND
refuse_user() {
	run "$3"
	claim "$1" refused "$2"
}

tell_users() {
	local before as='setpriv --reuid=user --regid=user --clear-groups'
	local ns="$as unshare --user --map-root-user"

	say '' 'An unprivileged user tries:'
	before=$(state_of_all)
	refuse_user 'a user cannot mount' 'needs root' "$as cryptexctl mount openssl-$OLD.cryptex"
	refuse_user 'a user cannot stage' 'needs root' "$as cryptexctl stage openssl-$NEW.cryptex"
	refuse_user 'a user cannot activate' 'needs root' "$as cryptexctl activate openssl@$OLD"
	refuse_user 'the kernel lets no user mount' 'CAP_SYS_ADMIN' \
		"$as ask-kernel mount $STORE $A/other-base.seal /mnt"
	refuse_user 'the kernel lets no user stage' 'CAP_SYS_ADMIN' \
		"$as ask-kernel stage $A/unknown-key.seal"
	refuse_user 'the kernel lets no user activate' 'CAP_SYS_ADMIN' \
		"$as ask-kernel activate openssl@$OLD"
	refuse_user 'nor one who is root in a user namespace of his own' 'CAP_SYS_ADMIN' \
		"$ns ask-kernel activate openssl@$OLD"
	run "$as cryptexctl ps --all"
	claim 'he may read the state' accepted 'nginx'
	claim '  and nothing has changed' test "$before" = "$(state_of_all)"
}

tell_disk() {
	local file=$MOUNT/current/$LIBDIR/libssl.so.3 object

	say '' 'Someone writes to the disk beneath the file system: one bit of libssl, with' \
		'no program running it.'
	stop_nginx
	object=$(object_of "$NEW" "$LIBDIR/libssl.so.3")
	run "flip_on_disk $CX_DISK0 $object 16"
	claim 'the byte was changed' accepted
	run "cat $file >/dev/null"
	claim 'reading the file fails with an I/O error' refused 'Input/output error'
	run 'curl -s file:///proc/self/maps'
	claim 'a program that links it does not run' test "$STATUS" = 127
	claim '  and says why' said 'libssl.so.3: cannot read file data: Input/output error'
	run 'cryptexctl verify'
	claim 'verify names the file' said "openssl@$NEW_RE:$LIBDIR/libssl.so.3"
	claim 'and fails' test "$STATUS" = 1
	run 'cryptexctl rollback openssl'
	claim 'the way back is open' accepted "$OLD_RE is active now"
	run 'openssl version'
	claim 'the base runs' said "Library: $OLD_TEXT"
	tell_repair "$object"
}

tell_repair() {
	say 'The object is removed, and the container that brought it staged again:'
	run "rm -f $1 && cryptexctl stage openssl-$NEW.cryptex"
	claim 'the object is back' test -s "$1"
	run 'cryptexctl verify'
	claim 'the store is as it was sealed' accepted 'all is as it was sealed'
	run "cryptexctl activate openssl@$NEW && curl -s file:///proc/self/maps | grep -o '$MOUNT/.*/libssl.*' | sort -u"
	claim 'the patch runs again' said "^$MOUNT/$NEW_RE/"
}

tell_attacks() {
	title '7. Attacks'
	tell_seals
	tell_users
	tell_disk
}
