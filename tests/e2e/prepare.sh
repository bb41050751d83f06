#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/e2e/prepare.sh FOLDER
#
# What the publisher does, on the host: the private key never gets into the
# virtual machine. Makes FOLDER/payload, which the machine sees as /cryptex:
#
#   bin/ cryptex.ko       what `make` built
#   e2e/                  the scripts that run there
#   cert.pem              the publisher's certificate
#   openssl/              base and patch, from two real libssl3 packages: whole, and
#                         as deltas in both directions
#   hello/                a small cryptex of plain files: base and two patches, likewise
#   lies/                 containers whose deltas are not what their names say
#   lists/                revocation lists, and the certificate of a second key
#   attacks/              containers and seals that must be refused
#   old.deb, versions     the older package; what the versions are
#
# FACE=demo (see say.sh) shows the steps to a person. Exit status 3: there is no
# second version of libssl3 to be had.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=tests/e2e/say.sh
. "$here/say.sh"

# Offset of the container's first member, the seal, behind its tar header
SEAL_AT=512
# In a seal: the digest of the first file, 32 bytes; see include/cryptex/seal.h
HEADER_SIZE=256 ENTRY_SIZE=64 DIGEST_IN_ENTRY=32 CHECKSUM_SIZE=32

die() { echo "${0##*/}: error: $*" >&2; exit 1; }
publish() { cryptex-publish "$@" || die "cryptex-publish $1 failed"; }

# step COMMAND: show and run one of the publisher's commands; all must succeed
step() {
	run "$1"
	[ "$STATUS" = 0 ] || die "this failed: $1: $OUT"
}

# Shows nothing: what goes beside the story
sign_as() { publish sign --key "$1/key.pem" --cert "$1/cert.pem" unsigned -o "$2"; }

build_openssl() {
	step "cryptex-publish build --name openssl --deb $old -o base.unsigned"
	step "cryptex-publish sign --key publisher/key.pem --cert publisher/cert.pem base.unsigned -o $base"
	step "cryptex-publish build --name openssl --deb $new --base $base -o patch.unsigned"
	step "cryptex-publish sign --key publisher/key.pem --cert publisher/cert.pem patch.unsigned -o $patch"
	step "cryptex-publish show $patch | sed -n '1,/^Fixes/p'"
	say '' 'For the machines that have the base: what changed, and the way back.' ''
	step "cryptex-publish release $patch --from $base -o $small --antipatch $back"
}

# A file of about a MiB, so that staging it takes more than one write; from one
# version to the next it changes in the middle.
build_hello() {
	local label of=()

	head -c 1000000 /dev/urandom >noise
	for label in 1 2 3; do
		rm -rf tree && mkdir -p tree/share
		echo "hello, version $label" >tree/share/hello
		{ head -c 500000 noise; echo "version $label"; tail -c 500000 noise; } \
			>tree/share/noise
		echo "the same in both versions" >tree/share/same
		publish build --name hello --label $label --dir tree --build-time 1700000000 \
			"${of[@]}" -o unsigned
		cryptex-publish show --files unsigned | awk '$5 == "share/noise" { print $4 }' >digest-$label
		sign_as publisher "payload/hello/hello-$label.cryptex"
		of=(--base payload/hello/hello-1.cryptex --security-epoch $((label + 1)))
	done
}

# Each to the next, and back
release_hello() {
	local hello=payload/hello/hello

	publish release $hello-2.cryptex --from $hello-1.cryptex \
		-o $hello-2-from-1.cryptex --antipatch $hello-1-from-2.cryptex
	publish release $hello-3.cryptex --from $hello-2.cryptex --from $hello-1.cryptex \
		-o $hello-3-from-2.cryptex --antipatch $hello-2-from-3.cryptex
	publish release $hello-3.cryptex --from $hello-1.cryptex -o hello-3-from-1.cryptex
}

# delta_of CONTAINER NEW OLD: the bytes of a delta between two versions of noise
delta_of() { tar xOf "$1" "deltas/$(cat "digest-$2")/$(cat "digest-$3")"; }

# lie NAME NEW OLD: a container of hello-2 with one delta, from standard input, that
# claims to make the object NEW of OLD
lie() {
	rm -rf lie
	mkdir -p "lie/deltas/$2"
	cat >"lie/deltas/$2/$3"
	tar xOf payload/hello/hello-2.cryptex seal >lie/seal
	tar -C lie --format=ustar --no-recursion -cf "payload/lies/$1.cryptex" seal "deltas/$2/$3"
}

# Deltas that are not what their names say; sorted by name, the first one is the
# one that is not a lie.
build_lies() {
	local one two good=payload/hello/hello-2-from-1.cryptex zeros

	one=$(cat digest-1) two=$(cat digest-2)
	zeros=$(printf '0%.0s' {1..64})
	delta_of $good 2 1 | lie a-good "$two" "$one"
	delta_of payload/hello/hello-3-from-2.cryptex 3 2 | lie for-another "$two" "$one"
	delta_of hello-3-from-1.cryptex 3 1 | lie makes-another "$two" "$one"
	delta_of $good 2 1 | head -c -1 | lie truncated "$two" "$one"
	delta_of $good 2 1 >bytes
	flip bytes $(($(stat -c %s bytes) / 2))
	lie flipped "$two" "$one" <bytes
	head -c 20000 /dev/urandom | lie noise "$two" "$one"
	delta_of $good 2 1 | lie not-in-seal "$zeros" "$one"
	delta_of $good 2 1 | lie no-old "$two" "$zeros"
	head -c 2000000 /dev/zero | lie too-long "$two" "$one"
}

# revocations KEY NUMBER OPTION...: a list that KEY signs
revocations() {
	local key=$1 number=$2

	shift 2
	publish revoke --key "$key/key.pem" --cert "$key/cert.pem" --number "$number" "$@" \
		-o "payload/lists/$number.list"
}

# The first ones of the publisher; the last by the key for when that is lost
build_lists() {
	local hello=payload/hello/hello

	publish keygen --out reserve --name Reserve
	cp reserve/cert.pem payload/lists/reserve.pem
	revocations publisher 1 --seal $hello-2.cryptex
	revocations publisher 2 --floor hello=1
	revocations publisher 3 --from payload/lists/1.list --floor hello=3
	revocations publisher 4 --seal $hello-3.cryptex
	revocations reserve 5 --from payload/lists/4.list --from-cert publisher/cert.pem \
		--certificate publisher/cert.pem
	revocations stranger 6 --floor hello=9
}

# flip FILE OFFSET: the lowest bit of one byte
flip() {
	local byte

	byte=$(od -An -t u1 -j "$2" -N 1 "$1")
	# shellcheck disable=SC2059 # an octal escape is meant
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# first_file SEAL: index of the first regular file, by its mode 0100xxx
first_file() {
	local i mode

	for ((i = 1; i < 1000; i++)); do
		mode=$(od -An -t u2 -j $((HEADER_SIZE + i * ENTRY_SIZE + 6)) -N 2 "$1")
		if (((mode & 0170000) == 0100000)); then
			echo $i
			return 0
		fi
	done
	die "$1: no file in it"
}

# seal_anew CONTAINER SIZE: an attacker can make the checksum of the seal again
seal_anew() {
	local last=$(($2 - CHECKSUM_SIZE))

	dd if="$1" bs=1 skip=$SEAL_AT count=$last status=none | openssl dgst -sha256 -binary |
		dd of="$1" bs=1 seek=$((SEAL_AT + last)) conv=notrunc status=none
}

build_flips() {
	local seal=seal.tmp size digest

	tar xOf "$patch" seal >$seal
	size=$(stat -c %s $seal)
	digest=$((HEADER_SIZE + $(first_file $seal) * ENTRY_SIZE + DIGEST_IN_ENTRY))
	cp "$patch" payload/attacks/manifest-bit.cryptex
	flip payload/attacks/manifest-bit.cryptex $((SEAL_AT + digest))
	seal_anew payload/attacks/manifest-bit.cryptex "$size"
	# The signature's last byte is in its value, the seal's last in the checksum.
	cp "$patch" payload/attacks/signature-bit.cryptex
	flip payload/attacks/signature-bit.cryptex $((SEAL_AT + size - CHECKSUM_SIZE - 1))
	seal_anew payload/attacks/signature-bit.cryptex "$size"
	cp "$patch" payload/attacks/checksum-bit.cryptex
	flip payload/attacks/checksum-bit.cryptex $((SEAL_AT + size - 1))
}

build_attacks() {
	local seal

	build_flips
	publish keygen --out stranger --name Stranger
	publish build --name openssl --label 9.9.9 --deb "$new" --base "$base" -o unsigned
	sign_as stranger payload/attacks/unknown-key.cryptex
	cp stranger/cert.pem payload/attacks/stranger.pem

	# The same version, built at another time: another base all the same.
	publish build --name openssl --deb "$old" --build-time 1700000000 -o unsigned
	sign_as publisher payload/attacks/other-base.cryptex
	publish build --name openssl --label "$NEW_VERSION+other" --deb "$new" \
		--base payload/attacks/other-base.cryptex -o unsigned
	sign_as publisher payload/attacks/for-other-base.cryptex

	for seal in payload/attacks/*.cryptex; do
		tar xOf "$seal" seal >"${seal%.cryptex}.seal"
	done
}

# What a library says of itself, so that programs can be asked which one they run
version_text() {
	local text

	text=$(library_text "$1") || die "$1: no libcrypto.so.3 that says its version"
	printf '%s\n' "$text"
}

library_text() {
	dpkg-deb --fsys-tarfile "$1" | tar xO --wildcards '*/libcrypto.so.3' |
		grep -aoE 'OpenSSL [0-9]+\.[0-9]+\.[0-9]+[a-z]* [0-9]+ [A-Z][a-z]+ [0-9]{4}' |
		sed -n 1p
}

fill_payload() {
	local old_text new_text fixes

	old_text=$(version_text "$OLD_DEB")
	new_text=$(version_text "$NEW_DEB")
	fixes=$(cryptex-publish show --json "$patch" | grep -c '"severity"' || true)
	cp "$base" "$patch" "$small" "$back" payload/openssl/
	cp publisher/cert.pem payload/
	cp "$OLD_DEB" payload/old.deb
	cp "$top"/build/bin/cryptexctl "$top"/build/bin/cryptex-publish payload/bin/
	cp "$top"/build/test/ask-kernel payload/bin/
	cp "$top"/build/cryptex.ko payload/
	cp "$here"/*.sh payload/e2e/
	{
		printf '%s=%q\n' OLD "$OLD_VERSION" NEW "$NEW_VERSION"
		printf '%s=%q\n' OLD_TEXT "$old_text" NEW_TEXT "$new_text" FIXES "$fixes"
	} >payload/versions
}

main() {
	local text old new base patch small back

	PATH=$top/build/bin:$PATH
	text=$("$here/fetch-packages.sh" libssl3) || exit
	eval "$text"
	rm -rf "$1"
	mkdir -p "$1"/payload/{bin,e2e,openssl,hello,attacks,lies,lists}
	cd "$1"
	# Links with short names: the commands are to be read.
	old=$(basename "$OLD_DEB") new=$(basename "$NEW_DEB")
	ln -s "$OLD_DEB" "$old"
	ln -s "$NEW_DEB" "$new"
	base=openssl-$OLD_VERSION.cryptex patch=openssl-$NEW_VERSION.cryptex
	small=openssl-$NEW_VERSION.patch.cryptex back=openssl-$OLD_VERSION.antipatch.cryptex

	title '1. Trust: a key pair'
	step "cryptex-publish keygen --out publisher --name 'Example publisher'"
	say 'The private key stays on this machine. The virtual machine will get the certificate.'
	title "2. The publisher: a base from libssl3 $OLD_VERSION, a patch from $NEW_VERSION"
	say 'Both are Debian packages as the mirror has them; the patch knows from the' \
		'changelog what it fixes.' ''
	build_openssl
	build_hello
	release_hello
	build_lies
	build_attacks
	build_lists
	fill_payload
}

[ $# -eq 1 ] || die "name the folder to fill"
main "$1"
