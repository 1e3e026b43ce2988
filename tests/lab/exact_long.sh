#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Under ./check --full: the stalls of exact.sh for 20 seconds, and 10,000 pages cost per page what 256 cost.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
[ -n "${WBIT_FULL:-}" ] || { echo "only under ./check --full"; exit 77; }

STALL_S=20 bash "$SOURCE/tests/lab/exact.sh" || fail "exact.sh with stalls of 20 s"

try "$WBIT" lab run stock-6.12 stock-6.1 -o s.jsonl -w shmem-shared --source=native --pages=256,1024,10000 --runs=1
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err)"
slopes=$(jq -s -c '[.[] | select(.type=="trial" and (.traced|not))] | group_by(.run) | map(sort_by(.pages)
	| [range(1; length) as $i | (.[$i].migrate.oncpu - .[$i - 1].migrate.oncpu) / (.[$i].pages - .[$i - 1].pages)])' s.jsonl)
jq -en --argjson s "$slopes" '($s | length) == 2 and all($s[]; length == 2 and .[1] / .[0] > 0.98 and .[1] / .[0] < 1.02)' \
	>/dev/null || fail "instructions a page, 256 to 1,024 and 1,024 to 10,000 pages: $slopes"
echo "instructions a page, 256 to 1,024 and 1,024 to 10,000 pages, by kernel: $slopes"
finish
