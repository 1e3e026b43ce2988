#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit compare on recorded runs: kernels.jsonl (stock 6.1 and 6.12 in the exact lab) and boot.jsonl (6.12 once more), and on what
# jq makes of them.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
kernels=$SOURCE/tests/fixtures/kernels.jsonl boot=$SOURCE/tests/fixtures/boot.jsonl

# edit FILE FILTER: boot.jsonl with its records changed; $native holds for its timed trials under the kernel's own policy.
edit() {
	jq -c "def timed: .type == \"trial\" and (.traced | not); def native: timed and .source == \"native\"; $2" "$boot" >"$1"
}

# compare STATUS ARGUMENT...: nothing on stderr.
compare() {
	local want=$1
	shift
	try "$WBIT" compare "$@"
	[ "$status" -eq "$want" ] || fail "compare $*: status $status, expected $want: $(head -c 600 out err)"
	[ ! -s err ] || fail "compare $*: something on stderr: $(head -c 400 err)"
	[ "$(grep -v '^gate ' out | wc -L)" -le 120 ] || [ "$1" = --format=json ] || fail "compare $*: wider than 120 columns"
}

# ---- what is compared with what

cp "$boot" same.jsonl
compare 0 "$boot" same.jsonl
expect_line '^12 cells equal$' out
compare 0 "$kernels:2" "$boot"
expect_line '^12 cells equal$' out
id=$(jq -r 'select(.type=="env" and .kernel_name=="stock-6.12").run' "$kernels")
compare 0 "$kernels:$id" "$boot"
expect_line '^12 cells equal$' out
cp "$boot" odd:1
compare 0 odd:1 odd:1:1
expect_line '^base +odd:1:1 ' out

compare 0 "$kernels"	# of several kernels the kernels
expect_line '^base .*kernels.jsonl:1 +stock-6.1, 6.1.0' out
expect_line '^new .*kernels.jsonl:2 +stock-6.12, 6.12' out
expect_line 'note: between kernel versions a difference' out
expect_line '^the runs differ in: .*kernel_version' out
expect_line '^anon-private +native +policy +entry +vma +differs$' out
expect_line '^ +faults 256 +1 +0 +-1 -100.00 % +less$' out
expect_line '^ +migrate slope +6,820.6 +10,767.4 ' out
expect_line '^in new only: +anon-private vma-only emulated, 64 pages; .*shmem-softdirty-merge$' out
compare 0 --by=kernel "$boot" "$kernels"
expect_line '^new .*kernels.jsonl:1 ' out
[ "$(grep -c ^base out)" -eq 1 ] || fail "--by kernel compares the kernel with itself"
compare 0 --by=run "$boot" "$kernels"
[ "$(grep -c ^base out)" -eq 2 ] || fail "--by run leaves a run out"
compare 0 "$boot"	# of one kernel its policies
expect_line '^base .*:1 +vma native, stock-6.12' out
expect_line '^anon-private +faults 64 +0 +1 +\+1 +- +more$' out
expect_line '^ +write slope +18.0 +1,493.1 +\+1,475.1 ' out
compare 0 --by=policy --base=vma-only:emulated "$boot"
expect_line '^base .*:1 +vma-only emulated' out
expect_line '^anon-private +faults 64 +1 +0 +-1 -100.00 % +less$' out
compare 0 --all "$boot" same.jsonl
expect_line '^anon-private +vma native +outcome 64 +ok +ok +equal$' out
expect_line '^ +migrate 256 +10,096.2 +10,096.2 +0 +equal$' out
compare 0 --all "$kernels"
expect_line 'kernel_name \("stock-6.1" / "stock-6.12"\)' out
# shellcheck disable=SC2016
try bash -c '"$WBIT" compare - "$1" <"$2"' - "$boot" same.jsonl
[ "$status" -eq 0 ] || fail "standard input: status $status: $(cat err)"

# ---- twelve instructions a page, planted

edit planted.jsonl 'if native then .migrate.oncpu += 12 * .pages else . end'
compare 0 "$boot" planted.jsonl
for workload in anon-private shmem-shared shmem-softdirty-merge; do
	expect_line "^$workload +vma native +migrate slope +[0-9,.]+ +[0-9,.]+ +\+12\.0 +\+0\.1[0-9] % .*more$" out
done
expect_line '^6 cells differ, 6 cells equal$' out
compare 0 --format=json "$boot" planted.jsonl
jq -es '[.[] | select(.figure == "migrate-slope") | .change - 12 | fabs < 1e-9] | length == 3 and all' out >/dev/null ||
	fail "json: no slope of 12: $(head -c 600 out)"
jq -es 'map(.type) | index("comparison") == 0 and index("count") == length - 1' out >/dev/null || fail "json: no frame"
jq -es '.[0].environment == {} and .[0].base.kernel_name == "stock-6.12" and .[-1].differ == 6' out >/dev/null ||
	fail "json: what is compared is not told"
compare 0 --format=json "$kernels"
jq -es '.[0].environment.kernel_name == ["stock-6.1", "stock-6.12"] and .[0].rep_caveat' out >/dev/null ||
	fail "json: no environment"
jq -es 'map(select(.type == "only" and .side == "new")) | length == 6' out >/dev/null || fail "json: no cells of one side"

# More runs than are compared: none passes unseen.
for run in $(seq 65); do jq -c ".run = \"$run-\"" "$boot"; done >many.jsonl
expect 2 'many.jsonl has 65 runs, and 64 are the most' "$WBIT" compare --by=run many.jsonl
expect 2 'many.jsonl has 65 runs, and 64 are the most' "$WBIT" compare "$boot" many.jsonl
compare 0 many.jsonl:65- "$boot"

# ---- gates: 0, 1, 3, 2 and 77

gates="--gate=faults=0 --gate=write=5%"
# shellcheck disable=SC2086
{
	compare 0 $gates --gate=migrate=1% "$boot" planted.jsonl
	expect_line '^gates: [0-9]+ passed, 0 tripped, 0 undecided$' out
	compare 1 $gates --gate=migrate=11 "$boot" planted.jsonl
	expect_line '^gate migrate=11 trips: shmem-shared vma native, migrate slope: 10,780.6 -> 10,792.6, \+12.0 \(\+0.11 %\); allowed: \+11.0$' out
	compare 0 $gates --gate=migrate=15 "$boot" planted.jsonl
	compare 0 $gates --gate=migrate=0 planted.jsonl "$boot"		# better
	compare 0 $gates --gate=migrate=0 "$boot" same.jsonl
	compare 1 --format=json --gate=migrate=11 "$boot" planted.jsonl
	jq -es 'any(.type == "gate" and .gate_verdict == "trips" and .figure == "migrate-slope")' out >/dev/null ||
		fail "json: no gate"
	edit faulty.jsonl 'if .type == "trial" and .traced and .workload == "shmem-shared" and .pages == 64
		then .faults.write_protect = 1 | .outcome = "fail" | .reason = "1 of 0" else . end'
	compare 1 $gates "$boot" faulty.jsonl
	expect_line '^gate faults=0 trips: shmem-shared vma native, faults 64: 0 -> 1 in 64, \+1 in 64; allowed: \+0.0$' out
	expect_line '^gate \(any\) trips: shmem-shared vma native, outcome 64: ok -> fail$' out
	compare 0 $gates faulty.jsonl "$boot"

	edit wide.jsonl 'if native and .block == 1 then .migrate.oncpu += 500 * .pages else . end'
	compare 3 --gate=migrate=1% "$boot" wide.jsonl
	expect_line '^gate migrate=1% undecided: .* may be noise$' out
	# Two of three trials met a tick and cost three times as much: the one that went as before does not speak for them.
	edit ticks.jsonl 'if timed and .migrate.oncpu and .block > 0 then .migrate.ticks += 1 | .migrate.oncpu *= 3 else . end'
	compare 3 --gate=migrate=1% "$boot" ticks.jsonl
	expect_line '^gate migrate=1% undecided: .*; only [23] of 3 and 1 of 3 trials went alike$' out
	edit fails.jsonl 'if .type == "trial" then .outcome = "fail" else . end'
	edit broken.jsonl 'if .type == "trial" then .outcome = "broken" else . end'
	compare 3 --gate=faults=0 fails.jsonl broken.jsonl
	expect_line '^gate \(any\) undecided: .*, outcome 64: fail -> broken$' out
	edit fewer.jsonl 'select(.workload != "shmem-shared")'
	jq -c 'if .type == "end" then .trials -= 16 else . end' fewer.jsonl >less.jsonl
	compare 3 $gates "$boot" less.jsonl
	expect_line '^gate \(any\) undecided: shmem-shared vma native, 64 pages: not on the new side$' out
	expect_line '^in base only: shmem-shared ' out
	compare 0 $gates less.jsonl "$boot"
	edit skips.jsonl 'if .type == "trial" and .workload == "anon-private" then .outcome = "skip" else . end'
	compare 3 $gates "$boot" skips.jsonl
	expect_line 'outcome 64: ok -> skip$' out
	edit bare.jsonl 'if timed then .migrate.oncpu = null | .migrate.elapsed = null else . end'
	compare 3 --gate=migrate=1% bare.jsonl "$boot"
	expect_line '^gate migrate=1% undecided: no cell of the base has such a figure$' out
}
jq -c 'select(.workload != "anon-private" and .workload != "shmem-softdirty-merge")
	| if .type == "end" then .trials = 16 else . end' "$boot" >a.jsonl
jq -c 'select(.workload != "shmem-shared") | if .type == "end" then .trials = 32 else . end' "$boot" >b.jsonl
for arguments in "a.jsonl b.jsonl" "--gate=faults=0 a.jsonl b.jsonl" "--by=policy $kernels:1" "--by=kernel $boot"; do
	# shellcheck disable=SC2086
	try "$WBIT" compare $arguments
	[ "$status" -eq 77 ] || fail "compare $arguments: status $status"
	expect_line '^wbit: nothing to compare: ' err
done

# ---- what does not mix

# mixed REGEX FILTER: refused as it stands; with --allow-mixed the counts alone are compared.
mixed() {
	edit other.jsonl "$2"
	expect 2 "$1" "$WBIT" compare "$boot" other.jsonl
	compare 0 --allow-mixed "$boot" other.jsonl
	expect_line '^the sides do not mix, as was allowed: their counts alone are compared$' out
	! grep -q 'migrate' out || grep -q '^migrated by' out || fail "mixed sides: instructions are compared"
}
mixed 'boot.jsonl:1 and other.jsonl:1: the clocks differ, insn and ns: --allow-mixed' \
	'if .type == "env" then .clock = "ns" | .platform = "vm" elif .type == "trial" then .clock = "ns" else . end'
mixed 'the platforms differ, lab-exact and lab-kvm' 'if .type == "env" then .platform = "lab-kvm" else . end'
mixed 'instructions do not compare: tools.qemu differs, "QEMU emulator .* and "QEMU 99"' \
	'if .type == "env" then .tools.qemu = "QEMU 99" else . end'
mixed 'instructions do not compare: cpu differs' 'if .type == "env" then .cpu = null else . end'
mixed 'the nodes differ, 0 to 1 and 1 to 0' 'if .type == "trial" then .from = 1 | .to = 0 else . end'
edit other.jsonl 'if .type == "trial" then .page_bytes = 16384 else . end'
expect 2 'the page sizes differ, 4096 and 16384 bytes' "$WBIT" compare "$boot" other.jsonl
edit cut.jsonl 'select(.type != "end")'
expect 2 'run [^ ]+ was cut off: --cut-off compares what there is' "$WBIT" compare "$boot" cut.jsonl
compare 0 --cut-off "$boot" cut.jsonl
edit cut.jsonl 'if .type == "end" then .cut_short = "interrupted" else . end'
expect 2 'is not whole \(interrupted\)' "$WBIT" compare cut.jsonl "$boot"
jq -c 'if .type == "env" then .platform = "vm" else . end | if has("clock") then .clock = "ns" else . end' "$boot" >ns.jsonl
cp ns.jsonl ns2.jsonl
compare 0 ns.jsonl ns2.jsonl
expect_line '^times, in ns a page: medians side by side, without a verdict' out
expect_line '^ +write 256 +18.3 +18.3' out
compare 3 --gate=write=5% ns.jsonl ns2.jsonl
expect_line 'times have no verdict in this version$' out
jq -c 'if .type == "env" then .platform = "lab-tcg" else . end' ns.jsonl >tcg.jsonl
compare 0 --all tcg.jsonl tcg.jsonl
expect_line '^counts alone: times of a guest that QEMU translates' out
! grep -q 'write 256' out || fail "times of lab-tcg are shown"

# ---- bad input

expect 2 'which records\? Give BASE and NEW' "$WBIT" compare
expect 2 'compare takes one FILE, or two' "$WBIT" compare a b c
expect 2 'no-such-file' "$WBIT" compare no-such-file "$boot"
expect 2 "no-such-file: No such" "$WBIT" compare no-such-file:1
expect 2 "no run '3': give its ID, or a number from 1 to 2" "$WBIT" compare "$kernels:3"
for run in 0 -1 x 99999999999999999999 1x ''; do
	expect 2 "no run '$run'" "$WBIT" compare "$kernels:$run"
done
expect 2 'standard input can be one FILE only' "$WBIT" compare - -
cat "$boot" >twice.jsonl
jq -c '.run = "again"' "$boot" >>twice.jsonl
expect 2 'twice.jsonl has several runs of kernel stock-6.12: say which one, as FILE:RUN' "$WBIT" compare twice.jsonl "$boot"
try "$WBIT" compare "$kernels" "$boot"
expect_line 'warning: .*boot.jsonl has no run of kernel stock-6.1$' err
# A kernel of the base that is missing is no pass, though all that there is passes.
jq -c --slurp '.[0].run as $first | .[] | select(.run != $first)' "$kernels" >second.jsonl
try "$WBIT" compare --gate=faults=0 "$kernels" second.jsonl
[ "$status" -eq 3 ] || fail "a missing kernel: status $status"
expect_line '^gates: [0-9]+ passed, 0 tripped, 1 undecided$' out
expect 2 "by: 'size' is none of policy, kernel, run" "$WBIT" compare --by=size "$boot"
expect 2 "format: 'xml' is none of table, json" "$WBIT" compare --format=xml "$boot"
expect 2 "no policy 'entry' to be the base" "$WBIT" compare --base=entry "$boot"
expect 2 'it goes with --by policy' "$WBIT" compare --base=vma "$boot" "$kernels:2"
for gate in '' x faults faults= faults=1% migrate=-1 migrate=nan migrate=1e9 'write=5%%' $'migrate=\033[31m'; do
	expect 2 'gate: ' "$WBIT" compare --gate="$gate" "$boot" "$boot"
done
expect 2 'gate: at most 8' "$WBIT" compare --gate={faults,write,migrate}={0,1,2} "$boot" "$boot"
printf '{"type":"trial"}\n' >bad.jsonl
expect 2 'bad.jsonl:1: ' "$WBIT" compare bad.jsonl "$boot"
edit bad.jsonl 'if timed then .migrate.oncpu = "1" else . end'
expect 2 'bad.jsonl:[0-9]+: "migrate.oncpu" is not a count' "$WBIT" compare "$boot" bad.jsonl
sed 's/"oncpu":[0-9]*/"oncpu":NaN/' "$boot" >bad.jsonl
expect 2 'bad.jsonl:[0-9]+: no JSON' "$WBIT" compare "$boot" bad.jsonl
status=0
"$WBIT" compare "$kernels" >/dev/full 2>err || status=$?
[ "$status" -eq 2 ] || fail "compare to a full disk: status $status"

# ---- hostile text: nothing of it reaches the terminal as it is, and no row is lost over it

edit hostile.jsonl '(if .workload == "anon-private" then .workload = "\u001b[31m\u0007\n" + ("x" * 60) else . end)
	| if .type == "env" then .kernel = "\u001b]0;t\u0007" + ("k" * 500) | .kernel_name = "\n\nn" | .["\u001b[2J"] = "x" else . end'
for options in "" --all --format=json; do
	# shellcheck disable=SC2086
	try "$WBIT" compare $options --gate=faults=0 --allow-mixed "$boot" hostile.jsonl
	[ "$status" -eq 3 ] || fail "hostile $options: status $status"
	[ "$(cat err out | tr -d '\n\040-\176' | wc -c)" -eq 0 ] || fail "hostile $options: control characters: $(cat -v out | head -c 600)"
done
finish
