#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Releases: containers of deltas, in both directions, judged by tar, fsverity and
# cryptex-delta.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"
delta=$BIN/cryptex-delta
cd "$work"

zeros=$(printf '0%.0s' {1..64})

signing_key key
signed() { # OUT [OPTION]...: build and sign
	local out=$1
	shift
	"$publish" build "$@" -o unsigned && "$publish" sign --key key/key.pem --cert key/cert.pem unsigned -o "$out"
}
release() { "$publish" release "$@"; }
unpack() { rm -rf "$1" && mkdir "$1" && tar -C "$1" -xf "$2"; }
digest_of() { fsverity digest --compact "$1"; }
# objects DIR CONTAINER: unpacks its whole objects, named by digest
objects() {
	local packed

	unpack "$1" "$2"
	for packed in "$1"/objects/*.zst; do
		[ ! -e "$packed" ] || zstd -dq --rm "$packed" -o "${packed%.zst}"
	done
}
# makes CONTAINER OLD: each delta in it, applied to an object of the folder OLD,
# gives what its name says
makes() {
	local patch new old

	unpack made "$1"
	for patch in made/deltas/*/*; do
		new=$(basename "$(dirname "$patch")") old=$(basename "$patch")
		[ "$(digest_of "$2/objects/$old")" = "$old" ] || { echo "no $old"; return 1; }
		rm -f result
		"$delta" apply "$2/objects/$old" "$patch" result || return 1
		[ "$(digest_of result)" = "$new" ] || { echo "not $new"; return 1; }
	done
}
count_of() { tar tf "$1" | grep -c "^$2/" || true; }
size() { stat -c %s "$1"; }

# --- a fix of OpenSSL, as Debian built it
libssl() {
	local versions old new old_deb new_deb

	versions=$(libssl_versions)
	old=$(head -n 1 <<<"$versions") new=$(tail -n 1 <<<"$versions")
	if [ -z "$old" ] || [ "$old" = "$new" ] || ! old_deb=$(package "$old") ||
		! new_deb=$(package "$new"); then
		skip "a release of libssl3" "apt does not offer two versions of it"
		return
	fi
	signed base.cryptex --name openssl --deb "$old_deb"
	signed new.cryptex --name openssl --deb "$new_deb" --base base.cryptex
	check "libssl3 $old -> $new is released in both directions" \
		release new.cryptex --from base.cryptex -o patch.cryptex --antipatch anti.cryptex
	objects base base.cryptex
	objects new new.cryptex
	echo "# new.cryptex $(size new.cryptex) bytes, patch.cryptex $(size patch.cryptex), anti.cryptex $(size anti.cryptex)"
	check "the patch has less than a tenth of the whole" test $((10 * $(size patch.cryptex))) -lt "$(size new.cryptex)"
	check "so has the antipatch" test $((10 * $(size anti.cryptex))) -lt "$(size base.cryptex)"
	check "the patch has deltas only" test "$(count_of patch.cryptex objects)" = 0
	check "one for each object that the base lacks" \
		test "$(count_of patch.cryptex deltas)" = "$(count_of new.cryptex objects)"
	check "they make the new objects of the base's" makes patch.cryptex base
	check "the antipatch makes the base's objects of the new ones" makes anti.cryptex new
	check "the patch's seal is that of the new generation" \
		cmp <(tar xOf patch.cryptex seal) <(tar xOf new.cryptex seal)
	check "the antipatch's seal is that of the base" \
		cmp <(tar xOf anti.cryptex seal) <(tar xOf base.cryptex seal)
	check "the same input" release new.cryptex --from base.cryptex -o again.cryptex
	same "gives the same bytes" patch.cryptex again.cryptex
	check "show counts the deltas" grep -qE '^Deltas +6 of 6 objects, [0-9]+ bytes, not applied$' \
		<("$publish" show patch.cryptex)
	check "and says what share is fetched" grep -qE "^Fetched +$(size patch.cryptex) bytes, for files of [0-9]+ bytes \([0-9.]+ %\)$" \
		<("$publish" show patch.cryptex)
	check "--json, too" grep -q "\"bytes\": $(size patch.cryptex),\$" <("$publish" show --json patch.cryptex)
	check "cryptexctl shows it before it is staged" grep -qE '^Fetched: .* 6 of 6 as deltas$' \
		<("$BIN/cryptexctl" --store "$work/none" show patch.cryptex)
}
libssl

# --- which file a delta is made from
library() { # FILE SEED: 200 kB that no compressor makes smaller, and a few bytes
	mkdir -p "$(dirname "$1")"
	{ head -c 200000 /dev/zero | openssl enc -aes-128-ctr -K "${zeros:32}" -iv "${zeros:32}"; echo "$2"; } >"$1"
}
noise() { mkdir -p "$(dirname "$1")" && head -c 30000 /dev/urandom >"$1"; }
library a/lib/libx.so.1.2.3 1
echo same >a/same
noise a/random
noise a/lib/gone
noise a/share/elsewhere
cp -a a b
mv b/lib/libx.so.1.2.3 b/lib/libx.so.1.2.10 && library b/lib/libx.so.1.2.10 2
noise b/random
rm b/lib/gone
noise b/lib/added
{ cat b/share/elsewhere; echo more; } >b/share/else && mv b/share/else b/share/elsewhere
demo() { signed "$1" --name demo --build-time 1 "${@:2}"; }
demo a.cryptex --label 1 --dir a
demo b.cryptex --label 2 --dir b --base a.cryptex
release b.cryptex --from a.cryptex -o b-from-a.cryptex --antipatch a-from-b.cryptex >out
has() { tar tf "$1" | grep -E "^$2\$" >/dev/null; }
x1=$(digest_of a/lib/libx.so.1.2.3) x2=$(digest_of b/lib/libx.so.1.2.10)
e1=$(digest_of a/share/elsewhere) e2=$(digest_of b/share/elsewhere)
check "release tells the bytes" grep -qE '^b-from-a.cryptex: demo@2 in [0-9]+ bytes, .* 2 deltas, 2 whole$' out
check "a version in the name: a delta from the one of before" has b-from-a.cryptex "deltas/$x2/$x1"
check "the same path: a delta" has b-from-a.cryptex "deltas/$e2/$e1"
check "what has nothing in common goes whole" has b-from-a.cryptex "objects/$(digest_of b/random).zst"
check "what is new goes whole" has b-from-a.cryptex "objects/$(digest_of b/lib/added).zst"
check "what both have is left out" is_not has b-from-a.cryptex ".*$(digest_of a/same).*"
check "nothing else is there" test "$(tar tf b-from-a.cryptex | wc -l)" = 5
check "back: what the new one dropped goes whole" has a-from-b.cryptex "objects/$(digest_of a/lib/gone).zst"
check "back: a delta from the new one" has a-from-b.cryptex "deltas/$x1/$x2"
objects A a.cryptex
objects B b.cryptex
check "the deltas make what they should" makes b-from-a.cryptex A
check "and back" makes a-from-b.cryptex B

# --- from one patch to the next
cp -a b c && library c/lib/libx.so.1.2.10 3 && echo changed >c/same
demo c.cryptex --label 3 --dir c --base a.cryptex
release c.cryptex --from b.cryptex --from a.cryptex -o c-from-b.cryptex --antipatch b-from-c.cryptex >out
x3=$(digest_of c/lib/libx.so.1.2.10)
check "from b to c: a delta from b" has c-from-b.cryptex "deltas/$x3/$x2"
check "what b has, c does not bring" is_not has c-from-b.cryptex ".*$(digest_of b/random).*"
check "a small file goes whole or as a delta, whichever is smaller" \
	has c-from-b.cryptex ".*$(digest_of c/same).*"
check "from c back to b" has b-from-c.cryptex "deltas/$x2/$x3"
check "back to b: nothing else" test "$(tar tf b-from-c.cryptex | wc -l)" = 2
check "the antipatch alone can be asked for" release c.cryptex --from a.cryptex --antipatch only.cryptex
check "and its seal is the first --from" cmp <(tar xOf only.cryptex seal) <(tar xOf a.cryptex seal)

# --- what is refused
rm -f x.cryptex
no() { refused "$1" "$2" "$3" "${@:4}" && check "  and nothing was written" test ! -e x.cryptex; }
"$publish" build --name demo --label 9 --dir c --base a.cryptex -o unsigned
no "what is not signed" 1 'unsigned: is not signed yet: .*sign' release unsigned --from a.cryptex -o x.cryptex
no "the same generation" 1 'is the same generation' release b.cryptex --from b.cryptex -o x.cryptex
no "a release of a release" 1 'holds deltas' release b-from-a.cryptex --from a.cryptex -o x.cryptex
no "a release as what is there" 1 'a-from-b.cryptex: holds deltas' release b.cryptex --from a-from-b.cryptex -o x.cryptex
signed other.cryptex --name other --label 1 --dir a
no "another cryptex" 1 'is a cryptex other, not demo' release b.cryptex --from other.cryptex -o x.cryptex
no "a file that is missing" 1 'no such file' release b.cryptex --from none -o x.cryptex
no "a place that is missing" 1 'none/x|cannot|no such' release b.cryptex --from a.cryptex -o none/x
no "no --from" 2 'from is missing' release b.cryptex -o x.cryptex
no "nothing to write" 2 '-o or --antipatch is missing' release b.cryptex --from a.cryptex
no "nothing to release" 2 'the container to release is missing' release --from a.cryptex -o x.cryptex
no "a release is not signed" 1 'holds deltas' "$publish" sign --key key/key.pem --cert key/cert.pem b-from-a.cryptex -o x.cryptex
no "and no base" 1 'holds deltas' "$publish" build --name demo --label 9 --dir c --base a-from-b.cryptex -o x.cryptex

# --- members that lie
repack() { tar -C m --format=ustar --no-recursion -cf bad.cryptex "$@"; }
unpack m b-from-a.cryptex
mapfile -t members < <(tar tf b-from-a.cryptex)
mkdir -p "m/deltas/$zeros" && cp "m/deltas/$x2/$x1" "m/deltas/$zeros/$x1"
repack "${members[@]:0:3}" "deltas/$zeros/$x1" "${members[@]:3}"
refused "a delta of what the seal does not name" 1 "object $zeros is not one that the seal names" \
	"$publish" show bad.cryptex
refused "cryptexctl refuses it, too" 1 'holds an object that its seal does not name' \
	"$BIN/cryptexctl" --store "$work/none" show bad.cryptex
echo whole | zstd -q >"m/objects/$x2.zst"
mapfile -t order < <(cd m && printf '%s\n' objects/*)
cp "b/lib/libx.so.1.2.10" whole && zstd -qf whole -o "m/objects/$x2.zst"
repack seal "${order[@]}" "${members[@]:3}"
refused "an object whole and as a delta" 1 'is there twice, whole and as a delta' "$publish" show bad.cryptex
finish
