# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034 # its users read OUT, STATUS, TOOK
#
# One script, two faces. To be sourced by bash, on the host and in the machine.
#
#   FACE=demo  for a person: narration, commands with what they print, and each
#              claim with its verdict
#   FACE=tap   for a program: each claim is a TAP test, all else is a comment
#   COLOR=1    colours (demo only)
#   PACE=N     seconds to rest at each title
#   FIRST=N    number of the first claim (1)
#
#   title TEXT            a new chapter
#   say TEXT...           narration, a line for each argument
#   run COMMAND           show a shell command, run it, show what it prints;
#                         sets OUT, STATUS and TOOK (milliseconds)
#   quietly COMMAND       the same, without showing anything
#   claim TEXT COMMAND... what is claimed, and the command that is true if so
#   said REGEX            true if the last command printed that
#   accepted [REGEX]      ... and succeeded
#   refused REGEX         ... printed that as its one message, and failed
#   skip TEXT REASON      a claim that cannot be judged
#   plan                  the TAP plan (tap only)

FACE=${FACE:-tap} PACE=${PACE:-0} FIRST=${FIRST:-1}
claims=$((FIRST - 1)) failed=0
OUT='' STATUS=0 TOOK=0
bold='' good='' bad='' off=''
if [ "$FACE" = demo ] && [ "${COLOR:-}" = 1 ]; then
	bold=$'\033[1m' good=$'\033[32m' bad=$'\033[31m' off=$'\033[0m'
fi

title() {
	if [ "$FACE" = demo ]; then
		printf '\n%s%s%s\n\n' "$bold" "$1" "$off"
		sleep "$PACE"
	else
		printf '# ==== %s\n' "$1"
	fi
}

say() {
	if [ "$FACE" = demo ]; then
		printf '%s\n' "$@"
	else
		printf '# %s\n' "$@"
	fi
}

show_output() {
	local prefix='    '

	[ "$FACE" = demo ] || prefix='#     '
	[ -z "$OUT" ] || printf '%s\n' "$OUT" | sed "s/^/$prefix/"
}

quietly() {
	local start=$EPOCHREALTIME end

	STATUS=0
	OUT=$(eval "$1" 2>&1) || STATUS=$?
	end=$EPOCHREALTIME
	TOOK=$(((${end/./} - ${start/./}) / 1000))
}

run() {
	if [ "$FACE" = demo ]; then
		printf '%s  $ %s%s\n' "$bold" "$1" "$off"
	else
		printf '#   $ %s\n' "$1"
	fi
	quietly "$1"
	show_output
}

verdict_demo() {
	if [ "$1" = 0 ]; then
		printf '%s  [ok] %s%s\n' "$good" "$2" "$off"
	else
		printf '%s  [FAILED] %s%s\n' "$bad" "$2" "$off"
	fi
}

claim() {
	local text=$1 detail rc=0

	shift
	claims=$((claims + 1))
	detail=$("$@" 2>&1) || rc=$?
	[ $rc = 0 ] || failed=$((failed + 1))
	if [ "$FACE" = demo ]; then
		verdict_demo $rc "$text"
	elif [ $rc = 0 ]; then
		printf 'ok %d - %s\n' $claims "$text"
	else
		printf 'not ok %d - %s\n' $claims "$text"
		printf '# false: %s\n' "$*"
		printf '# the last command: status %s, %s\n' "$STATUS" "${OUT//$'\n'/$'\n#   '}"
	fi
	if [ $rc != 0 ] && [ -n "$detail" ]; then
		printf '%s\n' "$detail" | sed 's/^/#   /'
	fi
	return 0
}

skip() {
	if [ "$FACE" = demo ]; then
		printf '  [skipped: %s] %s\n' "$2" "$1"
	else
		claims=$((claims + 1))
		printf 'ok %d - %s # SKIP %s\n' $claims "$1" "$2"
	fi
}

said() { grep -qE -e "$1" <<<"$OUT"; }
accepted() { [ "$STATUS" = 0 ] && said "${1:-}"; }
refused() { [ "$STATUS" = 1 ] && [ "$(wc -l <<<"$OUT")" = 1 ] && said "$1"; }
is_not() { ! "$@"; }

plan() { [ "$FACE" = demo ] || echo "1..$claims"; }
