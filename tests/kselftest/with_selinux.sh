#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: with_selinux.sh ARGUMENT...
#
# run_all.sh with SELinux in the test machine, booted with `security=selinux
# selinux=1 enforcing=0`: loads a policy that knows cryptex, then runs it with
# the arguments. Needs secilc.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
policy=$(mktemp)

mount -t selinuxfs selinuxfs /sys/fs/selinux
# Of the newest version that secilc knows: a newer kernel takes older ones.
secilc -o "$policy" -f /dev/null "$here/selinux.cil"
# The kernel takes it in one write.
dd if="$policy" of=/sys/fs/selinux/load bs=1M status=none
rm "$policy"
exec sh "$here/run_all.sh" "$@"
