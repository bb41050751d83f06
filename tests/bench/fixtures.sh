#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/bench/fixtures.sh DIR
#
# Makes in DIR what is measured, with the real publisher from real packages:
#
#   cert.pem                  whose key signed the rest
#   base.cryptex              the older libssl3
#   patch.cryptex             the newer one as a patch
#   full.cryptex              the newer one in full
#   gN.cryptex                N = 1 ... 50: patches with the base's content
#   big.cryptex, bigN.cryptex a base of 5000 files, and N = 1 ... 8 patches
#   labels                    the labels of base and patch, a line each
#   deb.size                  bytes of the newer .deb

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"

GENERATIONS=50
BIG_FILES=5000
BIG_GENERATIONS=8

publish=$here/../../build/bin/cryptex-publish

# make_signed OUT OPTION...: build and sign
make_signed() {
	local out=$1

	shift
	"$publish" build "$@" -o unsigned.cryptex >/dev/null
	"$publish" sign --key key/key.pem --cert key/cert.pem unsigned.cryptex -o "$out" >/dev/null
	rm unsigned.cryptex
}

make_openssl() {
	local OLD_DEB='' NEW_DEB='' text i

	text=$("$here/../e2e/fetch-packages.sh" libssl3)
	eval "$text"
	make_signed base.cryptex --name openssl --deb "$OLD_DEB"
	make_signed patch.cryptex --name openssl --deb "$NEW_DEB" --base base.cryptex
	make_signed full.cryptex --name openssl --deb "$NEW_DEB"
	for ((i = 1; i <= GENERATIONS; i++)); do
		make_signed "g$i.cryptex" --name openssl --label "g$i" --deb "$OLD_DEB" --base base.cryptex
	done
	stat -c %s "$NEW_DEB" >deb.size
	for i in base patch; do
		"$publish" show "$i.cryptex" | awk '$1 == "Label" { print $2 }'
	done >labels
}

# Many names, one content: what grows is the manifest.
make_big() {
	local i tree

	tree=$(mktemp -d)
	for ((i = 0; i < BIG_FILES; i++)); do
		mkdir -p "$tree/folder-$((i % 50))"
		echo content >"$tree/folder-$((i % 50))/file-of-some-length-$i"
	done
	make_signed big.cryptex --name big --label b0 --machine none --build-time 1 --dir "$tree"
	for ((i = 1; i <= BIG_GENERATIONS; i++)); do
		make_signed "big$i.cryptex" --name big --label "b$i" --machine none \
			--build-time 1 --dir "$tree" --base big.cryptex
	done
	rm -rf "$tree"
}

[ $# -eq 1 ] || cx_die "usage: tests/bench/fixtures.sh DIR"
publish=$(realpath "$publish")
rm -rf "$1"
mkdir -p "$1"
cd "$1"
"$publish" keygen --out key >/dev/null
make_openssl
make_big
mv key/cert.pem .
rm -r key
touch made
