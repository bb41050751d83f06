#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The publisher on real packages, judged by tools that are not ours.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"

versions=$(libssl_versions)
old=$(head -n 1 <<<"$versions")
new=$(tail -n 1 <<<"$versions")
if [ -z "$old" ] || [ "$old" = "$new" ]; then
	skip "publish libssl3" "apt offers fewer than two versions of libssl3"
	finish
	exit
fi
if ! old_deb=$(package "$old") || ! new_deb=$(package "$new"); then
	skip "publish libssl3" "apt cannot download libssl3 $old and $new"
	finish
	exit
fi
cd "$work"

build_base() { "$publish" build --name openssl --deb "$old_deb" "$@"; }
build_patch() { "$publish" build --name openssl --deb "$new_deb" --base base.cryptex "$@"; }

check "build a base from libssl3 $old" build_base -o base.cryptex
check "build a patch from libssl3 $new" build_patch -o patch.cryptex

# The same input gives the same bytes
(umask 077; TZ=Asia/Kathmandu LC_ALL=C.UTF-8 build_base -o again.cryptex)
same "another umask, time zone and locale: the same bytes" base.cryptex again.cryptex
dpkg-deb -x "$old_deb" forth
tree_build() { "$publish" build --name openssl --label 1 --dir "$1" -o "$2"; }
# A tmpfs lists a folder in the order of creation; ext4 would sort by hash.
other=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$work" "$other"' EXIT
(cd forth && find . | LC_ALL=C sort -r | cpio -pdm --quiet "$other")
if [ "$(find forth -printf '%P\n')" = "$(find "$other" -printf '%P\n')" ]; then
	fail "the copy is listed in another order"
fi
tree_build forth forth.cryptex
tree_build "$other" back.cryptex
same "another order in the folder: the same bytes" forth.cryptex back.cryptex
SOURCE_DATE_EPOCH=1700000000 build_base -o epoch.cryptex
check "SOURCE_DATE_EPOCH is the build time" \
	grep -q '"build_time": 1700000000' <("$publish" show --json epoch.cryptex)
check "--build-time wins over SOURCE_DATE_EPOCH" env SOURCE_DATE_EPOCH=1 bash -c \
	"'$publish' build --name openssl --deb '$old_deb' --build-time 1700000000 -o t.cryptex &&
	 cmp t.cryptex epoch.cryptex"

# tar lists it, zstd unpacks it, fsverity gives the same digests
mkdir base
tar -C base -xf base.cryptex
check "the manifest is the first member, objects ascend" \
	cmp <(tar tf base.cryptex) <(echo manifest; tar tf base.cryptex | sed 1d | LC_ALL=C sort)
check "members are read-only, of root, and have the build time" \
	test "$(tar tvf epoch.cryptex --numeric-owner --utc |
		grep -vc '^-r--r--r-- 0/0 .* 2023-11-14 22:13 ')" = 0
objects=0
for member in base/objects/*.zst; do
	zstd -dq "$member" -o object
	digest=$(fsverity digest --compact object)
	[ "$(basename "$member" .zst)" = "$digest" ] || fail "$member has the digest $digest"
	found=$(find forth/usr/lib -type f -exec cmp -s object {} \; -print)
	grep -q "$digest ${found#forth/}\$" <("$publish" show --files base.cryptex) ||
		fail "show does not give $found the digest $digest"
	rm object
	objects=$((objects + 1))
done
check "fsverity agrees with the name of each of $objects objects" \
	test "$objects" = "$(find forth/usr/lib -type f | wc -l)"

# The patch says what it fixes
ids() { grep -o 'CVE-[0-9]*-[0-9]*' | LC_ALL=C sort -u; }
dpkg-deb --fsys-tarfile "$new_deb" |
	tar xOf - ./usr/share/doc/libssl3/changelog.Debian.gz | zcat |
	sed "/^openssl ($old)/,\$d" | ids >expected
"$publish" show patch.cryptex | grep '^  CVE-' | ids >listed
check "the patch lists the CVEs of the changelog since $old ($(wc -l <expected))" \
	cmp expected listed
build_patch --fix CVE-2026-0001:critical:'a hole: closed' -o fixed.cryptex
check "--fix adds to them" grep -qE '^  CVE-2026-0001 +critical +a hole: closed$' \
	<("$publish" show fixed.cryptex)
check "the patch names its base by digest" \
	grep -q "^Base digest *$(sha256sum <base/manifest | cut -d' ' -f1)\$" \
	<("$publish" show patch.cryptex)

# Signatures, judged by openssl
signing_key rsa
signing_key ec --ec
signing_key other
check "the key file is 0600" test "$(stat -c %a rsa/key.pem)" = 600
sign() { "$publish" sign --key "$1/key.pem" --cert "$1/cert.pem" "${@:2}"; }
split() { # FILE: manifest and signature of a signed container
	local size
	tar xOf "$1" seal >seal
	size=$(od -An -t u8 -j 16 -N 8 seal | tr -d ' ')
	head -c "$size" seal >manifest
	tail -c "+$((size + 1))" seal >signature
}
cms() { # KEY: does openssl take the signature?
	openssl cms -verify -inform DER -in signature -content manifest -binary -noverify \
		-certfile "$1/cert.pem" -nointern -out /dev/null
}
for kind in rsa ec; do
	sign $kind patch.cryptex -o $kind.cryptex
	split $kind.cryptex
	check "openssl verifies the $kind signature" cms $kind
	check "the signed manifest is the unsigned one ($kind)" \
		cmp manifest <(tar xOf patch.cryptex manifest)
	check "show --cert takes it ($kind)" \
		"$publish" show --cert $kind/cert.pem $kind.cryptex
	check "the signer is named by key id, without certificate and attributes ($kind)" \
		test "$(openssl cms -cmsout -print -inform DER -in signature |
			grep -cE '^ +(d.subjectKeyIdentifier: |eContent: <ABSENT>|<ABSENT>)$')" = 6
	printf 'X' | dd of=manifest bs=1 seek=300 conv=notrunc status=none
	if cms $kind 2>/dev/null; then fail "openssl refuses a changed manifest ($kind)"
	else pass "openssl refuses a changed manifest ($kind)"; fi
done
sign rsa patch.cryptex -o again.cryptex
same "RSA: signing again gives the same bytes" rsa.cryptex again.cryptex
sign rsa ec.cryptex -o resigned.cryptex
same "signing what is signed replaces the signature" rsa.cryptex resigned.cryptex
sign rsa patch.cryptex --seal-only only.seal
same "--seal-only writes the container's seal" only.seal <(tar xOf rsa.cryptex seal)
check "show tells the same of container and seal" cmp \
	<("$publish" show --files rsa.cryptex | grep -vE '^(Container|Fetched) ') \
	<("$publish" show --files only.seal)
refused "show --cert refuses another key's signature" 1 'key that is not trusted' \
	"$publish" show --cert other/cert.pem rsa.cryptex
refused "show --cert refuses an unsigned container" 1 'is not signed' \
	"$publish" show --cert rsa/cert.pem patch.cryptex
check "show says that a container is not signed" \
	grep -q '^Signer *not signed' <("$publish" show patch.cryptex)

echo "# libssl3 $old as a base: $(stat -c %s base.cryptex) bytes;" \
	"$new as a patch: $(stat -c %s patch.cryptex); the .deb: $(stat -c %s "$new_deb")"
finish
