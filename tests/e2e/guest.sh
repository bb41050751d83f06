# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the scripts in the virtual machine share. To be sourced by bash there;
# the host's part of the work is at /cryptex, see prepare.sh.

# shellcheck source=tests/e2e/say.sh
. /cryptex/e2e/say.sh
# OLD, NEW: the two versions; OLD_TEXT, NEW_TEXT: what the libraries call
# themselves; FIXES: how many the patch names
# shellcheck source=/dev/null
. /cryptex/versions
# literally: stdin as a regular expression that matches it and nothing else
literally() { sed 's/[][\.*^$+?(){}|]/\\&/g'; }
# shellcheck disable=SC2034 # for those who source this
OLD_RE=$(literally <<<"$OLD") NEW_RE=$(literally <<<"$NEW")
PATH=/cryptex/bin:$PATH
STORE=/var/lib/cryptex
MOUNT=/usr/cryptexes/openssl
# Where the libraries are, below / and below a generation
# shellcheck disable=SC2034 # for those who source this
LIBDIR=$(dirname /usr/lib/*/libssl.so.3 | sed 's|^/||')

# give_up TEXT: a step that all the rest stands on has failed
give_up() {
	claim "$1" false
	plan
	exit 1
}

# The machine's own libssl3 shall be the old one, properly installed.
install_old() {
	DEBIAN_FRONTEND=noninteractive dpkg -i --force-downgrade /cryptex/old.deb \
		>/tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; give_up "libssl3 $OLD is installed"; }
}

# make_store DEVICE FOLDER: an ext4 file system with fs-verity
make_store() {
	mkfs.ext4 -q -O verity -b 4096 "$1"
	mkdir -p "$2"
	mount "$1" "$2"
}

# wait_until SECONDS COMMAND...: a machine that is emulated has its own pace
wait_until() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

# generations_in PID: those of which the process maps files, a line each
generations_in() {
	sed -n "s|.* $MOUNT/\([^/]*\)/.*|\1|p" "/proc/$1/maps" | sort -u
}
runs_only() { [ "$(generations_in "$1")" = "$2" ]; }

# The state of what is staged and active, without how many files are in use.
state_of_all() { cryptexctl list --json "$@" | grep -v '"files_in_use"'; }
store_files() {
	find "$STORE/objects" "$STORE/seals" -printf '%p %i %s %m %T@ %C@\n' | sort
}

user() { setpriv --reuid=user --regid=user --clear-groups "$@"; }

# flip_on_disk DEVICE FILE OFFSET: one bit of one byte, beneath the file system
flip_on_disk() {
	local block sector byte

	[ -f "$2" ] || return 1
	block=$(filefrag -e -b4096 "$2" | awk -v want=$(($3 / 4096)) '$1 ~ /^[0-9]+:$/ {
		split($0, part, ":"); split(part[2], l, "[.][.]"); split(part[3], p, "[.][.]")
		if (want >= l[1] + 0 && want <= l[2] + 0) print p[1] + want - l[1] }')
	[ -n "$block" ] || return 1
	sector=$((block * 8 + $3 % 4096 / 512))
	dd if="$1" of=/tmp/sector bs=512 skip=$sector count=1 iflag=direct status=none
	byte=$(od -An -t u1 -j $(($3 % 512)) -N 1 /tmp/sector)
	# shellcheck disable=SC2059 # an octal escape is meant
	printf "\\$(printf %03o $((byte ^ 1)))" |
		dd of=/tmp/sector bs=1 seek=$(($3 % 512)) conv=notrunc status=none
	dd if=/tmp/sector of="$1" bs=512 seek=$sector count=1 oflag=direct conv=notrunc status=none
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# object_of LABEL PATH: the store's file with the content of PATH
object_of() {
	local digest

	digest=$(cryptexctl show "openssl@$1" --files --json | grep -B2 "\"path\": \"$2\"" |
		sed -n 's/.*"digest": "\(.*\)".*/\1/p')
	echo "$STORE/objects/${digest:0:2}/${digest:2}"
}
