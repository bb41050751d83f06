#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: scripts/debug-kernel.sh [--config] kasan|kcsan
#
# Builds a kernel that watches itself, from Debian's source of the version that
# scripts/fetch-kernel.sh has for bookworm-backports, below the cache folder, and
# prints where it is as that script does:
#
#   KVER=     release, as uname -r prints it when that kernel runs
#   KDIR=     build tree: make -C "$KDIR" M="$PWD" modules
#   VMLINUZ=  boot image
#   KMODDIR=  folder of the kernel's modules: it has none but needs the folder
#   VMLINUX=  the image with symbols, to look an address up
#
# The configuration is tests/debug/base.config and the named one: an option that
# did not get its value fails the build before it starts. A build takes about 16
# minutes of processor time, once for a version and a configuration; one that was
# interrupted goes on where it was.
#
#   --config  only say whether the configuration holds

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

FRAGMENTS=$(cd "$(dirname "$0")/../tests/debug" && pwd)

# Prints the version of the source package $1 that has the upstream release $2.
find_version() {
	local answer

	answer=$(cx_apt madison "$1" | awk -F ' *[|] *' -v release="$2-" \
		'index($2, release) == 1 && index($3, "bookworm") { print $2; exit }')
	[ -n "$answer" ] || cx_die "no $1 of version $2 in bookworm or its backports"
	printf '%s\n' "$answer"
}

# make_source DEST PACKAGE VERSION
make_source() {
	local dest=$1 top=$2 tmp deb

	[ ! -d "$dest" ] || return 0
	cx_say "fetching $top ($3), about 150 MB to download, 1.5 GB unpacked"
	tmp=$(cx_tmp source)
	deb=$(cx_apt_download "$top=$3" "$tmp/debs")
	dpkg -x "$deb" "$tmp"
	mkdir "$tmp/out"
	tar -C "$tmp/out" --strip-components=1 -xJf "$tmp/usr/src/$top.tar.xz"
	chmod 755 "$tmp/out"
	mv -T "$tmp/out" "$dest"
	rm -rf "$tmp"
}

# Every line of a fragment that .config does not bear out. An option that is not
# to be set may be absent.
not_granted() {
	local config=$1 line name

	shift
	cat "$@" | grep '^CONFIG_' | while read -r line; do
		name=${line%%=*}
		case $line in
		*=n) grep -E "^$name=" "$config" || true ;;
		*) grep -qxF "$line" "$config" || echo "$line" ;;
		esac
	done
}

# configure SOURCE BUILD FRAGMENT...
configure() {
	local src=$1 out=$2 missing

	shift 2
	mkdir -p "$out"
	cat "$@" >"$out/asked.config"
	make -s -C "$src" O="$out" KCONFIG_ALLCONFIG="$out/asked.config" allnoconfig >"$out/config.log" 2>&1 ||
		{ tail -n 20 "$out/config.log" >&2; cx_die "the configuration cannot be made"; }
	missing=$(not_granted "$out/.config" "$@")
	[ -z "$missing" ] ||
		cx_die "the kernel's configuration does not have:"$'\n'"$missing"
}

# build SOURCE BUILD FRAGMENT...: .built says that all of it went well.
build() {
	local src=$1 out=$2 start=$SECONDS

	[ ! -e "$out/.built" ] || return 0
	configure "$@"
	cx_say "building a kernel in $out, with the log in build.log: 10 to 20 minutes"
	nice -n 19 make -C "$src" O="$out" -j"$(nproc)" bzImage modules \
		KBUILD_BUILD_USER=cryptex KBUILD_BUILD_HOST=debug >"$out/build.log" 2>&1 ||
		{ tail -n 30 "$out/build.log" >&2; cx_die "the kernel does not build: see $out/build.log"; }
	make -s -C "$src" O="$out" INSTALL_MOD_PATH="$out/root" modules_install >>"$out/build.log" 2>&1 ||
		cx_die "the kernel's modules cannot be installed: see $out/build.log"
	cx_say "built in $((SECONDS - start)) s"
	touch "$out/.built"
}

say() { printf '%s=%q\n' "$1" "$2"; }

main() {
	local only_config=false KVER='' package version top src out release fragments

	if [ "${1:-}" = --config ]; then
		only_config=true
		shift
	fi
	case ${1:-} in
	kasan | kcsan) ;;
	-h | --help) cx_usage; exit 0 ;;
	*) cx_die "which kernel? kasan or kcsan; see --help" ;;
	esac
	cx_need bc bison flex gcc make xz
	fragments=("$FRAGMENTS/base.config" "$FRAGMENTS/$1.config")
	eval "$("$(dirname "$0")/fetch-kernel.sh" bookworm-backports | grep '^KVER=')"
	release=${KVER%%[+-]*}
	package=linux-source-${release%.*}
	version=$(find_version "$package" "$release")
	top=$(cx_cache)/debug-kernel
	mkdir -p "$top"
	src=$top/source-$version
	cx_locked debug-source make_source "$src" "$package" "$version"
	cx_keep "$src"
	if $only_config; then
		configure "$src" "$(cx_tmp config)" "${fragments[@]}"
		return 0
	fi
	out=$top/$1-$version-$(cat "${fragments[@]}" | cx_key)
	cx_locked "debug-$1" build "$src" "$out" "${fragments[@]}"
	cx_keep "$out"
	release=$(cat "$out/include/config/kernel.release")
	say KVER "$release"
	say KDIR "$out"
	say VMLINUZ "$out/arch/x86/boot/bzImage"
	say KMODDIR "$out/root/lib/modules/$release"
	say VMLINUX "$out/vmlinux"
}

main "$@"
