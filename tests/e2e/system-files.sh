# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Is the system as it was? Every file, link and folder of the root file system
# by name, type, mode, owner and content, apart from what programs write as they
# run. MD5, as in dpkg's own records, since nobody here forges a file, and an
# emulated processor is slow. To be sourced after guest.sh.

SYSTEM=/tmp/system
# What mounting may add or regenerate; all else is a change of the system.
GRAFTED='/etc/ld.so.cache
/etc/ld.so.conf.d/00-cryptex-openssl.conf
/usr/cryptexes
/usr/cryptexes/openssl
/var/cache/ldconfig/aux-cache'
# Caches of the dynamic linker, made anew when the graft goes.
LEFT='/etc/ld.so.cache
/var/cache/ldconfig/aux-cache'

# The mountpoint shows as a file system of its own, hence the %D.
list_system() {
	local own=(-path /root -o -path /run -o -path /tmp -o -path /var/log
		-o -path /var/lib/nginx -o -path "$STORE")

	cd / || return
	find / -xdev \( "${own[@]}" \) -prune -o -type f -print0 |
		xargs -0 md5sum | awk '{ sum = $1; $1 = ""; print substr($0, 2), sum }'
	find / -xdev \( "${own[@]}" \) -prune -o -printf '%p %M %U:%G %l\n'
}

remember_system() { list_system | sort >$SYSTEM.before; }

# changed: the paths whose lines differ, each once. A folder's own line does not
# hold its time, so it differs only if it came, went or was given other rights.
changed() {
	list_system | sort >$SYSTEM.after
	comm -3 $SYSTEM.before $SYSTEM.after | sed 's/^\t//' | cut -d' ' -f1 | sort -u
}

# check_system TEXT [gone]
check_system() {
	local allowed=$GRAFTED

	[ "${2:-}" != gone ] || allowed=$LEFT
	say "Every file of the system is compared with what it was ($(wc -l <$SYSTEM.before) lines):"
	run changed
	claim "$1" test -z "$(comm -23 <(echo "$OUT" | sed '/^$/d') <(echo "$allowed" | sort))"
	# The machine was made without documentation.
	claim "the system's own libssl3 is untouched, says dpkg" \
		test -z "$(dpkg --verify libssl3 2>&1 | grep -v /usr/share/doc)"
}
