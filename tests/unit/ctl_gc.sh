#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: BIN=build/bin tests/unit/ctl_gc.sh
#
# `cryptexctl gc` and what it believes, without the module: objects are plain
# files here, as nothing measures what is only kept or removed. Also the notes of
# what was fetched. Prints TAP.

# shellcheck disable=SC2317 # functions are called by name
set -euo pipefail
# shellcheck source=tests/unit/ctl/lib.sh
. "$(dirname "$0")/ctl/lib.sh"
store=$CRYPTEX_STORE

everything() { (cd "$store" && find . -type f ! -name lock | sort); }
# refuses WHY ERE: gc must fail with that, and remove nothing
refuses() {
	local before

	before=$(everything)
	try 1 "$2" ctl gc
	is "  $1: nothing was removed" test "$before" = "$(everything)"
}

if [ -e /sys/module/cryptex ]; then
	echo 'ok 1 - gc # SKIP the module is loaded'
	echo 1..1
	exit
fi

# A store with one seal, the objects that it names, and one that it does not
mkdir -p "$store"/{objects,seals/thing,trusted,revocations,tmp} "$work/tree"
chmod 700 "$store"
echo one >"$work/tree/one"
echo two >"$work/tree/two"
"$BIN/cryptex-publish" keygen --out "$work/key" >/dev/null
"$BIN/cryptex-publish" build --name thing --label 1 --dir "$work/tree" -o "$work/u" >/dev/null
"$BIN/cryptex-publish" sign --key "$work/key/key.pem" --cert "$work/key/cert.pem" "$work/u" \
	--seal-only "$work/thing.seal"
seal=$store/seals/thing/1.seal
cp "$work/thing.seal" "$seal"
# put FILE|DIGEST: an object of that digest
put() {
	local digest=$1

	[ ! -e "$1" ] || digest=$(fsverity digest --compact "$1")
	mkdir -p "$store/objects/${digest:0:2}"
	echo content >"$store/objects/${digest:0:2}/${digest:2}"
	echo "$store/objects/${digest:0:2}/${digest:2}"
}
one=$(put "$work/tree/one")
two=$(put "$work/tree/two")
orphan=$(put "$(printf 'ab%.0s' {1..32})")
echo mine >"$store/objects/note"
mkdir "$store/objects/zz" && echo mine >"$store/objects/zz/note"
echo mine >"$(dirname "$one")/note"

echo broken >"$seal"
refuses 'a damaged seal' 'what thing@1 needs is not known: .*mount or stage its container again, or retire it'
cp "$work/thing.seal" "$store/seals/thing/2.seal"
cp "$work/thing.seal" "$seal"
refuses 'the seal of another generation' 'what thing@2 needs is not known: .*is the seal of thing@1'
rm "$store/seals/thing/2.seal"
wish() {
	printf '{"version":1,"cryptexes":{"thing":{"mountpoint":"/mnt/x","base":"%s","active":"%s","graft":false}}}\n' \
		"$1" "$2" >"$store/state.json"
}
wish 0 1
refuses 'a base whose seal is missing' 'a boot mounts thing@0, whose seal is not in the store'
wish 1 2
refuses 'an active one whose seal is missing' 'a boot activates thing@2, whose seal is not in the store'
echo '{' >"$store/state.json"
refuses 'a damaged state' 'state.json: line'
rm "$store/state.json"
wish 1 1
mv "$store/objects" "$store/elsewhere"
refuses 'no objects folder' 'objects: No such file'
mv "$store/elsewhere" "$store/objects"
try 0 '^removed 1 object that no generation needs, 8 bytes$' ctl gc
is 'what the seal names is kept' test -e "$one" -a -e "$two"
is 'what none names is gone, with its folder' test ! -e "$(dirname "$orphan")"
is 'what is no object is left alone' \
	test -e "$store/objects/note" -a -e "$store/objects/zz/note" -a -e "$(dirname "$one")/note"
try 0 'every object is needed: nothing to remove' ctl gc
rm "$store/state.json"
rm "$seal"
try 0 '^removed 2 objects' ctl gc
cp "$work/thing.seal" "$seal"

# What was fetched is a note: shown where it is sound, and missed nowhere
is_silent() { ! ctl show thing@1 | grep -q Fetched; }
is 'no note: nothing is said' is_silent
try 0 '"cost": null' ctl show --json thing@1
note=$store/seals/thing/1.fetched
echo '{"fetched_bytes": 1000, "full_bytes": 50000, "objects": 3, "deltas": 2}' >"$note"
try 0 '^Fetched: +1000B for files of 49K \(2.00 %\), 2 of 3 as deltas' ctl show thing@1
try 0 '"fetched_bytes": 1000' ctl show --json thing@1
for bad in '' '{' '[]' '{"fetched_bytes": 1}' \
	'{"fetched_bytes": -1, "full_bytes": 50000, "objects": 3, "deltas": 2}' \
	'{"fetched_bytes": "1", "full_bytes": 50000, "objects": 3, "deltas": 2}'; do
	echo "$bad" >"$note"
	is "a note that is damaged ($bad): nothing is said" is_silent
done
echo "1..$count"
[ "$failed" -eq 0 ]
