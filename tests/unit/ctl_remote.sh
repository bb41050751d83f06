#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: BIN=build/bin tests/unit/ctl_remote.sh
#
# Repositories as cryptexctl knows them, without the module: their files, what a check
# finds in a folder and over HTTP, and what is told when it fails. Prints TAP. Needs
# root and a mount namespace, in which there is a user for downloads.

# shellcheck disable=SC2317 # functions are called by name
set -euo pipefail
if [ "$(id -u)" != 0 ]; then
	printf 'ok 1 - remotes # SKIP needs root\n1..1\n'
	exit
fi
[ "${1:-}" = inside ] || exec unshare --mount --propagation private "$0" inside
# shellcheck source=tests/unit/ctl/lib.sh
. "$(dirname "$0")/ctl/lib.sh"
server=
finish() {
	[ -z "$server" ] || kill "$server"
	rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work"
export CRYPTEX_SYSROOT=$work/sys
unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY
export no_proxy='*'
conf=$CRYPTEX_SYSROOT/etc/cryptex/remotes.d

quietly() { "$@" >"$work/log" 2>&1 || { sed 's/^/# /' "$work/log"; exit 1; }; }
# with LINE: the remote's file has this line more
with() {
	printf '%s\n' "url = file://$work/repo" "root = $work/root.json" "$@" >"$conf/r.conf"
}

if [ -e /sys/module/cryptex ]; then
	printf 'ok 1 - remotes # SKIP the module is loaded\n1..1\n'
	exit
fi

# --- the machine
mkdir -p "$CRYPTEX_SYSROOT" "$work"/store/{objects,seals/hello,trusted,tmp,revocations}
chmod 700 "$CRYPTEX_STORE"
grep -v '^cryptex-fetch:' /etc/passwd >"$work/passwd"
mount --bind "$work/passwd" /etc/passwd
echo 0123456789abcdef0123456789abcdef >"$work/machine-id"
[ -e /etc/machine-id ] || : >/etc/machine-id
mount --bind "$work/machine-id" /etc/machine-id

# --- the publisher
cd "$work"
quietly "$BIN/cryptex-publish" keygen --out key --name Publisher
of=()
for label in 1 2 3; do
	rm -rf tree && mkdir tree && echo "hello $label" >tree/hello
	quietly "$BIN/cryptex-publish" build --name hello --label $label --dir tree \
		--build-time $((1700000000 + label)) "${of[@]}" -o u
	quietly "$BIN/cryptex-publish" sign --key key/key.pem --cert key/cert.pem u -o hello-$label.cryptex
	of=(--base hello-1.cryptex --security-epoch "$label" --fix "CVE-2026-000$((label + 1)):high:A hole")
done
quietly "$BIN/cryptex-repo" init repo --keys keys
quietly "$BIN/cryptex-repo" release repo hello-[12].cryptex --keys keys
cp repo/metadata/1.root.json root.json
tar xOf hello-1.cryptex seal >store/seals/hello/1.seal
cat >store/state.json <<-END
	{"version": 1, "cryptexes": {"hello": {"mountpoint": "/m/hello", "base": "1",
	 "active": "1", "graft": false}}}
END

# --- files
try 2 "'frob' is neither add, list, show nor remove" ctl remote frob
try 2 'remote add NAME URL ROOT.json' ctl remote add r
try 2 'channel and --hardware are for add' ctl remote list --channel x
try 0 'no repository is known' ctl remote list
try 0 '^\[\]' ctl remote list --json
try 1 'no repository is known: .cryptexctl remote add' ctl check
try 1 'no repository is known' ctl update
try 1 'no repository is known' ctl available
try 1 'there is no remote r' ctl remote show r
try 1 'there is no remote r' ctl remote remove r
for name in '' A -x a/b ../x "$(printf 'x%.0s' {1..33})"; do
	try "$([ ${#name} -le 32 ] && echo 1 || echo 2)" "is no name of a remote|a word is too long" \
		ctl remote add -- "$name" "file://$work/repo" root.json
done
for url in ftp://x/ http:// https:///x 'http://u:p@x/' 'http://x/?q' 'http://x/#f' http://x:0/ \
	http://x:65536/ http://x:8x/ 'http://x/ y' file://host/x file:x /tmp file:///a%20b ''; do
	try 1 'is no URL of a repository' ctl remote add r "$url" root.json
done
try 1 'none.json: there is no such file' ctl remote add r http://x/ none.json
try 1 'is no JSON' ctl remote add r http://x/ key/cert.pem
try 1 'is not the root metadata' ctl remote add r http://x/ repo/metadata/timestamp.json
try 1 'is no channel' ctl remote add r http://x/ root.json --channel Beta
try 1 'is no hardware class' ctl remote add r http://x/ root.json --hardware 'a b'
is 'nothing is left of them' test ! -e "$conf/r.conf"
try 0 'added r' ctl remote add r "file://$work/repo" root.json --hardware desktop
try 1 'there is a remote r .*: .cryptexctl remote remove r. first' ctl remote add r http://x/ root.json
try 0 'desktop' ctl remote list
try 0 '"url": "file:///' ctl remote show r --json
is 'its root is beside it' cmp root.json "$conf/r.root.json"
try 0 'removed r' ctl remote remove r
is 'nothing is left of it' test -z "$(ls "$conf")"
with 'chanel = beta'
try 1 "r.conf:3: there is no key 'chanel'" ctl remote show r
try 1 "r.conf:3: there is no key 'chanel'" ctl check
with 'enabled = maybe'
try 1 'r.conf:3: enabled is yes or no' ctl remote show r
printf 'url = http://x/\nroot = x\n' >"$conf/r.conf"
try 1 'r.conf:2: root is the absolute path' ctl remote show r
with '' 'channel = A'
try 1 'r.conf:4: a channel is of' ctl remote show r
with 'channel = a' 'nonsense'
try 1 'not of the form KEY = VALUE' ctl remote show r
with '[a'
try 1 'r.conf:3: ' ctl remote show r
with '[section]' 'channel = x'
try 1 'no sections' ctl remote show r
echo 'url = http://x/' >"$conf/r.conf"
try 1 'r.conf: has no root' ctl remote show r
with
chmod 666 "$conf/r.conf"
try 1 'others can change .*chmod go-w' ctl check
chmod 644 "$conf/r.conf"
mkdir -p "$CRYPTEX_SYSROOT/usr/lib/cryptex/remotes.d" "$CRYPTEX_SYSROOT/run/cryptex/remotes.d"
mv "$conf/r.conf" "$CRYPTEX_SYSROOT/usr/lib/cryptex/remotes.d/"
try 0 '/usr/lib/cryptex/remotes.d/r.conf' ctl remote show r
try 1 "not this machine's own: an empty file" ctl remote remove r
sed 's|file:|http:|;s|///|//x/|' "$CRYPTEX_SYSROOT/usr/lib/cryptex/remotes.d/r.conf" \
	>"$CRYPTEX_SYSROOT/run/cryptex/remotes.d/r.conf"
try 0 'http://x/' ctl remote show r
: >"$conf/r.conf"
try 1 'there is no remote r' ctl remote show r
try 0 'no repository is known' ctl remote list
rm -rf "${CRYPTEX_SYSROOT:?}"/{usr,run} "$conf/r.conf"
with 'enabled = no'
try 1 'no repository is known' ctl check

# --- checks
quietly ctl trust key/cert.pem
with
try 1 'no user cryptex-fetch.*systemd-sysusers' ctl check
echo 'cryptex-fetch:x:61337:61337::/:/usr/sbin/nologin' >>"$work/passwd"
try 0 'hello: 2 is available from r \(severity high, 1 fix\)' ctl check
is 'the spool is the fetcher'"'"'s' test "$(stat -c '%a %u' store/spool/r)" = '700 61337'
try 0 '^hello +2 +high +1 +r +to be had' ctl available
try 0 '"state": "available"' ctl available --json
try 0 '^hello +2 ' ctl cve cve-2026-0002
try 0 'no release of a repository closes CVE-2020-1' ctl cve CVE-2020-1
try 2 'is no name of a hole' ctl cve 'a b'
try 1 'cryptex-.*zlib is not mounted|zlib is not mounted' ctl update zlib
try 2 'is no name of a cryptex' ctl update ../x
try 2 'exclude each other' ctl update --download-only --activate
try 2 'no descriptor that is open for writing' ctl update --progress-fd 77
try 2 'no descriptor that is open for writing' ctl update --progress-fd x
quietly "$BIN/cryptex-repo" release repo hello-3.cryptex --percent 25 --keys keys
try 0 'hello: 2 is available' ctl check
try 0 '^hello +3 .*does not take in this machine yet' ctl available
quietly "$BIN/cryptex-repo" rollout repo hello@3 --percent 100 --keys keys
try 0 'hello: 3 is available' ctl check
quietly "$BIN/cryptex-repo" withdraw repo hello@3 --reason 'It broke things.' --key key/key.pem \
	--cert key/cert.pem --keys keys
try 0 'hello: 2 is available' ctl check
is 'the list is in the store' test -e store/revocations/00000000000000000001.list
try 0 '^hello +3 .*was withdrawn +It broke things' ctl available

# --- what goes wrong
cp -a repo old
quietly "$BIN/cryptex-repo" refresh repo --all --keys keys
try 0 'hello: 2 is available' ctl check
mv repo new
mv old repo
try 1 'older|rollback|version' ctl check
rm -rf repo
try 1 'repo: No such file' ctl check
mkdir -m 700 repo
try 1 'Permission denied|not found|missing|cannot' ctl check
rm -rf repo
mv new repo
cp repo/metadata/timestamp.json kept
echo x >>repo/metadata/timestamp.json
try 1 'r: .*timestamp' ctl check
mv kept repo/metadata/timestamp.json
mv store/spool/r store/spool/kept
mkdir -m 700 store/spool/r
flock store/spool/r sleep 5 &
sleep 0.5
try 1 'another cryptexctl fetches from r' ctl check
wait $!
rm -rf store/spool/r
mv store/spool/kept store/spool/r
echo '{' >store/remotes/r.json
try 0 'remotes/r.json: is damaged: .cryptexctl check. writes it anew' ctl available

# --- over HTTP, where the fetcher has a network, and may connect to that port only
python3 - "$work/port" 2>/dev/null <<-'END' &
	import http.server, sys
	server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
	with open(sys.argv[1], "w") as port:
	    port.write(str(server.server_port))
	server.serve_forever()
END
server=$!
until [ -s port ]; do sleep 0.1; done
for host in 127.0.0.1 localhost; do
	quietly ctl remote remove r
	quietly ctl remote add r "http://$host:$(cat port)/repo/" root.json
	try 0 'hello: 2 is available' ctl check
done
quietly ctl remote remove r
quietly ctl remote add r "http://127.0.0.1:$(cat port)/none" root.json
try 1 'r: ' ctl check
quietly ctl remote add up "http://127.0.0.1:$(cat port)/repo" root.json
try 1 '1 of 2 remotes cannot be used' ctl check
try 1 'hello: 2 is available from up' ctl check

printf '1..%d\n' $count
[ $failed = 0 ]
