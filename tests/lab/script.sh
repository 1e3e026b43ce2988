#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A script in a guest: its output, its status, what was added to the guest, and how it ends when it does not go well.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

shell() {
	try "$WBIT" lab shell stock-6.12 --mode exact --script script "$@"
}

# A program with its libraries, a plain file at a path of its own, a status that wbit itself never has.
cat >script <<'END'
echo "hello of $(uname -r)"
printf 'red \033[31m\n'
cat /some/where/text
/usr/bin/sort --version
ls -l /bin/wbit /wbit >/dev/null 2>&1 || echo "no such thing"
exit 7
END
echo "what was added" >text
shell --add text:/some/where/text --add "$(command -v sort):/usr/bin/sort"
[ "$status" -eq 7 ] || fail "status $status: $(head -c 400 err)"
[ ! -s err ] || fail "something on stderr: $(head -c 400 err)"
expect_line '^hello of 6\.12\.' out
expect_line '^red \?\[31m$' out
expect_line '^what was added$' out
expect_line '^no such thing$' out
expect_line '^sort \(GNU coreutils\)' out

echo 'echo up; while :; do :; done' >script
expect_hang() {
	[ "$status" -eq 2 ] || fail "a hang: status $status"
	expect_line 'the guest did not end within 20 s' err
	expect_line '^up$' out
}
shell --time-limit 20
expect_hang

echo 'echo up; echo c >/proc/sysrq-trigger' >script
shell
[ "$status" -eq 2 ] || fail "a panic: status $status"
expect_line 'kernel panic: .*sysrq triggered crash' err
expect_line '^up$' out
finish
