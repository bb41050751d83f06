#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Revocation lists: what is in them, that nothing is lost, and bad orders.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"
cd "$work"

mkdir tree && echo content >tree/file
"$publish" build --name demo --label 1 --dir tree --build-time 1 -o in.cryptex
signing_key key
signing_key other --name 'The lost one'
signing_key ec --ec
"$publish" sign --key key/key.pem --cert key/cert.pem in.cryptex -o base.cryptex
"$publish" sign --key key/key.pem --cert key/cert.pem in.cryptex --seal-only base.seal
digest=$("$publish" show base.seal | awk '$1 == "Digest" { print $2 }')
one=1111111111111111111111111111111111111111111111111111111111111111
revoke() { "$publish" revoke --key key/key.pem --cert key/cert.pem --issued 1700000000 "$@"; }
list() { "$publish" show --json --cert key/cert.pem "$1"; }

# What is asked for is in it, whatever the order, once
revoke --number 7 --seal base.seal --seal-digest $one --floor zlib=3 --floor demo=2 \
	--certificate other/cert.pem --certificate ec/cert.pem -o 7.list
list 7.list >7.json
check "a list has what was asked for" python3 - "$digest" $one <<'end'
import json, sys
l = json.load(open("7.json"))
assert l["number"] == 7 and l["issued"] == 1700000000 and l["signature_verified"]
assert l["seals"] == sorted(sys.argv[1:]), l["seals"]
assert l["floors"] == {"demo": 2, "zlib": 3}, l["floors"]
assert len(l["certificates"]) == 2
assert any("The lost one" in c["subject"] for c in l["certificates"])
end
revoke --number 7 --certificate ec/cert.pem --floor demo=2 --certificate other/cert.pem --seal-digest $one \
	--floor zlib=3 --seal base.cryptex --seal in.cryptex --seal-digest "$digest" -o same.list
same "another order, things twice, a container: the same bytes" 7.list same.list
"$publish" show 7.list >shown
check "show tells it to people" test "$(grep -cE "^Number +7$|^Issued +2023-11-14 22:13:20 UTC$|^Seals +2$|^  $digest$|^  demo +security epoch 2 or more$|^Certificates +2$|The lost one$" shown)" = 7
check "openssl agrees with the signature" bash -c '
	size=$(od -An -tu8 -j16 -N8 7.list | tr -d " ")
	head -c "$size" 7.list >signed
	tail -c +$((size + 1)) 7.list | head -c -32 >sig
	openssl cms -verify -inform DER -in sig -content signed -binary -noverify -certfile key/cert.pem -out /dev/null 2>/dev/null'
check "the checksum is that of all before it" bash -c '
	test "$(head -c -32 7.list | sha256sum | cut -d" " -f1)" = "$(tail -c 32 7.list | od -An -tx1 | tr -d " \n")"'
revoke --number 1 --seal base.seal -o ec.list --key ec/key.pem --cert ec/cert.pem
check "a key on a curve signs as well" "$publish" show --cert ec/cert.pem ec.list

# From an older list
revoke --from 7.list --floor demo=5 --seal-digest "${one//1/2}" -o 8.list
list 8.list >8.json
check "an older list's content is kept, floors rise, the number is the next" python3 - <<'end'
import json
old, new = json.load(open("7.json")), json.load(open("8.json"))
assert new["number"] == 8
assert set(old["seals"]) < set(new["seals"]) and len(new["seals"]) == 3
assert new["floors"] == {"demo": 5, "zlib": 3}
assert new["certificates"] == old["certificates"]
end
revoke --from 7.list --number 9 -o 9.list
check "nothing but another number" test "$(list 9.list | grep -v '"number"')" = "$(grep -v '"number"' 7.json)"
refused "a number that is not higher" 1 '7.list: has the number 7, and the new list must have a higher one' \
	revoke --from 7.list --number 7 -o bad.list
refused "a floor that sinks" 1 'zlib: the floor is 3 already, and never sinks to 2' \
	revoke --from 7.list --floor zlib=2 -o bad.list
refused "an older list of an unknown signer" 1 'ec.list: signed by a key that is not trusted' \
	revoke --from ec.list -o bad.list
check "unless --from-cert names it" revoke --from ec.list --from-cert ec/cert.pem -o 2.list
check "its content is there" grep -q "$digest" <(list 2.list)
printf x | dd of=7.list bs=1 seek=60 conv=notrunc status=none
refused "an older list that was changed" 1 '7.list: the signature does not match' revoke --from 7.list -o bad.list
refused "an older list that is a seal" 1 'not a revocation list: wrong magic' revoke --from base.seal -o bad.list

# What cannot be
refused "the signer revokes itself" 1 'would revoke the key that signs it' \
	revoke --number 1 --certificate key/cert.pem -o bad.list
refused "a list as a seal" 1 'same.list: is no sound container' revoke --number 1 --seal same.list -o bad.list
head -c 300 base.seal >cut.seal
refused "a seal that is cut" 1 'cut.seal: ' revoke --number 1 --seal cut.seal -o bad.list
refused "a seal that is missing" 1 'missing: there is no such file' revoke --number 1 --seal missing -o bad.list
refused "a certificate that is none" 1 'base.seal: is not a certificate' \
	revoke --number 1 --certificate base.seal -o bad.list
refused "a private key as a certificate" 1 'holds a private key' \
	revoke --number 1 --certificate key/key.pem -o bad.list
refused "another key's certificate" 1 'is not that of the key' \
	revoke --number 1 --floor a=1 --cert other/cert.pem -o bad.list
refused "no number" 2 'number is missing' revoke --floor a=1 -o bad.list
refused "the number 0" 2 'no number of 1 or more' revoke --number 0 --floor a=1 -o bad.list
refused "a number beyond 64 bits" 2 'no number of 1 or more' revoke --number 18446744073709551616 --floor a=1 -o bad.list
refused "nothing to revoke" 2 'nothing to revoke' revoke --number 1 -o bad.list
refused "no output" 2 '\-o is missing' revoke --number 1 --floor a=1
refused "no key" 2 '\-\-key is missing' "$publish" revoke --number 1 --floor a=1 -o bad.list
refused "a short digest" 2 'is not 64 lower-case hex digits' revoke --number 1 --seal-digest "${one#?}" -o bad.list
refused "an upper-case digest" 2 'is not 64 lower-case hex digits' revoke --number 1 --seal-digest "${one//1/A}" -o bad.list
refused "a floor without epoch" 2 'must be NAME=EPOCH' revoke --number 1 --floor demo -o bad.list
refused "a floor of 0" 2 'must be NAME=EPOCH' revoke --number 1 --floor demo=0 -o bad.list
refused "a floor beyond 32 bits" 2 'must be NAME=EPOCH' revoke --number 1 --floor demo=4294967296 -o bad.list
refused "a floor of a bad name" 2 'no name of a cryptex' revoke --number 1 --floor Demo=1 -o bad.list
refused "two floors, the second lower" 2 'never sinks' revoke --number 1 --floor demo=2 --floor demo=1 -o bad.list
refused "an argument too many" 2 'is not expected here' revoke --number 1 --floor a=1 -o bad.list more
refused "an unwritable output" 1 'missing: there is no such folder' revoke --number 1 --floor a=1 -o missing/bad.list
check "nothing is left of what was refused" test ! -e bad.list

# Limits
mapfile -t floors < <(seq -f 'c%04.0f=1' 0 4096 | sed 's/^/--floor\n/')
refused "one floor more than the limit" 1 'the new list: too many floors' \
	revoke --number 1 "${floors[@]}" -o bad.list
check "as many floors as the limit" revoke --number 1 "${floors[@]:2}" -o full.list
check "all are there" test "$("$publish" show full.list | grep -c 'security epoch 1 or more')" = 4096

finish
