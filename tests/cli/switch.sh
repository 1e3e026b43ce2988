#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The policy switch and the journal of what was changed, through the program: a file in the switch's place, which takes each
# word and does nothing, in a mount namespace of this test's own. (Real switches: tests/lab/switch*.sh.)
if [ "${1:-}" != inside ]; then
	if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
		echo "needs root, and a mount namespace"
		exit 77
	fi
	exec unshare -m bash "$0" inside
fi
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /sys/kernel/debug
file=/sys/kernel/debug/migrate_restore_policy
lines() { wc -l <"$1"; }

# good COMMAND...: status 0, or 77 where nothing can be measured.
good() {
	try "$@"
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || fail "$*: status $status: $(head -c 400 err)"
}

# ---- no switch

good "$WBIT" run -o none.jsonl --source=switch -w anon-private
[ "$status" -eq 77 ] || fail "no switch: status $status"
expect_count 3 '.type=="trial" and .source=="switch" and .outcome=="skip"' none.jsonl
expect_count 1 '.type=="env" and .policy_switch==null' none.jsonl
good "$WBIT" doctor --no-probe
expect_line '^  -   policy switch +this kernel has no policy switch: no file migrate_restore_policy' out
expect_line '^  ok  changed knobs +none' out
good "$WBIT" doctor --restore
expect_line '^no run has left a knob changed$' out

# ---- a switch that cannot be used: a skip with its reason, and the others' defaults stay as they are

echo neither >$file
good "$WBIT" run -o odd.jsonl --source=switch -w anon-private --trigger=compaction
[ "$status" -eq 77 ] || fail "an odd word: status $status"
expect_count 3 ".outcome==\"skip\" and (.reason|test(\"holds 'neither', which is no policy|run as root\"))" odd.jsonl
echo vma >$file
chmod 0600 $file
mount --bind $file $file
mount -o remount,bind,ro $file
good "$WBIT" run -o ro.jsonl --source=switch -w anon-private
[ "$status" -eq 77 ] || fail "read-only: status $status"
good "$WBIT" doctor --no-probe
expect_line '^  -   policy switch +the policy switch cannot be written: debugfs is mounted read-only' out
good "$WBIT" run --dry-run -w anon-private
expect_line 'anon-private +(vma|entry|unknown) +native' out
umount $file

# ---- there: list and doctor know it

good "$WBIT" doctor --no-probe
expect_line '^  ok  policy switch +there, now at vma' out
good "$WBIT" list
cp out list
good "$WBIT" doctor --no-probe
if grep -q '^  ok  tracepoints' out; then
	expect_line '^  switch +yes' list
	expect_line '^  vma-only +yes' list
fi
good "$WBIT" run --dry-run -w anon-private
for policy in vma entry vma-only; do expect_line "anon-private +$policy +switch" out; done
! grep -q native out || fail "native without being asked for"
good "$WBIT" run --dry-run -w anon-private --source='*'
expect_line 'anon-private +(vma|entry|unknown) +native' out
expect_line 'anon-private +vma-only +emulated' out

# ---- journals that were not left by a run

mkdir -m 0700 /run/wbit
echo entry >$file
printf 'wbit-knobs-1 1\n%s vma-only\n/proc/sys/kernel/core_pattern |/tmp/x\n' $file >/run/wbit/knobs-1
chmod 0600 /run/wbit/knobs-1
expect 2 '^wbit: /run/wbit/knobs-1 is not what wbit writes, and is not believed' "$WBIT" doctor --restore
expect 2 '^wbit: /run/wbit/knobs-1 is not what wbit writes' "$WBIT" run -o x.jsonl
good "$WBIT" doctor --no-probe
expect_line '^  !   changed knobs +/run/wbit/knobs-1 is not what wbit writes' out
[ "$(cat $file)" = entry ] || fail "a hostile journal was followed"

# What a dead run left is told, and put back by doctor, or by the next run.
printf 'wbit-knobs-1 1\n%s vma-only\n' $file >/run/wbit/knobs-1
good "$WBIT" doctor --no-probe
expect_line '^  !   changed knobs +a run that was killed \(pid 1\) had changed' out
expect_line '-> sudo wbit doctor --restore' out
[ "$(cat $file)" = entry ] || fail "doctor alone puts something back"
good "$WBIT" doctor --restore
expect_line "^a run that was killed \(pid 1\) had changed $file: it is put back to vma-only\$" out
[ "$(cat $file)" = vma-only ] || fail "doctor --restore puts nothing back"
[ ! -e /run/wbit/knobs-1 ] || fail "the journal stays"
printf 'wbit-knobs-1 1\n%s vma\n' $file >/run/wbit/knobs-1
chmod 0600 /run/wbit/knobs-1
good "$WBIT" run -w anon-private -r 1 -o next.jsonl
expect_line '^wbit: warning: a run that was killed \(pid 1\) had changed .*put back to vma' err
[ "$(cat $file)" = vma ] || fail "the next run puts nothing back"

# A folder that is not wbit's own.
mv /run/wbit /run/aside
ln -s aside /run/wbit
expect 2 "^wbit: /run/wbit is not wbit's own folder" "$WBIT" doctor --restore
expect 2 "^wbit: /run/wbit is not wbit's own folder" "$WBIT" run -o x.jsonl
rm /run/wbit
mv /run/aside /run/wbit
expect 2 'cannot keep a journal of knobs in /run/wbit' \
	setpriv --reuid=65534 --regid=65534 --clear-groups "$WBIT" doctor --restore

# ---- runs, where this machine can: compaction moves pages on one node

can_compact || { echo "no compaction here"; finish; exit; }

# Only the kernel's own policy is believed of a switch that does nothing; the others are skips that say what was seen.
good "$WBIT" run --trigger=compaction -o fake.jsonl -r 2 -w 'shmem-[us]*'
expect_count 1 '.type=="env" and .policy_switch.as_found=="vma" and (.policy_switch.entry|test("W came back"))' fake.jsonl
own=$(jq -r 'select(.type=="env").native_policy' fake.jsonl)
expect_count 0 ".type==\"trial\" and .policy!=\"$own\" and .outcome!=\"skip\"" fake.jsonl
expect_count 0 '.type=="trial" and .outcome=="ok" and .kernel_policy!=.policy' fake.jsonl
expect_count 1 ".workload==\"shmem-shared\" and .policy!=\"$own\" and .policy!=\"vma-only\" and
	(.reason|test(\"^the switch at [a-z-]+ does not give it: the probes show $own: W came back\"))" fake.jsonl
[ "$(cat $file)" = vma ] || fail "after a run: $(cat $file)"

# start: a run in the background, until it has turned the switch.
start() {
	local i
	"$WBIT" run --trigger=compaction -o long.jsonl --force --runs=100000 >/dev/null 2>&1 &
	run=$!
	for ((i = 0; i < 500; i++)); do
		[ "$(cat $file)" = vma ] || return 0
		sleep 0.01
	done
	fail "the run never turns the switch"
}

# back: until the switch is at vma and no journal is left.
back() {
	local i
	for ((i = 0; i < 200; i++)); do
		[ "$(cat $file)" != vma ] || [ -n "$(ls /run/wbit)" ] || return 0
		sleep 0.02
	done
	fail "$1: the switch is at $(cat $file), journals: $(ls /run/wbit)"
}

for signal in INT TERM HUP SEGV KILL; do
	start
	kill -s "$signal" "$run"
	wait "$run" 2>/dev/null || true
	back "$signal"
done

# Beside a living run nobody gets at the switch, nobody puts anything back, and doctor makes no experiment.
start
expect 2 "^wbit: another run of wbit \(pid $run\) has knobs of this kernel in its hands" \
	"$WBIT" run --trigger=compaction -w anon-private -o y.jsonl
good "$WBIT" doctor --restore
expect_line 'another run of wbit' out
good "$WBIT" doctor
expect_line '^  -   changed knobs +another run of wbit' out
expect_line '^  [!-]   policy +unknown: another run of wbit' out
ls /run/wbit/knobs-"$run" >/dev/null || fail "a living run's journal is gone"

# Guard and run both killed: it stays, until doctor.
kill -KILL "$(pgrep -P "$run" -x wbit-guard)" "$run"
wait "$run" 2>/dev/null || true
sleep 0.2
[ "$(lines /run/wbit/knobs-"$run")" -eq 2 ] || fail "no journal is left"
good "$WBIT" doctor --restore
expect_line "^a run that was killed \(pid $run\) had changed $file: it is put back to vma\$" out
back "doctor --restore"
finish
