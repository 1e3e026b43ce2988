#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# man.sh WBIT INCLUDE OUT: makes wbit(1) by help2man, of what each command's --help prints (that is the tables of options, in
# src/cmd_*.c), and of INCLUDE.
set -euo pipefail
wbit=$1 include=$2 out=$3
version=$("$wbit" --version)
export LC_ALL=C.UTF-8
unset ARGP_HELP_FMT

# commands PREFIX...: the names that `wbit PREFIX --help` lists.
commands() {
	"$wbit" "$@" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p'
}

# page ARGUMENT...: the page that help2man makes of this command's help.
page() {
	help2man --no-info --no-discard-stderr --version-string="$version" --name=- "$wbit $*"
}

# section ARGUMENT...: its synopsis, text and options as one subsection; what all commands have (--help and the like) is left out.
section() {
	printf '.SS "wbit %s"\n' "$*"
	page "$@" | awk '
		/^\.SH/ { part = $2; if (part == "DESCRIPTION") print ".PP"; next }
		part != "SYNOPSIS" && part != "DESCRIPTION" { next }
		/^\.TP$/ { held = 1; next }
		held && /\\fB\\-\\-(help|usage|version)\\fR$/ { held = 0; skip = 1; next }
		held { print ".TP"; held = 0; skip = 0 }
		/^\.PP$/ { skip = 0 }
		/^Mandatory or optional arguments to long options/ { drop = 2 }
		drop { drop--; next }
		!skip { print }'
}

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
{
	printf '[COMMANDS]\n'
	for command in $(commands); do
		if [ "$command" = lab ]; then
			for sub in $(commands lab); do
				section lab "$sub"
			done
		else
			section "$command"
		fi
	done
	cat "$include"
} >"$temporary/include"
help2man --no-info --no-discard-stderr --section=1 --version-string="$version" --include="$temporary/include" \
	--name="what the write bit costs: page migration and write faults" "$wbit" >"$temporary/page"
mv "$temporary/page" "$out"
