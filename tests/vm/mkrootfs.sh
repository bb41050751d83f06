#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/vm/mkrootfs.sh
#
# Makes the test machine's root file system, a small Debian 12 with the packages
# of tests/vm/packages, as an ext4 image in the cache, and prints its path. An
# image that was made from the same inputs is used again.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"
# shellcheck source=tests/vm/image.sh
. "$here/image.sh"

FREE_MIB=1024

packages() { sed 's/#.*//' "$here/packages" | tr -s ' \t\n' '\n' | sed '/^$/d' | sort -u; }

bootstrap() {
	local tree=$1 work=$2

	cx_debian_sources >"$work/debian.sources"
	cx_acquire_options >"$work/apt.conf"
	# The hooks' $1 is mmdebstrap's.
	# shellcheck disable=SC2016
	mmdebstrap --quiet --variant=minbase --mode=root \
		--include="$(packages | paste -sd,)" --aptopt="$work/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--customize-hook='chroot "$1" useradd --create-home --uid 1000 user' \
		--customize-hook='echo cryptex-vm >"$1/etc/hostname"' \
		--customize-hook='echo "127.0.0.1 localhost cryptex-vm" >"$1/etc/hosts"' \
		--customize-hook='rm -f "$1/etc/resolv.conf"' \
		--customize-hook='mkdir -p "$1/cryptex"' \
		bookworm "$tree" "$work/debian.sources" >&2 ||
		cx_die "mmdebstrap could not make the test machine's root file system"
}

make_rootfs() {
	local image=$1 work

	[ ! -e "$image" ] || return 0
	[ "$(id -u)" -eq 0 ] || cx_die "making the root file system needs root"
	cx_need mmdebstrap mke2fs
	cx_say "making the test machine's root file system: $(packages | paste -sd' ')"
	work=$(cx_tmp rootfs)
	bootstrap "$work/tree" "$work"
	vm_image "$work/tree" "$work/image" "$FREE_MIB"
	mv -T "$work/image" "$image"
	rm -rf "$work"
}

main() {
	local image

	case ${1:-} in
	'') ;;
	-h | --help) cx_usage; exit 0 ;;
	*) cx_die "unknown argument '$1'; see --help" ;;
	esac
	image=$(cx_cache)/vm/rootfs-$({ packages; declare -f bootstrap; cat "$here/image.sh"
		cx_machine_apt; } | cx_key).ext4
	mkdir -p "${image%/*}"
	cx_locked rootfs make_rootfs "$image"
	cx_keep "$image"
	printf '%s\n' "$image"
}

main "$@"
