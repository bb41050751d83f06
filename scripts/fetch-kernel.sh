#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: scripts/fetch-kernel.sh [--source]
#
# Unpacks the newest Debian backports cloud kernel of the 6.12 series, its
# modules and its headers, below the cache folder, and prints where they are as
# shell assignments. Nothing is installed: /boot, /lib/modules and /usr/src stay
# as they are.
#
#   KVER=     release, as uname -r prints it when that kernel runs
#   KDIR=     headers: make -C "$KDIR" M="$PWD" modules
#   VMLINUZ=  boot image
#   KMODDIR=  folder of the kernel's modules, with modules.dep
#   KSRC=     with --source: the parts of the kernel's source that tests use
#             (kselftest harness, checkpatch, kernel-doc, YNL and its schemas)
#
# Another series can be named by CX_KERNEL_SERIES (default 6.12).

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

SERIES=${CX_KERNEL_SERIES:-6.12}
SUITE=bookworm-backports

source_parts=(
	Documentation/netlink
	scripts/checkpatch.pl
	scripts/const_structs.checkpatch
	scripts/kernel-doc
	scripts/spelling.txt
	tools/arch/x86/include
	tools/build
	tools/include
	tools/net/ynl
	tools/scripts
	tools/testing/selftests/gen_kselftest_tar.sh
	tools/testing/selftests/kselftest
	tools/testing/selftests/kselftest.h
	tools/testing/selftests/kselftest_harness.h
	tools/testing/selftests/kselftest_install.sh
	tools/testing/selftests/kselftest_module.h
	tools/testing/selftests/lib.mk
	tools/testing/selftests/run_kselftest.sh
)

# Prints "RELEASE VERSION" of the newest kernel of the series. Not through the
# meta package: that one moves on to the next series some day.
find_newest() {
	local names

	mapfile -t names < <(cx_apt pkgnames "linux-image-$SERIES." | grep -- '-cloud-amd64$')
	[ ${#names[@]} -gt 0 ] || return 0
	cx_apt madison "${names[@]}" |
		awk -F ' *[|] *' -v suite="$SUITE/" 'index($3, suite) { print $1, $2 }' |
		sed 's/^ *linux-image-//' | sort -V | tail -n 1
}

# The answer is kept for as long as the package lists are: asking takes a second.
newest_kernel() {
	local lists answer

	lists=$(dirname "$(cx_apt_config)")
	answer=$lists/kernel-$SERIES
	if [ ! -s "$answer" ] || [ "$lists/updated" -nt "$answer" ]; then
		find_newest >"$answer.$$"
		mv "$answer.$$" "$answer"
	fi
	[ -s "$answer" ] || cx_die "$SUITE has no cloud kernel of the $SERIES series"
	cat "$answer"
}

unpack_deb() {
	local deb

	deb=$(cx_apt_download "$1" "$2/debs")
	dpkg -x "$deb" "$2"
	rm -- "$deb"
}

# The headers name their own place in /usr/src. Relative to the file that says
# so they work from anywhere, also when the cache moves.
relocate_headers() {
	local src=$1/usr/src mod=$1/lib/modules/$2 makefile

	makefile=$src/linux-headers-$2/Makefile
	# shellcheck disable=SC2016 # make expands it
	sed -i 's#^include /usr/src/#include $(dir $(lastword $(MAKEFILE_LIST)))../#' "$makefile"
	ln -sfn "../../../usr/src/linux-headers-$2" "$mod/build"
	ln -sfn "../../../usr/src/linux-headers-${2%-cloud-amd64}-common" "$mod/source"
	if grep -q '^include /' "$makefile"; then
		cx_die "the headers of $2 still name an absolute path: $makefile"
	fi
}

# make_kernel DEST RELEASE VERSION
make_kernel() {
	local dest=$1 release=$2 version=$3 abi=${2%-cloud-amd64} tmp

	[ ! -d "$dest" ] || return 0
	cx_say "fetching kernel $release ($version), its modules and its headers"
	tmp=$(cx_tmp kernel)
	unpack_deb "linux-image-$release=$version" "$tmp"
	unpack_deb "linux-headers-$release=$version" "$tmp"
	unpack_deb "linux-headers-$abi-common=$version" "$tmp"
	unpack_deb "linux-kbuild-$abi=$version" "$tmp"
	rmdir "$tmp/debs"
	relocate_headers "$tmp" "$release"
	# Only there to derive a module's BTF, which would need pahole, and the one
	# that the kernel was built with. Without it the build skips that step.
	rm -f "$tmp/usr/src/linux-headers-$release/vmlinux"
	depmod -b "$tmp" "$release"
	chmod 755 "$tmp"
	mv -T "$tmp" "$dest"
}

# make_source DEST VERSION
make_source() {
	local dest=$1 version=$2 tmp top=linux-source-$SERIES

	[ ! -d "$dest" ] || return 0
	cx_say "fetching parts of $top ($version), about 150 MB to download"
	tmp=$(cx_tmp source)
	unpack_deb "$top=$version" "$tmp"
	mkdir "$tmp/out"
	tar -C "$tmp/out" --strip-components=1 -xJf "$tmp/usr/src/$top.tar.xz" \
		"${source_parts[@]/#/$top/}"
	chmod 755 "$tmp/out"
	mv -T "$tmp/out" "$dest"
	rm -rf "$tmp"
}

say() { printf '%s=%q\n' "$1" "$2"; }

main() {
	local want_source=false answer release version top src

	case ${1:-} in
	'') ;;
	--source) want_source=true ;;
	-h | --help) cx_usage; exit 0 ;;
	*) cx_die "unknown argument '$1'; see --help" ;;
	esac
	cx_need depmod xz dpkg
	answer=$(newest_kernel)
	read -r release version <<<"$answer"
	top=$(cx_cache)/kernel/$version-$(declare -f make_kernel relocate_headers | cx_key)
	mkdir -p "${top%/*}"
	cx_locked kernel make_kernel "$top" "$release" "$version"
	cx_keep "$top"
	say KVER "$release"
	say KDIR "$top/usr/src/linux-headers-$release"
	say VMLINUZ "$top/boot/vmlinuz-$release"
	say KMODDIR "$top/lib/modules/$release"
	if $want_source; then
		src=$(cx_cache)/kernel/$version-source-$(cx_key <<<"${source_parts[*]}")
		cx_locked kernel-source make_source "$src" "$version"
		cx_keep "$src"
		say KSRC "$src"
	fi
}

main "$@"
