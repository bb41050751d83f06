#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: scripts/build-tree.sh SUITE
#
# Unpacks, in the cache, a small Debian of another release (trixie) with the
# compilers for kernel modules, and prints its folder. A kernel's headers come
# with programs (modpost, objtool ...) that need the C library of their release.
# A tree that was made from the same inputs is used again.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# libelf and libssl are what the headers' programs are linked to; W=1 checks
# kernel-doc by a program in Perl, or in Python; pahole's version is compared.
packages=gcc,libc6-dev,make,clang,libelf1t64,libssl3t64,pahole,perl,python3-minimal

bootstrap() {
	local suite=$1 tree=$2 work=$3

	cx_suite_source "$suite" >"$work/debian.sources"
	[ -s "$work/debian.sources" ] || cx_die "the machine's mirror has no $suite"
	cx_acquire_options >"$work/apt.conf"
	mmdebstrap --quiet --variant=minbase --mode=root \
		--include="$packages" --aptopt="$work/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		"$suite" "$tree" "$work/debian.sources" >&2 ||
		cx_die "mmdebstrap could not unpack Debian $suite"
}

make_tree() {
	local suite=$1 dest=$2 work

	[ ! -d "$dest" ] || return 0
	[ "$(id -u)" -eq 0 ] || cx_die "unpacking Debian $suite needs root"
	cx_need mmdebstrap
	cx_say "unpacking Debian $suite with $packages, for the headers of its kernels"
	work=$(cx_tmp tree)
	bootstrap "$suite" "$work/tree" "$work"
	mv -T "$work/tree" "$dest"
	rm -rf "$work"
}

main() {
	local suite=${1:-} tree

	case $suite in
	-h | --help) cx_usage; exit 0 ;;
	esac
	if [ $# -ne 1 ] || [[ ! $suite =~ ^[a-z]+$ ]]; then
		cx_die "one argument is needed, a release such as trixie; see --help"
	fi
	tree=$(cx_cache)/tree/$suite-$({ echo "$packages"; declare -f bootstrap
		cx_machine_apt; } | cx_key)
	mkdir -p "${tree%/*}"
	cx_locked tree make_tree "$suite" "$tree"
	cx_keep "$tree"
	printf '%s\n' "$tree"
}

main "$@"
