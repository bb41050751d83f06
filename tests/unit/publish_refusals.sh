#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the publisher refuses to build and to sign, each with its own message.
set -euo pipefail
. "$(dirname "$0")/publish/lib.sh"
cd "$work"

# What lies in the output folder before must be all that lies there after.
mkdir out
out=out/x.cryptex
build() { "$publish" build --name demo --label 1 -o "$out" "$@"; }

# The command line
refused "no command" 2 '^Usage' "$publish"
refused "unknown command" 2 'no command frobnicate' "$publish" frobnicate
for command in build sign show keygen; do
	refused "$command: unknown option" 2 'no option --frobnicate' "$publish" $command --frobnicate
	refused "$command: unknown letter" 2 'no option -z' "$publish" $command -z
	check "$command --help" grep -q '^Usage' <("$publish" $command --help)
done
refused "build: option without value" 2 '\-\-name needs a value' "$publish" build --name
refused "build: no name" 2 '\-\-name is missing' "$publish" build --dir . --label 1 -o $out
refused "build: bad name" 2 'a name is' "$publish" build --name Demo --dir . --label 1 -o $out
refused "build: bad label" 2 'a label is' "$publish" build --name demo --dir . --label a/b -o $out
refused "build: reserved label" 2 'a label is' "$publish" build --name demo --dir . --label base -o $out
refused "build: no label" 2 '\-\-label is missing' "$publish" build --name demo --dir . -o $out
refused "build: no input" 2 'input is missing' build
refused "build: no output" 2 '\-o is missing' "$publish" build --name demo --label 1 --dir .
refused "build: stray argument" 2 'stray: is not expected' build --dir . stray
refused "build: negative epoch" 2 'is no number' build --dir . --security-epoch -1
refused "build: epoch beyond 32 bits" 2 'is no number' build --dir . --security-epoch 4294967296
refused "build: build time in words" 2 'is no number' build --dir . --build-time today
refused "build: bad SOURCE_DATE_EPOCH" 1 'SOURCE_DATE_EPOCH "x"' env SOURCE_DATE_EPOCH=x \
	"$publish" build --name demo --label 1 --dir . -o $out
refused "build: unknown machine" 2 'is not auto, none' build --dir . --machine vax
refused "build: fix without text" 2 'must be ID:SEVERITY:TEXT' build --dir . --fix CVE-2026-1:low
refused "build: fix with a bad severity" 2 'severity "bad"' build --dir . --fix CVE-2026-1:bad:x
refused "build: fix with a bad id" 2 'fix "CVE 1"' build --dir . --fix 'CVE 1:low:x'
refused "build: fix for a base" 2 'belong to a patch' build --dir . --fix CVE-2026-1:low:x
refused "build: the same fix twice" 2 'listed twice' build --dir . --base b --fix A:low:x --fix A:low:x

# Folders
mkdir tree
refused "folder: missing" 1 'no such folder' build --dir missing
refused "folder: a file" 1 'is not a folder' build --dir /etc/passwd
refused "folder: empty" 1 'nothing to seal' build --dir tree
tree() { # NAME PATTERN: what is in the tree must be refused; then the tree is emptied
	refused "$1" 1 "$2" build --dir tree
	rm -rf tree
	mkdir tree
}
touch tree/tool && chmod 4755 tree/tool
tree "set-user-id bit" 'tree: tool: has a set-id or sticky bit \(mode 4755\)'
mkdir tree/dir && chmod 1777 tree/dir
tree "sticky folder" 'dir: has a set-id or sticky bit'
mkfifo tree/fifo
tree "FIFO" 'fifo: is a FIFO'
ln -s /etc/passwd tree/link
tree "absolute link" 'link: is an absolute link \(to /etc/passwd\)'
mkdir -p tree/a && ln -s ../../x tree/a/link
tree "link out of the tree" 'a/link: the link leaves the tree'
ln -s "x$(printf '\001')" tree/link
tree "control character in a link" 'link: .* control character'
touch "tree/a$(printf '\033')[2J"
tree "control character in a name" 'a\?\[2J: the name has a control character'
truncate -s 5G tree/huge
tree "huge file" 'tree/huge: has 5368709120 bytes, at most'
mkdir -p tree/a && echo 1 >tree/a/f && ln -s ../a/./f tree/a/link && ln -s a tree/b
check "links inside the tree are taken" build --dir tree
rm -rf tree $out
mkdir tree && echo 1 >tree/secret
if [ "$(id -u)" = 0 ]; then
	mknod tree/null c 1 3
	refused "device" 1 'null: is a device' build --dir tree
	rm tree/null
	chmod 755 . && chmod 000 tree/secret && cp "$publish" ./publish
	refused "unreadable file" 1 'tree/secret: the file cannot be read: Permission denied' \
		setpriv --reuid 65534 --regid 65534 --clear-groups \
		./publish build --name demo --label 1 --dir tree -o /dev/shm/x.cryptex
	chmod 700 tree
	refused "unreadable folder" 1 'tree: the folder cannot be opened: Permission denied' \
		setpriv --reuid 65534 --regid 65534 --clear-groups \
		./publish build --name demo --label 1 --dir tree -o /dev/shm/x.cryptex
	chmod 755 tree && chmod 644 tree/secret
	refused "output folder not writable" 1 'cannot be created: Permission denied' \
		setpriv --reuid 65534 --regid 65534 --clear-groups \
		./publish build --name demo --label 1 --dir tree -o out/x.cryptex
else
	skip "devices and unreadable files" "needs root, to make them"
fi
refused "output: folder is missing" 1 'no such folder' build --dir tree -o missing/x.cryptex
refused "output: is a folder" 1 'is a folder' build --dir tree -o out
if command -v setcap >/dev/null && cp /bin/true tree/cap && setcap cap_net_raw+ep tree/cap 2>/dev/null; then
	tree "file capabilities" 'cap: has file capabilities'
else
	skip "file capabilities" "setcap is missing or the file system has none"
fi

# Packages
package_dir() { # DIR ARCHITECTURE VERSION
	mkdir -p "$1/DEBIAN" "$1/usr/lib" "$1/usr/share/doc/demo"
	printf 'Package: demo\nVersion: %s\nArchitecture: %s\nMaintainer: a <a@example.org>\nDescription: demo\n' \
		"$3" "$2" >"$1/DEBIAN/control"
	head -c 3000 /dev/urandom >"$1/usr/lib/data"
	echo doc >"$1/usr/share/doc/demo/copyright"
}
deb() { dpkg-deb --root-owner-group -b "$@" >/dev/null; }
package_dir pkg amd64 1:2.0-1
deb -Zgzip pkg demo.deb
from_deb() { "$publish" build --name demo --deb "$@" -o $out; }
refused "package: missing" 1 'no such file' from_deb missing.deb
: >empty.deb
refused "package: empty" 1 'is empty' from_deb empty.deb
refused "package: a folder" 1 'is a folder' from_deb tree
refused "package: not one" 1 'is no Debian package' from_deb /etc/passwd
head -c 100000 /dev/urandom >random.deb
refused "package: random bytes" 1 'is no Debian package' from_deb random.deb
ar cr other.a demo.deb
refused "package: another ar archive" 1 'debian-binary expected, demo.deb found' from_deb other.a
for compression in gzip xz zstd; do
	deb -Z$compression pkg cut.deb
	cp cut.deb whole.deb
	size=$(stat -c %s whole.deb) bad=
	for ((at = 512; at < size; at += 512)); do
		head -c "$at" whole.deb >cut.deb
		! from_deb cut.deb 2>err && grep -qE 'cut\.deb: is (no Debian package, or cut short|broken or cut short)' err ||
			bad+=" $at"
	done
	check "package: cut at every 512th of $size bytes ($compression)" test -z "$bad"
done
cp -a pkg setid && chmod 2755 setid/usr/lib/data && deb setid setid.deb
refused "package: set-group-id bit" 1 'setid.deb: usr/lib/data: has a set-id' from_deb setid.deb
refused "package: twice the same file" 1 'usr/lib/data: is there twice' from_deb demo.deb --deb demo.deb
package_dir newer amd64 1:2.1-1 && rm newer/usr/lib/data && touch newer/usr/lib/other && deb newer newer.deb
refused "packages of two versions" 1 'give --label' from_deb demo.deb --deb newer.deb
package_dir foreign arm64 1:2.0-1 && mv foreign/usr/lib/data foreign/usr/lib/more && deb foreign arm.deb
refused "packages of two architectures" 1 'arm.deb: is a package for arm64' from_deb demo.deb --deb arm.deb
check "the label is the version without a colon" bash -c \
	"'$publish' build --name demo --deb demo.deb -o $out && '$publish' show $out | grep -x 'Label           1_2.0-1' >/dev/null"
check "of a package only the libraries are taken" test \
	"$("$publish" show --files $out | grep -c '^[-dl] [0-7]')" = 3
ln pkg/usr/lib/data pkg/usr/lib/twin && deb pkg twin.deb
check "a hard link is the same content" bash -c \
	"'$publish' build --name demo --deb twin.deb -o $out && '$publish' show $out | grep '1 of 1 objects' >/dev/null"
rm $out
long=$(printf 'ä%.0s' {1..80})
for format in gnu pax; do
	rm -rf raw && mkdir -p raw/usr/lib && echo 1 >"raw/usr/lib/$long" && ln -s "$long" "raw/usr/lib/ö"
	ln "raw/usr/lib/$long" "raw/usr/lib/${long%ä}"
	tar -C raw --format=$format -czf data.tar.gz ./usr
	tar -C pkg/DEBIAN -czf control.tar.gz ./control
	echo 2.0 >debian-binary && rm -f raw.deb
	ar cr raw.deb debian-binary control.tar.gz data.tar.gz
	from_deb raw.deb
	check "names beyond ASCII and 100 bytes ($format)" test \
		"$("$publish" show --files $out | grep -cE "(/${long%ä}|/ö -> $long|/$long)\$")" = 3
done
refused "a hard link to what is left out" 1 'which is not taken' from_deb twin.deb --exclude usr/lib/data

# ^C at any time leaves nothing, or the whole file
mkdir big && for i in {1..40}; do head -c 100000 /dev/urandom >big/$i; done
build --dir big && mv $out whole.cryptex
bad=
for delay in 0.01 0.03 0.05 0.07 0.09 0.12 0.15 0.2 0.3 0.5; do
	timeout -s INT $delay "$publish" build --name demo --label 1 --dir big -o $out || true
	case "$(ls -A out)" in
	'') ;;
	x.cryptex) cmp -s $out whole.cryptex || bad+=" $delay" ;;
	*) bad+=" $delay" ;;
	esac
	rm -f out/* out/.c*
done
check "an interrupted build leaves nothing, or the whole file" test -z "$bad"

# Nothing was left behind by any of this
check "no refusal has left a file" test -z "$(ls -A out)"
echo kept >$out
refused "a refusal keeps the file that was there" 1 'no such folder' build --dir missing
check "its content is the same" test "$(cat $out)" = kept
finish
