# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034 # variables are used where this is read
# Shared by tests of cryptexctl without the module: a folder for a store, and TAP.

BIN=$(cd "${BIN:-build/bin}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CRYPTEX_STORE=$work/store
count=0 failed=0

ctl() { "$BIN/cryptexctl" "$@"; }

# try STATUS ERE COMMAND...
try() {
	local want=$1 pattern=$2 status=0

	shift 2
	count=$((count + 1))
	"$@" >"$work/out" 2>&1 </dev/null || status=$?
	if [ "$status" -eq "$want" ] && grep -qE -- "$pattern" "$work/out"; then
		echo "ok $count - ${*/#*\//} -> $want $pattern"
		return
	fi
	echo "not ok $count - ${*/#*\//}: exit $status, wanted $want and '$pattern'"
	sed 's/^/# /' "$work/out"
	failed=$((failed + 1))
}

# is TEXT COMMAND...
is() {
	local text=$1

	shift
	count=$((count + 1))
	if "$@" >/dev/null 2>&1; then
		echo "ok $count - $text"
	else
		echo "not ok $count - $text"
		failed=$((failed + 1))
	fi
}
