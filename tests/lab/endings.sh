#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# However a guest ends, the lab ends too, within its limits, with what it had sent and one clear line.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

# first_line REGEX: stderr begins with it; a guest's last log lines may follow.
first_line() {
	head -n 1 err | grep -Eq -- "$1" || fail "stderr does not begin with '$1': $(head -c 600 err)"
}

# wait_for_trials FILE N: until N trials are in the file.
wait_for_trials() {
	local i n
	for ((i = 0; i < 600; i++)); do
		n=$(grep -c '"type":"trial"' "$1" 2>/dev/null || true)
		[ "${n:-0}" -lt "$2" ] || return 0
		sleep 0.1
	done
	fail "no $2 trials in $1 after a minute"
}

# A kernel that finds no init panics.
try "$WBIT" lab run stock-6.12 -o panic.jsonl --append=rdinit=/nonexistent
[ "$status" -eq 2 ] || fail "panic: status $status"
first_line 'stock-6.12: .*panic'

# A limit that no boot can hold.
try "$WBIT" lab run stock-6.12 -o late.jsonl --boot-limit=1
[ "$status" -eq 2 ] || fail "boot limit: status $status"
first_line 'stock-6.12: .*1 s'

# A WARNING in the log spoils the run, though all trials were fine; they are kept.
try "$FAULTY" lab run stock-6.12 -o warn.jsonl -w guest-warns -p vma --runs=1 --pages=4
[ "$status" -eq 2 ] || fail "warning: status $status"
first_line 'stock-6.12: .*WARNING'
expect_count 2 '.type=="trial" and .outcome=="ok"' warn.jsonl

# Words that the guest puts among the records: refused, and never shown as they are.
try "$FAULTY" lab run stock-6.12 -o scribbled.jsonl -w guest-scribbles -p vma --runs=1 --pages=4
[ "$status" -eq 2 ] || fail "scribbles: status $status"
first_line 'stock-6.12: the guest sent a line that is no record'
[ "$(cat err out | tr -d '\n\040-\176' | wc -c)" -eq 0 ] || fail "control characters: $(cat -v err)"
expect_count 1 '.type=="env"' scribbled.jsonl

# A panic in the middle: what came before is kept, and the run has no end. The order is that of the list of workloads.
try "$FAULTY" lab run stock-6.12 -o mid.jsonl -w 'trial-beside,guest-panics' -p vma --runs=1 --pages=4
[ "$status" -eq 2 ] || fail "panic in the middle: status $status"
first_line 'stock-6.12: kernel panic: sysrq triggered crash'
expect_count 2 '.workload=="trial-beside" and .outcome=="ok"' mid.jsonl
expect_count 2 '.type=="trial"' mid.jsonl
expect_count 0 '.type=="end"' mid.jsonl

# kill -9 of QEMU.
"$WBIT" lab run stock-6.12 -o killed.jsonl --runs=1000 --budget=120 >out 2>err </dev/null &
lab=$!
wait_for_trials killed.jsonl 3
pkill -KILL -P "$lab" -x qemu-system-x86 || fail "QEMU is not a child of wbit"
status=0
wait "$lab" || status=$?
[ "$status" -eq 2 ] || fail "kill -9: status $status"
first_line 'stock-6.12: .*signal 9'
[ "$(count '.type=="trial"' killed.jsonl)" -ge 3 ] || fail "kill -9: trials were lost"
expect_count 0 '.type=="end"' killed.jsonl
try "$WBIT" plot -o plots killed.jsonl
expect_line 'cut off' err

# kill -9 of wbit: QEMU ends with it, and the next start clears its folder away.
"$WBIT" lab run stock-6.12 -o lost.jsonl --runs=1000 >out 2>err </dev/null &
lab=$!
wait_for_trials lost.jsonl 1
qemu=$(pgrep -P "$lab" -x qemu-system-x86)
kill -KILL "$lab"
wait "$lab" 2>/dev/null || true
for ((i = 0; i < 50; i++)); do kill -0 "$qemu" 2>/dev/null && sleep 0.1; done
kill -0 "$qemu" 2>/dev/null && fail "QEMU outlives wbit"
ls -d "$TMPDIR"/wbit-?????? >/dev/null || fail "kill -9 of wbit: it left no folder, so this tests nothing"
# (the boots below start with that folder there; at the end none may be left)

# SIGINT: the records so far, and an honest end. (A shell starts its background jobs with SIGINT ignored.)
env --default-signal=INT "$WBIT" lab run stock-6.12 -o int.jsonl --runs=1000 --budget=120 >out 2>err </dev/null &
lab=$!
wait_for_trials int.jsonl 3
kill -INT "$lab"
status=0
wait "$lab" || status=$?
[ "$status" -eq 3 ] || fail "SIGINT: status $status"
first_line 'interrupted: [0-9]+ trials are in int.jsonl'
expect_count 1 '.type=="end" and .cut_short=="interrupted"' int.jsonl
[ "$(jq -s 'map(select(.type=="trial")) | length' int.jsonl)" -eq "$(jq 'select(.type=="end").trials' int.jsonl)" ] ||
	fail "SIGINT: the end line counts other trials than there are"

# A disk that is full.
try "$WBIT" lab run stock-6.12 -o /dev/full --runs=1
[ "$status" -eq 2 ] || fail "/dev/full: status $status"
first_line 'cannot write /dev/full: No space left on device'

# A budget that runs out.
try "$WBIT" lab run stock-6.12 -o budget.jsonl --runs=100000 --budget=15
[ "$status" -eq 3 ] || fail "budget: status $status: $(head -c 300 err)"
expect_count 1 '.type=="end" and (.cut_short|test("budget"))' budget.jsonl

# (other tests may have theirs: this one's run in a folder below $TMPDIR)
for qemu in $(pgrep -x qemu-system-x86 || true); do
	case $(readlink "/proc/$qemu/cwd" || true) in "$TMPDIR"/*) fail "a QEMU is left over" ;; esac
done
ls -d "$TMPDIR"/wbit-?????? 2>/dev/null && fail "a guest's folder is left over"
finish
