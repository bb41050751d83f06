# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# A machine that gets updates from a repository. To be sourced after guest.sh; see
# prepare-update.sh for what there is.

# shellcheck disable=SC2034 # for those who source this
MINE=/usr/cryptexes/greeting

# publish NAME FOLDER: the repository is at another time of its life
publish() {
	rm -rf "$2"
	cp -a "/cryptex/repos/$1" "$2"
}
# from URL: the machine has this repository, and knows nothing of it
from() {
	cryptexctl remote remove fixes >/dev/null 2>&1
	cryptexctl remote add fixes "$1" /cryptex/root.json >/dev/null
}
greeting() { cat $MINE/current/share/hello; }
sound() { cryptexctl verify >/tmp/verify.log 2>&1; }
staged() { cryptexctl list greeting --json | grep -q "\"label\": \"$1\""; }
# forget LABEL: what a patch has brought, but for what the base has
forget() {
	cryptexctl rollback greeting >/dev/null 2>&1
	cryptexctl retire "greeting@$1" >/dev/null 2>&1
	cryptexctl gc >/dev/null
}
# A user for downloads, and a machine id
identify() {
	systemd-sysusers /cryptex/cryptex.conf
	tr -dc 0-9a-f </dev/urandom | head -c 32 >/etc/machine-id
}
