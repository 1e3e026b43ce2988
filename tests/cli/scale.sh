#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 100,000 trials compare, are drawn, and with four counters each compare and are exported, within 5 seconds of CPU time and 100 MiB of
# address space, whether they are of few cells or of many.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
boot=$SOURCE/tests/fixtures/boot.jsonl

# records FILE CELLS TRIALS SHIFT: a run of as many cells with as many timed trials each, all made of two recorded lines; by
# the clock $clock.
records() {
	jq -c "select(.type == \"env\") | $as" "$boot" >"$1"
	jq -cn "first(inputs | select(.traced and .source == \"native\"))
		| .workload = \"@W@\" | $as" "$boot" >twin
	jq -cn "first(inputs | select(.traced == false and .source == \"native\"))
		| .workload = \"@W@\" | .block = 88888888 | .migrate.oncpu = 99999999 | .migrate.elapsed = 99999999 | $as" \
		"$boot" >timed
	awk -v noise="$noise" -v cells="$2" -v trials="$3" -v shift="$4" 'NR == FNR { twin = $0; next } {
		for (c = 0; c < cells; c++) {
			line = twin; sub(/@W@/, "w" c, line); print line
			for (t = 0; t < trials; t++) {
				line = $0; sub(/@W@/, "w" c, line); sub(/88888888/, t, line)
				gsub(/99999999/, 650000 + (t * 7919 + c) % noise + shift, line); print line
			}
		}
	}' twin timed >>"$1"
	jq -c 'select(.type == "end") | .trials = '$(($2 * ($3 + 1))) "$boot" >>"$1"
}

# compare CELLS TRIALS REGEX: both sides of 50,000 in all; the second one has twelve instructions or ns a page more.
compare() {
	records base.jsonl "$1" "$2" 0
	records new.jsonl "$1" "$2" 768
	[ "$(cat base.jsonl new.jsonl | grep -c '"trial"')" -ge 100000 ] || fail "$1 cells: not 100,000 trials"
	status=0
	(ulimit -v 102400 -t 5 && exec "$WBIT" compare base.jsonl new.jsonl --gate=migrate=1% >out 2>err) || status=$?
	[ "$status" -eq 0 ] || fail "$1 cells, $clock: status $status: $(cat err)"
	expect_line "$3" out
}

clock=insn noise=5 as=.
compare 60 833 '^60 cells differ$' # and a twin each
compare 7143 6 '^7143 cells differ$'
# Six trials a side are too few to call anything among 14,286 lines.
# shellcheck disable=SC2034
clock=ns noise=499 as='(if has("clock") then .clock = "ns" else . end | if has("platform") then .platform = "vm" else . end)'
compare 60 833 '^60 cells differ$'
compare 7143 6 '^too few trials to call any effect in time among 14286 lines$'

# export CELLS TRIALS: each format, of 100,000 trials in one file. OpenMetrics takes 2,000 cells at most.
export_() {
	records base.jsonl "$1" "$2" 0
	[ "$(grep -c '"trial"' base.jsonl)" -ge 100000 ] || fail "$1 cells: not 100,000 trials"
	for format in gobench openmetrics; do
		status=0
		(ulimit -v 102400 -t 5 && exec "$WBIT" export --format $format base.jsonl >out 2>err) || status=$?
		[ "$status" -eq 0 ] || [ "$1:$format" = 7143:openmetrics ] || fail "$format of $1 cells: status $status: $(cat err)"
		[ "$status" -ne 0 ] || expect_line "write.*c3:k" out
	done
}

# Four hardware counters in both regions; the second side has twelve more of each a page.
counted="$as"' | if .traced == false then
	(.migrate, .write) |= (.counters = ([range(4) | {key: "c\(.):k", value: {value: 99999999, enabled_ns: 1000, running_ns: 1000}}] | from_entries))
	else . end'
as=$counted
compare 60 833 '^60 cells differ$'
compare 3847 12 "^3847 cells differ$"
export_ 60 1666
export_ 7143 13

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

clock=insn noise=5 as=.
plot 60 1666
plot 7143 13
finish
