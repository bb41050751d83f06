#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: kcov_sites.sh MODULE.ko >FILE
#
# Lists the branches of the module's netlink handlers for netlink_fuzz: each
# place where the compiler put a call of KCOV (CONFIG_KCOV), as
#
#   SECTION OFFSET FUNCTION SOURCE:LINE
#
# where OFFSET is that of the instruction behind the call. A handler is what the
# tables of the objects netlink*.o point to, and every function of the module
# that it calls, directly or through others. What is only passed on as a pointer,
# such as work for a work queue, runs in other threads and is not counted. The
# lines need a module built with -g; addr2line tells the innermost of inlined
# functions, FUNCTION is the one that they are in. What is inlined from the kernel's
# own headers is not the handler's: much of it are warnings of lockdep and of
# reference counts. Only lines below the folder of MODULE.ko count.

set -eu
module=${1:?which module?}
folder=$(cd "$(dirname "$module")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

readelf -sW "$module" >"$work/symbols"
readelf -SW "$module" | sed 's/^ *\[ *//; s/\]//' >"$work/sections"
readelf -rW "$module" >"$work/relocations"
objdump -dr --no-show-raw-insn "$module" >"$work/code"

awk '
	# section numbers and names
	FILENAME ~ /sections$/ { if ($1 ~ /^[0-9]+$/) section[$1] = $2; next }

	# functions by place; the objects of the files netlink*.c
	FILENAME ~ /symbols$/ {
		if ($4 == "FILE") { ours = $8 ~ /^netlink.*\.c$/; next }
		if ($5 != "LOCAL") ours = $8 ~ /^cx_netlink/
		if ($4 == "FUNC") {
			place[section[$7], hex($2)] = $8
			first[$8] = section[$7] SUBSEP hex($2)
		}
		if ($4 == "OBJECT" && ours) {
			object = section[$7]
			from[object, ++objects[object]] = hex($2)
			upto[object, objects[object]] = hex($2) + $3
		}
		next
	}

	# what these objects point to
	FILENAME ~ /relocations$/ {
		if (/^Relocation section/) {
			target = $3
			gsub(/\x27|^\x27?\.rela/, "", target)
			next
		}
		if (!(target in objects) || NF < 7) next
		at = hex($1)
		for (i = 1; i <= objects[target]; i++)
			if (at >= from[target, i] && at < upto[target, i])
				root(name_of($5, hex($7)))
		next
	}

	# calls, and the branches
	/^Disassembly of section/ { sub(/:$/, "", $4); code = $4; next }
	/^[0-9a-f]+ <.*>:$/ { here = substr($2, 2, length($2) - 3); pending = ""; next }
	/^ *[0-9a-f]+:\t(call|j[a-z]+) / {
		settle()
		kind = $2
		if (match($0, /<[^>+]+/)) pending = substr($0, RSTART + 1, RLENGTH - 1)
		next
	}
	/R_X86_64_(PLT32|PC32)/ {
		if (pending == "") next
		split($3, part, /[-+]/)
		if (part[1] == "__sanitizer_cov_trace_pc" && kind == "call") {
			sub(/:$/, "", $1)
			sites++
			where[sites] = code
			offset[sites] = hex($1) + 4
			inside[sites] = here
			pending = ""
		} else if (part[1] ~ /^\./) {
			add = $3
			sub(/^[^-+]*/, "", add)
			pending = name_of(part[1], signed(add) + 4)
		} else {
			pending = part[1]
		}
		next
	}
	{ settle() }

	function hex(text,	i, n) {
		sub(/^0x/, "", text)
		n = 0
		for (i = 1; i <= length(text); i++)
			n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
		return n
	}
	function signed(text) {
		return (text ~ /^-/ ? -1 : 1) * hex(substr(text, 2))
	}
	# a symbol, or a section and an offset
	function name_of(symbol, offset) {
		return symbol ~ /^\./ ? place[symbol, offset] : symbol
	}
	function settle() {
		if (pending != "" && pending != here) calls[here] = calls[here] " " pending
		pending = ""
	}
	function root(name) {
		if (name in first && !(name in seen)) { seen[name] = 1; queue[++last] = name }
	}
	END {
		for (next_one = 1; next_one <= last; next_one++) {
			count = split(calls[queue[next_one]], called, " ")
			for (i = 1; i <= count; i++) root(called[i])
		}
		for (i = 1; i <= sites; i++)
			if (inside[i] in seen)
				printf "%s %x %s\n", where[i], offset[i], inside[i]
	}
' "$work/sections" "$work/symbols" "$work/relocations" "$work/code" >"$work/sites"

# addr2line takes one section at a time. The call itself is 5 bytes before.
cut -d' ' -f1 "$work/sites" | sort -u | while read -r section; do
	awk -v section="$section" '$1 == section' "$work/sites" >"$work/part"
	while read -r _ offset _; do
		printf '%x\n' $((0x$offset - 5))
	done <"$work/part" >"$work/addresses"
	addr2line -e "$module" -j "$section" <"$work/addresses" |
		sed 's/ (discriminator.*//' >"$work/lines"
	paste -d' ' "$work/part" "$work/lines"
done | grep -F " $folder/" | sed 's| [^ ]*/\([^/]*\)$| \1|'
