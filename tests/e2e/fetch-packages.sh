#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/e2e/fetch-packages.sh [PACKAGE]
#
# Downloads the oldest and the newest version of PACKAGE (libssl3) that the
# machine's Debian sources offer, keeps them in the cache, and prints them as
# shell assignments: OLD_DEB, OLD_VERSION, NEW_DEB, NEW_VERSION.
#
# Exit status 3: fewer than two versions are on offer, so there is no update to
# show.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

# versions PACKAGE: those on offer, each once, oldest first. The private apt
# configuration has suites that the machine's own sources have not.
versions() {
	local list=() version i

	while read -r version; do
		for ((i = ${#list[@]}; i > 0; i--)); do
			dpkg --compare-versions "$version" lt "${list[i - 1]}" || break
		done
		list=("${list[@]:0:i}" "$version" "${list[@]:i}")
	done < <(cx_apt madison "$1" | awk -F ' *[|] *' '
		$3 ~ / bookworm(-updates|-security)?\/.* Packages$/ { print $2 }' | sort -u)
	[ ${#list[@]} -eq 0 ] || printf '%s\n' "${list[@]}"
}

# download PACKAGE VERSION: prints the path; a cached one is used again
download() {
	local dir deb

	dir=$(cx_cache)/debs
	deb=$dir/$1_${2//:/%3a}_$(dpkg --print-architecture).deb
	[ -s "$deb" ] || cx_apt_download "$1=$2" "$dir" >/dev/null
	[ -s "$deb" ] || cx_die "apt has downloaded $1 $2 under another name than $deb"
	[ "$(dpkg-deb -f "$deb" Version)" = "$2" ] ||
		cx_die "$deb is not version $2: remove it and try again"
	printf '%s\n' "$deb"
}

main() {
	local package=${1:-libssl3} list old new

	case $package in
	-h | --help) cx_usage; exit 0 ;;
	esac
	mapfile -t list < <(versions "$package")
	[ ${#list[@]} -gt 0 ] || cx_die "the machine's apt sources have no package $package"
	if [ ${#list[@]} -eq 1 ]; then
		cx_say "error: the machine's apt sources offer one version of $package only," \
			"${list[0]}: an update needs two." \
			"Add bookworm-security, or bookworm-updates, to the apt sources"
		exit 3
	fi
	old=$(download "$package" "${list[0]}")
	new=$(download "$package" "${list[-1]}")
	printf '%s=%q\n' OLD_DEB "$old" OLD_VERSION "${list[0]}" \
		NEW_DEB "$new" NEW_VERSION "${list[-1]}"
}

main "$@"
