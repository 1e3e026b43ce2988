#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit observe on this host, whatever it is: each option, what it refuses, and its ends. What the figures are is tested in guests.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

for bad in 0 -1 x '' 1e99 nan inf ' 1' 0.05 1s; do
	expect 2 "--interval: '.*' is not a number of seconds from 0.1" "$WBIT" observe --interval="$bad"
	expect 2 "--duration: '.*' is not a number of seconds from 0.1" "$WBIT" observe -d "$bad"
done
for bad in 0 -1 x '' 1.5; do
	expect 2 "--count: '.*' is not a number from 1" "$WBIT" observe -n "$bad"
	expect 2 "--ring: '.*' is not a number from 4" "$WBIT" observe --ring="$bad"
done
expect 2 "--ring: 1000 is no power of two" "$WBIT" observe --ring=1000
expect 2 "--trigger: 'mbind' is neither move_pages nor compaction" "$WBIT" observe --trigger=mbind
expect 2 "'1': \`wbit observe\` takes no argument; -i sets the interval" "$WBIT" observe 1
expect 2 "unrecognized option '--frobnicate'" "$WBIT" observe --frobnicate

# Scripts and files for a guest: what is refused before it boots.
: >plain
expect 2 "--script: missing: No such file" "$WBIT" lab shell --script missing
expect 2 "--add: missing: No such file" "$WBIT" lab shell --add missing
expect 2 "--add: \. is no file" "$WBIT" lab shell --add .
expect 2 "--add: plain:bin/x: the path in the guest, after ':', begins with '/'" "$WBIT" lab shell --add plain:bin/x
for bad in / /x/ /x/.. /. /x/../y; do
	expect 2 "--add: plain:$bad: the path in the guest, .* ends in a file's name" "$WBIT" lab shell --add "plain:$bad"
done
truncate -s 65M large
expect 2 "--add: large is larger than the 64 MiB that a file in the guest may have" "$WBIT" lab shell --add large
expect 2 "--script: \. is no file" "$WBIT" lab shell --script .
expect 2 "--add: two files for the guest's /bin/x" "$WBIT" lab shell --add plain:/bin/x --add "$0:/bin/x"
expect 2 "--time-limit: '0'" "$WBIT" lab shell --time-limit=0
expect 2 "--time-limit goes with --script" "$WBIT" lab shell --time-limit=5

# Someone without privileges: one line that says what is needed.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	install -d -m 0777 public
	chmod 0755 "$scratch"
	cp "$WBIT" public/wbit
	for how in --no-probe --counts; do
		expect 2 'needs tracepoints of the whole system through perf: run as root' \
			setpriv --reuid=65534 --regid=65534 --clear-groups public/wbit observe -n 1 $how
	done
fi

# What a container's filter of system calls answers is no count of 0. strace is not there on every machine.
if [ "$(id -u)" -eq 0 ] && strace -qq -e trace=none true 2>/dev/null; then
	for how in --no-probe --counts; do
		expect 2 'needs tracepoints of the whole system through perf: run as root' strace -qq -o traced \
			-e inject=perf_event_open:error=EPERM "$WBIT" observe -n 1 $how
	done
fi

try "$WBIT" observe --no-probe -n 1 -i 0.1
if [ "$status" -ne 0 ]; then
	[ "$(wc -l <err)" -eq 1 ] || fail "not one line on stderr: $(cat err)"
	grep -Eq 'needs tracepoints|has no tracepoint|cannot' err || fail "cannot run, and why not is not said: $(cat err)"
	[ "$failures" -eq 0 ] || finish
	cat err
	exit 77
fi
[ ! -s err ] || fail "something on stderr: $(cat err)"
expect_line 'kinds of entries are not known: not tried \(--no-probe\)' out
expect_line '^in 0\.1 s, 1 of 1 intervals$' out

# observe_json OPTION...: the lines, in ./out.
observe_json() {
	try "$WBIT" observe --json "$@"
	[ "$status" -eq 0 ] || fail "observe $*: status $status: $(head -c 400 err)"
	jq -e .type out >/dev/null || fail "observe $*: not JSON lines alone"
	expect_count 1 '.type=="observe" and .schema==0 and .cpus>=1' out
	expect_count 1 '.type=="total" and .lost==0 and .own_cpu_ns>0' out
}
observe_json --no-probe -n 3 -i 0.2
expect_count 3 '.type=="interval" and .length_ns>=200000000 and .length_ns<300000000' out
jq -s -e '[.[] | select(.type=="interval")] | map(.number)==[1,2,3] and .[2].start_ns - 400000000 < 10000000' out >/dev/null ||
	fail "the intervals do not follow each other: $(jq -c '[.number, .start_ns, .length_ns]' out)"
expect_count 4 '(.type=="interval" or .type=="total") and .vma_saved==null and .why["*"]=="not tried (--no-probe)"' out
observe_json --no-probe -d 0.5 -i 0.2
expect_count 3 '.type=="interval"' out
expect_count 1 '.type=="total" and (.length_ns-500000000|fabs)<10000000' out
# So small a ring loses records whenever anything migrates, and then says so.
try "$WBIT" observe --json --no-probe -n 1 -i 0.1 --ring 4
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "--ring 4: status $status: $(cat err)"
expect_count 1 ".type==\"total\" and .intervals_whole==1-$status/3 and (.lost>0)==($status==3)" out
observe_json --no-probe -n 1 -i 0.1 --counts
expect_count 2 '.pte.restored!=null and .pte.untold==null' out

# Ctrl-C ends it with the summary, in the middle of an interval.
rm -f out
env --default-signal=INT "$WBIT" observe --no-probe --json -i 100 >out 2>err </dev/null &
observer=$!
for ((i = 0; i < 100; i++)); do
	[ ! -s out ] || break
	sleep 0.1
done
kill -INT "$observer"
status=0
wait "$observer" || status=$?
[ "$status" -eq 0 ] || fail "SIGINT: status $status: $(cat err)"
expect_count 1 '.type=="interval" and .length_ns<50000000000' out
expect_count 1 '.type=="total" and .intervals==1' out

status=0
"$WBIT" observe --no-probe -n 1000 -i 0.1 >/dev/full 2>err || status=$?
[ "$status" -eq 2 ] || fail "to a full disk: status $status"
expect_line 'cannot write to standard output' err

# As root compaction shows the kinds on one node as well, unless others compact all the time: then the reason stands there.
if [ "$(id -u)" -eq 0 ] && [ -w /proc/sys/vm/compact_memory ]; then
	observe_json -n 1 -i 0.1 --trigger compaction
	expect_count 1 '.type=="observe" and if .kinds_unknown == null then (.swap_types | [.[]] | unique | length) == 3
		else (.kinds_unknown | length) > 0 and ([.swap_types[]] | any(. == null)) end' out
fi
finish
