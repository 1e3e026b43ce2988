#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit export on recorded runs: what each line looks like, the golden files, hostile names, and the file that appears whole or
# not at all.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
three=$SOURCE/tests/fixtures/three.jsonl kernels=$SOURCE/tests/fixtures/kernels.jsonl boot=$SOURCE/tests/fixtures/boot.jsonl

# export_ok ARGUMENT...: status 0, nothing on stderr.
export_ok() {
	try "$WBIT" export "$@"
	[ "$status" -eq 0 ] || fail "export $*: status $status: $(cat err)"
	[ ! -s err ] || fail "export $*: $(cat err)"
}

# strict_gobench FILE: nothing but what the format has: comments, Unit lines, "key: value", empty lines and benchmarks.
strict_gobench() {
	local bad
	bad=$(grep -Evn '^$|^# [ -~]*$|^Unit [a-z]+(-[A-Za-z0-9_.:-]+)?/page( [a-z]+=[a-z]+)+$|^[a-z][a-z0-9_.-]*:( [!-~]([ -~]*[!-~])?)?$|^BenchmarkRestore(/[a-z_]+=[A-Za-z0-9_.-]+){6}	[1-9][0-9]*(	[0-9]+(\.[0-9]+)?(e[+-][0-9]+)? [a-z]+(-[A-Za-z0-9_.:-]+)?/page)+$' "$1" || true)
	[ -z "$bad" ] || fail "$1 has lines that are none: $(head -n 3 <<<"$bad")"
	[ "$(grep -c '^Benchmark' "$1")" -gt 0 ] || fail "$1 has no benchmark"
}

# strict_openmetrics FILE: heads, samples, and the end; no sample twice.
strict_openmetrics() {
	local bad
	bad=$(grep -Evn '^# HELP wbit_[a-z_]+ [ -~]+$|^# TYPE wbit_[a-z_]+ gauge$|^# UNIT wbit_[a-z_]+ [a-z_]+$|^# EOF$|^wbit_[a-z_]+\{[a-z_]+="([ !#-[^-~]|]|\\\\|\\")*"(,[A-Za-z0-9_]+="([ !#-[^-~]|]|\\\\|\\")*")*\} [0-9.e+-]+$' "$1" || true)
	[ -z "$bad" ] || fail "$1 has lines that are none: $(head -n 3 <<<"$bad")"
	[ "$(tail -n 1 "$1")" = "# EOF" ] || fail "$1 has no end"
	[ -z "$(sed 's/ [^ ]*$//' "$1" | grep '^wbit' | sort | uniq -d)" ] || fail "$1 has a sample twice"
	if python3 -c 'import prometheus_client' 2>/dev/null; then
		python3 - "$1" <<-'EOF' || fail "$1: prometheus_client does not read it"
			import sys
			from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
			from prometheus_client.parser import text_string_to_metric_families as classic
			text = open(sys.argv[1]).read()
			assert list(openmetrics(text)) and list(classic(text))
		EOF
	fi
}

export_ok --format gobench "$three"
strict_gobench out
sed -E '1s/^# wbit [0-9.]+\. /# wbit VERSION. /' out | cmp - "$SOURCE/tests/fixtures/three.gobench" || fail "not the golden gobench"
export_ok --format openmetrics "$three"
strict_openmetrics out
cmp out "$SOURCE/tests/fixtures/three.prom" || fail "not the golden OpenMetrics"

# One line for each ok timed trial and one for each traced one; and two files in one export, each with its own lines.
export_ok --format=gobench "$kernels"
strict_gobench out
[ "$(grep -c '^Benchmark.*write-insn/page' out)" -eq "$(count '.type=="trial" and (.traced|not) and .outcome=="ok"' "$kernels")" ] ||
	fail "not one line a timed trial"
[ "$(grep -c '^Benchmark.* faults/page' out)" -eq "$(count '.traced and .outcome=="ok"' "$kernels")" ] || fail "not one line a traced trial"
expect_line '^kernel: stock-6.1$' out
expect_line '^kernel: stock-6.12$' out
export_ok --format gobench "$three" "$boot"
strict_gobench out
expect_line '^label-fixture: made by hand for tests$' out
expect_line '^label-fixture:$' out	# and taken back for the other file's run
export_ok --format openmetrics "$kernels"
strict_openmetrics out
"$WBIT" export --format openmetrics - <"$three" | cmp - "$SOURCE/tests/fixtures/three.prom" || fail "from standard input"
export_ok --format openmetrics "$kernels"

# The fault metric: 1 and the faults of the first write; of 255 in 256 as well. No cell is 0.
expect_line '^wbit_write_faults_per_page\{kernel="stock-6.12".*workload="anon-private",policy="vma",.*pages="256".* 1$' out
expect_line '^wbit_write_faults_per_page\{kernel="stock-6.1",.*shmem-softdirty-merge",policy="entry",.*pages="256".* 2$' out
sed 's/"faults":{"write_protect":256/"faults":{"write_protect":255/' "$three" >most.jsonl
export_ok --format openmetrics most.jsonl
expect_line '^wbit_write_faults_per_page\{.*shmem-softdirty-merge",policy="entry".* 1.99609375$' out
expect_line '^wbit_cell_bad\{.*shmem-softdirty-merge",policy="entry".* 1$' out
export_ok --format gobench most.jsonl
expect_line '	1.99609375 faults/page$' out

# ns are seconds in OpenMetrics; lab-tcg has counts alone.
sed 's/lab-exact/vm/; s/"clock":"insn"/"clock":"ns"/' "$three" >ns.jsonl
export_ok --format openmetrics ns.jsonl
strict_openmetrics out
expect_line '^wbit_migrate_seconds_per_page\{.* 6.35618e-06$|^wbit_migrate_seconds_per_page\{.*e-06$' out
! grep -q instructions out || fail "nanoseconds as instructions"
export_ok --format gobench ns.jsonl
strict_gobench out
expect_line ' migrate-ns/page	' out
sed 's/lab-exact/lab-tcg/; s/"clock":"insn"/"clock":"ns"/' "$three" >tcg.jsonl
for format in gobench openmetrics; do
	export_ok --format $format tcg.jsonl
	! grep -Eq 'migrate[-_](ns|seconds)[^ ]*page\{| migrate-ns/page	' out || fail "$format: times of lab-tcg"
	expect_line 'faults(/|_per_)page' out
done

# Trials that are not ok are no benchmark, but a count off the oracle is: it is the regression.
sed 's/"outcome":"ok"/"outcome":"broken"/' "$three" >broken.jsonl
export_ok --format gobench broken.jsonl
! grep -q ^Benchmark out || fail "broken trials as benchmarks"
sed 's/"outcome":"ok"/"outcome":"skip"/' "$three" >skip.jsonl
export_ok --format openmetrics skip.jsonl
strict_openmetrics out
! grep -q workload= out || fail "skipped cells as samples"

# One run of a file, by number or ID; two of one file; a name that has a colon itself.
export_ok --format openmetrics "$three:2"
strict_openmetrics out
cp out second
expect_line 'wbit_run_info\{run="fixture-6.12"' out
! grep -q '"6\.1\.0' out || fail "FILE:2 has the first run, too"
export_ok --format openmetrics "$three:fixture-6.12"
cmp out second || fail "by ID it is another one"
export_ok --format openmetrics "$three:2" "$three:1"
strict_openmetrics out
[ "$(grep -c ^wbit_run_info out)" -eq 2 ] || fail "two runs of one file"
cp "$three" odd:2
export_ok --format openmetrics odd:2
cmp out "$SOURCE/tests/fixtures/three.prom" || fail "a name with a colon"
expect 2 "three.jsonl: no run '3': give its ID, or a number from 1 to 2" "$WBIT" export --format gobench "$three:3"
expect 2 "three.jsonl: no run 'x': give its ID" "$WBIT" export --format gobench "$three:x"
expect 2 "none.jsonl: No such file" "$WBIT" export --format gobench none.jsonl:1
expect 2 "File name too long" "$WBIT" export --format gobench "$(printf 'x%.0s' {1..5000}):1"

# ---- hostile names: quotes, newlines, backslashes, what is no ASCII, and 10,000 characters

jq -c '(.. | select(. == "anon-private")) = "a b\"\n\\ /pages=1 \u001b[2J\u00e4{}`rm`$(x)" |
	(select(.type=="env") | .labels) = {"a.b":"x\"\n# EOF\n\\","a-b":"y","A":"z","x y\"=":"q\ngoos: evil","k":("l"*10000)} |
	(select(.type=="env") | .kernel_name) = ("K\"\n" + ("k"*10000)) |
	(select(.type=="env") | .cpu) = " \n cpu: x \u202e "' "$three" >hostile.jsonl
jq -c 'select(.type=="env" or .type=="trial" or .type=="end")|select(.run=="fixture-6.12")' hostile.jsonl >hostile1.jsonl
export_ok --format gobench hostile1.jsonl
strict_gobench out
expect_line '/workload=a_b_____pages_1___2J_' out
expect_line '^label-k: l{199}$' out
export_ok --format openmetrics hostile1.jsonl
strict_openmetrics out
expect_line 'workload="a b\\"\?\\\\ /pages=1 \?\[2J\?' out
[ "$(grep -o 'label_a_b=' out | wc -l)" -eq 1 ] || fail "two labels of one name"
expect_line ',label_a_b="x\\"\?# EOF\?\\\\"' out
[ "$(wc -L <out)" -lt 4000 ] || fail "a line without bounds"

# ---- counters: where they were counted, per page; a null is no line

counters=$SOURCE/tests/fixtures/counters.jsonl
export_ok --format gobench "$counters"
strict_gobench out
expect_line '^Unit write-PAGE-FAULTS:u/page assume=exact$' out
[ "$(grep -c '^Unit write-PAGE-FAULTS:u/page ' out)" -eq 1 ] || fail "a unit is declared more than once"
expect_line '^Benchmark.*/policy=vma/.*	1 faults/page	.*	0.00390625 migrate-migrate:mm_migrate_pages/page	.*	0 write-PAGE-FAULTS:u/page' out
expect_line '^Benchmark.*/policy=vma-only/.*	2 faults/page	.*1 write-PAGE-FAULTS:u/page' out
! grep -q cycles out || fail "gobench: what nothing counted has a line"
[ "$(grep '^Benchmark' out | tr '\t' '\n' | grep -c PAGE-FAULTS)" -eq 6 ] || fail "not a value for each region that was counted"
export_ok --format openmetrics "$counters"
strict_openmetrics out
expect_line '^# UNIT wbit_migrate_events_per_page events_per_page$' out
expect_line '^wbit_migrate_events_per_page\{.*policy="vma",.*,counter="migrate:mm_migrate_pages"\} 0.00390625$' out
expect_line '^wbit_write_events_per_page\{.*policy="vma-only",.*,counter="PAGE-FAULTS:u"\} 1$' out
! grep -Eq 'cycles|wbit_migrate_events_per_page\{.*"emulated"' out || fail "openmetrics: what nothing counted is a sample"
# What was counted for a part of the time is no figure.
jq -c 'if .type == "trial" then .write.counters |= with_entries(if .value then .value.running_ns = .value.enabled_ns - 1 else . end)
	else . end' "$counters" >part.jsonl
for format in gobench openmetrics; do
	export_ok --format $format part.jsonl
	! grep -Eq '^[^#]*write-PAGE-FAULTS|wbit_write_events_per_page' out || fail "$format: a part of the time is a figure"
	expect_line 'migrate-PAGE-FAULTS:u|wbit_migrate_events_per_page' out
done
# Hardware events of a timed trial; a clock of a twin is not exact; a counter called as a unit of time is none.
jq -c 'def c(v): {value: v, enabled_ns: 1, running_ns: 1}; if .type == "env" then .counters += [
	{name: "TASK-CLOCK", kind: "software", config: "0x1", why: null}] elif .traced then .write.counters["TASK-CLOCK"] = c(512)
	elif .traced == false then .migrate.counters = {"cycles:k": c(1000), "ns": c(256), "insn": c(512)} else . end' "$counters" >hardware.jsonl
export_ok --format gobench hardware.jsonl
strict_gobench out
expect_line '^Benchmark.* migrate-insn/page	.*	3.90625 migrate-cycles:k/page	1 migrate-ns_/page	2 migrate-insn_/page$' out
expect_line '	2 write-TASK-CLOCK/page' out
! grep -Eq '^Unit [^ ]*(TASK-CLOCK|cycles)' out || fail "what varies is declared exact"
export_ok --format openmetrics hardware.jsonl
strict_openmetrics out
expect_line ',counter="cycles:k"\} 3.90625$' out
jq -c '(select(.traced) | .write.counters) = {"a b\"\n\\\u001b[2J\u00e4=1": {value: 256, enabled_ns: 1, running_ns: 1},
	"a b\"\r\\\u001b[2J\u00e4=1": {value: 512, enabled_ns: 1, running_ns: 1},
	("n" * 127): {value: 1, enabled_ns: 1, running_ns: 1}}' "$counters" >hostile.jsonl
export_ok --format gobench hostile.jsonl
strict_gobench out
expect_line '	1 write-a_b_____2J___1/page	[^ ]* write-n{127}/page$' out	# and of two that look alike the first
export_ok --format openmetrics hostile.jsonl
strict_openmetrics out
expect_line ',counter="a b\\"\?\\\\\?\[2J\?\?=1"\} 1$' out
{
	head -n 1 "$counters"
	for i in {1..101}; do
		jq -c --argjson i "$i" 'select(.traced and .source == "native" and .workload == "anon-private") | .pages = $i | .expected = {} |
			(.migrate, .write).counters = ([range(100) | {key: "c\(.)", value: {value: 1, enabled_ns: 1, running_ns: 1}}] |
			from_entries)' "$counters"
	done
} >many.jsonl
try "$WBIT" export --format openmetrics many.jsonl
[ "$status" -eq 2 ] || fail "many counters: status $status"
expect_line '20200 figures of counters, and 20000 are the most for one export: give fewer records' err

# ---- what is refused

expect 2 'which format' "$WBIT" export "$three"
expect 2 "--format: 'xml' is none of gobench, openmetrics" "$WBIT" export --format xml "$three"
expect 2 'which records' "$WBIT" export --format gobench
expect 2 'unrecognized option' "$WBIT" export --frobnicate
expect 2 'wants the name of a file' "$WBIT" export --format gobench -o '' "$three"
expect 2 'appears twice' "$WBIT" export --format gobench "$three" "$three"
sed 's/fixture-6/other-6/' "$three" >again.jsonl
expect 2 'two runs have the same cell, anon-private under entry on 6.1.0.*: give one, as FILE:RUN' \
	"$WBIT" export --format openmetrics "$three" again.jsonl
export_ok --format gobench "$three" again.jsonl
{
	head -n 1 "$three"
	line=$(sed -n 2p "$three")
	for i in {1..2001}; do echo "${line/\"pages\":256/\"pages\":$i}"; done
} >many.jsonl
expect 2 'more than 2000 cells are too many series' "$WBIT" export --format openmetrics many.jsonl
head -n -1 "$three" >cut.jsonl
try "$WBIT" export --format openmetrics cut.jsonl
[ "$status" -eq 0 ] || fail "a run that was cut off: status $status"
expect_line 'warning: run fixture-6.12 was cut off' err
expect_line 'wbit_run_info\{run="fixture-6.12",.*whole="no"' out

# ---- the file

export_ok --format openmetrics -o out.prom "$three"
[ ! -s out ] || fail "something on stdout"
cmp out.prom "$SOURCE/tests/fixtures/three.prom" || fail "-o differs"
[ "$(stat -c %a out.prom)" = "$(printf '%o' $((0666 & ~$(umask))))" ] || fail "mode $(stat -c %a out.prom)"
expect 2 'out.prom is there already: choose another file, or --force' "$WBIT" export --format gobench -o out.prom "$three"
cmp out.prom "$SOURCE/tests/fixtures/three.prom" || fail "it was overwritten"
expect 2 'many.jsonl' "$WBIT" export --format gobench --force -o out.prom "$three" no-many.jsonl
cmp out.prom "$SOURCE/tests/fixtures/three.prom" || fail "a failed export left its mark"
export_ok --format gobench --force --output=out.prom "$three"
strict_gobench out.prom
ln -s nowhere/there dangling
expect 2 'cannot write none/out.prom: No such file' "$WBIT" export --format gobench -o none/out.prom "$three"
expect 2 'cannot write .: Is a directory' "$WBIT" export --format gobench -o . "$three"
expect 2 'cannot write /dev/full: No space left' "$WBIT" export --format gobench -o /dev/full "$three"
status=0
"$WBIT" export --format gobench "$three" >/dev/full 2>err || status=$?
[ "$status" -eq 2 ] || fail "/dev/full as stdout: status $status"
expect_line 'cannot write standard output: No space left' err
[ -z "$(find . -name 'out.prom.*')" ] || fail "a temporary file is left: $(ls)"

# Interrupted while it reads: nothing is there. The reader of the pipe is slower than the signal.
mkfifo pipe
{ cat "$three"; sleep 3; } >pipe &
writer=$!
"$WBIT" export --format gobench -o later.txt pipe 2>err &
pid=$!
sleep 0.5
kill -INT $pid
status=0
wait $pid || status=$?
wait $writer || true
[ "$status" -eq 3 ] || fail "interrupted: status $status: $(cat err)"
expect_line 'interrupted: nothing was written' err
[ -z "$(find . -name 'later*')" ] || fail "left: $(ls)"
finish
