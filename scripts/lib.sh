# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Shared functions of the set-up and VM scripts. To be sourced, by bash, after
# `set -euo pipefail`. All names have the prefix cx_ or CX_.
#
#   cx_say/cx_warn/cx_die TEXT   messages on stderr (stdout belongs to results);
#                                cx_die exits with $CX_DIE_STATUS or 1
#   cx_need PROGRAM...           fail with a remedy when a program is missing
#   cx_need_debian12             fail on any other system
#   cx_cache                     print the cache folder (made when missing)
#   cx_key                       print a short digest of stdin, for cache names
#   cx_tmp PREFIX                print a new temporary folder inside the cache
#   cx_cleanup                   remove this script's temporary folders (also the
#                                EXIT trap that this file sets)
#   cx_keep PATH                 mark a cached result as used; drop old ones
#   cx_locked NAME COMMAND...    run COMMAND while holding a named lock
#   cx_apt COMMAND...            apt-get or apt-cache with our private lists
#   cx_apt_config                print the path of the private apt configuration
#   cx_apt_download PKG[=VER] DIR   fetch one .deb; prints its path
#   cx_machine_apt               print the machine's apt sources, for cache keys
#   cx_debian_sources            print the derived sources (deb822) of bookworm
#   cx_suite_source SUITE        print the source (deb822) of a further suite
#   cx_acquire_options           print how the machine's apt reaches its mirror
#   cx_kernel_name               print the name of the kernel that is worked with
#   cx_kernel_suite NAME         print the Debian suite in a kernel's name
#
# The private apt configuration holds the machine's own Debian sources and
# further suites of the same mirror. Nothing below /etc/apt is ever changed.

# Suites added to the machine's own. Backports has the kernel and QEMU; the
# others are pinned so that nothing is installed from them by accident.
CX_EXTRA_SUITES=${CX_EXTRA_SUITES-"bookworm-backports trixie trixie-security trixie-backports"}
CX_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
CX_LISTS_MAX_AGE_MIN=1440
# See scripts/fetch-kernel.sh for how kernels are named.
CX_KERNEL_DEFAULT=bookworm-backports

# mke2fs, modprobe and the like, which an ordinary PATH may lack.
PATH=$PATH:/usr/sbin:/sbin

cx_say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
cx_warn() { cx_say "warning: $*"; }
cx_die() { cx_say "error: $*"; exit "${CX_DIE_STATUS:-1}"; }

# The header comment of a script is its usage text.
cx_usage() { sed -n '/^# Usage:/,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

cx_need() {
	local program

	for program; do
		command -v "$program" >/dev/null ||
			cx_die "$program is not installed: run scripts/install-deps.sh vm build"
	done
}

cx_need_debian12() {
	# shellcheck source=/dev/null
	( . /etc/os-release 2>/dev/null && [ "${ID:-}" = debian ] &&
		[ "${VERSION_ID:-}" = 12 ] ) ||
		cx_die "this needs Debian 12 (bookworm); see /etc/os-release"
	[ "$(dpkg --print-architecture)" = amd64 ] ||
		cx_die "this needs an amd64 machine, not $(dpkg --print-architecture)"
}

cx_cache() {
	local dir=${CRYPTEX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cryptex}

	mkdir -p "$dir" || cx_die "cannot make the cache folder $dir: set CRYPTEX_CACHE"
	(cd "$dir" && pwd)
}

cx_key() { sha256sum | cut -c1-16; }

# Inside the cache, so that a finished result can be renamed into place. Named
# after the script's process, which removes what is left when it ends.
cx_tmp() {
	local cache

	cache=$(cx_cache)
	mkdir -p "$cache/tmp"
	mktemp -d "$cache/tmp/$$.$1.XXXXXX"
}

# Also what a script that was killed outright left some time ago.
cx_cleanup() {
	local cache dir pid

	cache=$(cx_cache)
	rm -rf "$cache/tmp/$$".*
	while read -r dir; do
		pid=${dir##*/}
		pid=${pid%%.*}
		kill -0 "$pid" 2>/dev/null || rm -rf "$dir"
	done < <(find "$cache/tmp" -mindepth 1 -maxdepth 1 -mmin +60 2>/dev/null)
}
trap cx_cleanup EXIT

# cx_keep PATH: marks a cached result as used, and removes its neighbours that
# nobody has used for a month.
cx_keep() {
	touch "$1"
	find "$(dirname "$1")" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
}

# Scripts may run at the same time; what they fill in the cache is made once.
# COMMAND is in no condition here, so that a function which fails midway ends
# the script (errexit) before it hands on what is half made.
cx_locked() {
	local cache name=$1 fd rc

	shift
	cache=$(cx_cache)
	mkdir -p "$cache/lock"
	exec {fd}>"$cache/lock/$name"
	flock "$fd"
	"$@"
	rc=$?
	exec {fd}>&-
	return "$rc"
}

# Prints the machine's apt sources as they stand, for cache keys: to have apt
# resolve them takes half a second.
cx_machine_apt() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources 2>/dev/null || true
}

# Prints "URI RELEASE COMPONENT" of the sources whose suite is one of bookworm's.
# shellcheck disable=SC2016 # the format is apt's
cx_machine_sources() {
	apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 2>/dev/null |
		awk '$2 ~ /^bookworm(-updates|-security)?$/' | sort -u
}

# Other vendors use Debian's suite names too; only the key tells them apart.
cx_is_debian() {
	local dir rc=0

	dir=$(cx_tmp probe)
	mkdir -p "$dir/lists/partial"
	printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
		"$1" "$2" "$CX_KEYRING" >"$dir/probe.sources"
	apt-get -q update --error-on=any \
		-o Dir::Etc::sourcelist="$dir/probe.sources" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::lists="$dir/lists" -o APT::Sandbox::User=root \
		-o APT::Update::Post-Invoke-Success= >/dev/null 2>&1 || rc=$?
	rm -rf "$dir"
	return "$rc"
}

# Drops sources that claim one of Debian's suites but are not signed by Debian.
# With a single claimant for a suite there is nothing to choose from, and apt's
# own signature check will judge it.
cx_only_debian() {
	local table uri release

	table=$(cat)
	while read -r uri release; do
		if [ "$(awk -v r="$release" '$2 == r { print $1 }' <<<"$table" |
			sort -u | wc -l)" -eq 1 ] || cx_is_debian "$uri" "$release"; then
			awk -v u="$uri" -v r="$release" '$1 == u && $2 == r' <<<"$table"
		fi
	done < <(awk '{ print $1, $2 }' <<<"$table" | sort -u)
}

cx_deb822() {
	printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n\n' \
		"$1" "$2" "$3" "$CX_KEYRING"
}

cx_debian_sources() {
	local table

	table=$(cx_machine_sources | cx_only_debian)
	awk '$2 == "bookworm" && $3 == "main"' <<<"$table" | grep . >/dev/null ||
		cx_die "the machine's apt sources have no Debian bookworm main:" \
			"add it below /etc/apt/sources.list.d"
	awk '{ suite = $1 " " $2; parts[suite] = parts[suite] " " $3 }
		END { for (s in parts) print s parts[s] }' <<<"$table" | sort |
		while read -r uri release components; do
			cx_deb822 "$uri" "$release" "$components"
		done
}

# Prints the source of a suite beside those on stdin (deb822): at the address of
# the machine's bookworm, or for security updates at that of their archive.
# Where the machine has none of these the answer is empty.
cx_beside() {
	local suite=$1 like=bookworm uri

	case $suite in
	*-security) like=bookworm-security ;;
	esac
	uri=$(awk -v like="$like" '/^URIs:/ { uri = $2 }
		$1 == "Suites:" && $2 == like { print uri; exit }')
	[ -z "$uri" ] || cx_deb822 "$uri" "$suite" main
}

cx_suite_source() { cx_debian_sources | cx_beside "$1"; }

# How the machine reaches its mirror (proxies, validity checks) holds in other
# systems that are made from it.
cx_acquire_options() { apt-config dump | grep -E '^Acquire::(http|https|Check|Retries)' || true; }

cx_write_apt_config() {
	local dir=$1 machine suite

	[ -r "$CX_KEYRING" ] ||
		cx_die "$CX_KEYRING is missing: install debian-archive-keyring"
	machine=$(cx_debian_sources)
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	{
		printf '%s\n\n' "$machine"
		for suite in $CX_EXTRA_SUITES; do
			grep -q "^Suites: $suite\$" <<<"$machine" || cx_beside "$suite" <<<"$machine"
		done
	} >"$dir/debian.sources"
	# Never a candidate unless named with -t or by version.
	printf 'Package: *\nPin: release n=trixie*\nPin-Priority: -10\n' >"$dir/preferences"
	cat >"$dir/apt.conf" <<-CONF
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		#clear DPkg::Post-Invoke;
		Dir::Etc::sourcelist "$dir/debian.sources";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "$dir/preferences";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State::lists "$dir/lists";
		Dir::Cache::archives "$dir/archives";
		Dir::Cache::pkgcache "$dir/pkgcache.bin";
		Dir::Cache::srcpkgcache "";
		APT::Sandbox::User "root";
		APT::Install-Recommends "false";
		APT::Keep-Downloaded-Packages "false";
		Acquire::Languages "none";
		Acquire::Retries "3";
		DPkg::Lock::Timeout "600";
	CONF
}

cx_apt_lists_fresh() {
	[ -n "$(find "$1/updated" -mmin "-$CX_LISTS_MAX_AGE_MIN" 2>/dev/null)" ] &&
		[ -n "$(find "$1/lists" -maxdepth 1 -name '*Packages*' -print -quit 2>/dev/null)" ]
}

# Old lists are better than none where the network is away.
cx_apt_refresh() {
	local dir=$1

	if cx_apt_lists_fresh "$dir"; then
		return 0
	fi
	cx_write_apt_config "$dir"
	cx_say "reading the package lists of the machine's mirror (bookworm $CX_EXTRA_SUITES)"
	if apt-get -qq -c "$dir/apt.conf" update --error-on=any >&2; then
		touch "$dir/updated"
	elif [ -e "$dir/updated" ]; then
		cx_warn "the mirror cannot be reached; going on with older package lists"
	else
		cx_die "apt cannot read the package lists: is the mirror of /etc/apt reachable?"
	fi
}

# The key holds what the configuration is made from, its own place included: a changed machine
# configuration gets lists of its own.
cx_apt_config() {
	local dir

	dir=$(cx_cache)/apt/$({ cx_machine_apt; echo "$CX_EXTRA_SUITES" "$(cx_cache)"
		declare -f cx_write_apt_config; } | cx_key)
	cx_locked apt cx_apt_refresh "$dir"
	printf '%s\n' "$dir/apt.conf"
}

cx_apt() {
	local conf tool=apt-get

	case ${1:-} in
	show | showpkg | policy | madison | depends | search | pkgnames) tool=apt-cache ;;
	esac
	conf=$(cx_apt_config)
	DEBIAN_FRONTEND=noninteractive "$tool" -q -c "$conf" "$@"
}

cx_apt_download() {
	local spec=$1 dir=$2 tmp deb

	tmp=$(cx_tmp download)
	if ! (cd "$tmp" && cx_apt download -qq "$spec" >&2); then
		rm -rf "$tmp"
		cx_die "apt cannot download $spec"
	fi
	deb=$(cd "$tmp" && ls -- *.deb)
	mkdir -p "$dir"
	mv -- "$tmp/$deb" "$dir/$deb"
	rmdir "$tmp"
	printf '%s\n' "$dir/$deb"
}

# The kernel is the one that the environment names, else the one that build/ was
# last made for, so that a test that is started by hand fits what it finds there.
cx_kernel_name() {
	local stamp

	stamp=$(dirname "${BASH_SOURCE[0]}")/../build/kernel.name
	if [ -n "${CX_KERNEL:-}" ]; then
		printf '%s\n' "$CX_KERNEL"
	elif [ -s "$stamp" ]; then
		cat "$stamp"
	else
		printf '%s\n' "$CX_KERNEL_DEFAULT"
	fi
}

cx_kernel_suite() { sed -E 's/-[0-9]+\.[0-9]+$//' <<<"$1"; }
