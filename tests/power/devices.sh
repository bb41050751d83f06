# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Recording what is written to a disk, and making the disk as it was at an
# instant. To be sourced after e2e/guest.sh, with DATA, LOG, COPY and COW set to
# empty disks: what is recorded is written to DATA and told to LOG; COPY follows
# step by step, and each step is looked at through a snapshot whose changes are
# in COW.

# There is no udev here.
export DM_DISABLE_UDEV=1
MAPPED=/dev/mapper

# Nothing reaches the disk but what is synced: neither the journal's timer nor that
# of dirty pages shall do what a program has forgotten.
MOUNT_OPTIONS=commit=3000,nodiscard
never_write_back() { echo 0 >/proc/sys/vm/dirty_writeback_centisecs; }

sectors() { blockdev --getsz "$1"; }

make_device() { dmsetup create "$1" --table "$2"; }

start_recording() {
	make_device recorded "0 $(sectors "$DATA") log-writes $DATA $LOG"
	mkfs.ext4 -q -O verity -b 4096 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 \
		$MAPPED/recorded
	mkdir -p "$STORE"
	mount -o $MOUNT_OPTIONS $MAPPED/recorded "$STORE"
}

# mark WORD: an entry of the log. What was not sure to be on the disk comes behind it.
mark() { dmsetup message recorded 0 mark "$1" || give_up "a mark in the log: $1"; }

stop_recording() {
	umount "$STORE"
	dmsetup remove recorded
}

# look FROM TO [SEED]: mount the disk as it was at TO; COPY is as it was at FROM.
# Without a SEED, COPY is at TO afterwards; with one it stays.
look() {
	[ -n "${3:-}" ] || power-replay apply "$LOG" "$COPY" "$1" "$2" || return
	make_device seen "0 $(sectors "$COPY") snapshot $COPY $COW N 8" || return
	[ -z "${3:-}" ] || power-replay apply "$LOG" $MAPPED/seen "$1" "$2" "$3" || return
	mount -o $MOUNT_OPTIONS $MAPPED/seen "$STORE"
}

look_away() {
	umount "$STORE"
	dmsetup remove seen
}
