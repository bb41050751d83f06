#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/tuf/crash.sh
#
# Updates that are killed at each system call that changes the local folder, or that
# fail there: every file is whole or not there, and one more update sets all right.
# Prints TAP.

set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v strace >/dev/null; then
	echo '1..0 # SKIP there is no strace'
	exit 0
fi
client=$PWD/build/bin/cryptex-tuf-client
dir=$(mktemp -d)
repo=$(build/test/tuf-make)
trap 'rm -rf "$dir" "$repo"' EXIT
count=0 status=0

# A client that has the repository's older state
start() {
	rm -rf "$dir/md" "$dir/targets"
	mkdir "$dir/md" "$dir/targets"
	"$client" --metadata-dir "$dir/md" init "$repo/1.root.json"
	"$client" --metadata-dir "$dir/md" --metadata-url "file://$repo/old" refresh
}

# download [STRACE-ARGUMENT]...
download() {
	local trace=()

	[ $# -eq 0 ] || trace=(strace -f -qq -o "$dir/calls" "$@")
	"${trace[@]}" "$client" --metadata-dir "$dir/md" --metadata-url "file://$repo" \
		--target-name team/tool --target-dir "$dir/targets" \
		--target-base-url "file://$repo" download
}

published() {
	[ -n "$(find "$repo" -name '*.json' -exec cmp -s "$1" {} \; -print)" ]
}

# Each file that is there is one that was published.
whole() {
	local file

	for file in "$dir"/md/*.json; do
		published "$file" || return 1
	done
	[ ! -e "$dir/targets/team%2Ftool" ] || [ "$(cat "$dir/targets/team%2Ftool")" = tool ]
}

finished() {
	cmp -s "$dir/md/root.json" "$repo/2.root.json" &&
		cmp -s "$dir/md/timestamp.json" "$repo/timestamp.json" &&
		cmp -s "$dir/md/snapshot.json" "$repo/3.snapshot.json" &&
		cmp -s "$dir/md/targets.json" "$repo/3.targets.json" &&
		cmp -s "$dir/md/team.json" "$repo/1.team.json" &&
		[ ! -e "$dir/md/.new" ] && [ "$(cat "$dir/targets/team%2Ftool")" = tool ]
}

# How often a whole update makes a call
calls_of() {
	start
	download -e trace="$1"
	grep -c "$1(" "$dir/calls" || true
}

# sweep CALL WHAT: at each of its occurrences
sweep() {
	local n total

	total=$(calls_of "$1")
	for ((n = 1; n <= total; n++)); do
		start
		(download -e trace="$1" -e inject="$1:$2:when=$n") >/dev/null 2>&1 || true
		if ! whole || ! download >/dev/null 2>&1 || ! finished; then
			echo "# bad after $2 at $1 number $n"
			return 1
		fi
	done
	[ "$total" -gt 0 ]
}

echo 1..12
for call in write fsync renameat unlinkat; do
	for what in signal=KILL error=EIO error=ENOSPC; do
		count=$((count + 1))
		if sweep "$call" "$what"; then
			echo "ok $count - $what at each $call"
		else
			echo "not ok $count - $what at each $call"
			status=1
		fi
	done
done
exit $status
