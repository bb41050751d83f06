#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/e2e/prepare-update.sh FOLDER CHECK
#
# The publisher's part of the test of updates, on the host, on top of what prepare.sh
# has put into CHECK. Makes FOLDER/payload, which the machine sees at /cryptex as well:
#
#   bin/cryptex-fetch, bin/fail-call, bin/taken_over_fetcher, bin/cutting_server
#   cryptex.conf            for systemd-sysusers
#   small/*.cryptex         bases whose patches are in the repositories
#   repos/1 ... repos/N     one repository at different times:
#     first      greeting 2 and the patch of openssl are released
#     newer      greeting 3 as well
#     withdrawn  greeting 3 is withdrawn
#     openssl-withdrawn  and the patch of openssl as well
#     rotated    as withdrawn, and the timestamp has another key
#     stolen     that, but the timestamp is signed by the old key
#     stranger   that, with a greeting 4 that a stranger has signed
#     bad-delta  first, with a delta and a whole object that were changed
#     bad-all    first, with every object and delta of greeting changed
#     page       another one: of a page of 128 KiB
#   root.json, page.json    what machines begin with
#   other.json              the root of a repository that is not there

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
PATH=$top/build/bin:$PATH
check=$(cd "$2" && pwd)
repo=(--keys keys)
# An object of 2 MB that zstd cannot make smaller, so that a download takes a while
SIZE=2000000

quietly() { "$@" >log 2>&1 || { cat log; echo "failed: $*" >&2; exit 1; }; }

# hello has a large file, of which a part in the middle changes.
build_hello() {
	local label of=()

	head -c $SIZE /dev/urandom >noise
	for label in 1 2 3; do
		rm -rf tree && mkdir -p tree/share
		echo "hello, version $label" >tree/share/hello
		{ head -c $((SIZE / 2)) noise; echo "version $label"; tail -c $((SIZE / 2)) noise; } \
			>tree/share/noise
		# One that is new each time: there is nothing to make it of.
		head -c 1000000 /dev/urandom >tree/share/new
		quietly cryptex-publish build --name greeting --label "$label" --dir tree \
			--build-time $((1700000000 + label)) "${of[@]}" -o unsigned
		quietly cryptex-publish sign --key "$check/publisher/key.pem" \
			--cert "$check/publisher/cert.pem" unsigned -o "greeting-$label.cryptex"
		of=(--base greeting-1.cryptex --security-epoch "$label" --fix "CVE-2026-000$((label + 1)):high:A hole.")
	done
}

# A page that is new, and cannot be made smaller
build_page() {
	local label of=()

	for label in 1 2; do
		rm -rf tree && mkdir -p tree
		echo "page, version $label" >tree/version
		[ $label = 1 ] || head -c $((128 * 1024)) /dev/urandom >tree/page
		quietly cryptex-publish build --name page --label $label --dir tree \
			--build-time $((1700000000 + label)) "${of[@]}" -o unsigned
		quietly cryptex-publish sign --key "$check/publisher/key.pem" \
			--cert "$check/publisher/cert.pem" unsigned -o "page-$label.cryptex"
		of=(--base page-1.cryptex)
	done
	quietly cryptex-repo init payload/repos/page --keys page-keys
	quietly cryptex-repo release payload/repos/page page-[12].cryptex --keys page-keys
	cp payload/repos/page/metadata/1.root.json payload/page.json
	cp page-1.cryptex payload/small/
}

# Whoever has stolen the key of the timestamp goes on with it after it was replaced.
steal_key() {
	cp -a repo rotated
	cp -a repo stolen
	openssl genpkey -algorithm ed25519 -out new-key.pem 2>/dev/null
	quietly cryptex-repo rotate rotated timestamp --new-key new-key.pem "${repo[@]}"
	quietly cryptex-repo refresh rotated "${repo[@]}" --role-key new-key.pem
	cp -a rotated payload/repos/rotated
	for _ in 1 2 3 4; do quietly cryptex-repo refresh stolen "${repo[@]}"; done
	cp -a rotated payload/repos/stolen
	cp stolen/metadata/timestamp.json payload/repos/stolen/metadata/
}

# The repository's keys are right, the seal's is not.
sign_strangely() {
	rm -rf tree && mkdir -p tree/share
	echo 'hello, stranger' >tree/share/hello
	quietly cryptex-publish build --name greeting --label 4 --dir tree --build-time 1700000004 \
		--base greeting-1.cryptex --security-epoch 4 -o unsigned
	quietly cryptex-publish sign --key "$check/stranger/key.pem" \
		--cert "$check/stranger/cert.pem" unsigned -o greeting-4.cryptex
	cp -a rotated stranger
	quietly cryptex-repo release stranger greeting-4.cryptex "${repo[@]}" --role-key new-key.pem
	cp -a stranger payload/repos/stranger
}

snapshot() { cp -a repo "payload/repos/$1"; }

# change FILE: the byte in its middle
change() {
	local at=$(($(stat -c %s "$1") / 2)) byte

	byte=$(od -An -t u1 -j $at -N 1 "$1")
	# shellcheck disable=SC2059 # an octal escape is meant
	printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek=$at conv=notrunc status=none
}

damage() {
	local file

	snapshot bad-delta
	find payload/repos/bad-delta/deltas -type f -print0 |
		while IFS= read -r -d '' file; do change "$file"; done
	snapshot bad-all
	find payload/repos/bad-all/{deltas,objects} -type f -print0 |
		while IFS= read -r -d '' file; do change "$file"; done
}

rm -rf "$1"
mkdir -p "$1"/payload/{bin,repos,small}
cd "$1"
build_hello
# shellcheck source=/dev/null
. "$check/payload/versions"
quietly cryptex-repo init repo "${repo[@]}" --expires timestamp=7d
quietly cryptex-repo release repo greeting-1.cryptex greeting-2.cryptex \
	"$check/payload/openssl/openssl-$OLD.cryptex" "$check/payload/openssl/openssl-$NEW.cryptex" "${repo[@]}"
snapshot first
damage
quietly cryptex-repo release repo greeting-3.cryptex "${repo[@]}"
snapshot newer
quietly cryptex-repo withdraw repo greeting@3 --reason 'It greets the wrong people.' \
	--key "$check/publisher/key.pem" --cert "$check/publisher/cert.pem" "${repo[@]}"
snapshot withdrawn
steal_key
sign_strangely
quietly cryptex-repo withdraw repo "openssl@$NEW" --reason 'It breaks old clients.' \
	--key "$check/publisher/key.pem" --cert "$check/publisher/cert.pem" "${repo[@]}"
snapshot openssl-withdrawn
build_page
quietly cryptex-repo init other --keys other-keys
cp other/metadata/1.root.json payload/other.json
cp repo/metadata/1.root.json payload/root.json
cp greeting-1.cryptex payload/small/
cp "$top"/build/bin/{cryptexctl,cryptex-fetch} "$top"/build/test/{fail-call,taken_over_fetcher,cutting_server} payload/bin/
cp "$top/helper/sysusers.d/cryptex.conf" payload/
