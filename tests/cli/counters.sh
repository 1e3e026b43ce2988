#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Counters: -e and --counters, what they refuse, what they count on this host, and the table. A machine without a PMU still has
# software events.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

export XDG_CONFIG_HOME=$scratch/config
mkdir -p config/wbit/counters

# ---- bad input: one line, status 2, the same for both commands ----

for run in "run -n" "lab run -n"; do
	# shellcheck disable=SC2086
	{
		expect 2 "-e: 'nonsense': event not found: it takes PMU::EVENT:UMASK .* \`wbit list\` shows groups" "$WBIT" $run -e nonsense
		expect 2 "-e: 'perf::PAGE-FAULT': event not found" "$WBIT" $run --events=cycles,perf::PAGE-FAULT
		expect 2 "-e: 'icx::DTLB_STORE_MISSES:WALK': invalid event attribute" "$WBIT" $run -e icx::DTLB_STORE_MISSES:WALK
		expect 2 "-e: an event is missing" "$WBIT" $run -e ''
		expect 2 "-e: an event is missing" "$WBIT" $run -e cycles,,cycles
		expect 2 "printable characters" "$WBIT" $run -e $'cycles\033[31m'
		expect 2 "for sampling, and wbit counts" "$WBIT" $run -e cycles:period=1000
		expect 2 "in no guest" "$WBIT" $run -e cycles:cpu=1
		expect 2 "excl is for" "$WBIT" $run -e cycles:excl
		expect 2 "neither user nor kernel" "$WBIT" $run -e perf::PAGE-FAULTS:u=0:k=0
		expect 2 "'a': another event goes by this name" "$WBIT" $run -e a=perf::PAGE-FAULTS -e a=cycles
		expect 2 "does not tell user and kernel apart" "$WBIT" $run -e perf::CONTEXT-SWITCHES:u
		expect 2 "too many events in one set.*several -e take turns" "$WBIT" $run \
			-e "$(printf 'n%d=cycles,' 1 2 3 4 5 6 7 8 9)cycles"
		expect 2 "too many software events and tracepoints" "$WBIT" $run -e "$(printf 'n%d=faults,' 1 2 3 4 5)faults" \
			-e "$(printf 'm%d=faults,' 1 2 3 4 5)faults"
		expect 2 "at most 16 sets" "$WBIT" $run -e{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q}=cycles:u
		expect 2 "at most 1023 characters" "$WBIT" $run -e "$(printf 'cycles%.0s' {1..200})"
		expect 2 "the name is longer than 61" "$WBIT" $run -e "$(printf 'n%.0s' {1..70})=cycles"
		expect 2 "no group 'none': there are .*faults" "$WBIT" $run --counters=none
		expect 2 "no group 'none'" "$WBIT" $run --counters=faults,none
		expect 2 "no group ''" "$WBIT" $run --counters=
		expect 2 "x.events: No such file" "$WBIT" $run --counters=./x.events:tlb
		expect 2 "/x: No such file" "$WBIT" $run --counters=./x
		expect 2 "requires an argument" "$WBIT" $run --counters
	}
done

# ---- one's own groups ----

printf '# mine\n[faults]\nperf::MINOR-FAULTS:u\n[other]\nperf::CONTEXT-SWITCHES # once\n' >config/wbit/counters/mine.events
good() {
	try "$@"
	[[ $status = @(0|77) ]] || fail "$*: status $status: $(head -c 400 err)"
}
good "$WBIT" run -o own.jsonl -w anon-private -r 1 --counters=faults,other
expect_count 1 '.type=="env" and ([.counters[].name] == ["MINOR-FAULTS:u","CONTEXT-SWITCHES"])' own.jsonl
cp "$SOURCE/counters/generic.events" other.events
for file in other.events ./other.events "$PWD/other.events"; do
	good "$WBIT" run -o file.jsonl --force -w anon-private -r 1 --counters="$file:cycles"
	expect_count 1 '.type=="env" and ([.counters[].name] == ["CYCLES:u","CYCLES:k","INSTRUCTIONS:u","INSTRUCTIONS:k"])' file.jsonl
done
good "$WBIT" run -o file.jsonl --force -w anon-private -r 1 --counters=./other.events
expect_count 1 '.type=="env" and ([.counters[].set] | max) == 5' file.jsonl
expect 2 "no group 'none' in ./other.events: there are faults, cycles" "$WBIT" run -n --counters=./other.events:none

# A folder of settings that is not absolute is none, as the XDG specification has it.
XDG_CONFIG_HOME=config HOME=/nonexistent expect 2 "no group 'other'" "$WBIT" run -n --counters=other
rm config/wbit/counters/mine.events
expect 2 "/dev/zero:1: a line has at most" timeout 20 "$WBIT" run -n --counters=/dev/zero

printf '[mine]\nperf::CYCLES\nperf::NOTHING\n' >broken.events
expect 2 "broken.events:3: 'perf::NOTHING': event not found" "$WBIT" run -n --counters=broken.events:mine
printf '[mine]\nperf::CYCLES\033[31m\n' >broken.events
expect 2 "broken.events:2: a character that is not printable" "$WBIT" run -n --counters=broken.events
: >broken.events
expect 2 "broken.events has no group" "$WBIT" run -n --counters=broken.events
printf 'perf::CYCLES\n' >config/wbit/counters/mine.events
expect 2 "mine.events:1: events before the first" "$WBIT" run -n --counters=faults
try "$WBIT" list
expect_line 'mine.events:1: events before' out
[ "$status" -eq 0 ] || fail "list with a broken file: status $status"
rm config/wbit/counters/mine.events

# ---- on this host ----

good "$WBIT" run -o n.jsonl -w anon-private -r 1
expect_count 0 '.type=="env" and has("counters")' n.jsonl
expect_count 0 '.type=="trial" and (.migrate.counters != {} or .write.counters != {})' n.jsonl

try "$WBIT" list
for group in faults cycles tlb walks remote; do
	expect_line "^  $group +(yes|\[[0-9,]+\]) +[^ ]" out
done

if can_compact; then
	# When other processes compact as well, none of the pages may be left to move.
	for _ in {1..10}; do
		try "$WBIT" run -o c.jsonl --force --trigger=compaction -w anon-private --runs=2 -e cycles,perf::PAGE-FAULTS \
			-e sched:no_such_event \
			-e skx::DTLB_STORE_MISSES:WALK_COMPLETED:u,amd64_fam17h_zen2::L1_DTLB_MISS:TLB_RELOAD_4K_L2_MISS:u
		[ "$status" -eq 3 ] || break
	done
	[ "$status" -eq 0 ] || fail "compaction with counters: status $status: $(tail -n 5 out)"
	cp out table
	expect_line '^counters per page: 256 pages of 4 KiB, migrated by compaction$' table
	expect_line '^anon-private .* PAGE-FAULTS:u +- +0$' table
	[ "$(wc -L <table)" -le 120 ] || fail "wider than 120 columns"
	# What a twin counts is what the thread's own usage says; a software event does not ride on timed trials.
	expect_count 1 '.traced and .outcome=="ok" and .write.counters["PAGE-FAULTS:u"].value +
		.write.counters["PAGE-FAULTS:k"].value == .faults.page_faults' c.jsonl
	expect_count 1 '.traced and .write.counters["PAGE-FAULTS:u"].enabled_ns > 0 and
		.write.counters["PAGE-FAULTS:u"].enabled_ns == .write.counters["PAGE-FAULTS:u"].running_ns' c.jsonl
	expect_count 1 '.traced and .migrate.counters["PAGE-FAULTS:u"] == null and
		(.why["migrate.counters"] | test("moves other pages"))' c.jsonl
	expect_count 0 '.type=="trial" and (.traced|not) and (.write.counters | has("PAGE-FAULTS:u"))' c.jsonl
	expect_count 1 '.type=="env" and ([.counters[] | select(.name=="PAGE-FAULTS:u")] | length == 1 and .[0].overhead == 0 and
		.[0].why == null and .[0].kind == "software" and .[0].config == "0x2" and
		(.[0].event | startswith("perf::PERF_COUNT_SW_PAGE_FAULTS:u=1:k=0")))' c.jsonl
	expect_count 1 '.type=="env" and ([.counters[] | select(.name=="sched:no_such_event")] | length == 1 and
		.[0].why == "this kernel has no such tracepoint" and .[0].overhead == null)' c.jsonl
	expect_line '^not counted: this kernel has no such tracepoint: sched:no_such_event$' table
	# No machine is both.
	expect_count 1 '.type=="env" and ([.counters[] | select(.why != null and (.why | test("no PMU: this CPU.s is not")))] |
		length > 0)' c.jsonl
	# Without a PMU that is told once, not for each trial.
	if [ "$(jq -r 'select(.type=="env").counters[] | select(.name=="cycles:u").why' c.jsonl)" != null ]; then
		[ "$(grep -c "no PMU: this machine's" table)" -eq 1 ] || fail "'no PMU' is told more or less than once"
		[ ! -s err ] || fail "something on stderr: $(head -c 300 err)"
		expect_count 0 '.type=="trial" and .outcome!="skip" and (.traced|not) and
			(.write.counters["cycles:u"] != null or .why["write.counters"] == null)' c.jsonl
	fi
fi

# No call to the kernel is made in a twin's writes of pages that do not fault: what a tracepoint sees are wbit's own calls, which its
# overhead has, whatever other event leads the group and however many sets there are.
if [ -f table ]; then
	for events in "-e perf::PAGE-FAULTS,raw_syscalls:sys_enter,perf::CPU-CLOCK" "-e perf::CPU-CLOCK,raw_syscalls:sys_enter" \
		"-e raw_syscalls:sys_enter -e perf::CPU-CLOCK -e perf::PAGE-FAULTS -e perf::MINOR-FAULTS"; do
		# shellcheck disable=SC2086
		try "$WBIT" run -o sys.jsonl --force --trigger=compaction -w shmem-shared --source=native --runs=1 --no-aa $events
		[ "$status" -eq 0 ] || { echo "status $status: $events is not tested"; continue; }
		overhead=$(jq 'select(.type=="env").counters[] | select(.name=="raw_syscalls:sys_enter").overhead' sys.jsonl)
		[ "$overhead" = null ] || [ "$overhead" -gt 0 ] || fail "$events: raw_syscalls:sys_enter has an overhead of $overhead"
		[ "$overhead" = null ] || expect_count 1 ".traced and .write.counters[\"raw_syscalls:sys_enter\"].value == $overhead and
			.write.counters[\"CPU-CLOCK\"].value > 0" sys.jsonl
	done
fi

# Someone without privileges: what may not be counted says what to do.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null && [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 2 ]; then
	install -d -m 0777 public
	chmod 0755 "$scratch"
	cp "$WBIT" public/wbit
	try env -C public setpriv --reuid=65534 --regid=65534 --clear-groups ./wbit run -o u.jsonl -w anon-private \
		-e perf::PAGE-FAULTS:k,migrate:mm_migrate_pages
	[ "$status" -eq 77 ] || fail "unprivileged: status $status: $(head -c 400 err)"
	expect_count 1 '.type=="env" and (.counters[0].why | test("not permitted: kernel.perf_event_paranoid is [0-9]: run as root"))' \
		public/u.jsonl
	expect_count 1 '.type=="env" and (.counters[1].why != null)' public/u.jsonl
	expect_line '^not counted: not permitted: kernel.perf_event_paranoid is ' out
fi

# ---- the table of records, whatever they hold ----

# trial RUN BLOCK WORKLOAD COUNTERS: as a twin or a timed trial wrote it, with the same counters in both regions.
trial() {
	printf '{"type":"trial","run":"%s","workload":"%s","policy":"vma","source":"native","trigger":"move_pages","pages":4,' "$1" "$3"
	printf '"page_bytes":4096,"from":0,"to":1,"clock":"ns","block":%s,"order":0,"traced":false,"outcome":"ok","migrated":4,' "$2"
	printf '"expected":{"faults":0,"kind":"none"},"faults":{"write_protect":0},"migrate":{"counters":%s},' "$4"
	printf '"write":{"counters":%s},"why":{}}\n' "$4"
}
counter() {
	printf '"%s":{"value":%s,"enabled_ns":10,"running_ns":10}' "$1" "$2"
}
records() {
	printf '{"type":"env","schema":0,"run":"a","kernel":"6.12","platform":"vm","clock":"ns","counters":['
	printf '{"name":"cycles:u","why":null},{"name":"never","why":null},{"name":"x","why":"bad\\u001b[31m luck"}]}\n'
	trial a 0 anon-private "{$(counter cycles:u 400)}"
	trial a 1 anon-private "{$(counter cycles:u 800)}"
	trial a 2 anon-private "{$(counter cycles:u 40000)}"
	trial a 3 anon-private '{"cycles:u":{"value":9,"enabled_ns":10,"running_ns":9}}'	# a part of the time: no figure
	trial a 0 shmem-shared "{$(counter '\u001b[2Jevil' 3),\"cycles:u\":null}"
	printf '{"type":"end","run":"a","trials":5,"ok":5,"fail":0,"broken":0,"skip":0}\n'
}
records >records.jsonl
"$WBIT" bundle records.jsonl >/dev/null || fail "bundle: status $?"
tar xzf wbit-bundle.tar.gz wbit-bundle/summary.txt
cp wbit-bundle/summary.txt table
expect_line '^anon-private +vma native +cycles:u +200 \[100, 10,000\] +200 \[100, 10,000\]$' table
expect_line '^shmem-shared +vma native +\?\[2Jevil +0\.8 +0\.8$' table
expect_line '^not counted: no trial that went well carried it: .*: never$' table
expect_line '^not counted: bad\?\[31m luck: x$' table
! grep -q $'\033' table || fail "an escape reached the table"
for format in gobench openmetrics; do
	try "$WBIT" export --format $format records.jsonl
	[ "$status" -le 1 ] || fail "export --format $format: status $status: $(cat err)"
done

# Counters that are none are refused with their column.
for bad in '[]' '7' '{"c":7}' '{"c":{}}' '{"c":{"value":-1,"enabled_ns":1,"running_ns":1}}' '{"c":{"value":1,"enabled_ns":1}}' \
	'{"":null}' "{\"$(printf 'n%.0s' {1..200})\":null}"; do
	{ sed -n 1p records.jsonl; trial a 0 anon-private "$bad"; } >bad.jsonl
	expect 2 'bad.jsonl:2: "migrate.counters" is not an object of counters' "$WBIT" export --format gobench bad.jsonl
done
for bad in '{}' '[7]' '[{}]' '[{"name":""}]' '[{"name":"a","why":7}]'; do
	printf '{"type":"env","schema":0,"run":"a","kernel":"6.12","platform":"vm","clock":"ns","counters":%s}\n' "$bad" >bad.jsonl
	expect 2 'bad.jsonl:1: "counters" is not a list of counters' "$WBIT" export --format gobench bad.jsonl
done
{ sed -n 1p records.jsonl
	for i in {1..6}; do
		trial a "$i" anon-private "{$(for k in {1..50}; do printf '"c%d-%d":null,' "$i" "$k"; done)\"z\":null}"
	done; } >many.jsonl
expect 2 'more than 256 counters in a cell' "$WBIT" export --format gobench many.jsonl
finish
