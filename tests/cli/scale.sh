#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 100,000 trials compare, and are drawn, within 5 seconds of CPU time and 100 MiB of address space, whether they are of few cells or of many.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
boot=$SOURCE/tests/fixtures/boot.jsonl

# records FILE CELLS TRIALS SHIFT: a run of as many cells with as many timed trials each, all made of two recorded lines.
records() {
	jq -c 'select(.type == "env")' "$boot" >"$1"
	jq -cn 'first(inputs | select(.traced and .source == "native"))
		| .workload = "@W@"' "$boot" >twin
	jq -cn 'first(inputs | select(.traced == false and .source == "native"))
		| .workload = "@W@" | .block = 88888888 | .migrate.oncpu = 99999999' "$boot" >timed
	awk -v cells="$2" -v trials="$3" -v shift="$4" 'NR == FNR { twin = $0; next } {
		for (c = 0; c < cells; c++) {
			line = twin; sub(/@W@/, "w" c, line); print line
			for (t = 0; t < trials; t++) {
				line = $0; sub(/@W@/, "w" c, line); sub(/88888888/, t, line)
				sub(/99999999/, 650000 + (t * 7919 + c) % 5 + shift, line); print line
			}
		}
	}' twin timed >>"$1"
	jq -c 'select(.type == "end") | .trials = '$(($2 * ($3 + 1))) "$boot" >>"$1"
}

# compare CELLS TRIALS: both sides of 50,000 in all; the second one has twelve instructions a page more.
compare() {
	records base.jsonl "$1" "$2" 0
	records new.jsonl "$1" "$2" 768
	[ "$(cat base.jsonl new.jsonl | grep -c '"trial"')" -ge 100000 ] || fail "$1 cells: not 100,000 trials"
	status=0
	(ulimit -v 102400 -t 5 && exec "$WBIT" compare base.jsonl new.jsonl --gate=migrate=1% >out 2>err) || status=$?
	[ "$status" -eq 0 ] || fail "$1 cells: status $status: $(cat err)"
	expect_line "^$1 cells differ\$" out
}

# gnuplot is no part of that, so its limit is taken off.
mkdir bin
printf '#!/bin/sh\nulimit -S -v unlimited\nulimit -S -t unlimited\nexec %s "$@"\n' "$(command -v gnuplot || echo gnuplot)" >bin/gnuplot
chmod +x bin/gnuplot

# plot CELLS TRIALS: all figures of 100,000 trials in one file.
plot() {
	local begun
	records base.jsonl "$1" "$2" 0
	[ "$(grep -c '"trial"' base.jsonl)" -ge 100000 ] || fail "$1 cells: not 100,000 trials"
	command -v gnuplot >/dev/null || return 0
	begun=$(date +%s%N)
	status=0
	(ulimit -S -v 102400 && ulimit -S -t 5 && PATH=$PWD/bin:$PATH exec "$WBIT" plot -o figures base.jsonl >out 2>err) || status=$?
	[ "$status" -eq 0 ] || fail "plot of $1 cells: status $status: $(cat err)"
	echo "plot of $1 cells: $((($(date +%s%N) - begun) / 1000000)) ms"
}

compare 60 833 # and a twin each
compare 7143 6
plot 60 1666
plot 7143 13
finish
