#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit compare on counters: counters.jsonl (a guest's software events and tracepoints, counted by twins), and hardware events that
# jq puts into its timed trials, as a machine with a PMU would have counted them.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
fixture=$SOURCE/tests/fixtures/counters.jsonl

# compare STATUS ARGUMENT...: nothing on stderr; no wider than a page.
compare() {
	local want=$1
	shift
	try "$WBIT" compare "$@"
	[ "$status" -eq "$want" ] || fail "compare $*: status $status, expected $want: $(head -c 600 out err)"
	[ ! -s err ] || fail "compare $*: something on stderr: $(head -c 400 err)"
	[ "$(grep -v '^gate ' out | wc -L)" -le 120 ] || [[ $1 = --format=* ]] || fail "compare $*: wider than 120 columns"
}

# ---- what twins counted: to the last event

native='.traced == true and .workload == "anon-private" and .source == "native"'
compare 0 "$fixture" "$fixture"
! grep -q 'PAGE-FAULTS' out || fail "equal counters are shown without --all"
compare 0 --all "$fixture" "$fixture"
expect_line '^ +write PAGE-FAULTS:u 256 +0 +0 +equal$' out
expect_line '^ +migrate migrate:mm_migrate_pages 256 +1 in 256 +1 in 256 +equal$' out
expect_line '^migrate NAME, write NAME: events a page that this counter counted$' out
! grep -q 'cycles' out || fail "what nothing counted is shown"
jq -c "if $native then .write.counters[\"PAGE-FAULTS:u\"].value = 1 else . end" "$fixture" >one.jsonl
compare 0 "$fixture" one.jsonl
expect_line '^anon-private +vma native$' out
expect_line '^ +write PAGE-FAULTS:u 256 +0 +1 in 256 +\+1 in 256 +- +more$' out
expect_line '^1 cell differs' out
jq -c "if $native then .write.counters[\"PAGE-FAULTS:u\"].value = 512 else . end" "$fixture" >two.jsonl
compare 0 two.jsonl one.jsonl
expect_line '^ +write PAGE-FAULTS:u 256 +2 +1 in 256 +-511 in 256 +-99.80 % +less$' out
compare 0 "$fixture"	# by policy: what the emulated one has to pay
expect_line '^ +write PAGE-FAULTS:u 256 +0 +1 +\+1 +- +more$' out
compare 0 --format=json "$fixture" one.jsonl
jq -es 'map(select(.counter)) | length == 1 and (.[0] | .figure == "write-counter" and .counter == "PAGE-FAULTS:u" and
	.base == {"min": 0, "max": 0} and .new == {"min": 1, "max": 1} and .change == 1 / 256 and .percent == null and
	.verdict == "more" and .timing == null)' out >/dev/null || fail "json: $(head -c 800 out)"
compare 0 --format=markdown "$fixture" one.jsonl
expect_line '^\| anon-private \| vma native \| write PAGE-FAULTS:u 256 \| 0 \| 1 in 256 \| \+1 in 256 \|  \| more \|$' out
compare 0 --format=latex "$fixture" one.jsonl
expect_line '^anon\{-\}private & vma native & write PAGE\{-\}FAULTS:u 256 & 0 & 1 in 256 & ' out

# A counter of one side is shown with --all, and differs in nothing.
jq -c 'if .type == "trial" then del(.write.counters["PAGE-FAULTS:u"]) else . end' "$fixture" >without.jsonl
compare 0 "$fixture" without.jsonl
! grep -q 'PAGE-FAULTS:u' out || fail "a counter of one side is a difference"
compare 0 --all "$fixture" without.jsonl
expect_line '^ +write PAGE-FAULTS:u 256 +0 +\? +unknown$' out

# ---- gates

compare 0 --gate=write.PAGE-FAULTS:u=0 "$fixture" "$fixture"
compare 0 --gate=write.PAGE-FAULTS:u=0 one.jsonl "$fixture"	# better
compare 1 --gate=write.PAGE-FAULTS:u=0 "$fixture" one.jsonl
expect_line '^gate write.PAGE-FAULTS:u=0 trips: anon-private vma native, write PAGE-FAULTS:u 256: 0 -> 1 in 256, \+1 in 256; allowed: \+0.0$' out
compare 0 --gate=write.PAGE-FAULTS:u=0.01 "$fixture" one.jsonl
compare 0 --gate=migrate.PAGE-FAULTS:u=0 "$fixture" one.jsonl
compare 3 --gate=write.PAGE-FAULTS:u=0 "$fixture" without.jsonl
expect_line '^gate write.PAGE-FAULTS:u=0 undecided: .*; the new side has no figure$' out
compare 3 --gate=write.nothing=0 "$fixture" one.jsonl
expect_line '^gate write.nothing=0 undecided: no cell of the base has such a figure$' out
for gate in write.=0 write.PAGE-FAULTS:u faults.x=0 write.x=1e3; do
	expect 2 'no gate: .* of a counter migrate.NAME=N, write.NAME=P%' "$WBIT" compare --gate="$gate" "$fixture" one.jsonl
done

# ---- what timed trials counted: as times are compared

# hardware FILE FACTOR: one run in ns, its timed trial twelve times over, with cycles that lie within 2 % to either side.
hardware() {
	jq -c --argjson factor "$2" 'def counter($v): {value: ($v | floor), enabled_ns: 1, running_ns: 1};
		def cycles($b): 1000000 * $factor * (1 + ($b * 7 % 12 - 6) / 300);
		if .type == "env" then .clock = "ns" | .platform = "vm" elif .type == "end" then .trials = 13 else
		select(.workload == "anon-private" and .source == "native") | .clock = "ns" |
		if .traced then . else .migrate.elapsed = 1000000 | .write.elapsed = 100000 | range(12) as $b | .block = $b |
		.migrate.counters = {"cycles:k": counter(cycles($b))} |
		.write.counters = {"cycles:k": counter(cycles(11 - $b) / 2)} end end' "$fixture" >"$1"
}
hardware base.jsonl 1
hardware more.jsonl 1.05
hardware same.jsonl 1.001
compare 0 base.jsonl same.jsonl
expect_line '^1 inconclusive$' out
tr '\n' ' ' <out >flat		# it is broken where it may be
expect_line 'the smallest effect in a counter that could have been seen: [0-9.]+ % on the best line' flat
compare 0 base.jsonl more.jsonl
expect_line '^ +migrate cycles:k 256 +3,[0-9.]+ +4,[0-9.]+ +\+5\.00 % +\+[0-9.]+ to \+[0-9.]+ % more$' out
expect_line '^ +write cycles:k 256 +1,9[0-9.]+ +2,0[0-9.]+ +\+5\.00 % +\+[0-9.]+ to \+[0-9.]+ % more$' out
compare 0 more.jsonl base.jsonl
expect_line '^ +write cycles:k 256 .* -4\.[0-9]+ % .* less$' out
compare 0 --all base.jsonl more.jsonl
expect_line '^ +12 and 12 trials, p [0-9.e-]+ by Holm; seen from [0-9.]+ % on$' out
compare 1 --gate=write.cycles:k=2% base.jsonl more.jsonl
expect_line '^gate write.cycles:k=2% trips: .*; allowed: \+2\.00 %$' out
compare 0 --gate=write.cycles:k=10% --gate=migrate.cycles:k=10% base.jsonl more.jsonl
compare 1 --gate=migrate.cycles:k=100 base.jsonl more.jsonl	# events a page
compare 3 --gate=write.cycles:k=0% base.jsonl same.jsonl
compare 0 --format=json base.jsonl more.jsonl
jq -es 'map(select(.counter == "cycles:k")) | length == 2 and all(.[]; .verdict == "more" and .timing.by == "trial" and
	.timing.unit == "ratio" and .timing.p_holm >= .timing.p and .base.trials == 12)' out >/dev/null || fail "json: $(head -c 800 out)"
jq -c 'if .traced == false and .block > 1 then (.migrate, .write) |= (.counters = {}) else . end' base.jsonl >turns.jsonl
compare 0 turns.jsonl turns.jsonl
tr '\n' ' ' <out >flat
expect_line 'some counters are inconclusive for want of trials: 2 more of base and 2 more of new' flat
compare 0 --format=latex --all turns.jsonl turns.jsonl
expect_line '^% .*some counters are inconclusive' out
compare 0 --allow-mixed --all "$fixture" more.jsonl	# another clock: the counts of twins
! grep -q 'cycles' out || fail "mixed sides: what varies is compared"
expect_line '^ +write PAGE-FAULTS:u 256 +0 +0 +equal$' out

# ---- hostile names

cat >names.txt <<'END'
[x]*|a`b`<b>&c%d$e#f_g^h~i{j}k\input{/etc/passwd}"'@user #1 ![y](z) https://e www.e.org
END
jq -c --rawfile name names.txt 'if .type == "trial" and .traced then .write.counters += {
	($name): {value: .start_ns, enabled_ns: 1, running_ns: 1}, "\u001b[31m\u0007\n\u00e4=": {value: 7, enabled_ns: 1, running_ns: 1},
	("n" * 127): {value: .start_ns, enabled_ns: 1, running_ns: 1}} else . end' "$fixture" >h.jsonl
jq -c 'if .type == "trial" then .write.counters |= with_entries(if .value then .value.value += 1 else . end) else . end' h.jsonl >g.jsonl
for options in "" --all --format=json --format=markdown --format=latex; do
	# shellcheck disable=SC2086
	compare 1 $options --gate=$'write.\033[31m\007\n\303\244==0' h.jsonl g.jsonl
	[ "$(tr -d '\n\040-\176' <out | wc -c)" -eq 0 ] || fail "hostile $options: control characters: $(cat -v out | head -c 600)"
done
compare 0 h.jsonl g.jsonl
# shellcheck disable=SC2016
expect_line '^ +write \[x\]\*\|a`b`<b>&c%d\$e#f_g\^h\.\.//e www\.e\.org\? 256 ' out
expect_line '^ +write n{24}\.\.n{14} 256 ' out
compare 0 --format=markdown h.jsonl g.jsonl
! grep -Eq '<b>|www\.|[^\\]`' out || fail "markdown: HTML or a link of a name"
[ "$(grep '^|' out | sed 's/\\.//g' | tr -dc '|\n' | sort -u)" = '|||||||||' ] || fail "markdown: a row with other columns"
compare 0 --format=latex h.jsonl g.jsonl
sed -n '/^\\midrule/,/^\\bottomrule/p' out | sed 's/\\[&%$#_{}]//g; s/\\text[a-z]*{}//g; s/\\char34{}//g; s/ \\\\$//; s/{[]`'"'"'*[-]}//g' | sed '1d;$d' >rows
[ -s rows ] || fail "latex: no rows"
! grep -q '[][$#_^~{}%\\`"*]' rows || fail "latex: something special is left: $(grep -m1 '[][$#_^~{}%\\`"*]' rows)"
finish
