#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys of roles: of each kind, in tokens, kept elsewhere, several of them, and new ones.
set -euo pipefail
. "$(dirname "$0")/repo/lib.sh"
cd "$work"
samples 101
ssl() { openssl "$@" 2>/dev/null; }
ssl genpkey -algorithm ed25519 -out ed.pem
ssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
ssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
sound() { "$repo" check "$1" --deep; }
scheme() { grep -c "\"scheme\": \"$2\"" "$1/metadata/1.root.json"; }

# Each kind
check "a role's key may be of another kind than its neighbour's" "$repo" init kinds --root-key ed.pem \
	--targets-key ec.pem --snapshot-key rsa.pem --timestamp-key ed.pem
check "Ed25519, ECDSA and RSA-PSS it is" test "$(scheme kinds ed25519) $(scheme kinds ecdsa-sha2-nistp256) $(
	scheme kinds rsassa-pss-sha256)" = "1 1 1"
check "a release" "$repo" release kinds demo-100.cryptex demo-101.cryptex --role-key ed.pem --role-key ec.pem --role-key rsa.pem
check "it is sound" sound kinds
read_by_others "the reference client reads it" kinds
ssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem
ssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.pem
make() { "$repo" init x --root-key "$1" --targets-key ed.pem --snapshot-key ed.pem --timestamp-key ed.pem; }
refused "a key on P-384" 1 'p384.pem: the key is neither' make p384.pem
refused "an RSA key of 1024 bits" 1 'weak.pem: the key is neither' make weak.pem
refused "no key at all" 1 'lib.map: there is no such file' make lib.map
refused "a certificate" 1 'holds no usable private key' make signing/cert.pem
refused "a token that is not there" 1 'pkcs11|token' make 'pkcs11:token=none;object=none;pin-value=4321'
check "nothing of all this has become a repository" test ! -e x/metadata

# In a token
module=$(find /usr/lib -name libsofthsm2.so | head -1)
engine=$(find /usr/lib -path '*engines-3/pkcs11.so' | head -1)
if [ -n "$module" ] && [ -n "$engine" ]; then
	export PKCS11_MODULE_PATH=$module SOFTHSM2_CONF=$work/softhsm.conf
	mkdir tokens && echo "directories.tokendir = $work/tokens" >softhsm.conf
	softhsm2-util --init-token --free --label repo --pin 1234 --so-pin 5678 >/dev/null
	ssl pkcs8 -topk8 -nocrypt -in ec.pem -out ec8.pem
	softhsm2-util --import ec8.pem --token repo --label ec --id 01 --pin 1234 >/dev/null
	uri='pkcs11:token=repo;object=ec;pin-value=1234'
	check "a key in a token" "$repo" init token --keys token-keys --targets-key "$uri"
	check "signs a release" "$repo" release token demo-100.cryptex --keys token-keys --role-key "$uri"
	check "and a team's" "$repo" init token-team --keys token-keys --team "core:demo:$uri"
	check "it is sound" sound token
	check "its URI with the PIN is nowhere in the repository" is_not grep -rq pin-value token token-team
	read_by_others "the reference client reads it" token
else
	skip "a key in a token" "there is no softhsm2 or no pkcs11 engine"
fi

# Thresholds, and a root that is kept elsewhere
for n in 1 2 3; do
	ssl genpkey -algorithm ed25519 -out "root$n.pem"
	ssl pkey -in "root$n.pem" -pubout -out "public$n.pem"
done
refused "a threshold above the number of keys" 1 'root: 3 signatures are asked for, and the role has 2 keys' \
	"$repo" init x --keys k --root-key root1.pem --root-key root2.pem --threshold 3
check "root's public keys will do" "$repo" init off --keys off-keys --threshold 2 --root-key public1.pem \
	--root-key public2.pem --root-key public3.pem
check "there is no root yet" test ! -e off/metadata/1.root.json -a -e off/metadata/timestamp.json
check "a release can be made meanwhile" "$repo" release off demo-100.cryptex --keys off-keys
id() { # KEY: its key id, by another way
	python3 - "$(ssl pkey -in "$1" -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')" <<'P'
import hashlib, sys
text = '{"keytype":"ed25519","keyval":{"public":"%s"},"scheme":"ed25519"}' % sys.argv[1]
print(hashlib.sha256(text.encode()).hexdigest())
P
}
elsewhere() { ssl pkeyutl -sign -rawin -inkey "$1" -in root.bytes -out "$1.sig" && echo "$(id "$1"):$1.sig"; }
check "the bytes to sign go out, and who can sign them" bash -c "
	'$repo' sign-root off --export root.bytes | grep -c '^  [0-9a-f]\{64\}\$' | grep -qx 3"
check "a signature comes back" bash -c "'$repo' sign-root off --signature '$(elsewhere root1.pem)' | grep -q 'waits for more'"
check "the same again changes nothing" bash -c "'$repo' sign-root off --signature '$(elsewhere root1.pem)' | grep -q 'waits for more'"
refused "one by a key of no role" 1 'is no signature of one of root' "$repo" sign-root off --signature "$(elsewhere ed.pem)"
printf x >>root.bytes
refused "one over other bytes" 1 'is no signature of one of root' "$repo" sign-root off --signature "$(elsewhere root2.pem)"
"$repo" sign-root off --export root.bytes
refused "one that is no file" 1 'none: there is no such file' "$repo" sign-root off --signature "$(id root2.pem):none"
refused "one without a key id" 1 'must be KEYID:FILE' "$repo" sign-root off --signature root2.pem.sig
check "a second one completes it" bash -c "'$repo' sign-root off --signature '$(elsewhere root2.pem)' | grep -q 'is complete'"
check "there it is" test -e off/metadata/1.root.json
check "it is sound" sound off
read_by_others "the reference client reads it" off
refused "nothing waits any more" 1 'no root waits' "$repo" sign-root off --export root.bytes

# As the manual says it for the other kinds
ssl pkey -in ec.pem -pubout -out ec.pub && ssl pkey -in rsa.pem -pubout -out rsa.pub
"$repo" init manual --keys manual-keys --threshold 2 --root-key ec.pub --root-key rsa.pub >/dev/null
mapfile -t ids < <("$repo" sign-root manual --export m.bytes | grep -o '[0-9a-f]\{64\}')
ssl pkeyutl -sign -rawin -digest sha256 -inkey ec.pem -in m.bytes -out ec.sig
ssl pkeyutl -sign -rawin -digest sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest \
	-inkey rsa.pem -in m.bytes -out rsa.sig
check "signatures by ECDSA and RSA-PSS from elsewhere" bash -c "
	'$repo' sign-root manual --signature '${ids[0]}:ec.sig' --signature '${ids[1]}:rsa.sig' | grep -q 'is complete'"
check "it is sound" sound manual
read_by_others "the reference client reads it" manual

# Rotation
check "the timestamp's key, without root's" "$repo" rotate off timestamp --new-key ed.pem --keys off-keys
check "root waits" test ! -e off/metadata/2.root.json
check "meanwhile it is sound" sound off
check "and releases are signed by both" "$repo" release off demo-101.cryptex --keys off-keys --role-key ed.pem
check "two of them" test "$(grep -c keyid off/metadata/timestamp.json)" = 2
check "with root's keys" "$repo" sign-root off --role-key root1.pem --role-key root3.pem
check "the new root is there" test -e off/metadata/2.root.json
check "it is sound" sound off
read_by_others "the reference client reads it" off
refused "the old key does not do any more" 1 'of the role timestamp must sign' "$repo" refresh off --keys off-keys
check "the new one does" "$repo" refresh off --keys off-keys --role-key ed.pem
check "one signature" test "$(grep -c keyid off/metadata/timestamp.json)" = 1

# A draft that nobody can follow yet
check "a new snapshot key that is not at hand" "$repo" rotate off snapshot --new-key ec.pem --keys off-keys --role-key ed.pem
cp -a off stuck
check "is at hand later" "$repo" release off demo-101.cryptex --keys off-keys --role-key ed.pem
check "a key of which only the public part is there" "$repo" rotate stuck snapshot --new-key rsa.pub --keys off-keys --role-key ed.pem
refused "root is not taken before it has signed" 1 'cannot be used before `cryptex-repo refresh --all`' \
	"$repo" sign-root stuck --role-key root1.pem --role-key root3.pem
check "which it does then" "$repo" refresh stuck --all --keys off-keys --role-key ed.pem --role-key rsa.pem
check "and root is taken" bash -c "'$repo' sign-root stuck --role-key root1.pem --role-key root3.pem | grep -q 'is complete'"
check "it is sound" sound stuck
read_by_others "the reference client reads it" stuck

# Root's own keys, and a key that is lost
check "root, by the old keys and its own" "$repo" rotate kinds root --new-key root1.pem --new-key root2.pem --threshold 2 --role-key ed.pem
check "it is sound" sound kinds
rm ec.pem
check "targets, whose key is lost" "$repo" rotate kinds targets --new-key root3.pem --role-key root1.pem --role-key root2.pem \
	--role-key ed.pem --role-key rsa.pem
check "it is sound" sound kinds
read_by_others "the reference client reads it" kinds
refused "no such role" 1 'has no role mirrors' "$repo" rotate kinds mirrors --new-key ed.pem
refused "fewer keys than must sign" 1 'root: 2 signatures are asked for, and the role has 1 keys' \
	"$repo" rotate kinds root --new-key ed.pem --role-key root1.pem --role-key root2.pem
finish
