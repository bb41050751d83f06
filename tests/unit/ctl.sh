#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: BIN=build/bin tests/unit/ctl.sh
#
# cryptexctl as far as it needs neither the module nor fs-verity: the command
# line, what it reads, and bad input to every command. Prints TAP. What needs
# the module is tried in the virtual machine.

# shellcheck disable=SC2317 # functions are called by name
set -euo pipefail
BIN=$(cd "${BIN:-build/bin}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CRYPTEX_STORE=$work/store
unset NO_COLOR
count=0 failed=0

# try STATUS ERE COMMAND...: the exit status, and what stdout or stderr says; an
# empty ERE does not look
try() {
	local want=$1 pattern=$2 status=0

	shift 2
	count=$((count + 1))
	"$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	if [ "$status" -eq "$want" ] &&
		{ [ -z "$pattern" ] || grep -qE -- "$pattern" "$work/out" "$work/err"; }; then
		echo "ok $count - ${*/#*\//} -> $want"
		return
	fi
	echo "not ok $count - ${*/#*\//}: exit $status, wanted $want and '$pattern'"
	sed 's/^/# /' "$work/out" "$work/err"
	failed=$((failed + 1))
}

ctl() { "$BIN/cryptexctl" "$@"; }

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# An error is one line on stderr, behind the program's name, and nothing else.
one_error_line() {
	! ctl "$@" >"$work/o" 2>"$work/e" || return 1
	[ ! -s "$work/o" ] && [ "$(wc -l <"$work/e")" -eq 1 ] && grep -q '^cryptexctl: ' "$work/e"
}

# --- the command line
commands='init trust mount umount stage activate rollback retire gc revoke lock status list ps events verify show boot remote check update available cve'
try 2 'no command was given: .cryptexctl help' ctl
try 2 "there is no command 'frob': .cryptexctl help" ctl frob
try 2 "there is no command 'frob'" ctl help frob
try 2 "there is no option '--frob'" ctl status --frob
try 2 "there is no option '-x'" ctl -x status
try 2 '--store needs an argument' ctl status --store
try 2 "the store's path is empty" ctl --store '' list
try 0 '^cryptexctl [0-9]' ctl --version
try 0 '^Usage: cryptexctl' ctl help
try 0 '^Usage: cryptexctl' ctl --help
for command in $commands help; do
	try 0 "^Usage: cryptexctl $command" ctl "$command" --help
	try 0 "^Usage: cryptexctl $command" ctl help "$command"
	try 0 "^  $command +[a-z]" ctl help
done
for command in mount umount stage activate retire revoke show remote cve; do
	try 2 "$command: something is missing" ctl "$command"
done
for command in init ps gc lock events boot check available; do
	try 2 "$command: 'x' is too much" ctl "$command" x
done
for command in init mount umount stage activate rollback retire gc revoke lock boot check update; do
	try 2 "$command: an option was given that it does not take" ctl --json "$command" x@1
done
try 2 "'y' is too much" ctl status x y
try 2 'an option was given that it does not take' ctl list --all
try 2 'give names of cryptexes, or --all' ctl rollback
try 2 'give names of cryptexes, or --all' ctl rollback x --all
for bad in X ../x 'a b' "$(printf 'x%.0s' {1..64})"; do
	for command in umount rollback status list verify; do
		try 2 "is no name of a cryptex" ctl "$command" "$bad"
	done
done
for bad in x x@ @1 X@1 x@current x@../1 x@1@2; do
	try 2 "activate: $bad: (not of the form|malformed)" ctl activate "$bad"
	try 2 "retire: $bad: (not of the form|malformed)" ctl retire "$bad"
done
for bad in '' x 1x 1GG -1 0 99999999999999999999 9999999T; do
	try 2 'is no size' ctl init --loop="$bad"
done
try 0 '' one_error_line list --store /dev/null
try 0 '' one_error_line show "$work/none"
try 0 '' one_error_line frob
esc=$(printf '\033[31m')
try 2 "no command '\?\[31mx'" ctl "${esc}x"
try 1 '\?\[31mx' ctl show "$work/${esc}x"

# --- stores that are none
try 1 'make the folder .*/a/b' ctl --store "$work/a/b" init
try 1 'not a folder|Not a directory' ctl --store /dev/null init
try 1 'there is no store at .*cryptexctl init' ctl verify
try 1 'there is no store at' ctl trust
try 1 'there is no store at' ctl activate x@1
try 0 'there is no store at .* nothing to do' ctl boot
try 0 'no generation' ctl list
mkdir "$work/store"
try 1 'is not a store: make it one' ctl verify
mkdir "$work/store"/{objects,seals,trusted,tmp}
chmod 777 "$work/store"
try 1 'others can change the store .*chmod 700' ctl verify
chmod 700 "$work/store"
try 1 'is not a folder' ctl --store /dev/null verify
if ctl init >"$work/out" 2>&1; then
	skip "init without fs-verity" "the file system of $work has it"
else
	try 1 'without fs-verity: enable it with .tune2fs -O verity|no fs-verity' ctl init
	try 0 '' test -d "$work/store/seals"
	try 1 'fs-verity' ctl --store "$work/fresh" init
	try 1 '' test -e "$work/fresh"
fi
try 1 'too small: at least 16 MiB' ctl --store "$work/small" init --loop 1M
try 1 'MiB are free there' ctl --store "$work/small" init --loop 1000T
for left in small small.img small.img.tmp; do
	try 1 '' test -e "$work/$left"
done

# --- reading an empty store
try 0 'no generation' ctl list
try 0 '^\[\]$' ctl list --json
try 0 'all is as it was sealed' ctl verify
try 0 '"faults": \[\]' ctl verify --json
try 0 'no certificate is trusted' ctl trust
try 0 '^\[\]$' ctl --json trust
try 0 'x is not mounted: nothing to do' ctl umount x

# --- certificates
"$BIN/cryptex-publish" keygen --out "$work/key" --name tester >/dev/null
openssl x509 -in "$work/key/cert.pem" -outform DER -out "$work/cert.der"
: >"$work/empty"
head -c 100 "$work/cert.der" >"$work/cut.der"
try 1 'no such file' ctl trust "$work/none"
try 1 'is empty' ctl trust "$work/empty"
try 1 'is a folder' ctl trust "$work"
try 1 'not a certificate' ctl trust "$work/cut.der"
try 1 'too large' ctl trust "$BIN/cryptexctl"
try 1 'private key' ctl trust "$work/key/key.pem"
try 1 'not a regular file' ctl trust /dev/zero
if [ -e /sys/module/cryptex ]; then
	skip "trust without the module" "it is loaded"
else
	try 0 'trusted: .*tester' ctl trust "$work/key/cert.pem"
	try 0 'is trusted already' ctl trust "$work/cert.der"
	try 0 'tester .*valid' ctl trust
	try 0 '"validity": "valid"' ctl trust --json
	for command in status ps 'mount x' 'stage x' 'activate x@1' 'rollback --all'; do
		# shellcheck disable=SC2086
		try 1 "${command%% *}: the cryptex module is not loaded: modprobe cryptex" ctl $command
	done
fi

# --- seals
mkdir -p "$work/tree/lib"
echo library >"$work/tree/lib/libx.so.1"
ln -s libx.so.1 "$work/tree/lib/libx.so"
"$BIN/cryptex-publish" build --name thing --label 1.0 --dir "$work/tree" --build-time 1700000000 \
	-o "$work/thing.u" >/dev/null
sign() { "$BIN/cryptex-publish" sign --key "$work/$1/key.pem" --cert "$work/$1/cert.pem" "${@:2}" >/dev/null; }
sign key "$work/thing.u" -o "$work/thing.cryptex"
sign key "$work/thing.u" --seal-only "$work/thing.seal"
"$BIN/cryptex-publish" keygen --out "$work/other" >/dev/null
sign other "$work/thing.u" -o "$work/foreign.cryptex"
try 0 'Signature: +verified, signed by .*tester' ctl show "$work/thing.cryptex"
try 0 'Signature: +verified' ctl show "$work/thing.seal"
try 0 'Generation: +1.0 \(base\)' ctl show "$work/thing.seal"
try 0 'libx.so -> libx.so.1' ctl show --files "$work/thing.seal"
try 0 '"target": "libx.so.1"' ctl show --files --json "$work/thing.seal"
try 0 'NOT SIGNED' ctl show "$work/thing.u"
try 0 'NOT VERIFIED: signed by no trusted key' ctl show "$work/foreign.cryptex"
try 0 '"verified": false' ctl show --json "$work/foreign.cryptex"
try 1 'neither a file|no such file' ctl show thing@1.0
mkdir "$work/store/seals/thing"
cp "$work/thing.seal" "$work/store/seals/thing/1.0.seal"
try 0 'Signature: +verified' ctl show thing@1.0
try 0 'thing 1.0 +base, stored' ctl list
try 0 '"stored": true' ctl list --json
try 0 'no generation' ctl list other
try 1 'is missing.*thing@1.0:lib/libx.so.1.*mount or stage again' ctl verify
try 1 '"faults": \[$' ctl verify --json thing
try 0 'all is as it was sealed' ctl verify other

# --- bad seals and containers
flip() {
	cp "$1" "$3"
	printf '\377' | dd of="$3" bs=1 seek="$2" conv=notrunc status=none
}
size=$(stat -c %s "$work/thing.seal")
flip "$work/thing.seal" 300 "$work/manifest.seal"
flip "$work/thing.seal" $((size - 5)) "$work/signature.seal"
flip "$work/thing.seal" 12 "$work/version.seal"
head -c 200 "$work/thing.seal" >"$work/short.seal"
head -c 700 "$work/thing.cryptex" >"$work/short.cryptex"
try 1 'signature does not match' ctl show "$work/manifest.seal"
try 1 'signature' ctl show "$work/signature.seal"
try 1 'unknown seal format version .at byte 12' ctl show "$work/version.seal"
try 1 'ends inside its header .at byte 200' ctl show "$work/short.seal"
try 1 'short.cryptex' ctl show "$work/short.cryptex"
try 1 'no such file' ctl show "$work/none.cryptex"
try 1 'is empty' ctl show "$work/empty"
try 1 'is a folder' ctl show "$work"
try 1 'container' ctl show "$BIN/cryptexctl"
try 1 'not a regular file' ctl show /dev/zero
cp "$work/manifest.seal" "$work/store/seals/thing/1.0.seal"
try 1 'signature does not match.*mount or stage again' ctl verify
try 0 'signature does not match' ctl list
cp "$work/thing.seal" "$work/store/seals/thing/2.0.seal"
try 1 'is the seal of thing@1.0' ctl verify thing
rm -r "$work/store/seals/thing"

# --- a damaged state and a damaged certificate
echo '{' >"$work/store/state.json"
try 1 'state.json: line [0-9]+: .*remove it' ctl umount x
rm "$work/store/state.json"
echo x >"$work/store/trusted/bad.der"
try 0 'bad.der.*not a certificate' ctl trust
try 0 'not mounted' ctl umount x
rm "$work/store/trusted/bad.der"

# --- without privileges
if [ "$(id -u)" -ne 0 ]; then
	skip "another user's store" "not run as root"
else
	# setpriv must reach the program: its folders may be closed to others
	cp "$BIN/cryptexctl" "$work/cryptexctl"
	chmod 755 "$work" "$work/cryptexctl"
	nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$work/cryptexctl" "$@"; }
	for command in 'mount x' 'stage x' 'activate x@1' 'rollback --all' 'umount x' gc verify trust init boot; do
		# shellcheck disable=SC2086
		try 1 "${command%% *}: .*needs root \(CAP_SYS_ADMIN\)" nobody $command
	done
	try 0 'no generation' nobody list
fi

# --- output
count=$((count + 1))
if [ -e /dev/full ] && ! ctl help >/dev/full 2>"$work/err" && grep -q 'cannot write' "$work/err"; then
	echo "ok $count - a full disk behind stdout is an error"
else
	echo "not ok $count - a full disk behind stdout is an error"
	failed=$((failed + 1))
fi
tty_colors() { script -qec "$BIN/cryptexctl trust" /dev/null; }
colored() { tty_colors | grep "$(printf '\033')" >/dev/null; }
if [ -e /sys/module/cryptex ] || ! command -v script >/dev/null; then
	skip "colour" "script(1) is not installed, or the module is loaded"
else
	export TERM=xterm
	try 0 '' colored
	export NO_COLOR=1
	try 1 '' colored
	unset NO_COLOR
	TERM=dumb try 1 '' colored
fi
echo "1..$count"
[ "$failed" -eq 0 ]
