#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/bench/fetch-corpus.sh CORPUS.tsv [PAIR]...
#
# Downloads the Debian packages of the pairs, all or those named, takes the two
# files of each out of them, and keeps these in the cache: corpus/PAIR/old and
# corpus/PAIR/new. The small ones come first. A pair that the mirror no longer
# has is skipped with a word.
#
# A file "." stands for the package's whole tree, as a tar archive.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

# Prints the address of the archive that has a pool path.
archive_of() {
	local suite=bookworm uri

	case $1 in
	pool/updates/*) suite=bookworm-security ;;
	esac
	uri=$(awk -v suite="$suite" '/^URIs:/ { uri = $2 }
		$1 == "Suites:" && $2 == suite { print uri; exit }' <<<"$sources")
	[ -n "$uri" ] || cx_die "the machine's apt sources have no $suite: add it below" \
		"/etc/apt/sources.list.d"
	printf '%s\n' "$uri"
}

# download POOL-PATH DEB: pairs may share a package
download() {
	local uri

	[ ! -e "$2" ] || return 0
	uri=$(archive_of "$1")
	/usr/lib/apt/apt-helper -q -c "$conf" download-file "$uri$1" "$2.part" >"$tmp/log" 2>&1 ||
		return 1
	mv "$2.part" "$2"
}

# In a package's tar archive the times and owners are those of its build.
take_tree() {
	rm -rf "$tmp/tree"
	dpkg-deb -x "$1" "$tmp/tree"
	chmod 755 "$tmp/tree"
	tar -C "$tmp/tree" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - .
}

take_file() {
	case $2 in
	.) take_tree "$1" ;;
	*) dpkg-deb --fsys-tarfile "$1" | tar -xO "./$2" ;;
	esac
}

is_sum() { [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ]; }

# fetch_one PAIR SIDE POOL-PATH FILE SHA256
fetch_one() {
	local out=$corpus/$1/$2 deb

	# A file that is there was compared before it got that name.
	[ ! -s "$out" ] || return 0
	deb=$tmp/${3##*/}
	if ! download "$3" "$deb"; then
		cx_say "skipped: $1: the mirror has no ${3##*/}"
		return 1
	fi
	mkdir -p "$corpus/$1"
	take_file "$deb" "$4" >"$tmp/file" || cx_die "$1: no $4 can be taken out of ${3##*/}"
	is_sum "$tmp/file" "$5" || cx_die "$1: $4 of ${3##*/} is another than the list's: $(
		sha256sum <"$tmp/file")"
	mv "$tmp/file" "$out"
}

# rows CORPUS PAIR...: the pairs' lines, small ones first
rows() {
	local list=$1

	shift
	awk -F '\t' -v names="$*" 'BEGIN { n = split(names, a, " "); for (i in a) want[a[i]] = 1 }
		FNR > 1 && (!n || $1 in want)' "$list" | sort -t $'\t' -k 9,9n
}

main() {
	local pair old new old_file new_file old_sum new_sum table got=0 all=0

	case ${1:-} in
	'' | -h | --help) cx_usage; [ $# -gt 0 ]; exit ;;
	esac
	table=$(rows "$@")
	[ -n "$table" ] || cx_die "$1: no pair of that name"
	while IFS=$'\t' read -r pair _ _ _ old new old_file new_file _ _ old_sum new_sum _; do
		all=$((all + 1))
		if fetch_one "$pair" old "$old" "$old_file" "$old_sum" &&
			fetch_one "$pair" new "$new" "$new_file" "$new_sum"; then
			got=$((got + 1))
			cx_say "$pair"
		fi
	done <<<"$table"
	cx_say "$got of $all pairs are in $corpus"
}

sources=$(cx_debian_sources)
conf=$(cx_apt_config)
corpus=$(cx_cache)/corpus
tmp=$(cx_tmp corpus)
main "$@"
