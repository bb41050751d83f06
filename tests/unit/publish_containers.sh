#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers that are not what they should be, each refused with its own message.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"
cd "$work"

mkdir tree
echo one >tree/one
echo two >tree/two
head -c 5000 /dev/urandom >tree/three
"$publish" build --name demo --label 1 --dir tree --build-time 1 -o good.cryptex

show() { "$publish" show "$1"; }
mkdir m
tar -C m -xf good.cryptex
mapfile -t members < <(tar tf good.cryptex)
objects=("${members[@]:1}")
fresh() { rm -rf m && mkdir m && tar -C m -xf good.cryptex && chmod -R u+w m; }
# repack MEMBER...: the folder m as a container, with these members
repack() { tar -C m --format=ustar --no-recursion -cf bad.cryptex "$@"; }
fresh
repack "${members[@]}"
check "repacking by itself changes nothing" show bad.cryptex

# Files that are no containers
refused "missing" 1 'no such file' show missing
: >empty
refused "empty" 1 'empty: is empty' show empty
refused "a folder" 1 'is a folder' show tree
refused "a device" 1 'not a regular file' show /dev/null
refused "text" 1 'is no sound container' show /etc/passwd
head -c 20000 /dev/urandom >random
refused "random bytes" 1 'is no sound container' show random
gzip -k good.cryptex
refused "compressed as a whole" 1 'is no sound container' show good.cryptex.gz
truncate -s 65G huge.cryptex
refused "huge" 1 'is larger than' show huge.cryptex
rm huge.cryptex
refused "an archive without a seal" 1 'its first member is "one", not "seal"' \
	bash -c "tar -C tree --format=ustar -cf t.tar one && '$publish' show t.tar"
if [ "$(id -u)" = 0 ]; then
	cp good.cryptex secret.cryptex && chmod 000 secret.cryptex
	chmod 755 . && cp "$publish" ./publish
	refused "unreadable" 1 'you may not read it' \
		setpriv --reuid 65534 --regid 65534 --clear-groups ./publish show secret.cryptex
else
	skip "unreadable" "needs root, to become somebody else"
fi

# Cut short
cut() { # FILE STEP: every cut must be refused, with one of the messages
	local size at bad=
	size=$(stat -c %s "$1")
	for ((at = $2; at < size; at += $2)); do
		head -c "$at" "$1" >cut.cryptex
		! show cut.cryptex >out 2>err && [ ! -s out ] &&
			grep -qE 'cut\.cryptex: is (cut short|no sound container)' err || bad+=" $at"
	done
	check "cut at every ${2}th of $size bytes" test -z "$bad"
}
cut good.cryptex 512
cut good.cryptex 100
cat good.cryptex random >long.cryptex
refused "something follows" 1 'no end mark|bytes follow' show long.cryptex
cat good.cryptex good.cryptex >long.cryptex
refused "another container follows" 1 'bytes follow' show long.cryptex

# Members that have no place there
fresh
echo evil >m/evil
repack "${members[@]}" evil
refused "a foreign member" 1 'member "evil" has no place' show bad.cryptex
mkdir m/objects/x && cp m/evil m/objects/x/y
repack "${members[@]}" objects/x/y
refused "a foreign member below objects" 1 'has no place' show bad.cryptex
tar -C m --format=ustar --no-recursion -P --transform='s|evil|../../evil|' -cf bad.cryptex "${members[@]}" evil
refused "a path that climbs" 1 'member "../../evil" has no place' show bad.cryptex
upper=objects/$(basename "${objects[0]}" .zst | tr a-f A-F).zst
mv "m/${objects[0]}" "m/$upper"
repack manifest "$upper" "${objects[@]:1}"
refused "a digest in capitals" 1 'has no place' show bad.cryptex
fresh
repack "${members[@]}" "${objects[-1]}" --hard-dereference
refused "a member twice" 1 'is there twice|not a regular file' show bad.cryptex
repack manifest "${objects[1]}" "${objects[0]}" "${objects[2]}"
refused "members out of order" 1 'out of order' show bad.cryptex
repack "${objects[@]}" manifest
refused "the seal is not first" 1 'its first member is' show bad.cryptex
rm "m/${objects[1]}" && ln -s /etc/passwd "m/${objects[1]}"
repack "${members[@]}"
refused "a symbolic link as member" 1 'is not a regular file' show bad.cryptex
rm "m/${objects[1]}" && ln "m/${objects[0]}" "m/${objects[1]}"
repack "${members[@]}"
refused "a hard link as member" 1 'is not a regular file' show bad.cryptex
rm "m/${objects[1]}" && mkdir "m/${objects[1]}"
repack "${members[@]}"
refused "a folder as member" 1 'has no place|is not a regular file' show bad.cryptex
fresh
tar -C m --format=pax --no-recursion -cf bad.cryptex "${members[@]}"
refused "pax headers" 1 'not plain ustar' show bad.cryptex
tar -C m --format=gnu --no-recursion -cf bad.cryptex "${members[@]}"
refused "GNU headers" 1 'not plain ustar' show bad.cryptex

# Objects that are not what the seal says
fresh
repack manifest "${objects[@]:1}"
check "a base without one of its objects is shown" show bad.cryptex
signing_key key
refused "but not signed" 1 'is a base, but object .* is missing' \
	"$publish" sign --key key/key.pem --cert key/cert.pem bad.cryptex -o signed.cryptex
other=objects/$(printf '0%.0s' {1..64}).zst
echo other | zstd -q >"m/$other"
repack manifest "$other" "${objects[@]}"
refused "an object that the seal does not name" 1 'not one that the seal names' show bad.cryptex
object_of() { # FILE: its member
	echo "objects/$(fsverity digest --compact "$1").zst"
}
one=$(object_of tree/one)
replace() { zstd -qf -o "m/$one" && repack "${members[@]}"; }
printf 'two\n' | replace
refused "another content of the same size" 1 'is not what its name says' show bad.cryptex
printf 'one\nmore' | replace
refused "a content that is too long" 1 'holds more than the 4 bytes' show bad.cryptex
printf 'on' | replace
refused "a content that is too short" 1 'holds 2 bytes, fewer than the 4' show bad.cryptex
head -c 100M /dev/zero | replace
refused "a small member that grows to 100 MB" 1 'holds more than the 4 bytes' show bad.cryptex
printf 'one\n' >"m/$one" && repack "${members[@]}"
refused "a member that is not zstd" 1 'not a sound zstd frame' show bad.cryptex
(printf 'one\n' | zstd -q; printf x) >"m/$one" && repack "${members[@]}"
refused "bytes after the frame" 1 'bytes after its zstd frame' show bad.cryptex
(printf 'on' | zstd -q; printf 'e\n' | zstd -q) >"m/$one" && repack "${members[@]}"
refused "two frames" 1 'bytes after its zstd frame' show bad.cryptex
printf 'one\n' | zstd -q | head -c 10 >"m/$one" && repack "${members[@]}"
refused "half a frame" 1 'cut short' show bad.cryptex
head -c 20M /dev/zero | zstd -q --long=27 >"m/$one" && repack "${members[@]}"
refused "a frame that wants 128 MB of memory" 1 'not a sound zstd frame: .*memory' show bad.cryptex

# The manifest
fresh
poke() { # OFFSET BYTES: overwrite in the manifest
	fresh
	printf "$2" | dd of=m/manifest bs=1 seek="$1" conv=notrunc status=none
	repack "${members[@]}"
}
poke 0 X
refused "wrong magic" 1 'not a seal: wrong magic \(at byte 0\)' show bad.cryptex
poke 12 '\002'
refused "another format version" 1 'unknown seal format version \(at byte 12\)' show bad.cryptex
poke 17 '\377'
refused "signed part larger than the file" 1 'ends before its signature' show bad.cryptex
poke 24 '\377\377\377\377'
refused "too many entries" 1 'too many entries' show bad.cryptex
poke 48 '\001'
refused "an unknown flag" 1 'unknown flag' show bad.cryptex
fresh && : >m/manifest && repack "${members[@]}"
refused "an empty manifest" 1 'member manifest is empty' show bad.cryptex
fresh && printf X >>m/manifest && repack "${members[@]}"
refused "a byte after the manifest" 1 'bytes follow the manifest' show bad.cryptex
cp m/manifest bare.seal
refused "a manifest as a seal file" 1 'bytes follow|not CMS|ends before its signature' show bare.seal
fresh && mv m/manifest m/seal && repack seal "${objects[@]}"
refused "a manifest under the name of a seal" 1 'not CMS|ends before its signature' show bad.cryptex
# What cannot be shown cannot be signed either
refused "sign: wrong object" 1 'is not what its name says' bash -c "
	cp -r m n && printf 'two\n' | zstd -qf -o n/$one && mv n/seal n/manifest &&
	tar -C n --format=ustar --no-recursion -cf bad.cryptex ${members[*]} &&
	'$publish' sign --key key/key.pem --cert key/cert.pem bad.cryptex -o signed.cryptex"
check "nothing was signed" test ! -e signed.cryptex
finish
