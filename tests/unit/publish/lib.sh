# SPDX-License-Identifier: LGPL-2.1-or-later
# Shared by the publisher's tests: TAP, refusals, and real packages.

BIN=$(realpath "${BIN:-build/bin}")
publish=$BIN/cryptex-publish
cache=${CRYPTEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cryptex}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
failed=0

# pass NAME / fail NAME [DETAIL]: one TAP line
pass() {
	count=$((count + 1))
	echo "ok $count - $1"
}

fail() {
	count=$((count + 1))
	failed=$((failed + 1))
	echo "not ok $count - $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# check NAME COMMAND...: the command must succeed
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then pass "$name"; else fail "$name" "$output"; fi
}

# same NAME FILE FILE: the files must have the same bytes
same() { check "$1" cmp "$2" "$3"; }

# refused NAME STATUS PATTERN COMMAND...: the command must fail with exactly this
# status and one message that matches, and print nothing else
refused() {
	local name=$1 status=$2 pattern=$3 output got=0
	shift 3
	output=$("$@" 2>&1 >"$work/stdout") || got=$?
	if [ "$got" != "$status" ]; then
		fail "$name" "exit status $got instead of $status" "$output"
	elif ! grep -qE -e "$pattern" <<<"$output"; then
		fail "$name" "no /$pattern/ in:" "$output"
	elif [ "$status" = 1 ] && [ "$(grep -vc ': warning: ' <<<"$output")" != 1 ]; then
		fail "$name" "more than one line:" "$output"
	elif [ -s "$work/stdout" ]; then
		fail "$name" "something on standard output"
	else
		pass "$name"
	fi
}

# Versions of libssl3 that apt can get, oldest first
libssl_versions() {
	apt-cache madison libssl3 2>/dev/null | awk '{ print $3 }' | sort -Vu
}

# package VERSION: path of that libssl3, from the cache or from apt
package() {
	local dir=$cache/debs file
	mkdir -p "$dir"
	file=$dir/libssl3_${1//:/%3a}_$(dpkg --print-architecture).deb
	if [ ! -s "$file" ]; then
		(cd "$dir" && apt-get download -qq "libssl3=$1" >&2 2>/dev/null) || return 1
	fi
	[ -s "$file" ] && echo "$file"
}

# is_not COMMAND...: it must fail
is_not() { ! "$@"; }

# signing_key DIR [OPTION]...: a fresh key pair
signing_key() {
	local dir=$1
	shift
	"$publish" keygen --out "$dir" "$@"
}

finish() {
	echo "1..$count"
	[ "$failed" = 0 ]
}
