#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: scripts/install-deps.sh [--list] GROUP...
#
# Installs the Debian packages that a task needs, and says which. Where all are
# present nothing is called and nothing is changed.
#
#   build   compile the module, the helper and the publisher
#   vm      make and boot the test virtual machine
#   check   static checks, sanitizers and fuzzing
#   debug   build a kernel
#   bench   what deltas are measured beside
#
#   --list  print the packages of the groups, one a line, and do nothing

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# What is in no group: the kernel and its headers. They are unpacked, not
# installed, by fetch-kernel.sh.
packages_build=(
	gcc libc6-dev make pkg-config
	libarchive-dev libcmocka-dev libcurl4-openssl-dev libdivsufsort-dev libeconf-dev
	libelf-dev libfsverity-dev libjansson-dev
	libnl-3-dev libnl-genl-3-dev libseccomp-dev libsmartcols-dev libssl-dev libxxhash-dev libzstd-dev
	e2fsprogs kmod openssl xz-utils zstd
)
packages_vm=(
	cpio e2fsprogs kmod mmdebstrap xz-utils zstd
	'qemu-system-x86/bookworm-backports>=1:10'
)
packages_check=(
	clang coccinelle libclang-rt-14-dev llvm
	perl python3 python3-cryptography python3-jsonschema python3-requests python3-yaml shellcheck sparse
	attr binutils cpio dpkg fsverity git libcap2-bin libengine-pkcs11-openssl
	softhsm2 strace util-linux
)
packages_debug=(
	bc bison flex gcc kmod libc6-dev libelf-dev libssl-dev make perl xz-utils
)
packages_bench=(
	binutils bsdiff dpkg tar zstd
)

# A wish is NAME or NAME/SUITE>=VERSION.
wish_name() { printf '%s\n' "${1%%/*}"; }

is_installed() {
	local name state version

	name=$(wish_name "$1")
	# shellcheck disable=SC2016 # the format is dpkg's, not the shell's
	read -r state version < <(dpkg-query -W -f '${db:Status-Status} ${Version}\n' \
		"$name" 2>/dev/null) || return 1
	[ "$state" = installed ] || return 1
	case $1 in
	*'>='*) dpkg --compare-versions "$version" ge "${1#*>=}" ;;
	esac
}

wishes_of() {
	case $1 in
	build) printf '%s\n' "${packages_build[@]}" ;;
	vm) printf '%s\n' "${packages_vm[@]}" ;;
	check) printf '%s\n' "${packages_check[@]}" ;;
	debug) printf '%s\n' "${packages_debug[@]}" ;;
	bench) printf '%s\n' "${packages_bench[@]}" ;;
	*) cx_die "there is no group '$1': the groups are build, vm, check, debug and bench" ;;
	esac
}

missing_of() {
	local wish

	while read -r wish; do
		is_installed "$wish" || printf '%s\n' "$wish"
	done
}

# Packages of another suite go in one call of their own: -t prefers that suite
# for every dependency that is not satisfied yet.
install_wishes() {
	local suite=$1 wish log names=()

	shift
	for wish; do
		names+=("$(wish_name "$wish")")
	done
	mkdir -p "$(cx_cache)/apt"
	cx_say "installing${suite:+ from $suite}: ${names[*]}"
	log=$(cx_cache)/apt/install.log
	if ! cx_locked install cx_apt install -y --no-install-recommends \
		${suite:+-t "$suite"} "${names[@]}" >"$log" 2>&1; then
		tail -n 30 "$log" >&2
		cx_die "apt could not install: ${names[*]}"
	fi
}

install_missing() {
	local wish suite plain=() suites=()

	for wish; do
		case $wish in
		*/*) suite=${wish#*/} && suites+=("${suite%%>=*}") ;;
		*) plain+=("$wish") ;;
		esac
	done
	[ ${#plain[@]} -eq 0 ] || install_wishes "" "${plain[@]}"
	[ ${#suites[@]} -gt 0 ] || return 0
	while read -r suite; do
		mapfile -t plain < <(printf '%s\n' "$@" | grep "/$suite")
		install_wishes "$suite" "${plain[@]}"
	done < <(printf '%s\n' "${suites[@]}" | sort -u)
}

main() {
	local list=false group wishes missing

	if [ "${1:-}" = --list ]; then
		list=true
		shift
	fi
	case ${1:-} in
	'' | -h | --help) cx_usage; [ $# -gt 0 ]; exit ;;
	esac
	wishes=$(for group; do wishes_of "$group"; done | sort -u)
	if $list; then
		printf '%s\n' "$wishes"
		return 0
	fi
	cx_need_debian12
	mapfile -t missing < <(missing_of <<<"$wishes")
	if [ ${#missing[@]} -eq 0 ]; then
		cx_say "nothing to install for: $*"
		return 0
	fi
	[ "$(id -u)" -eq 0 ] ||
		cx_die "missing: $(printf '%s ' "${missing[@]%%/*}"); run it as root to install them"
	install_missing "${missing[@]}"
	mapfile -t missing < <(missing_of <<<"$wishes")
	[ ${#missing[@]} -eq 0 ] || cx_die "still missing after apt: ${missing[*]}"
}

main "$@"
