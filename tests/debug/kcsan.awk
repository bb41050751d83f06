#!/usr/bin/awk -f
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: kcsan.awk <LOG
#
# The kernel's log without those reports of KCSAN that have no frame of the
# module: the kernel has races of its own, which are not ours to judge. Nor is
# KCSAN's warning that it cannot name the frame of an access which it thinks
# reordered. With -v count=1: only how many there are of each, as comments of TAP.

function leave_out(what) {
	seen[what]++
	others++
}

function end_report() {
	# Everybody who opens a file by the same credentials stores the same 0 in
	# them: get_cred(), inlined; here they are the store's. Any other race that
	# is in init_file() changes a value, or reads, or has come another way.
	if (title ~ /^data-race in init_file \/ init_file/ && !changed && !reads &&
	    both == 2)
		known = 1
	if (title == "" || foreign || (report ~ /\[cryptex/ && !known)) {
		if (!count)
			printf "%s", report
	} else {
		leave_out(title)
	}
	report = title = foreign = known = ""
	changed = reads = both = 0
}

/------------\[ cut here \]------------/ && !inside {
	warned = 1
}
warned {
	warning = warning $0 "\n"
	if (!/---\[ end trace/)
		next
	if (warning ~ /WARNING: [^\n]* at replace_stack_entry/)
		leave_out("KCSAN: a frame that is not found")
	else if (!count)
		printf "%s", warning
	warned = 0
	warning = ""
	next
}

/==================================================/ {
	if (inside)
		end_report()
	inside = !inside
	next
}
inside {
	report = report $0 "\n"
	if (/value changed:/)
		changed = 1
	if (/(read|marked)[^:]* to 0x.* bytes by /)
		reads = 1
	if (/ cx_store_open\+.* \[cryptex\]/)
		both++
	if (sub(/.*BUG: KCSAN: /, ""))
		title = $0
	else if (/BUG:|WARNING:|Oops/)
		foreign = "another processor's complaint in between"
	next
}
!count

END {
	# Cut off, so nobody can tell what it was.
	if (!count)
		printf "%s%s", warning, report
	else
		printf "# %d reports of what is not the module's\n", others
	for (title in seen)
		if (count)
			printf "#   %d times %s\n", seen[title], title
}
