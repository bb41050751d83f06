#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys and certificates: made, used, refused; and keys that stay in a token.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"
cd "$work"

mkdir tree && echo content >tree/file
"$publish" build --name demo --label 1 --dir tree --build-time 1 -o in.cryptex
sign() { # KEY CERT
	"$publish" sign --key "$1" --cert "$2" in.cryptex -o out.cryptex
}
ssl() { openssl "$@" 2>/dev/null; }

# keygen
check "keygen" signing_key rsa --name 'A publisher' --days 10
check "the key is RSA of 3072 bits, mode 0600" test "$(stat -c %a rsa/key.pem) $(
	openssl pkey -in rsa/key.pem -noout -text | grep -o '3072 bit')" = "600 3072 bit"
check "the certificate has name, key id, usage and date" test "$(
	openssl x509 -in rsa/cert.pem -noout -subject -ext subjectKeyIdentifier,keyUsage,basicConstraints |
	grep -cE '^subject=CN = A publisher$|([0-9A-F]{2}:){19}|Digital Signature$|CA:FALSE')" = 4
check "valid today" openssl x509 -in rsa/cert.pem -noout -checkend 777600
check "not for longer than asked" bash -c "! openssl x509 -in rsa/cert.pem -noout -checkend 950400"
cp -r rsa kept
refused "keygen does not overwrite a key" 1 'key.pem: is there already' signing_key rsa
rm rsa/key.pem
refused "keygen does not overwrite a certificate" 1 'cert.pem: is there already' signing_key rsa
check "and leaves no key without its certificate" test ! -e rsa/key.pem
cp kept/key.pem rsa/
check "the files are as they were" diff -r kept rsa
refused "keygen: days out of range" 2 'from 1 to 36500' signing_key x --days 0
refused "keygen: no name" 2 'must have 1 to 64' signing_key x --name ''
refused "keygen: below a file" 1 'cannot be made' signing_key rsa/key.pem/x
refused "keygen: no folder" 2 '\-\-out is missing' "$publish" keygen
(umask 000; signing_key open)
check "the key is 0600 under any umask" test "$(stat -c %a open/key.pem)" = 600

# Keys that are not keys, or not for the kernel
refused "sign: nothing given" 2 '\-\-key is missing' "$publish" sign
refused "sign: no container" 2 'container to sign is missing' "$publish" sign --key k --cert c
refused "sign: no output" 2 'where to write' "$publish" sign --key k --cert c in.cryptex
refused "sign: two outputs" 2 'exclude each other' "$publish" sign --key k --cert c in.cryptex -o a --seal-only b
refused "key: missing" 1 'none.pem: there is no such file' sign none.pem rsa/cert.pem
refused "key: a folder" 1 'tree: is a folder' sign tree rsa/cert.pem
: >empty.pem
refused "key: empty" 1 'empty.pem: is empty' sign empty.pem rsa/cert.pem
refused "key: a certificate" 1 'cert.pem: holds no usable private key' sign rsa/cert.pem rsa/cert.pem
refused "certificate: missing" 1 'none.pem: there is no such file' sign rsa/key.pem none.pem
refused "certificate: empty" 1 'is empty' sign rsa/key.pem empty.pem
refused "certificate: a key" 1 'holds a private key' sign rsa/key.pem rsa/key.pem
refused "certificate: text" 1 'is not a certificate' sign rsa/key.pem /etc/passwd
cat rsa/cert.pem open/cert.pem >two.pem
refused "certificate: two of them" 1 'more than one certificate' sign rsa/key.pem two.pem
head -c 500 rsa/cert.pem >half.pem
refused "certificate: half of one" 1 'no sound certificate' sign rsa/key.pem half.pem
refused "certificate: of another key" 1 'is not that of the key' sign rsa/key.pem open/cert.pem
openssl x509 -in rsa/cert.pem -outform DER -out cert.der
check "certificate: DER is fine" sign rsa/key.pem cert.der
cat cert.der cert.der >two.der
refused "certificate: DER with a tail" 1 'bytes follow the certificate' sign rsa/key.pem two.der
rm out.cryptex

made() { # NAME KEYTYPE [OPTION]...: a key pair that keygen would not make
	local name=$1 type=$2
	shift 2
	ssl req -x509 -nodes -newkey "$type" -subj /CN=x -keyout "$name.key" -out "$name.crt" "$@"
}
made rsa1024 rsa:1024
refused "key: RSA of 1024 bits" 1 'RSA key of 1024 bits' sign rsa1024.key rsa1024.crt
made ed ed25519
refused "key: Ed25519" 1 'that the kernel does not verify' sign ed.key ed.crt
made k1 ec -pkeyopt ec_paramgen_curve:secp256k1
refused "key: ECDSA on secp256k1" 1 'on secp256k1; the kernel verifies P-256 and P-384' sign k1.key k1.crt
made p384 ec -pkeyopt ec_paramgen_curve:P-384
check "key: ECDSA on P-384 is fine" sign p384.key p384.crt
check "and verifies" "$publish" show --cert p384.crt out.cryptex
made noid rsa:2048 -addext subjectKeyIdentifier=none
refused "certificate: without key id" 1 'no subjectKeyIdentifier' sign noid.key noid.crt
made usage rsa:2048 -addext keyUsage=keyEncipherment
refused "certificate: not for signatures" 1 'key usage does not allow' sign usage.key usage.crt
dated() { # NAME START END
	printf '[ca]\ndefault_ca=c\n[c]\ndatabase=ca.db\nserial=ca.srl\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectKeyIdentifier=hash\n' >ca.conf
	: >ca.db
	echo 01 >ca.srl
	ssl req -new -key rsa/key.pem -subj /CN=x -out x.csr
	ssl ca -config ca.conf -batch -selfsign -keyfile rsa/key.pem -in x.csr -startdate "$2" -enddate "$3" -out "$1" -notext
}
dated old.crt 20200101000000Z 20210101000000Z
refused "certificate: expired" 1 'expired on 2021-01-01 00:00:00 UTC' sign rsa/key.pem old.crt
dated young.crt 20900101000000Z 20910101000000Z
refused "certificate: not yet valid" 1 'not valid before 2090-01-01 .* is the clock right' sign rsa/key.pem young.crt
refused "sign: the output's folder is missing" 1 'no such folder' \
	"$publish" sign --key rsa/key.pem --cert rsa/cert.pem in.cryptex -o none/out.cryptex

# Keys in a token: a software one, through OpenSSL's engine
module=$(ls /usr/lib/*/softhsm/libsofthsm2.so /usr/lib/softhsm/libsofthsm2.so 2>/dev/null | head -n 1)
engine=$(ls /usr/lib/*/engines-3/pkcs11.so 2>/dev/null | head -n 1)
if [ -z "$module" ] || [ -z "$engine" ] || ! command -v softhsm2-util >/dev/null; then
	skip "keys in a token" "needs softhsm2 and libengine-pkcs11-openssl"
	finish
	exit
fi
refused "token: OpenSSL has no engine" 1 'install libengine-pkcs11-openssl' \
	env OPENSSL_ENGINES=/nonexistent "$publish" sign --key pkcs11:object=x --cert rsa/cert.pem in.cryptex -o t.cryptex
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$work" >softhsm.conf
export SOFTHSM2_CONF=$work/softhsm.conf PKCS11_MODULE_PATH=$module
softhsm2-util --init-token --free --label publisher --so-pin 0000 --pin 1234 >/dev/null
softhsm2-util --import rsa/key.pem --token publisher --label release --id 01 --pin 1234 >/dev/null
uri='pkcs11:token=publisher;object=release;type=private'
check "token: sign" sign "$uri?pin-value=1234" rsa/cert.pem
mv out.cryptex token.cryptex
sign rsa/key.pem rsa/cert.pem
same "token: the same bytes as with the key's file" token.cryptex out.cryptex
refused "token: no such object" 1 'no such private key' sign "${uri/release/other}?pin-value=1234" rsa/cert.pem
refused "token: wrong PIN" 1 'check the URI.s token, object and PIN' sign "$uri?pin-value=9999" rsa/cert.pem
refused "token: certificate of another key" 1 'is not that of the key' sign "$uri?pin-value=1234" open/cert.pem
finish
