#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit(1): made where help2man is, from --help; whole, and without a warning of man's.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"

for program in help2man man; do
	command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }
done
page=$(dirname "$WBIT")/wbit.1
[ -s "$page" ] || { echo "there was no help2man when this was configured"; exit 77; }

export LC_ALL=C.UTF-8 MANWIDTH=100
man --warnings -l "$page" >text 2>err || fail "man: status $?"
[ ! -s err ] || fail "man warns: $(head -n 5 err)"
[ "$(wc -L <text)" -le 100 ] || fail "a line that cannot be broken"
for name in NAME SYNOPSIS DESCRIPTION COMMANDS 'EXIT STATUS' ENVIRONMENT FILES EXAMPLES; do
	[ "$(grep -cx "$name" text)" -eq 1 ] || fail "no section $name, or two"
done
[ "$(sed -n '4s/^ *//p' text)" = "wbit - what the write bit costs: page migration and write faults" ] || fail "NAME: $(sed -n 4p text)"

# options ARGUMENT...: the long options that --help has.
options() {
	"$WBIT" "$@" --help | grep -oE '^ +(-., +)?--[a-z-]+' | grep -oE -- '--[a-z-]+' | grep -Evx -- '--(help|usage|version)' | sort -u
}

# described ARGUMENT...: a subsection with each of its options.
described() {
	local option
	sed -n "/^   wbit $*\$/,/^   wbit \|^[A-Z]/p" text >section
	[ "$(grep -cx "   wbit $*" text)" -eq 1 ] || fail "no subsection wbit $*, or two"
	for option in $(options "$@"); do
		grep -Eq -- "^ +(-[a-zA-Z], )?$option(=|\$| )" section || fail "wbit $*: $option is not described"
	done
}

commands=$("$WBIT" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 9 ] || fail "only these commands: $commands"
for command in $commands; do
	[ "$command" = lab ] || described "$command"
done
for command in run fetch build config shell; do
	described lab $command
done

# The script by itself: the same page again, and nothing of it where a command fails.
"$SOURCE/doc/man.sh" "$WBIT" "$SOURCE/doc/wbit.h2m" again.1
cmp again.1 "$page" || fail "made again, it is another page"
! "$SOURCE/doc/man.sh" /bin/false "$SOURCE/doc/wbit.h2m" none.1 2>/dev/null || fail "made of a program that fails"
[ ! -e none.1 ] || fail "a page of a program that fails"
finish
