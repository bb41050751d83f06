#!/usr/bin/awk -f
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: kcsan.awk <LOG
#
# The kernel's log without those reports of KCSAN that have no frame of the
# module: the kernel has races of its own, which are not ours to judge. With
# -v count=1: only how many there are of each, as comments of TAP.

function end_report() {
	if (title == "" || foreign || report ~ /\[cryptex/) {
		if (!count)
			printf "%s", report
	} else {
		seen[title]++
		others++
	}
	report = title = foreign = ""
}

/==================================================/ {
	if (inside)
		end_report()
	inside = !inside
	next
}
inside {
	report = report $0 "\n"
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
		printf "%s", report
	if (count)
		printf "# %d reports of races outside the module\n", others
	for (title in seen)
		if (count)
			printf "#   %d times %s\n", seen[title], title
}
