#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/vm/mkinitramfs.sh KMODDIR
#
# Makes, in the cache, what the test machine needs to boot a kernel whose modules
# are in KMODDIR (.../lib/modules/RELEASE), and prints shell assignments:
#
#   INITRAMFS=  a static busybox, the modules up to the root disk, tests/vm/init
#   MODULES=    an ext4 image of KMODDIR, the guest's /lib/modules/RELEASE

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"
# shellcheck source=tests/vm/image.sh
. "$here/image.sh"

BOOT_MODULES="virtio_pci virtio_console virtio_blk ext4"

# What is built into the kernel is reported as "builtin" and needs no file.
module_files() {
	local root=${1%/lib/modules/*} release=${1##*/} name

	for name in $BOOT_MODULES; do
		modprobe -d "$root" -S "$release" --show-depends "$name" ||
			cx_die "kernel $release has no $name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

# insmod of busybox cannot be counted on to decompress.
copy_modules() {
	local tree=$1 file name

	while read -r file; do
		name=$(basename "$file" | sed 's/\.ko.*/.ko/')
		case $file in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -qdc "$file" ;;
		*) cat "$file" ;;
		esac >"$tree/modules/$name"
		printf '%s\n' "$name" >>"$tree/modules/order"
	done
}

make_initramfs() {
	local kmoddir=$1 out=$2 work tree deb

	[ ! -e "$out" ] || return 0
	cx_need cpio xz zstd dpkg modprobe
	work=$(cx_tmp initramfs)
	tree=$work/tree
	deb=$(cx_apt_download busybox-static "$work")
	dpkg -x "$deb" "$work/busybox"
	mkdir -p "$tree"/{bin,modules,proc,sys,dev,root}
	cp "$work/busybox/bin/busybox" "$tree/bin/busybox"
	ln -s busybox "$tree/bin/sh"
	: >"$tree/modules/order"
	module_files "$kmoddir" | copy_modules "$tree"
	install -m 755 "$here/init" "$tree/init"
	install -m 755 "$here/guest" "$tree/guest"
	(cd "$tree" && find . -print0 | cpio -0 -o -H newc --quiet -R 0:0) >"$work/cpio"
	mv -T "$work/cpio" "$out"
	rm -rf "$work"
}

make_modules() {
	local kmoddir=$1 out=$2 work

	[ ! -e "$out" ] || return 0
	cx_need mke2fs
	work=$(cx_tmp modules)
	vm_image "$kmoddir" "$work/image" 16
	mv -T "$work/image" "$out"
	rm -rf "$work"
}

main() {
	local kmoddir release vm stamp initramfs modules

	case ${1:-} in
	-h | --help) cx_usage; exit 0 ;;
	esac
	[ $# -eq 1 ] || cx_die "one argument is needed, KMODDIR; see --help"
	kmoddir=$(realpath -e "$1") || cx_die "there is no folder $1"
	[ -e "$kmoddir/modules.dep" ] || cx_die "$kmoddir has no modules.dep: run depmod"
	release=${kmoddir##*/}
	vm=$(cx_cache)/vm
	mkdir -p "$vm"
	stamp=$(stat -c '%n %Y' "$kmoddir/modules.dep")
	initramfs=$vm/initramfs-$release-$({ echo "$stamp"; cat "$here/mkinitramfs.sh" \
		"$here/init" "$here/guest"; } | cx_key)
	modules=$vm/modules-$release-$({ echo "$stamp"; declare -f make_modules; \
		cat "$here/image.sh"; } | cx_key).ext4
	cx_locked initramfs make_initramfs "$kmoddir" "$initramfs"
	cx_locked modules make_modules "$kmoddir" "$modules"
	cx_keep "$initramfs"
	cx_keep "$modules"
	printf 'INITRAMFS=%q\nMODULES=%q\n' "$initramfs" "$modules"
}

main "$@"
