#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/fetch/lies.sh
#
# cryptexctl, with a fetcher that lies to it (evil.c): each lie is told, and nothing in
# the store changes but the fetcher's own folder. Prints TAP. Needs root.

set -euo pipefail
if [ "$(id -u)" != 0 ] || [ -e /sys/module/cryptex ]; then
	printf 'ok 1 - a fetcher that lies # SKIP needs root, and not the module\n1..1\n'
	exit
fi
[ "${1:-}" = inside ] || exec unshare --mount --propagation private "$0" inside
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export CRYPTEX_STORE=$work/store CRYPTEX_SYSROOT=$work/sys
count=0 failed=0

mkdir -p "$work"/{bin,repo} "$work"/store/{objects,seals,trusted,tmp,revocations} \
	"$work/sys/etc/cryptex/remotes.d"
chmod 700 "$CRYPTEX_STORE"
cp "$top/build/bin/cryptexctl" "$work/bin/"
cp "$top/build/test/evil-fetcher" "$work/bin/cryptex-fetch"
{ grep -v '^cryptex-fetch:' /etc/passwd; echo 'cryptex-fetch:x:61337:61337::/:/usr/sbin/nologin'; } >"$work/passwd"
mount --bind "$work/passwd" /etc/passwd
echo '{}' >"$work/root.json"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=p -keyout /dev/null \
	-addext subjectKeyIdentifier=hash -out "$work/cert.pem" 2>/dev/null
"$work/bin/cryptexctl" trust "$work/cert.pem" >/dev/null 2>&1

content() { (cd "$CRYPTEX_STORE" && find . -path ./spool -prune -o -type f ! -name lock -print0 |
	sort -z | xargs -0 sha256sum); }

# lie NAME ERE: what the command says of it
lie() {
	local status=0 before after

	count=$((count + 1))
	mkdir -p "$work/repo/$1"
	printf 'url = file://%s/repo/%s\nroot = %s/root.json\n' "$work" "$1" "$work" \
		>"$work/sys/etc/cryptex/remotes.d/r.conf"
	before=$(content)
	timeout 60 "$work/bin/cryptexctl" check >"$work/out" 2>&1 || status=$?
	after=$(content)
	if [ $status = 1 ] && grep -qE "$2" "$work/out" && [ "$before" = "$after" ] &&
		! grep -q $'\033' "$work/out"; then
		echo "ok $count - $1: $(sed 's/^cryptexctl: check: //' "$work/out" | cut -c -100)"
		return
	fi
	echo "not ok $count - $1: exit $status"
	sed 's/^/# /' "$work/out"
	diff <(echo "$before") <(echo "$after") | sed 's/^/# /' || true
	failed=$((failed + 1))
}

lie noise 'is no message|cannot be|more than a message'
lie flood 'more than 4000 releases'
lie bad-release 'no proper name'
lie unasked 'what was not asked'
lie device 'cannot be'
lie memory 'not of its spool'
# Nothing that it could not read itself is read for it.
lie elsewhere 'not of its spool|not a revocation list'
lie garbage 'revocation list'
lie huge 'no proper size'
lie silent-end 'ended without an answer'
lie attack 'tried what it may not'
lie escape 'cannot be'
lie reason 'all is lost'
printf '1..%d\n' $count
[ $failed = 0 ]
