#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: scripts/fetch-kernel.sh [--source] [NAME]
#
# Unpacks one of Debian's cloud kernels, its modules and its headers, below the
# cache folder, and prints where they are as shell assignments. Nothing is
# installed: /boot, /lib/modules and /usr/src stay as they are.
#
# A kernel is named by a Debian suite, and is the newest of that suite; with
# -SERIES at the end, the newest of that series:
#
#   bookworm-backports    what Debian 12 backports has (6.12)
#   bookworm-security-6.12  the newest 6.12 of Debian 12's security updates
#   trixie                what Debian 13 has (6.12)
#   trixie-backports      the newest kernel for Debian 13
#   trixie-backports-7.0  the newest of the 7.0 series there
#
# Without NAME it is the one in $CX_KERNEL, else the one that build/ was last
# made for, else bookworm-backports.
#
#   KVER=     release, as uname -r prints it when that kernel runs
#   KDIR=     headers: make -C "$KDIR" M="$PWD" modules (on the Debian release
#             that they are for: see scripts/build-module.sh)
#   VMLINUZ=  boot image
#   KMODDIR=  folder of the kernel's modules, with modules.dep
#   KSRC=     with --source: the parts of the kernel's source that tests use
#             (kselftest harness, checkpatch, kernel-doc, YNL and its schemas),
#             of the default kernel whatever NAME says

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# What the module is written for.
FLOOR=6.12

source_parts=(
	Documentation/netlink
	scripts/checkpatch.pl
	scripts/coccicheck
	scripts/coccinelle
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

# find_newest SUITE SERIES: prints "RELEASE VERSION", or nothing. Not through
# the meta package: that one moves on to the next series some day.
find_newest() {
	local names

	mapfile -t names < <(cx_apt pkgnames linux-image- |
		grep -E "^linux-image-${2:-[0-9]+\.[0-9]+}\.[0-9].*-cloud-amd64\$")
	[ ${#names[@]} -gt 0 ] || return 0
	cx_apt madison "${names[@]}" |
		awk -F ' *[|] *' -v suite="$1/" 'index($3, " " suite) { print $1, $2 }' |
		sed 's/^ *linux-image-//' | sort -V -k 2 | tail -n 1
}

# newest_kernel NAME: as find_newest. The answer is kept for as long as the
# package lists are: asking takes a second.
newest_kernel() {
	local name=$1 suite series lists answer

	suite=$(cx_kernel_suite "$name")
	series=${name#"$suite"}
	lists=$(dirname "$(cx_apt_config)")
	answer=$lists/kernel-$name
	grep -q "^Suites: $suite\$" "$lists/debian.sources" ||
		cx_die "'$name' names no kernel; the suites are:" \
			"$(sed -n 's/^Suites: //p' "$lists/debian.sources" | paste -sd' ')," \
			"alone or followed by a series (trixie-backports-7.0)"
	if [ ! -s "$answer" ] || [ "$lists/updated" -nt "$answer" ]; then
		find_newest "$suite" "${series#-}" >"$answer.$$"
		mv "$answer.$$" "$answer"
	fi
	[ -s "$answer" ] ||
		cx_die "$suite has no cloud kernel${series:+ of the ${series#-} series}"
	cat "$answer"
}

# Newer kernels come in several packages, older ones in one. They are what
# depends on exactly the same version.
# parts_of PACKAGE VERSION: prints PACKAGE and these, each one once.
parts_of() {
	local version=$2 queue=("$1") seen=' ' package

	while [ ${#queue[@]} -gt 0 ]; do
		package=${queue[0]}
		queue=("${queue[@]:1}")
		[[ $seen != *" $package "* ]] || continue
		seen+="$package "
		printf '%s\n' "$package"
		mapfile -t -O ${#queue[@]} queue < <(cx_apt show "$package=$version" |
			sed -n 's/^Depends: //p' | tr ',' '\n' |
			awk -v want="(= $version)" 'index($0, want) { print $1 }')
	done
}

unpack_deb() {
	local deb

	deb=$(cx_apt_download "$1" "$2/debs")
	dpkg -x "$deb" "$2"
	rm -- "$deb"
}

# Debian 13 has no /lib but a link, and its newer kernels keep the boot image
# beside the modules.
settle_files() {
	local mod=$1/lib/modules/$2 image=$1/boot/vmlinuz-$2

	if [ -d "$1/usr/lib/modules" ]; then
		mkdir -p "$1/lib" "$1/boot"
		mv -T "$1/usr/lib/modules" "$1/lib/modules"
	fi
	[ -e "$image" ] || mv "$mod/vmlinuz" "$image"
}

# The headers name their own place in /usr/src. Relative to the file that says
# so they work from anywhere, also when the cache moves.
relocate_headers() {
	local src=$1/usr/src mod=$1/lib/modules/$2 makefile

	makefile=$src/linux-headers-$2/Makefile
	# shellcheck disable=SC2016 # make expands it
	sed -i -e 's#^include /usr/src/#include $(dir $(lastword $(MAKEFILE_LIST)))../#' \
		-e 's#^KBUILD_OUTPUT=/usr/src/.*#KBUILD_OUTPUT := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))#' \
		"$makefile"
	ln -sfn "../../../usr/src/linux-headers-$2" "$mod/build"
	ln -sfn "../../../usr/src/linux-headers-${2%-cloud-amd64}-common" "$mod/source"
	if grep -E '[ =]/usr/' "$makefile" >&2; then
		cx_die "the headers of $2 still name an absolute path: $makefile"
	fi
}

# make_kernel DEST RELEASE VERSION
make_kernel() {
	local dest=$1 release=$2 version=$3 abi=${2%-cloud-amd64} tmp package

	[ ! -d "$dest" ] || return 0
	cx_say "fetching kernel $release ($version), its modules and its headers"
	tmp=$(cx_tmp kernel)
	while read -r package; do
		unpack_deb "$package=$version" "$tmp"
	done < <({ parts_of "linux-image-$release" "$version"
		parts_of "linux-headers-$release" "$version"
		echo "linux-kbuild-$abi"; } | sort -u)
	rmdir "$tmp/debs"
	settle_files "$tmp" "$release"
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
	local dest=$1 version=$2 tmp series top

	[ ! -d "$dest" ] || return 0
	series=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$version")
	top=linux-source-$series
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

say_kernel() {
	local answer release version top

	answer=$(newest_kernel "$1")
	read -r release version <<<"$answer"
	dpkg --compare-versions "$version" ge "$FLOOR" ||
		cx_die "$1 has kernel $release; the module needs $FLOOR or newer"
	top=$(cx_cache)/kernel/$version-$(declare -f make_kernel settle_files relocate_headers | cx_key)
	mkdir -p "${top%/*}"
	cx_locked kernel make_kernel "$top" "$release" "$version"
	cx_keep "$top"
	say KVER "$release"
	say KDIR "$top/usr/src/linux-headers-$release"
	say VMLINUZ "$top/boot/vmlinuz-$release"
	say KMODDIR "$top/lib/modules/$release"
}

say_source() {
	local answer version src

	answer=$(newest_kernel "$CX_KERNEL_DEFAULT")
	version=${answer#* }
	src=$(cx_cache)/kernel/$version-source-$(cx_key <<<"${source_parts[*]}")
	cx_locked kernel-source make_source "$src" "$version"
	cx_keep "$src"
	say KSRC "$src"
}

main() {
	local want_source=false

	if [ "${1:-}" = --source ]; then
		want_source=true
		shift
	fi
	case ${1:-} in
	-h | --help) cx_usage; exit 0 ;;
	-*) cx_die "unknown option '$1'; see --help" ;;
	esac
	[ $# -le 1 ] || cx_die "one name is enough; see --help"
	cx_need depmod xz dpkg
	say_kernel "${1:-$(cx_kernel_name)}"
	! $want_source || say_source
}

main "$@"
