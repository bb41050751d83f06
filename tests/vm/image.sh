# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# One shared function of the VM scripts. To be sourced after scripts/lib.sh.

# vm_image FOLDER FILE FREE_MIB
#
# Makes FILE an ext4 image of what FOLDER holds, with about FREE_MIB left over.
# No mount and no loop device: mke2fs copies. No journal, because nobody reads
# these images again after a crash.
vm_image() {
	local folder=$1 file=$2 free=$3 kib inodes

	kib=$(du -s --block-size=1K "$folder" | cut -f1)
	inodes=$(find "$folder" -printf . | wc -c)
	# A tenth and 4 MiB more: tables, folders and rounding.
	kib=$((kib + kib / 10 + 4096 + free * 1024))
	truncate -s "${kib}K" "$file"
	mke2fs -q -F -t ext4 -b 4096 -O ^has_journal -m 0 -E root_owner=0:0 \
		-N $((inodes + 1024 + free * 8)) -d "$folder" "$file" >&2 ||
		cx_die "mke2fs could not make an image of $folder"
	# What is listed in the guest shall be what FOLDER holds.
	debugfs -w -R 'rmdir lost+found' "$file" >/dev/null 2>&1
}
