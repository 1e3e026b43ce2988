#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit run --tune in a guest: however it ends, what it set is what it was. When its guard is killed as well, doctor says what is
# left changed, and doctor --restore puts it back. Workloads and triggers that set the same knobs work under it.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

cat >script <<'END'
balancing=/proc/sys/kernel/numa_balancing ksm=/sys/kernel/mm/ksm/run
run="/wbit run --tune --platform lab-tcg --source native --output=/tmp/records --force --quiet"

state() { echo "$1: $2 balancing $(cat $balancing) ksm $(cat $ksm) journals $(ls /run/wbit 2>/dev/null | wc -l)"; }

# begin: a run that goes on and on, once it has tuned.
begin() {
	$run -w anon-private --runs 100000 >/dev/null 2>&1 &
	tries=0
	while [ "$(cat $balancing)$(cat $ksm)" != 00 ] && [ $tries -lt 20000 ]; do tries=$((tries + 1)); done
}

echo 1 >$balancing
echo 1 >$ksm
state before 0
$run -w anon-private --runs 1
state order $?
echo "$(head -n 1 /tmp/records)"
$run -w numa-hint-anon,ksm --runs 1
state same $?
grep -c '"outcome":"ok"' /tmp/records | sed 's/^/same ok: /'
for signal in INT TERM HUP SEGV KILL; do
	begin
	state tuned 0
	kill -$signal $!
	wait $!
	status=$?
	usleep 500000
	state $signal $status
done
begin
run_pid=$!
kill -9 $(pidof wbit-guard) $run_pid
wait $run_pid
status=$?
usleep 300000
state both $status
/usr/bin/wbit doctor --no-probe >/tmp/doctor
sed -n 's/^/doctor: /; /changed knob/,/platform/p' /tmp/doctor
/usr/bin/wbit doctor --restore | sed 's/^/restore: /'
state restored $?
/usr/bin/wbit doctor --restore | sed 's/^/again: /'
/usr/bin/wbit doctor --no-probe | grep 'changed knob' | sed 's/^/after: /'

# The next run says what it puts back before it begins.
begin
run_pid=$!
kill -9 $(pidof wbit-guard) $run_pid
wait $run_pid
usleep 300000
/wbit run --platform lab-tcg --source native --output=/tmp/records --force --quiet -w anon-private --runs 1 2>&1 | sed 's/^/next: /'
state next 0
END

try "$WBIT" lab shell stock-6.12 --script script --add "$WBIT:/usr/bin/wbit" --time-limit 300
[ "$status" -eq 0 ] || fail "status $status: $(head -c 400 err)"
expect_line '^before: 0 balancing 1 ksm 1 journals 0$' out
expect_line '^order: 0 balancing 1 ksm 1 journals 0$' out
grep '^{"type":"env"\|^{.*"type": *"env"' out >env.json || fail "no env line"
jq -e '[.tuned[] | [.knob, .from, .to]] | index([["/proc/sys/kernel/numa_balancing", "1", "0"]]) != null and
	index([["/sys/kernel/mm/ksm/run", "1", "0"]]) != null' env.json >/dev/null || fail "tuned: $(jq -c .tuned env.json)"
jq -e '.not_tuned | map(select(.knob | test("scaling_governor"))) | length == 1' env.json >/dev/null ||
	fail "not_tuned: $(jq -c .not_tuned env.json)"
jq -e '.knobs["/proc/sys/kernel/numa_balancing"] == "0" and .noise_floor == null and (.why.noise_floor | test("bare-metal"))' \
	env.json >/dev/null || fail "the env line: $(cat env.json)"
expect_line '^same: 0 balancing 1 ksm 1 journals 0$' out
expect_line '^same ok: 4$' out
[ "$(grep -c '^tuned: 0 balancing 0 ksm 0 journals 1$' out)" -eq 5 ] || fail "it was not tuned each time"
for ending in 'INT: 3' 'TERM: 3' 'HUP: 3' 'SEGV: 139' 'KILL: 137'; do
	expect_line "^$ending balancing 1 ksm 1 journals 0\$" out
done
expect_line '^both: 137 balancing 0 ksm 0 journals 1$' out
expect_line '^doctor:   !   changed knobs +a run that was killed' out
expect_line '^doctor:   !   changed knob +/proc/sys/kernel/numa_balancing: it was 1 before the run, and is 0 now' out
expect_line '^doctor:   !   changed knob +/sys/kernel/mm/ksm/run: it was 1 before the run, and is 0 now' out
expect_line '^doctor: +-> sudo wbit doctor --restore' out
expect_line '^restore:   /proc/sys/kernel/numa_balancing: 0 -> 1$' out
expect_line '^restore:   /sys/kernel/mm/ksm/run: 0 -> 1$' out
expect_line '^restored: 0 balancing 1 ksm 1 journals 0$' out
expect_line '^again: no run has left a knob changed$' out
expect_line '^after:   ok  changed knobs +none' out
expect_line '^next: wbit: warning: a run that was killed .* is put back to 1' out
expect_line '^next: 0 balancing 1 ksm 1 journals 0$' out
[ "$failures" -eq 0 ] || cat out

# Through the lab the option reaches the guest's run, and its record says what that set.
try "$WBIT" lab run stock-6.12 --tune --no-aa -w anon-private --runs 1 --append sysctl.kernel.numa_balancing=1 -o lab.jsonl
[ "$status" -eq 0 ] || fail "lab run --tune: status $status: $(head -c 400 err)"
expect_count 1 '.type=="env" and .tuned==[{"knob":"/proc/sys/kernel/numa_balancing","from":"1","to":"0"}]' lab.jsonl
expect_count 1 '.type=="env" and .noise_floor==null and .why.noise_floor=="left out (--no-aa)"' lab.jsonl
finish
