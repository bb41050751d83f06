#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: scripts/build-module.sh [OPTION]... DIR [MAKE ARGUMENT]...
#
# Builds the module in DIR, as DIR/cryptex.ko, out of links to its sources, since
# kbuild puts its objects beside them. Every warning is an error.
#
#   --kernel NAME   for this kernel, as scripts/fetch-kernel.sh names it
#   --headers KDIR  for these headers, with the tools of this machine
#   --clang         by clang, also where the kernel was built by gcc; that of
#                   Debian 13, since Debian 12's lacks flags that 6.12 uses
#
# A kernel of another Debian release is built for in an unpacked tree of that
# release (scripts/build-tree.sh), which this machine's files are mounted into,
# in a mount namespace of the build's own.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

top=$(cd "$(dirname "$0")/.." && pwd)
kernel='' headers='' dir='' tree='' clang=false args=()

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel | --headers)
			[ $# -gt 1 ] || cx_die "$1 needs a value"
			if [ "$1" = --kernel ]; then kernel=$2; else headers=$2; fi
			shift
			;;
		--clang) clang=true ;;
		-h | --help) cx_usage; exit 0 ;;
		-*) cx_die "unknown option '$1'; see --help" ;;
		*) break ;;
		esac
		shift
	done
	[ $# -gt 0 ] || cx_die "in which folder? See --help"
	[ -z "$kernel" ] || [ -z "$headers" ] || cx_die "--kernel and --headers exclude each other"
	[ -z "$headers" ] || [ -e "$headers/Makefile" ] ||
		cx_die "--headers $headers: no kernel's headers, there is no Makefile"
	dir=$1
	shift
	args=("$@")
}

# Sets $headers and, where it takes another Debian release, $tree.
find_kernel() {
	local KDIR='' text suite

	kernel=${kernel:-$(cx_kernel_name)}
	text=$("$top/scripts/fetch-kernel.sh" "$kernel")
	eval "$text"
	headers=$KDIR
	suite=$(cx_kernel_suite "$kernel")
	! $clang || suite=trixie
	# shellcheck source=/dev/null
	if [ "${suite%%-*}" != "$(. /etc/os-release && echo "$VERSION_CODENAME")" ]; then
		tree=$("$top/scripts/build-tree.sh" "${suite%%-*}")
	fi
}

link_sources() {
	mkdir -p "$dir/kmod"
	dir=$(cd "$dir" && pwd)
	# What is gone from the sources shall be gone here.
	find "$dir" -maxdepth 2 -xtype l -delete
	cp -as --remove-destination "$top/kmod/." "$dir/kmod/"
	ln -sfn "$top/Kbuild" "$dir/Kbuild"
	ln -sfn "$top/include" "$dir/include"
}

# The headers' configuration says that the kernel was built by gcc, and flags that
# gcc alone has follow from that. Said on the command line, this module's own is
# what it would be if clang had built the kernel. C sources read the same from
# scripts/clang/generated/autoconf.h.
clang_arguments=(
	CC=clang CONFIG_CC_IS_GCC= CONFIG_GCC_VERSION=0
	CONFIG_CC_IS_CLANG=y CONFIG_CLANG_VERSION=190000
	CONFIG_AS_IS_GNU= CONFIG_AS_IS_LLVM=y
	CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough
	CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT=
	CONFIG_FTRACE_MCOUNT_USE_CC= CONFIG_FTRACE_MCOUNT_USE_OBJTOOL=y
	CONFIG_UBSAN_BOUNDS_STRICT= CONFIG_UBSAN_ARRAY_BOUNDS=y
	NOSTDINC_FLAGS="-nostdinc -I$top/scripts/clang"
)

# in_tree COMMAND...: everything is at the same place in the tree as outside, so
# that messages and dependencies are right in both.
in_tree() {
	local cache

	cache=$(cx_cache)
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --propagation private sh -euc '
		tree=$1
		shift
		for place in /dev /proc "$1" "$2" "$3"; do
			mkdir -p "$tree$place"
			mount --rbind "$place" "$tree$place"
		done
		shift 3
		exec chroot "$tree" "$@"' sh "$tree" "$top" "$dir" "$cache/kernel" "$@"
}

build() {
	local command=(make -C "$headers" M="$dir" W=1 KCFLAGS=-Werror "${args[@]}" modules)

	if [ -n "$tree" ]; then
		[ "$(id -u)" -eq 0 ] || cx_die "building for $kernel needs root, for chroot"
		in_tree "${command[@]}"
	else
		"${command[@]}"
	fi
}

main() {
	parse "$@"
	[ -n "$headers" ] || find_kernel
	link_sources
	! $clang || args+=("${clang_arguments[@]}")
	build
}

main "$@"
