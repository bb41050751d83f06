#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/tuf/client.sh
#
# The client program for conformance suites: its command line, over a folder and over
# HTTP. Prints TAP.

# shellcheck disable=SC2317 # commands are called by name
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

client=$PWD/build/bin/cryptex-tuf-client
dir=$(mktemp -d)
repo=$(build/test/tuf-make)
other=$(build/test/tuf-make)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir" "$repo" "$other"' EXIT
count=0 status=0

says() {
	if [ -n "$1" ]; then grep -qF -- "$1" "$dir/err"; else [ ! -s "$dir/err" ]; fi
}

# check NAME WANTED-STATUS WORDS COMMAND...: the words are in what it says on stderr;
# without any it has to be silent
check() {
	local name=$1 wanted=$2 words=$3 got
	shift 3
	count=$((count + 1))
	"$@" >"$dir/out" 2>"$dir/err"
	got=$?
	if [ $got -eq "$wanted" ] && says "$words"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name: exit status $got"
		sed 's/^/# /' "$dir/err"
		status=1
	fi
}

# Run with the local folder $dir/md and the mirror $url.
refresh() { "$client" --metadata-dir "$dir/md" --metadata-url "$url" refresh; }

download() {
	local name args=()

	for name; do args+=(--target-name "$name"); done
	"$client" --metadata-dir "$dir/md" --metadata-url "$url" "${args[@]}" \
		--target-dir "$dir/targets" --target-base-url "$url" download
}

same_bytes() {
	cmp "$dir/md/root.json" "$repo/2.root.json" &&
		cmp "$dir/md/timestamp.json" "$repo/timestamp.json" &&
		cmp "$dir/md/snapshot.json" "$repo/3.snapshot.json" &&
		cmp "$dir/md/targets.json" "$repo/3.targets.json" &&
		cmp "$dir/md/team.json" "$repo/1.team.json"
}

mkdir "$dir/md" "$dir/targets"
url=file://$repo
echo 1..19
check 'no arguments' 1 'usage:' "$client"
check 'no root yet' 1 'other: the folder of metadata has no root.json' refresh
check 'a root that is none' 1 'damaged: root.json' \
	"$client" --metadata-dir "$dir/md" init tests/tuf/client.sh
check 'a first root' 0 '' "$client" --metadata-dir "$dir/md" init "$repo/1.root.json"
check 'a second first root' 1 'remove it first' \
	"$client" --metadata-dir "$dir/md" init "$repo/1.root.json"
url=file://$repo/old
check 'refresh from a folder' 0 '' refresh
url=file://$repo
check 'refresh to a newer state' 0 '' refresh
url=file://$repo/old
check 'not back to the older one' 1 'revoked-key: timestamp.json' refresh
url=file://$repo
check 'download from a folder' 0 '' download app team/tool
check 'the first target' 0 '' grep -qx app "$dir/targets/app"
check 'the second target' 0 '' grep -qx tool "$dir/targets/team%2Ftool"
check 'metadata are kept byte for byte' 0 '' same_bytes
rm "$repo"/*.app
check 'what is there is not fetched again' 0 '' download app
rm "$dir/targets/app"
check 'a target that is missing there' 1 'not-found: ' download app
check 'a target that nobody signed' 1 "not-found: the repository has no target 'none'" download none
url=file://$other
check 'the repository of a stranger' 1 'unknown-key: timestamp.json' refresh
url=file://$dir/none
check 'a folder that is not there' 1 'cannot be opened' refresh

python3 -u -m http.server --bind 127.0.0.1 --directory "$repo" 0 >"$dir/server" 2>&1 &
server=$!
for _ in $(seq 100); do
	port=$(sed -nE 's/.* port ([0-9]+) .*/\1/p' "$dir/server")
	[ -z "$port" ] || break
	sleep 0.1
done
url=http://127.0.0.1:$port
rm -r "$dir/targets" && mkdir "$dir/targets"
check 'download over HTTP' 0 '' download team/tool
check 'the target from there' 0 '' grep -qx tool "$dir/targets/team%2Ftool"
exit $status
