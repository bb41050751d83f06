#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Bad input to the repository, and each kind of damage that `check` has to find.
set -euo pipefail
. "$(dirname "$0")/repo/lib.sh"
cd "$work"
samples 101 102
"$repo" init r --keys keys >/dev/null
"$repo" release r demo-100.cryptex demo-101.cryptex --keys keys >/dev/null
before=$(bytes r)
same_bytes() { [ "$(bytes r)" = "$before" ]; }

# The command line
release() { "$repo" release r "$@" --keys keys; }
refused "no such command" 2 'there is no command publish' "$repo" publish
refused "init: no folder" 2 'folder is missing' "$repo" init --keys keys
refused "init: no key" 2 '\-\-root-key is missing, or --keys' "$repo" init x
refused "init: threshold" 2 'must be \[ROLE=\]N' "$repo" init x --keys keys --threshold 0
refused "init: threshold of no role" 2 'must be \[ROLE=\]N' "$repo" init x --keys keys --threshold mirrors=1
for bad in '' root root= root=1 root=0d root=1y root=-1d root=99999999999999999999d mirrors=1d; do
	refused "init: --expires '$bad'" 2 'must be ROLE=TIME' "$repo" init x --keys keys --expires "$bad"
done
refused "init: a team without cryptexes" 2 'must be NAME:CRYPTEX' "$repo" init x --keys keys --team core
for bad in Core root '' a/b timestamp; do
	refused "init: a team called '$bad'" 2 'is no name for a team' "$repo" init x --keys keys --team "$bad:demo"
done
for bad in '' '*' a/b '../x' 'demo,,x' Demo; do
	refused "init: a team of '$bad'" 2 'is no name of a cryptex' "$repo" init x --keys keys --team "core:$bad"
done
refused "init: a repository already" 1 'is a repository already' "$repo" init r --keys keys
refused "release: no container" 2 'containers to release are missing' "$repo" release r --keys keys
for bad in '' Beta 'a b' "$(printf 'a%.0s' {1..33})" 'a/b'; do
	refused "release: channel '$bad'" 2 'must be 1 to 32 of' release demo-102.cryptex --channel "$bad"
done
for bad in '' 'pc,,x' 'pc,' "$(seq -s, 17)"; do
	refused "release: hardware '$bad'" 2 'must be at most 16 classes' release demo-102.cryptex --hardware "$bad"
done
refused "release: urgency" 2 'must be routine or urgent' release demo-102.cryptex --urgency soon
refused "release: activation" 2 'must be relaunch or boot' release demo-102.cryptex --activation now
for bad in '' 101 -1 1.5 x; do
	refused "release: percent '$bad'" 2 'must be a number from 0 to 100' release demo-102.cryptex --percent "$bad"
done
for bad in '' now 2026-11-22 2026-13-01T00:00:00Z 2026-02-30T00:00:00Z 2026-11-22T06:00:00+01:00; do
	refused "release: start '$bad'" 2 'must be a time such as' release demo-102.cryptex --start "$bad"
done
refused "release: previous" 2 'must be a number from 0 to 64' release demo-102.cryptex --previous 65
refused "rollout: nothing to do" 2 '\-\-percent or --start is missing' "$repo" rollout r demo@101
refused "rollout: no release" 2 'NAME@LABEL, is missing' "$repo" rollout r --percent 1
refused "rollout: not a release" 1 'must be NAME@LABEL' "$repo" rollout r demo --percent 1 --keys keys
refused "rollout: none of that label" 1 'has no release demo@9' "$repo" rollout r demo@9 --percent 1 --keys keys
withdraw() { "$repo" withdraw r "$@" --keys keys --key signing/key.pem --cert signing/cert.pem; }
refused "withdraw: no reason" 2 '\-\-reason is missing' withdraw demo@101
refused "withdraw: an empty reason" 2 'must be one line of UTF-8' withdraw demo@101 --reason ''
refused "withdraw: two lines" 2 'must be one line of UTF-8' withdraw demo@101 --reason $'a\nb'
refused "withdraw: no UTF-8" 2 'must be one line of UTF-8' withdraw demo@101 --reason $'\xff'
refused "withdraw: too long" 2 'must be one line of UTF-8, 1 to 200 bytes' withdraw demo@101 --reason "$(printf 'a%.0s' {1..201})"
refused "withdraw: no key" 2 '\-\-key is missing' "$repo" withdraw r demo@101 --reason x
signing_key other
refused "withdraw: another key's certificate" 1 'is not that of the key' "$repo" withdraw r demo@101 --reason x --keys keys \
	--key other/key.pem --cert signing/cert.pem
refused "withdraw: a role's key" 1 'kind .ED25519. that the kernel does not verify' "$repo" withdraw r demo@101 --reason x \
	--keys keys --key keys/root.pem --cert signing/cert.pem
refused "no repository" 1 'is no repository: metadata/timestamp.json is missing' "$repo" release keys demo-102.cryptex --keys keys
check "and it has not become one" test ! -e keys/.publish
refused "no such folder" 1 'cannot be opened' "$repo" show none
refused "no such folder of keys" 1 'folder of keys cannot be read' "$repo" refresh r --keys none
refused "SOURCE_DATE_EPOCH" 1 'is no number of seconds' env SOURCE_DATE_EPOCH=x "$repo" refresh r --keys keys

# Containers
sealed 200 && sealed 201 200
refused "a patch whose base is not here" 1 'is a patch for the base .* which is not released here' release demo-201.cryptex
"$publish" build --name demo --label 7 --base demo-100.cryptex --dir tree-102 -o unsigned.cryptex
refused "not signed" 1 'is not signed yet' release unsigned.cryptex
"$publish" release demo-102.cryptex --from demo-101.cryptex --from demo-100.cryptex -o small.cryptex >/dev/null
refused "a container of deltas" 1 'holds deltas: name the whole container' release small.cryptex
head -c 3000 demo-102.cryptex >half.cryptex
refused "half a container" 1 'half.cryptex: ' release half.cryptex
refused "no container" 1 'no sound container' release signing/cert.pem
refused "none at all" 1 'there is no such file' release none.cryptex
refused "signed by somebody else" 1 'demo-102.cryptex: ' release demo-102.cryptex --cert other/cert.pem
mkdir un && tar xf demo-102.cryptex -C un && rm un/objects/"$(ls un/objects | head -1)"
(cd un && tar --format=ustar -cf ../lacks.cryptex seal objects/*)
refused "one that lacks an object" 1 'objects/.*cannot be opened|lacks' release lacks.cryptex
rm -r un && mkdir un && tar xf demo-102.cryptex -C un
for f in un/objects/*; do echo something else | zstd -q >"$f.new" && mv "$f.new" "$f"; done
(cd un && tar --format=ustar -cf ../lies.cryptex seal objects/*)
refused "one with other objects than it says" 1 'fewer than|more than|is not what its name says|holds' release lies.cryptex
for n in {1..64}; do printf -- '--fix CVE-2026-%d:high:%0190d\n' $n 0; done >fixes
for n in {300..420}; do # some 16 KiB of metadata each
	mapfile -t fixes < <(sed 's/^--fix //; s/^/--fix=/' fixes)
	"$publish" build --name demo --label "$n" --base demo-100.cryptex --dir tree-100 "${fixes[@]}" -o unsigned.cryptex
	"$publish" sign --key signing/key.pem --cert signing/cert.pem unsigned.cryptex -o "many-$n.cryptex"
done
refused "more metadata than machines take" 1 'machines take at most 2097152' release many-*.cryptex --previous 0
check "after all this no byte has changed" same_bytes
check "and no temporary file is left" test -z "$(ls r/.publish/tmp)"

# Damage. broken NAME PATTERN COMMAND: what is done to a copy, b, `check` must tell
broken() {
	local name=$1 pattern=$2 got=0
	shift 2
	rm -rf b && cp -a r b
	(cd b && eval "$*")
	"$repo" check b --deep >out 2>&1 || got=$?
	if [ $got = 1 ] && grep -qE -e "$pattern" out; then pass "check: $name"; else fail "check: $name" "$got" "$(cat out)"; fi
}
edit() { # FILE EXPRESSION: change JSON, and sign nothing
	python3 - "$1" "$2" <<'P'
import json, sys
d = json.load(open(sys.argv[1]))
s = d.get("signed", d)
exec(sys.argv[2])
json.dump(d, open(sys.argv[1], "w"), indent=1, sort_keys=True)
P
}
# resign ROLE VERSION EXPRESSION: change a role's metadata and sign all of it again, as somebody
# who has the keys and another tool could
resign() {
	edit "metadata/$2.$1.json" "$3"
	CX_KEYS=../keys python3 - "$1" "$2" <<'P'
import hashlib, json, os, subprocess, sys, tempfile
role, version = sys.argv[1], int(sys.argv[2])
def canonical(v):
    if isinstance(v, dict): return "{" + ",".join(canonical(k) + ":" + canonical(v[k]) for k in sorted(v)) + "}"
    if isinstance(v, list): return "[" + ",".join(map(canonical, v)) + "]"
    if isinstance(v, str): return '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "true" if v is True else "false" if v is False else str(v)
def sign(path, role):
    d = json.load(open(path))
    with tempfile.NamedTemporaryFile() as f:
        f.write(canonical(d["signed"]).encode()); f.flush()
        sig = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", f"{os.environ['CX_KEYS']}/{role}.pem", "-in", f.name], check=True, capture_output=True).stdout
    d["signatures"][0]["sig"] = sig.hex()
    text = json.dumps(d, indent=1, sort_keys=True)
    open(path, "w").write(text)
    return {"version": d["signed"]["version"], "length": len(text), "hashes": {"sha256": hashlib.sha256(text.encode()).hexdigest()}}
def put(path, name, meta):
    d = json.load(open(path)); d["signed"]["meta"][name] = meta; json.dump(d, open(path, "w"))
snapshot = f"metadata/{version}.snapshot.json"
if role == "targets":
    put(snapshot, "targets.json", sign(f"metadata/{version}.targets.json", role))
if role in ("targets", "snapshot"):
    put("metadata/timestamp.json", "snapshot.json", sign(snapshot, "snapshot"))
sign("metadata/timestamp.json", "timestamp")
P
}
object=$(cd r && ls -S objects/*/* | head -1)
delta=$(cd r && ls deltas/*/*/* | head -1)
index=$(cd r && ls targets/demo/*.101.index)
seal=$(cd r && ls targets/demo/*.101.seal)
check "the sample is sound" "$repo" check r --deep
broken "an object is missing" 'cannot be opened' "rm $object"
broken "an object is cut short" 'cut short|zstd' "truncate -s -1 $object"
broken "an object has a byte more" 'bytes after its zstd frame' "printf x >>$object"
broken "an object is another one" 'fewer|more|is not what|holds' "echo x | zstd -q >$object.new && mv $object.new $object"
broken "an object is packed otherwise" 'has [0-9]+ bytes, and demo/' "zstd -dcq $object | zstd -q -1 >x && mv x $object"
broken "a delta is missing" 'deltas/.*cannot be opened' "rm $delta"
broken "a delta is longer" 'has [0-9]+ bytes, and demo/.* says' "printf x >>$delta"
broken "a delta is damaged" 'deltas/' "printf '\\377' | dd of=$delta bs=1 seek=20 conv=notrunc status=none"
broken "a seal is missing" 'seal: there is no such file' "rm $seal"
broken "a seal is damaged" 'content is not what its name says' "printf x >>$seal"
broken "an index is missing" 'index: there is no such file' "rm $index"
broken "an index is damaged" 'content is not what its name says' "printf x >>$index"
broken "targets is changed" 'targets.json: has 0 good signatures' "edit metadata/2.targets.json 's[\"expires\"] = \"2099-01-01T00:00:00Z\"'"
broken "targets is cut short" 'is no sound JSON' "truncate -s 100 metadata/2.targets.json"
broken "targets is missing" '2.targets.json: there is no such file' "rm metadata/2.targets.json"
broken "an older targets under the new name" 'has [0-9]+ bytes, not|is not what the metadata above' "cp metadata/1.targets.json metadata/2.targets.json"
broken "an older snapshot under the new name" 'has [0-9]+ bytes, not|is not what the metadata above' "cp metadata/1.snapshot.json metadata/2.snapshot.json"
broken "the timestamp is changed" 'timestamp.json: has 0 good signatures' "edit metadata/timestamp.json 's[\"version\"] = 99'"
broken "root is changed" 'root.json: has 0 good signatures' "edit metadata/1.root.json 's[\"version\"] = 1; s[\"x\"] = 1'"
broken "a second root that the first has not signed" 'by those of the root before it' "cp metadata/1.root.json metadata/2.root.json && edit metadata/2.root.json 's[\"version\"] = 2'"
broken "no root" '1.root.json: there is no such file' "rm metadata/1.root.json"
broken "a file of another type" "is metadata of the type" "cp metadata/1.snapshot.json metadata/timestamp.json"
T='s["targets"]["demo/101.seal"]["custom"]["cryptex"]'
changed() { # NAME PATTERN EXPRESSION: signed by the right keys, and yet wrong
	broken "$1" "$2" "resign targets 2 '$3'"
}
check "the tool that signs again is right" bash -c "$(declare -f edit resign)
	rm -rf b && cp -a r b && cd b && resign targets 2 's[\"x\"] = 1' && '$repo' check ."
changed "another severity than in the seal" 'another severity than the seal' "${T}[\"severity\"] = \"low\""
changed "another epoch" 'another security_epoch than the seal' "${T}[\"security_epoch\"] = 9"
changed "another base" 'its base is not in the repository' "${T}[\"base\"] = \"00\""
changed "another digest" 'another digest than the seal' "${T}[\"digest\"] = \"00\""
changed "no custom fields" 'another name than the seal' 'del s["targets"]["demo/101.seal"]["custom"]'
changed "a rollout of 101" 'no sound rollout' "${T}[\"rollout\"][\"percent\"] = 101"
changed "no channel" 'no sound channel' "del ${T}[\"channel\"]"
changed "withdrawn, but not revoked" 'revocation list does not have its seal' "${T}[\"withdrawn\"] = {\"time\": \"2026-01-01T00:00:00Z\", \"reason\": \"x\"}"
broken "revoked, but not withdrawn" 'so no kernel takes it' "
	'$repo' withdraw . demo@101 --reason x --keys ../keys --key ../signing/key.pem --cert ../signing/cert.pem >/dev/null
	resign targets 3 'del ${T}[\"withdrawn\"]'"
broken "a seal under another name" 'demo/9.seal: is the seal of demo/101.seal' "mv $seal ${seal/101.seal/9.seal}
	resign targets 2 's[\"targets\"][\"demo/9.seal\"] = s[\"targets\"].pop(\"demo/101.seal\")'"
changed "no index" 'there is no target demo/101.index' 'del s["targets"]["demo/101.index"]'
changed "an index without a seal" 'demo/101.index: has no seal' 'del s["targets"]["demo/101.seal"]'
changed "another kind of target" 'is no seal, no index and no list' 's["targets"]["demo/x"] = s["targets"]["demo/101.seal"]'
changed "expired" 'expired at' 's["expires"] = "2020-01-01T00:00:00Z"'
changed "another version than its name" '7.targets.json: there is no such file' 's["version"] = 7'
changed "not one fault but two are told" 'faults: 2' "${T}[\"severity\"] = \"low\"; ${T}[\"security_epoch\"] = 9"
finish
