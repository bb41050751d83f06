#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/unit/delta/sample.sh VARIANT FUNCTIONS OUT [CFLAG]...
#
# Makes a shared library of what prediction is about: calls, strings, tables of
# pointers, jump tables, thread-local data, landing pads, exported and imported
# symbols. Variant 0 is the first; the others have functions that are changed,
# moved, left out, or new, each its own.

set -euo pipefail

source_of() {
	awk -v variant="$1" -v count="$2" '
	function hash(a, b) { return (a * 7919 + b * 104729 + a * a * 31 + b * b * 17) % 65521 }
	function changed(i, every) { return variant && hash(i, variant) % every == 0 }
	function body(i,    k, n, c) {
		n = 2 + hash(i, 1) % 9
		for (k = 0; k < n; k++) {
			c = hash(i, k + 2)
			if (c % 5 == 0) printf "\tx += f%d(x + %d);\n", c % count, c
			else if (c % 5 == 1) printf "\tsay(\"text %d of %d: %%d\", x);\n", c, i
			else if (c % 5 == 2) printf "\tx ^= numbers[%d] * state;\n", c % 64
			else if (c % 5 == 3) printf "\tif (x & %d)\n\t\tx = table[x & 7](x);\n", c
			else printf "\twhile (x > %d)\n\t\tx = x / 3 + (int)strlen(names[x & 3]);\n", c
		}
		if (hash(i, 77) % 3 == 0) {
			printf "\tswitch (x & 15) {\n"
			for (k = 0; k < 12; k++)
				printf "\tcase %d: x = f%d(x) * %d; break;\n", k, hash(i, k) % count, hash(k, i)
			printf "\t}\n"
		}
		if (hash(i, 78) % 4 == 0) printf "\t{ __attribute__((cleanup(undo))) int y = x;\n\tx += say(\"held\", y); }\n"
		if (changed(i, 9)) printf "\tx = x * %d + say(\"fixed %d\", x);\n", variant, variant
	}
	function one(i) {
		if (changed(i, 23)) printf "int extra%d(int x)\n{\n\treturn say(\"new\", x) + x * %d;\n}\n", i, variant
		printf "%sint f%d(int x)\n{\n", hash(i, 5) % 3 ? "__attribute__((visibility(\"hidden\"))) " : "", i
		body(i)
		printf "\treturn x;\n}\n\n"
	}
	BEGIN {
		print "#include <stdio.h>\n#include <string.h>\n#define say(...) printf(__VA_ARGS__)"
		for (i = 0; i < count; i++) print "int f" i "(int x);"
		print "static __thread int state = 3;\nstatic int numbers[64] = { 1, 2, 3 };"
		print "static const char *const names[4] = { \"a\", \"bc\", \"def\", \"ghij\" };"
		print "static int (*const table[8])(int) = { f0, f1, f2, f3, f1, f2, f0, f1 };"
		print "static void undo(int *p) { state += *p; }"
		swap = variant % 3 ? int(count / 2) : 0
		for (i = 0; i < count; i++) {
			j = swap && i % 7 == variant % 7 ? (i + swap) % count : i
			if (!(j in done)) one(j)
			done[j] = 1
		}
		for (i = 0; i < count; i++) if (!(i in done)) one(i)
	}'
}

variant=$1 functions=$2 out=$3
shift 3
source_of "$variant" "$functions" |
	${CC:-gcc} -xc - -shared -fPIC -O2 -fexceptions -w -Wl,--build-id -o "$out" "$@"
