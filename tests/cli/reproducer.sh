#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/uffd-unregister.c is a program that anyone can compile and run, and it tells of this kernel what wbit's own probe does.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

${CC:-cc} -std=c11 -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror \
	-o uffd-unregister "$SOURCE/doc/uffd-unregister.c" || fail "it does not compile without a warning"
[ -x uffd-unregister ] || finish

try ./uffd-unregister
if [ "$status" -eq 77 ]; then
	cat err
	exit 77
fi
[ "$status" -le 1 ] || fail "status $status: $(cat out err)"
cp out rows
rows=$(grep -Ec '^ +[0-9]+ of 256 pages pay a write fault: (memfd|private), ' rows)
[ "$rows" -eq 8 ] || fail "not eight rows: $(cat rows)"

# paid ROW: how many pages of it paid.
paid() {
	sed -n "s/^ *\([0-9]*\) of [0-9]* pages pay a write fault: $1\$/\1/p" rows
}

[ "$(paid 'memfd, written')" = 0 ] || fail "the control paid"
[ "$(paid 'memfd, zapped, read')" = 0 ] || fail "the control that reads paid"
if [ "$status" -eq 0 ]; then
	expect_line '^ +0 of 256 .*: memfd, written, registered, unregistered$' rows
fi

# The same state as in the workload shmem-uffd-unregister.
"$WBIT" doctor --json >doctor.json
restores=$(jq -r .unregister_restores_w doctor.json)
case $(paid 'memfd, zapped, registered, read, unregistered') in
0) [ "$restores" = true ] || fail "no page paid, and doctor says that W is not restored" ;;
256) [ "$restores" = false ] || fail "every page paid, and doctor says that W is restored" ;;
*) fail "some pages paid and some did not: $(cat rows)" ;;
esac

try ./uffd-unregister 1
expect_line '^ +[01] of 1 pages pay' out
expect 2 '^usage: uffd-unregister ' ./uffd-unregister 0
expect 2 '^usage: uffd-unregister ' ./uffd-unregister 1 2
finish
