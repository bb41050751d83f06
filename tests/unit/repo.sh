#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A repository's life: made, released to, rolled out, withdrawn, refreshed, collected.
set -euo pipefail
. "$(dirname "$0")/repo/lib.sh"
cd "$work"
samples 101 102
sealed 103 100 --fix 'CVE-2026-1:high:a hole' --fix 'CVE-2026-2:low:another' --security-epoch 2
sound() { "$repo" check "$1" --deep; }

# init and release
check "init makes keys that are missing" "$repo" init r --keys keys
check "of which others can read none" test "$(stat -c %a keys keys/*.pem | sort -u | tr '\n' ' ')" = "600 700 "
check "an empty repository is sound" sound r
check "a base and a patch are released at once" "$repo" release r demo-100.cryptex demo-101.cryptex --keys keys
check "which is one new snapshot" test -e r/metadata/2.snapshot.json -a ! -e r/metadata/3.snapshot.json
check "a further patch" "$repo" release r demo-102.cryptex --keys keys --channel beta --percent 10 \
	--hardware pc,thin-client --urgency urgent --activation boot --start 2026-11-22T06:00:00Z
check "one with fixes" "$repo" release r demo-103.cryptex --keys keys
check "it is sound" sound r
check "what the seal says stands in the metadata" test "$(custom r demo/103.seal '[c["name"], c["label"], c["kind"],
	c["security_epoch"], c["severity"], c["build_time"], c["channel"], c["hardware"], c["rollout"]["percent"],
	c["rollout"]["start"], c["urgency"], c["activation"]]')" = \
	"[\"demo\", \"103\", \"patch\", 2, \"high\", 1600000103, \"stable\", [], 100, \"$started\", \"routine\", \"relaunch\"]"
check "with each fix" test "$(custom r demo/103.seal 'c["fixes"][1]')" = \
	'{"id": "CVE-2026-2", "severity": "low", "text": "another"}'
check "and the base" test "$(custom r demo/103.seal 'c["base"]')" = "$(custom r demo/100.seal 'c["digest"]')"
check "whose base is itself" test "$(custom r demo/100.seal 'c["base"] == c["digest"] and c["kind"] == "base"')" = true
check "what was asked for as well" test "$(custom r demo/102.seal '[c["channel"], c["hardware"], c["urgency"],
	c["activation"], c["rollout"]]')" = \
	'["beta", ["pc", "thin-client"], "urgent", "boot", {"percent": 10, "start": "2026-11-22T06:00:00Z"}]'
seals() { (cd r/targets/demo && for s in *.seal; do echo "$(sha256sum <"$s" | cut -c 1-64).${s#*.}"; done | sort); }
check "a seal is there as it was signed, under its hash" test "$(seals)" = "$(cd r/targets/demo && ls ./*.seal | cut -c 3- | sort)"
tar xOf demo-103.cryptex seal >103.seal
check "byte for byte" cmp 103.seal r/targets/demo/*.103.seal

# Objects and deltas
object() { fsverity digest --compact "$1"; }
at() { echo "$1/${2:0:2}/${2:2}"; }
table=$(object tree-103/lib/table)
check "an object is one zstd frame of its content" bash -c "zstd -dcq 'r/$(at objects "$table").zst' | cmp - tree-103/lib/table"
for from in 100 101 102; do
	old=$(object tree-$from/lib/table)
	check "a delta leads from $from" test -s "r/$(at deltas "$table")/$old"
	check "and one back" test -s "r/$(at deltas "$old")/$table"
done
old=$(object tree-100/lib/table)
check "a delta is less than the object" test "$(stat -c %s "r/$(at deltas "$table")/$old")" -lt \
	"$(stat -c %s "r/$(at objects "$table").zst")"
check "--previous 0: the base alone" bash -c "
	'$repo' init few --keys keys && '$repo' release few demo-10[0-2].cryptex --keys keys --previous 0 && '$repo' check few --deep"
check "has no delta between patches" test "$(ls few/"$(at deltas "$(object tree-102/lib/table)")")" = "$(object tree-100/lib/table)"
read_by_others "the reference client reads it" r

# Again, and otherwise
before=$(bytes r)
check "what is released is left as it is" "$repo" release r demo-101.cryptex demo-103.cryptex --keys keys
check "no byte has changed" test "$(bytes r)" = "$before"
refused "another channel for what is released" 1 'is released already, with another channel' \
	"$repo" release r demo-101.cryptex --keys keys --channel beta
rm -rf tree-101 && mkdir other && cp demo-101.cryptex other/ && sealed 101 100 --security-epoch 1
refused "another content under a released label" 1 'another demo@101 is released already' \
	"$repo" release r demo-101.cryptex --keys keys
cp other/demo-101.cryptex .
check "no byte has changed" test "$(bytes r)" = "$before"

# The same bytes
again() { # REPO
	"$repo" init "$1" --keys keys
	"$repo" release "$1" demo-100.cryptex demo-101.cryptex --keys keys
	"$repo" release "$1" demo-102.cryptex --keys keys --channel beta --percent 10 \
		--hardware pc,thin-client --urgency urgent --activation boot --start 2026-11-22T06:00:00Z
	"$repo" release "$1" demo-103.cryptex --keys keys
}
check "the same input and time give the same bytes" bash -c "
	$(declare -f again bytes); repo='$repo'; again same >/dev/null && test \"\$(bytes same)\" = '$before'"

# rollout
check "rollout" "$repo" rollout r demo@103 --percent 25 --start 2026-12-01T00:00:00Z --keys keys
check "stands in the metadata" test "$(custom r demo/103.seal 'c["rollout"]')" = \
	'{"percent": 25, "start": "2026-12-01T00:00:00Z"}'
check "the percentage alone keeps the start" "$repo" rollout r demo@103 --percent 0 --keys keys
check "so it is" test "$(custom r demo/103.seal 'c["rollout"]')" = '{"percent": 0, "start": "2026-12-01T00:00:00Z"}'
check "it is sound" sound r

# withdraw
withdraw() { "$repo" withdraw "$@" --keys keys --key signing/key.pem --cert signing/cert.pem; }
before=$(bytes r)
refused "a base is not withdrawn" 1 'is a base' withdraw r demo@100 --reason 'never'
check "no byte has changed" test "$(bytes r)" = "$before"
check "withdraw" withdraw r demo@102 --reason 'It breaks things — badly'
check "time and reason stand in the metadata" test "$(custom r demo/102.seal "c['withdrawn'] ==
	{'reason': 'It breaks things — badly', 'time': '$started'}")" = true
check "the list has its seal, number 1" bash -c "
	'$publish' show --cert signing/cert.pem r/targets/*.revocations.list | grep -q '$(custom r demo/102.seal 'c["digest"]' | tr -d \")'"
check "number in the metadata" test "$(custom r revocations.list 'c["number"]')" = 1
check "withdraw another" withdraw r demo@101 --reason 'This one as well'
check "the number rises" test "$(custom r revocations.list 'c["number"]')" = 2
check "withdrawn already: left as it is" withdraw r demo@101 --reason 'again'
check "with the reason that it had" test "$(custom r demo/101.seal 'c["withdrawn"]["reason"]')" = '"This one as well"'
refused "what is withdrawn is not rolled out" 1 'is withdrawn, and does not come back' \
	"$repo" rollout r demo@101 --percent 100 --keys keys
check "nor released again: left as it is" "$repo" release r demo-101.cryptex --keys keys
check "it is withdrawn still" test "$(custom r demo/101.seal '"withdrawn" in c')" = true
signing_key second
before=$(bytes r)
refused "another signer does not drop the older list" 1 'needs its signer.s certificate' "$repo" withdraw r demo@103 \
	--reason x --keys keys --key second/key.pem --cert second/cert.pem
check "no byte has changed" test "$(bytes r)" = "$before"
check "but continues it" "$repo" withdraw r demo@103 --reason x --keys keys --key second/key.pem \
	--cert second/cert.pem --from-cert signing/cert.pem
check "it is sound" sound r
read_by_others "the reference client reads it" r

# remove
check "an old release is named no more" "$repo" remove r demo@101 --keys keys
check "it is sound" sound r
refused "a base with patches stays" 1 'is the base of demo/10[23].seal, which would have to go first' \
	"$repo" remove r demo@100 --keys keys
before=$(bytes r)
refused "what was withdrawn does not come back" 1 'the revocation list has its seal: demo@101 was withdrawn' \
	"$repo" release r demo-101.cryptex --keys keys
check "no byte has changed" test "$(bytes r)" = "$before"
refused "nothing is removed twice" 1 'has no release demo@101' "$repo" remove r demo@101 --keys keys
read_by_others "the reference client reads it" r

# refresh
"$repo" init fresh --keys keys >/dev/null
versions() { (cd "$1/metadata" && ls | sort -V | tr '\n' ' '); }
check "refresh with the timestamp's key alone" "$repo" refresh fresh --role-key keys/timestamp.pem
check "gives a new timestamp and nothing else" test "$(versions fresh)" = \
	"1.root.json 1.snapshot.json 1.targets.json timestamp.json "
check "its version has risen" grep -q '"version": 2' fresh/metadata/timestamp.json
in_days() { echo $((start + $1 * 86400)); }
refused "a role that expires soon without its key: a warning" 0 'snapshot expires at .*, and its keys are not at hand' \
	env SOURCE_DATE_EPOCH="$(in_days 6)" "$repo" refresh fresh --role-key keys/timestamp.pem
check "with its key it is renewed" env SOURCE_DATE_EPOCH="$(in_days 6)" "$repo" refresh fresh --keys keys
check "and only it" test "$(versions fresh)" = \
	"1.root.json 1.snapshot.json 1.targets.json 2.snapshot.json timestamp.json "
check "root and targets in the end, too" env SOURCE_DATE_EPOCH="$(in_days 300)" "$repo" refresh fresh --keys keys
check "they are" test -e fresh/metadata/2.root.json -a -e fresh/metadata/2.targets.json
check "it is sound then" env SOURCE_DATE_EPOCH="$(in_days 300)" "$repo" check fresh
check "and is not, when all has expired" bash -c "
	! SOURCE_DATE_EPOCH=$(in_days 900) '$repo' check fresh >out 2>&1 && [ \$(grep -c 'expired at' out) = 4 ]"

# gc
check "gc keeps what is younger than a timestamp" bash -c "'$repo' gc r | grep -q 'removed 0 files'"
before=$(bytes r)
check "gc --dry-run tells" bash -c "SOURCE_DATE_EPOCH=$(in_days 2) '$repo' gc r --dry-run | grep -qE 'would remove [1-9][0-9]* files'"
check "and removes nothing" test "$(bytes r)" = "$before"
would=$(SOURCE_DATE_EPOCH=$(in_days 2) "$repo" gc r --dry-run | sed 's/would remove/removed/')
check "gc removes as many" test "$(SOURCE_DATE_EPOCH=$(in_days 2) "$repo" gc r)" = "$would"
check "it is sound" sound r
check "one snapshot is left" test "$(ls r/metadata/*.snapshot.json | wc -l)" = 1
check "and nothing to do" bash -c "SOURCE_DATE_EPOCH=$(in_days 2) '$repo' gc r | grep -q 'removed 0 files'"
echo hello >r/index.html && echo hello >r/targets/README
check "files of others stay" bash -c "SOURCE_DATE_EPOCH=$(in_days 2) '$repo' gc r && test -e r/index.html -a -e r/targets/README"
check "an object that nothing names goes" bash -c "
	mkdir -p r/objects/00 && echo x >r/objects/00/$(printf '0%.0s' {1..62}).zst && '$repo' gc r | grep -q 'removed 1 files'"

# Teams
check "a team signs its own cryptexes" "$repo" init t --keys team-keys --team core:demo,other --team web:webkit
check "a release of it" "$repo" release t demo-100.cryptex demo-101.cryptex --keys team-keys
check "is signed by the team" test "$(role=core custom t demo/101.seal 'c["label"]')" = '"101"'
check "targets has nothing of it" bash -c "! grep -q demo/101 t/metadata/2.targets.json t/metadata/1.targets.json"
check "targets' key is not needed for it" bash -c "
	mkdir few-keys && cp team-keys/{core,snapshot,timestamp}.pem few-keys/ && '$repo' release t demo-102.cryptex --keys few-keys"
check "it is sound" sound t
read_by_others "the reference client reads it" t
"$publish" build --name alien --label 1 --dir tree-100 -o u.cryptex
"$publish" sign --key signing/key.pem --cert signing/cert.pem u.cryptex -o alien.cryptex
refused "a cryptex of no team" 1 'no team of t signs this cryptex' "$repo" release t alien.cryptex --keys team-keys
openssl genpkey -algorithm ed25519 -out new.pem
refused "a cryptex of another team" 1 'other/\*: is the team core.s already' "$repo" team t new:other:new.pem --keys team-keys
check "a new team" "$repo" team t new:alien:new.pem --keys team-keys
before=$(bytes t)
refused "a team does not lose a cryptex that it signs" 1 'the team core signs demo/10[012]...*, and would not any more' \
	"$repo" team t core:other:new.pem --keys team-keys
check "no byte has changed" test "$(bytes t)" = "$before"
check "one that it never signed it does" "$repo" team t core:demo:team-keys/core.pem --keys team-keys
check "and another may have it" "$repo" team t new:alien,other:new.pem --keys team-keys
check "signs it" "$repo" release t alien.cryptex --keys team-keys --role-key new.pem
check "a team's keys are rotated" "$repo" rotate t core --new-key new.pem --keys team-keys
refused "its old key does not do any more" 1 'of the role core must sign' "$repo" rollout t demo@101 --percent 1 --keys team-keys
check "its new one does" "$repo" rollout t demo@101 --percent 1 --keys team-keys --role-key new.pem
check "it is sound" sound t
read_by_others "the reference client reads it" t

# A cryptex moves to a team
check "targets signs a release" "$repo" init moving --keys keys
"$repo" release moving demo-100.cryptex demo-101.cryptex demo-102.cryptex --keys keys >log
withdraw moving demo@102 --reason 'It breaks things' >log
before=$(bytes moving)
refused "which does not change hands" 1 'moving: targets itself signs demo/10..*, and would not with teams: .cryptex-repo remove' \
	"$repo" team moving core:demo:new.pem --keys keys
check "no byte has changed" test "$(bytes moving)" = "$before"
check "the releases are removed" "$repo" remove moving demo@102 demo@101 demo@100 --keys keys
check "the cryptex moves" "$repo" team moving core:demo:new.pem --keys keys
check "to be released again" "$repo" release moving demo-100.cryptex demo-101.cryptex --keys keys --role-key new.pem
check "by the team" test "$(role=core custom moving demo/101.seal 'c["label"]')" = '"101"'
refused "but for what was withdrawn" 1 'demo@102 was withdrawn, and does not come back' \
	"$repo" release moving demo-102.cryptex --keys keys --role-key new.pem
check "it is sound" sound moving
read_by_others "the reference client reads it" moving

check "show lists roles and releases" bash -c "'$repo' show t | grep -q '^core ' && '$repo' show t | grep -q '^demo@101  patch  unknown  stable  routine  1 %'"
# view REPO EXPRESSION: of what show tells programs
view() {
	"$repo" show "$1" --json | python3 -c 'import json, sys; v = json.load(sys.stdin); print(eval(f"({sys.argv[1]})", {"v": v}))' "$2"
}
check "for programs, too: the roles, the teams behind them" test "$(view t '[r["name"] for r in v["roles"]]')" = \
	"['root', 'targets', 'snapshot', 'timestamp', 'core', 'web', 'new']"
check "each with its keys and times" test "$(view t '[(r["version"], r["expires"][-1], r["expired"], r["threshold"], len(r["keyids"][0]))
	for r in v["roles"] if r["name"] == "root"]')" = "[(1, 'Z', False, 1, 64)]"
check "the releases by name, the oldest first" test "$(view t '[r["name"] + r["label"] for r in v["releases"]]')" = \
	"['alien1', 'demo100', 'demo101', 'demo102']"
check "and who has signed them" test "$(view t '[r["role"] for r in v["releases"]]')" = "['new', 'core', 'core', 'core']"
check "with all that the metadata says" test "$(view t '[r["rollout"]["percent"] for r in v["releases"]]')" = "[100, 100, 1, 100]"
check "nothing waits, nothing is revoked" test "$(view t '(v["waiting_root"], v["revocation_list"])')" = "(None, None)"
check "elsewhere something is" test "$(view r '(v["revocation_list"], [r["label"] for r in v["releases"] if "withdrawn" in r])')" = \
	"(3, ['102', '103'])"
check "what has expired" test "$(SOURCE_DATE_EPOCH=$(in_days 2) view t '[r["name"] for r in v["roles"] if r["expired"]]')" = "['timestamp']"
finish
