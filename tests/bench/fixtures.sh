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
#   labels                    the labels of base and patch, a line each
#   deb.size                  bytes of the newer .deb
#   object, *.seal, seals.der what bench-seals makes, and the content of its files

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"

publish=$here/../../build/bin/cryptex-publish
seals=$here/../../build/test/bench-seals

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
	stat -c %s "$NEW_DEB" >deb.size
	for i in base patch; do
		"$publish" show "$i.cryptex" | awk '$1 == "Label" { print $2 }'
	done >labels
}

[ $# -eq 1 ] || cx_die "usage: tests/bench/fixtures.sh DIR"
publish=$(realpath "$publish") seals=$(realpath "$seals")
rm -rf "$1"
mkdir -p "$1"
cd "$1"
"$publish" keygen --out key >/dev/null
make_openssl
echo content >object
"$seals" object .
mv key/cert.pem .
rm -r key
touch made
