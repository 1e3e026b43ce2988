#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit compare on times: host.jsonl, six runs on a real machine under compaction (nanoseconds, with the spikes and the drift of a
# machine that others kept busy), and on what jq makes of them.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
host=$SOURCE/tests/fixtures/host.jsonl

# edit FILE FILTER: host.jsonl with its records changed; timed holds for the timed trials, slower(F) multiplies their writes.
edit() {
	jq -c 'def timed: .type == "trial" and (.traced | not);
		def slower(f): if timed and .write.elapsed then .write.elapsed = (.write.elapsed * f | round) else . end; '"$2" "$host" >"$1"
}

# compare STATUS ARGUMENT...: nothing on stderr; no wider than a page.
compare() {
	local want=$1
	shift
	try "$WBIT" compare "$@"
	[ "$status" -eq "$want" ] || fail "compare $*: status $status, expected $want: $(head -c 600 out err)"
	[ ! -s err ] || fail "compare $*: something on stderr: $(head -c 400 err)"
	[ "$(grep -v '^gate ' out | wc -L)" -le 120 ] || [[ $1 = --format=* ]] || fail "compare $*: wider than 120 columns"
}

# ---- two runs of one kernel: trials against trials

compare 0 "$host:5" "$host:6"
expect_line '^times, in ns a page: trials of one run against those of another; what drifts' out
expect_line '^3 inconclusive$' out
expect_line '^the smallest effect in time that could have been seen: 3\.27 % on the best line, on the worst 25\.84 %$' out
! grep -q '^migrated by' out || fail "what is inconclusive is printed without --all"
compare 0 --all "$host:5" "$host:6"
expect_line '^ +figure, size +base +new +change +95 % interval$' out
expect_line '^ +write 256 +385\.5 +386\.3 +\+0\.36 % +-1\.82 to \+2\.53 % inconclusive$' out
expect_line '^ +12 and 12 trials, p 1 by Holm; seen from 3\.27 % on$' out
edit slow.jsonl 'slower(1.05)'
compare 0 "$host:5" slow.jsonl:5	# five percent, planted
expect_line '^shmem-uffd-unregister +vma native +write 256 +385\.5 +404\.8 +\+5\.00 % +\+1\.81 to \+8\.29 % more$' out
compare 0 slow.jsonl:5 "$host:5"
expect_line '^shmem-uffd-unregister .* -4\.76 % .* less$' out
edit little.jsonl 'slower(1.002)'
compare 3 --gate=write=0.1% "$host:5" little.jsonl:5
expect_line '^3 inconclusive$' out
expect_line '^gate write=0.1% undecided: shmem-uffd-unregister .*; allowed: \+0\.10 %; it may take some [0-9]+ more trials a side$' out
compare 0 --format=json --all "$host:5" slow.jsonl:5
jq -es 'map(select(.figure == "write" and .workload == "shmem-uffd-unregister")) | length == 1 and (.[0] | .verdict == "more"
	and .timing.by == "trial" and .timing.unit == "ratio" and (.timing.change - 0.05 | fabs) < 1e-4
	and .timing.low > 0.018 and .timing.high < 0.083 and .timing.base == 12 and .timing.p_holm < 0.05
	and .timing.seen_from < 0.05 and .timing.hodges_lehmann == null)' out >/dev/null || fail "json: $(head -c 800 out)"

# ---- two policies of one run: blocks are pairs. The second policy is the first one's own trials, 5 % slower

# shellcheck disable=SC2016
policies='.run as $run | select($run == $sixth) | ., (select(timed) | .policy = "entry" | slower(1.05)'
sixth=$(jq -r 'select(.type == "env").run' "$host" | sed -n 6p)
edit policies.jsonl "\"$sixth\" as \$sixth | $policies)"
jq -c 'if .type == "end" then .trials += 36 else . end' policies.jsonl >p && mv p policies.jsonl
compare 0 policies.jsonl
expect_line '^times, in ns a page: the change is the median over the blocks' out
expect_line '^shmem-shared +write 256 +54\.6 +57\.3 +\+5\.00 % +\+5\.00 to \+5\.00 % more$' out
expect_line '^3 cells differ$' out
compare 0 --all policies.jsonl
expect_line '^ +12 blocks, p 0\.0015 by Holm; seen from .* % on; Hodges-Lehmann \+5\.00 % \(\+5\.00 to \+5\.00 %\)$' out
compare 0 --gate=write=5.2% policies.jsonl
expect_line '^gates: 3 passed, 0 tripped, 0 undecided$' out
compare 1 --gate=write=4.5% policies.jsonl
expect_line '^gate write=4.5% trips: shmem-shared entry native, write 256: .*, \+5\.00 %; interval .*; allowed: \+4\.50 %$' out
compare 0 --gate=write=20 policies.jsonl	# ns a page
compare 1 --gate=write=19 policies.jsonl
expect_line '^gate write=19 trips: shmem-uffd-unregister .*; allowed: \+4\.92 %$' out
# Trials of their own on either side, of two runs, spikes and all.
fifth=$(jq -r 'select(.type == "env").run' "$host" | sed -n 5p)
for factor in 1 1.5; do
	edit pairs.jsonl "select(.run == \"$fifth\" or (timed and .run == \"$sixth\"))
		| if .run == \"$sixth\" then .policy = \"entry\" | slower($factor) else . end | .run = \"a\" | select(.type != \"end\")"
	compare 0 --cut-off pairs.jsonl
	case $factor in
	1) expect_line '^3 inconclusive$' out ;;
	*) expect_line '^shmem-uffd-unregister +write 256 +385\.5 +579\.4 +\+[45][0-9]\.[0-9]+ % .* more$' out ;;
	esac
done
compare 3 --cut-off --gate=write=50% pairs.jsonl
expect_line '^gate write=50% undecided: .* more blocks$' out
# One spike of fifty times the time in the middle of the recorded trials, on either side: nothing trips over it, nothing hides.
for policy in entry vma; do
	jq -c "if .policy == \"$policy\" and .traced == false and .block == 5 then .write.elapsed *= 50 else . end" \
		policies.jsonl >spike.jsonl
	compare 0 spike.jsonl
	expect_line '^shmem-shared .* \+5\.00 % .* more$' out
	compare 0 --gate=write=5.2% spike.jsonl
	compare 1 --gate=write=4.5% spike.jsonl
done
# Fewer than six blocks say nothing, and how many are missing is told.
jq -c 'select(.type != "trial" or .block < 4) | if .type == "end" then .trials = 27 else . end' policies.jsonl >few.jsonl
compare 3 --gate=write=50% few.jsonl
expect_line '^some times are inconclusive for want of blocks: 2 more$' out
expect_line '^gate write=50% undecided: .*; interval -; allowed: \+50\.00 %; it takes at least 2 more blocks$' out
compare 0 --all few.jsonl
expect_line '^ +4 blocks; it takes 2 more$' out
jq -c 'if .traced == false and .policy == "vma" then .write.elapsed = 0 else . end' policies.jsonl >zero.jsonl
compare 0 zero.jsonl	# from 0 there is no ratio
expect_line '^shmem-shared +write 256 +0\.0 +57\.3 +\+57\.3 ns +\+[0-9.]+ to \+[0-9.]+ ns more$' out

# ---- two kernels: a boot counts once

edit other.jsonl 'if .type == "env" then .kernel = "6.19.1" else slower(2) end | .run += "x"'
compare 0 "$host" other.jsonl
expect_line '^some times are inconclusive: here a boot counts once' out
expect_line '^base +[^ ]*host.jsonl:1 +6\.18\.44, 6 boots$' out
expect_line '^times, in ns a page: a boot counts once' out
expect_line '^anon-private +vma native +write 256 +[0-9.]+ +[0-9.]+ +\+100\.00 % .* more$' out
expect_line '^shmem-shared +vma native .* more$' out
cat "$host" other.jsonl >both.jsonl
compare 0 --all both.jsonl	# one file, by kernel
expect_line '^ +6 and 6 boots, p 0\.00[0-9]+ by Holm; seen from ' out
expect_line '^ +5 and 5 boots; it takes 1 more of base and 1 more of new$' out	# a twin of the third run proved nothing
compare 0 --all "$host:1" other.jsonl:1
expect_line '^times are inconclusive: here a boot counts once, and it takes 6 a side: 5 more of base and 5 more of new, each ' out
! grep -q ' more$' out || fail "one boot has a verdict"
compare 3 --gate=write=10% "$host:1" other.jsonl:1
expect_line '^gate write=10% undecided: .*; it takes at least 5 more boots a side$' out
compare 3 --gate=write=10% "$host" other.jsonl:1
compare 1 --gate=write=10% "$host" other.jsonl
expect_line '^gate write=10% trips: anon-private ' out
compare 0 --by=run "$host"	# run by run, nothing is pooled
[ "$(grep -c '^base ' out)" -eq 5 ] || fail "--by run pools runs"
! grep -q '6 boots' out || fail "--by run pools runs"
jq -c 'if .type == "trial" and .traced and .workload == "anon-private" then .faults.write_protect = 7 else . end' other.jsonl >o.jsonl
compare 0 "$host" o.jsonl	# counts are those of all boots
expect_line '^ *(anon-private +vma native)? +faults 256 +0 ' out

# ---- gates on recorded runs: 0, 1, 3, 2 and 77

compare 0 --gate=write=50% --gate=faults=0 "$host:5" "$host:6"
expect_line '^gates: 6 passed, 0 tripped, 0 undecided$' out
edit twice.jsonl 'slower(2)'
compare 1 --gate=write=50% "$host:5" twice.jsonl:6
expect_line '^gate write=50% trips: shmem-uffd-unregister .*; interval .*; allowed: \+50\.00 %$' out
compare 3 --gate=write=5% "$host:5" "$host:6"
expect_line '^gates: 1 passed, 0 tripped, 2 undecided$' out
compare 3 --format=json --gate=write=5% "$host:5" "$host:6"
jq -es 'map(select(.type == "gate" and .gate_verdict == "undecided" and .timing.by == "trial")) | length == 2' out >/dev/null ||
	fail "json: no gates"
expect 2 'the clocks differ, ns and insn' "$WBIT" compare --gate=write=5% "$host:5" "$SOURCE/tests/fixtures/boot.jsonl"
try "$WBIT" compare --gate=write=5% --by=kernel "$host"
[ "$status" -eq 77 ] || fail "one kernel: status $status"
# A recorded spike (a trial of eight times the others' time in run 1) trips nothing either.
compare 3 --gate=write=5% "$host:2" "$host:1"
expect_line '^gates: [0-9] passed, 0 tripped, ' out
edit cpu.jsonl 'if .type == "env" then .cpu = "another" else . end'
expect 2 'times do not compare: the CPU differs: --allow-mixed' "$WBIT" compare "$host:5" cpu.jsonl:6

# ---- Markdown and LaTeX

compare 0 --format=markdown --all "$host:5" slow.jsonl:6
expect_line '^\| workload \| cell \| figure, size \| base \| new \| change \| 95 % interval \| verdict \| evidence \|$' out
expect_line '^\| shmem-uffd-unregister \| vma native \| write 256 \| 385\.5 \| 405\.6 \| \+5\.[0-9]+ % \| .* \| more \| 12 and 12 trials' out
compare 0 --format=latex "$host:5" slow.jsonl:6
expect_line '^\\begin\{tabular\}\{lllrrrrl\}$' out
expect_line '^workload & cell & figure, size & base & new & change & 95 \\% interval & verdict \\\\$' out
expect_line '^shmem\{-\}uffd\{-\}unregister & vma native & write 256 & 385\.5 & 405\.6 & .* & more \\\\$' out
expect_line '^\\bottomrule$' out
compare 0 --format=latex "$SOURCE/tests/fixtures/kernels.jsonl"
expect_line '^anon\{-\}private & native & migrate slope & 6,194\.1 & 10,064\.3 & \+3,870\.2 \(\+62\.48 \\%\) & 0\.9 & more \\\\$' out
expect_line '& change & spread & verdict' out
cat >hostile.txt <<'END'
[x]*|a`b`<b>&c%d$e#f_g^h~i{j}k\input{/etc/passwd}"'@user #1 ![y](z) https://e www.e.org -- \\
END
jq -c --rawfile name hostile.txt 'if .type == "trial" then .workload = $name else . end | if .type == "env" then .kernel = $name else . end' \
	slow.jsonl | jq -c 'select(.type != "trial" or .workload)' >h.jsonl
jq -c --rawfile name hostile.txt 'if .type == "trial" then .workload = $name else . end' "$host" >g.jsonl
for format in markdown latex; do
	compare 3 --format=$format --all --gate=write=0% g.jsonl:5 h.jsonl:5
	[ "$(tr -d '\n\040-\176' <out | wc -c)" -eq 0 ] || fail "$format: control characters"
	! grep -Fq '\input' out || [ $format = markdown ] || fail "$format: a macro of a name"
	! grep -Eq '<b>|https:|www\.|@user|[^\\]#1|[^\\]!' out || [ $format = latex ] || fail "markdown: HTML or a link of a name"
done
compare 3 --format=latex --all --gate=write=0% g.jsonl:5 h.jsonl:5
sed -n '/^\\midrule/,/^\\bottomrule/p' out | sed 's/\\[&%$#_{}]//g; s/\\text[a-z]*{}//g; s/\\char34{}//g; s/ \\\\$//; s/{[]`'"'"'*[-]}//g' | sed '1d;$d' >rows
[ -s rows ] || fail "latex: no rows"
! grep -q '[][$#_^~{}%\\`"*]' rows || fail "latex: something special is left: $(grep -m1 '[][$#_^~{}%\\`"*]' rows)"
[ "$(tr -dc '&\n' <rows | sort -u)" = '&&&&&&&&' ] || fail "latex: a row with other columns"
compare 3 --format=markdown --all --gate=write=0% g.jsonl:5 h.jsonl:5
[ "$(grep '^|' out | sed 's/\\.//g' | tr -dc '|\n' | sort -u)" = '||||||||||' ] || fail "markdown: a row with other columns"

# ---- how many blocks are measured: 12 where time is taken, 6 where instructions are counted

try "$WBIT" run --dry-run --trigger compaction -w shmem-shared --source native
[ "$status" -ne 0 ] || expect_line ' 12 timed trials and a twin|skip: ' out
try "$WBIT" run --dry-run --trigger compaction -w shmem-shared --source native --runs 5
[ "$status" -ne 0 ] || expect_line ' 5 timed trials and a twin|skip: ' out
for mode in exact:6 smp:12 tcg:6 kvm:12; do
	try "$WBIT" lab run --dry-run -w shmem-shared --mode="${mode%:*}" stock-6.12
	[ "$status" -ne 0 ] || expect_line ", ${mode#*:} timed trials and a traced one each$" out
done
finish
