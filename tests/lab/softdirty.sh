#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/thp-softdirty.c in guests: what doc/findings.md says of migrated pages that are reported as written.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
[ -n "${WBIT_FULL:-}" ] || { echo "only under ./check --full"; exit 77; }

${CC:-cc} -std=c11 -O2 -static -Wall -Wextra -Wshadow -Werror -o thp-softdirty "$SOURCE/doc/thp-softdirty.c" ||
	fail "it does not compile without a warning"
echo /bin/thp-softdirty >script

# expect_pages KERNEL BASE HUGE
expect_pages() {
	try "$WBIT" lab shell "$1" --script script --add thp-softdirty
	[ "$status" -eq 1 ] || fail "$1: status $status: $(head -c 400 err)"
	expect_line "^base pages: +$2 of 512 pages are soft-dirty after the migration" out
	expect_line "^huge page : +$3 of 512 pages are soft-dirty after the migration" out
}

expect_pages stock-6.12 0 512
expect_pages stock-6.1 512 512
finish
