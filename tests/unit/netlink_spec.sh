#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The netlink contract is told twice, for compilers and for programs: the UAPI
# header and the YAML specification. The kernel tree's own generator makes a
# header of the latter; both must give every name the same value. Prints TAP.

set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=/dev/null
. build/kernel.env

work=build/ynl
spec=$work/Documentation/netlink/specs/cryptex.yaml

# The generator looks for its schemas beside the specification, and for the top
# of a kernel tree above it.
generate() {
	rm -rf "$work"
	mkdir -p "${spec%/*}" "$work/linux"
	touch "$work/MAINTAINERS"
	ln -s "$KSRC"/Documentation/netlink/*.yaml "$work/Documentation/netlink/"
	cp Documentation/netlink/specs/cryptex.yaml "$spec"
	timeout 60 /usr/bin/python3 "$KSRC/tools/net/ynl/ynl-gen-c.py" --mode uapi --header \
		--spec "$PWD/$spec" >"$work/linux/cryptex.h"
}

# names HEADER: the constants that it defines, but for the ones no program uses
names() {
	sed -E 's,/\*.*\*/,,; /^ \*/d' "$1" | grep -oE '\bCRYPTEX_[A-Z_]+\b' |
		grep -v '_UNSPEC$' | sort -u
}

# values INCLUDE-FOLDER: every constant of the UAPI header as that folder has it
values() {
	{
		printf '#include <linux/cryptex.h>\n#include <stdio.h>\nint main(void)\n{\n'
		names include/uapi/linux/cryptex.h | sed -E \
			-e 's/^(.*_(FAMILY_NAME|FS_NAME|MCGRP_EVENTS))$/puts("\1 " \1);/; t' \
			-e 's/^.*$/printf("& %lld\\n", (long long)&);/'
		echo '}'
	} >"$work/values.c"
	gcc -I"$1" -o "$work/values" "$work/values.c" && "$work/values"
}

# same A B: are the files equal? Shows the first lines that differ.
same() { diff "$1" "$2" | head -n 10 | sed 's/^/# /'; }

echo 1..3
if generate 2>"$work.log"; then
	echo "ok 1 - the specification is valid by the kernel's schema and generator"
else
	tail -n 5 "$work.log" | sed 's/^/# /'
	echo "not ok 1 - the specification is valid by the kernel's schema and generator"
fi
if same <(names include/uapi/linux/cryptex.h) <(names "$work/linux/cryptex.h") &&
	[ "$(names "$work/linux/cryptex.h" | wc -l)" -gt 20 ]; then
	echo "ok 2 - both name the same constants"
else
	echo "not ok 2 - both name the same constants"
fi
values include/uapi >"$work/ours" 2>&1 || true
values "$work" >"$work/theirs" 2>&1 || true
if same "$work/ours" "$work/theirs"; then
	echo "ok 3 - both give them the same values"
else
	echo "not ok 3 - both give them the same values"
fi
