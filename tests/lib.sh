# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the scripts of tests/ share. Each runs in a scratch folder of its own; WBIT, FAULTY and SOURCE come from ctest.
set -euo pipefail

: "${WBIT:?}" "${FAULTY:?}" "${SOURCE:?}"
export WBIT FAULTY SOURCE LC_ALL=C

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tmp"
export TMPDIR=$scratch/tmp
cd "$scratch"

failures=0

fail() {
	printf 'FAILED: %s\n' "$*"
	failures=$((failures + 1))
}

# try COMMAND...: runs it; its status is in $status, what it printed in ./out and ./err.
try() {
	status=0
	"$@" >out 2>err </dev/null || status=$?
}

# expect STATUS REGEX COMMAND...: the status, and one line on stderr that matches. Nothing on stdout.
expect() {
	local want=$1 regex=$2
	shift 2
	try "$@"
	[ "$status" -eq "$want" ] || fail "$*: status $status, expected $want: $(head -c 400 err)"
	[ "$(wc -l <err)" -eq 1 ] || fail "$*: not one line on stderr: $(head -c 400 err)"
	grep -Eq -- "$regex" err || fail "$*: stderr does not match '$regex': $(head -c 400 err)"
	[ ! -s out ] || fail "$*: something on stdout: $(head -c 400 out)"
}

# expect_lines REGEX FILE: at least one line matches.
expect_line() {
	grep -Eq -- "$1" "$2" || fail "no line of $2 matches '$1': $(head -c 1500 "$2")"
}

# count JQ-CONDITION FILE: how many records it holds for.
count() {
	jq -c "select($1)" "$2" | wc -l
}

# What the first trial of these says of itself.
first_of() {
	jq -c "select(.type==\"trial\" and ($1)) | [.workload, .policy, .trigger, .traced, .outcome, .reason]" "$2" | sed -n '1s/^/; the first: /p'
}

# Can trials by compaction run here? It is the fifth trigger that `wbit list` has a column of. Not without tracefs, as in some containers.
can_compact() {
	grep -Eq '^  anon-private +([^ ]+ +){4}yes' <<<"$("$WBIT" list)"
}

# expect_count N JQ-CONDITION FILE
expect_count() {
	local n
	n=$(count "$2" "$3")
	[ "$n" -eq "$1" ] || fail "$3: $n records with $2, expected $1$(first_of "$2" "$3")"
}

# needs_built KERNEL: skips the test without it; under ./check --full it has to be there.
needs_built() {
	[ ! -e "${XDG_CACHE_HOME:-$HOME/.cache}/wbit/kernels/$1/manifest.json" ] || return 0
	echo "needs the kernel $1: wbit lab build $1"
	[ -n "${WBIT_FULL:-}" ] || exit 77
	exit 1
}

finish() {
	[ "$failures" -eq 0 ] || exit 1
	echo "fine"
}
