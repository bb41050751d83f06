#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/lint.sh
#
# Static checks, each one TAP test: the module under sparse, under the kernel's
# semantic patches (coccinelle) and, with the parser's and the UAPI header, under
# the kernel's checkpatch; its kernel-doc; the scripts under shellcheck; licence
# lines. The headers are the default kernel's, whatever is built for.

# shellcheck disable=SC2317 # checks are called by name
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/lib.sh
# shellcheck source=/dev/null
. "build/kernels/$CX_KERNEL_DEFAULT/kernel.env"

count=0 status=0

# report NAME COMMAND...: a check passes when the command exits 0 and is silent
report() {
	local name=$1 output
	shift
	count=$((count + 1))
	if output=$("$@" 2>&1) && [ -z "$output" ]; then
		echo "ok $count - $name"
	else
		printf '%s\n' "$output" | sed 's/^/# /'
		echo "not ok $count - $name"
		status=1
	fi
}

run_sparse() {
	local dir=build/sparse

	rm -rf "$dir"
	mkdir -p "$dir"/kmod
	cp -as "$PWD/kmod/." "$dir/kmod/"
	ln -s "$PWD/Kbuild" "$PWD/include" "$dir/"
	# kbuild says what it does on stdout, sparse what it finds on stderr
	make -C "$KDIR" M="$PWD/$dir" C=2 CF=-Wsparse-error modules 2>&1 >/dev/null |
		grep -v 'BTF generation'
	return 0
}

# run_spatch PATCH: prints what one semantic patch finds. The parser is compiled into
# programs as well, where there is no min().
run_spatch() {
	local patch=$1 log=build/cocci/${1##*/} options files

	options=$(sed -n 's/.*Options: *//p' "$patch")
	mapfile -t files < <(printf '%s\n' kmod/*.[ch] |
		if [[ $patch == */minmax.cocci ]]; then grep -v '/seal.c$'; else cat; fi)
	# shellcheck disable=SC2086 # options are words
	spatch -D report --no-show-diff --very-quiet --cocci-file "$patch" $options \
		-I include -I include/uapi --patch . "${files[@]}" 2>"$log" ||
		{ echo "spatch failed on $patch:"; cat "$log"; }
}

# Two of the kernel's patches are written in OCaml and would need its compiler.
run_coccinelle() {
	local patches

	mkdir -p build/cocci
	patches=$(grep -rL 'script:ocaml' "$KSRC/scripts/coccinelle" --include='*.cocci')
	[ "$(wc -l <<<"$patches")" -gt 50 ] || echo "only these patches: $patches"
	export -f run_spatch
	# shellcheck disable=SC2016 # expanded by the inner shell
	xargs -P "$(nproc)" -I {} bash -c 'run_spatch "$1"' sh {} <<<"$patches"
}

checkpatch() {
	perl "$KSRC/scripts/checkpatch.pl" --no-tree --strict --terse --quiet "$@" |
		grep -v '^total:'
	return 0
}

# Tracepoints are laid out in a way of their own, in every kernel tree.
run_checkpatch() {
	local files

	mapfile -t files < <(printf '%s\n' kmod/*.[ch] include/cryptex/*.h include/uapi/linux/*.h |
		grep -v /trace.h)
	checkpatch -f "${files[@]}"
	checkpatch --ignore PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE -f kmod/trace.h
}

run_kernel_doc() {
	perl "$KSRC/scripts/kernel-doc" -none -Wreturn kmod/*.[ch] \
		include/cryptex/*.h
}

missing_licences() {
	git ls-files '*.c' '*.h' '*.sh' '*.mk' Makefile Kbuild |
		xargs grep -L SPDX-License-Identifier
	return 0
}

run_shellcheck() {
	git ls-files -z | xargs -0 grep -lE '^#!/bin/(ba)?sh' |
		xargs shellcheck -x -P SCRIPTDIR -S warning
}

# Long files and functions hide things; the limits are the project's own.
long_files() {
	git ls-files '*.c' '*.h' | xargs wc -l |
		awk '$2 != "total" && $1 > 450 { print $2 ": " $1 " lines" }'
}

report "sparse finds nothing in the module" run_sparse
report "the kernel's semantic patches find nothing in the module" run_coccinelle
report "checkpatch --strict finds nothing" run_checkpatch
report "every function of the module is documented" run_kernel_doc
report "every source file names its licence" missing_licences
report "shellcheck warns of nothing" run_shellcheck
report "no source file is longer than 450 lines" long_files
echo "1..$count"
exit $status
