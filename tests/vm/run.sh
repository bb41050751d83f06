#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/vm/run.sh [OPTION]... -- COMMAND
#
# Boots the test machine, runs COMMAND in it as root with sh -c, prints what it
# prints, and exits with its exit status. Changes to the machine are thrown away.
#
#   --smp N           processors (default 2)
#   --mem MIB         memory (default 2048)
#   --icount          one processor whose clock counts instructions
#                     (1 ns each), for figures that do not depend on the host
#   --timeout S       limit for COMMAND and the shutdown (default 300)
#   --disk FILE       a disk that outlives the machine; FILE is its raw image
#   --scratch SIZE    an empty disk, gone afterwards (SIZE as in 64M, 1G)
#                     Both may be repeated; in the order given their devices
#                     are $CX_DISK0, $CX_DISK1, ... in COMMAND.
#   --payload DIR     put what DIR holds at /cryptex, read-only; when repeated,
#                     the folders are laid over one another
#   --kmsg FILE       write the kernel's log to FILE
#   --expect-warning  do not judge the kernel's log
#   --log-filter CMD  judge what CMD makes of the kernel's log
#   --append TEXT     add TEXT to the kernel's command line
#   --kernel FILE --modules DIR
#                     boot this kernel, with its .../lib/modules/RELEASE,
#                     in place of the one of scripts/fetch-kernel.sh
#   --terminal        connect COMMAND to this terminal; without a COMMAND it
#                     is a shell. ^A x ends the machine.
#
# The kernel is the one that CX_KERNEL names (scripts/fetch-kernel.sh), else the
# one that build/ was last made for.
#
# CX_VM_BOOT_LIMIT is how many seconds a boot may say nothing new (default 60), or
# a fifth of those that it may take, before it is given up and tried once more.
#
# Exit status other than COMMAND's own, each with its reason on stderr:
#   99   the kernel's log has a warning, an oops or the like (see BAD_LOG);
#        goes before all others
#   124  COMMAND was not done within the time limit
#   125  no verdict: the machine did not boot, crashed, went off by itself or
#        could not be started; or this script was called wrongly

set -Eeuo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
. "$here/../../scripts/lib.sh"
# shellcheck source=tests/vm/image.sh
. "$here/image.sh"

CX_DIE_STATUS=125
BOOT_LIMIT=${CX_VM_BOOT_LIMIT:-60}
BAD_LOG='WARNING:|(^|[^A-Z])BUG[: ]|Oops|KASAN|UBSAN:|[Kk]ernel panic|leaked|general protection fault'
BAD_LOG+='|INFO: task .* (hung|blocked for more)|possible (recursive|circular) locking|inconsistent lock state'
BAD_LOG+='|suspicious RCU usage|refcount_t:|kmemleak: [0-9]+ new suspected|Objects remaining'

smp=2 mem=2048 limit=300 icount=false terminal=false expect_warning=false
kmsg='' append='' kernel='' kmoddir='' log_filter='' command='' work='' qemu='' reader='' tty_state=''
payloads=() disks=() timed_out=false

stop() {
	[ -z "$tty_state" ] || stty "$tty_state" || true
	if [ -n "$qemu" ]; then
		kill -9 "$qemu" 2>/dev/null || true
		wait "$qemu" 2>/dev/null || true
	fi
	[ -z "$reader" ] || wait "$reader" 2>/dev/null || true
	qemu='' reader=''
}
trap 'stop; cx_cleanup' EXIT
trap 'exit 130' INT
trap 'cx_say "error: unexpected failure in line $LINENO"; exit 125' ERR
trap 'exit 143' TERM HUP

need_number() { [[ $2 =~ ^[1-9][0-9]*$ ]] || cx_die "$1 needs a number above 0, not '$2'"; }

need_disk() {
	if [ ! -f "$1" ] || [ ! -r "$1" ] || [ ! -w "$1" ]; then
		cx_die "--disk $1: not a file that can be read and written"
	fi
	disks+=("$(realpath "$1")")
}

make_scratch() {
	local file=$work/scratch${#disks[@]}

	if ! truncate -s "$1" "$file" 2>/dev/null || [ ! -s "$file" ]; then
		cx_die "--scratch $1: not a size such as 64M or 1G"
	fi
	disks+=("$file")
}

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--icount) icount=true smp=1 ;;
		--expect-warning) expect_warning=true ;;
		--terminal) terminal=true ;;
		-h | --help) cx_usage; exit 0 ;;
		--) shift; command="$*"; break ;;
		--smp | --mem | --timeout | --disk | --scratch | --payload | --kmsg | \
			--log-filter | --append | --kernel | --modules)
			[ $# -gt 1 ] || cx_die "$1 needs a value"
			parse_value "$1" "$2"
			shift
			;;
		*) cx_die "unknown argument '$1'; see --help" ;;
		esac
		shift
	done
	if $terminal; then
		command=${command:-exec bash -l}
		limit=1000000
		# QEMU makes the terminal raw, and cannot undo it when it is killed.
		tty_state=$(stty -g 2>/dev/null || true)
	fi
	[ -n "$command" ] || cx_die "what shall run? Give it after --; see --help"
	if $icount && [ "$smp" -ne 1 ]; then
		cx_die "--icount counts on one processor; leave --smp out"
	fi
	[ -z "$kernel" ] || [ -n "$kmoddir" ] || cx_die "--kernel needs --modules as well"
}

parse_value() {
	case $1 in
	--smp) need_number "$@"; smp=$2 ;;
	--mem) need_number "$@"; mem=$2 ;;
	--timeout) need_number "$@"; limit=$2 ;;
	--disk) need_disk "$2" ;;
	--scratch) make_scratch "$2" ;;
	--payload) [ -d "$2" ] || cx_die "--payload $2: no such folder"; payloads+=("$2") ;;
	--kmsg) kmsg=$2 ;;
	--log-filter) log_filter=$2 ;;
	--append) append=$2 ;;
	--kernel) [ -r "$2" ] || cx_die "--kernel $2: cannot read it"; kernel=$2 ;;
	--modules) kmoddir=$2 ;;
	esac
}

# Sets the paths of everything that is kept in the cache.
prepare_machine() {
	local VMLINUZ='' KMODDIR='' INITRAMFS='' MODULES='' text

	if [ -z "$kernel" ]; then
		text=$("$here/../../scripts/fetch-kernel.sh") || exit 125
		eval "$text"
		kernel=$VMLINUZ kmoddir=$KMODDIR
	fi
	text=$("$here/mkinitramfs.sh" "$kmoddir") || exit 125
	eval "$text"
	initramfs=$INITRAMFS modules=$MODULES
	rootfs=$("$here/mkrootfs.sh") || exit 125
}

prepare_payload() {
	local dir

	if [ ${#payloads[@]} -eq 1 ]; then
		vm_image "${payloads[0]}" "$work/payload" 1
	elif [ ${#payloads[@]} -gt 1 ]; then
		mkdir "$work/merged"
		for dir in "${payloads[@]}"; do
			cp -a "$dir/." "$work/merged" ||
				cx_die "--payload $dir: cannot be laid over the others"
		done
		vm_image "$work/merged" "$work/payload" 1
		rm -rf "$work/merged"
	fi
}

# The command travels as a second archive behind the first: no quoting, no limit
# on its length.
prepare_initramfs() {
	local extra=$work/extra

	mkdir "$extra"
	printf '%s\n' "$command" >"$extra/command"
	[ ${#payloads[@]} -eq 0 ] || : >"$extra/has-payload"
	$terminal && : >"$extra/terminal"
	(cd "$extra" && find . -type f -print0 | cpio -0 -o -H newc --quiet -R 0:0) >"$work/extra.cpio"
	cat "$initramfs" "$work/extra.cpio" >"$work/initramfs"
}

# drive NAME FILE OPTIONS: the serial number is what the guest knows it by.
drive() {
	args+=(-drive "if=none,id=$1,format=raw,file=${2//,/,,},$3"
		-device "virtio-blk-pci,drive=$1,serial=cx$1")
}

port() {
	args+=(-chardev "file,id=$1,path=${work//,/,,}/$1"
		-device "virtserialport,chardev=$1,name=$1")
}

# ioeventfd=off: what the guest has written is in the file before the guest goes
# on, so that nothing is lost when it powers off.
# shellcheck disable=SC2054 # the commas are QEMU's
machine_args() {
	local i

	args=(-nodefaults -no-user-config -display none -no-reboot -cpu max -smp "$smp" -m "$mem"
		-kernel "$kernel" -initrd "$work/initramfs"
		-append "console=ttyS0 loglevel=7 panic=-1 printk.devkmsg=on mitigations=off nokaslr no_timer_check $append"
		-chardev "file,id=kmsg,path=${kmsg//,/,,}" -serial chardev:kmsg
		-device virtio-serial-pci,ioeventfd=off)
	if $icount; then
		args+=(-accel tcg,thread=single -icount shift=0,sleep=off)
	else
		args+=(-accel tcg,thread=multi)
	fi
	port output
	port verdict
	if $terminal; then
		args+=(-chardev stdio,id=tty,mux=on,signal=off -serial chardev:tty
			-mon chardev=tty,mode=readline)
	fi
	drive root "$rootfs" snapshot=on
	drive modules "$modules" snapshot=on
	[ ${#payloads[@]} -eq 0 ] || drive payload "$work/payload" readonly=on
	for ((i = 0; i < ${#disks[@]}; i++)); do
		case ${disks[i]} in
		"$work"/*) drive "disk$i" "${disks[i]}" cache=unsafe ;;
		*) drive "disk$i" "${disks[i]}" cache=writeback ;;
		esac
	done
}

alive() { kill -0 "$qemu" 2>/dev/null; }
has_verdict() { grep -q "^$1" "$work/verdict" 2>/dev/null; }

# wait_until VERDICT SECONDS: false when the time is over; a machine that has
# gone off ends the wait as well.
wait_until() {
	local end=$((SECONDS + $2))

	while alive && ! has_verdict "$1"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# A loaded host makes a boot slow; one that still writes to its log is no hang.
wait_started() {
	local end=$((SECONDS + 5 * BOOT_LIMIT)) heard=$SECONDS size=0 now

	while alive && ! has_verdict started; do
		now=$(stat -c %s "$kmsg")
		[ "$now" -eq "$size" ] || heard=$SECONDS
		size=$now
		if [ $((SECONDS - heard)) -ge "$BOOT_LIMIT" ] || [ "$SECONDS" -ge "$end" ]; then
			return 1
		fi
		sleep 0.1
	done
}

# The machine dies with this script, however that one ends.
start_qemu() {
	local input=/dev/null

	: >"$work/output"
	: >"$work/verdict"
	: >"$kmsg"
	! $terminal || input=/dev/stdin
	TMPDIR=$work setpriv --pdeathsig KILL qemu-system-x86_64 "${args[@]}" \
		<"$input" 2>"$work/qemu.err" &
	qemu=$!
}

# Under load about one boot in a dozen hangs early with an RCU stall of the
# emulated processors; a second hang is believed. A machine that goes off is no
# hang and is judged at once.
boot() {
	start_qemu
	if wait_started; then
		return 0
	fi
	stop
	cx_say "boot 1 fell silent before the command, trying once more"
	show_log
	start_qemu
	if ! wait_started; then
		stop
		cx_say "boot 2 fell silent before the command"
	fi
}

run_command() {
	# Follows until the machine is off, then reads the rest.
	tail -q -c +1 -s 0.1 -f --pid="$qemu" "$work/output" 2>/dev/null &
	reader=$!
	if ! wait_until nothing "$limit"; then
		timed_out=true
		kill -9 "$qemu"
	fi
	wait "$qemu" 2>/dev/null || true
	wait "$reader" 2>/dev/null || true
	qemu='' reader=''
}

show_log() {
	cx_say "the end of the kernel's log:"
	tail -n 25 "$kmsg" | sed 's/^/  /; s/\r$//' >&2
	sed 's/^/  qemu: /' "$work/qemu.err" >&2
}

judge_log() {
	local log=$kmsg

	! grep -q 'rcu.*detected stalls' "$kmsg" ||
		cx_warn "the kernel saw an RCU stall, which a loaded host can cause"
	! $expect_warning || return 0
	if [ -n "$log_filter" ]; then
		log=$work/judged
		sh -c "$log_filter" <"$kmsg" >"$log"
	fi
	if grep -E -q "$BAD_LOG" "$log"; then
		cx_say "error: the kernel complained (the command's status: ${1:-none}):"
		grep -E -A 12 "$BAD_LOG" "$log" | sed -n 's/\r$//; 1,60s/^/  /p' >&2
		exit 99
	fi
}

judge() {
	local status

	status=$(sed -n 's/^status //p' "$work/verdict")
	judge_log "$status"
	if $timed_out; then
		show_log
		cx_say "error: ${status:+the command ended with $status, but }the machine was not done within $limit s"
		exit 124
	fi
	if [ -z "$status" ] || ! has_verdict "done"; then
		show_log
		cx_die "no verdict: the machine crashed or went off${status:+ after the command ended with $status}"
	fi
	exit "$status"
}

main() {
	local initramfs modules rootfs args=()

	work=$(cx_tmp run)
	parse "$@"
	cx_need qemu-system-x86_64 cpio mke2fs setpriv
	kmsg=${kmsg:-$work/kmsg}
	prepare_machine
	prepare_payload
	prepare_initramfs
	machine_args
	boot
	[ -z "$qemu" ] || run_command
	judge
}

main "$@"
