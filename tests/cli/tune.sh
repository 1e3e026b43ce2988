#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit run --tune and the A/A pass on this host. Settings that disturb are made up: files bound over the real ones, in a mount
# namespace of their own, with a /run of its own as well.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

ksm=/sys/kernel/mm/ksm/run balancing=/proc/sys/kernel/numa_balancing watchdog=/proc/sys/kernel/nmi_watchdog
settings=()
for file in $ksm $balancing $watchdog /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor \
	/sys/devices/system/cpu/{intel_pstate/no_turbo,cpufreq/boost,smt/control} /sys/devices/system/cpu/cpu*/online \
	/sys/kernel/mm/transparent_hugepage/{enabled,shmem_enabled,defrag}; do
	[ ! -r "$file" ] || settings+=("$file")
done

state_of_host() {
	grep -H '' "${settings[@]}"
	ls -A /run/wbit 2>/dev/null || true
}

# The options are known to the lab too, and a dry run tunes nothing.
for run in "run" "lab run"; do
	# shellcheck disable=SC2086
	try "$WBIT" $run -n --tune --no-aa
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || fail "$run -n --tune: status $status: $(head -c 400 err)"
done
try "$WBIT" run --help
expect_line '--tune +As root: set what disturbs times' out
expect_line '--no-aa +Leave out the A/A pass' out

# Without --tune the record says that it was not asked for; without the A/A pass that, too.
try "$WBIT" run -o plain.jsonl -w anon-private -r 1 --no-aa
expect_count 1 '.type=="env" and .tuned==null and .why.tuned=="not asked for (--tune)" and (has("not_tuned")|not)' plain.jsonl
expect_count 1 '.type=="env" and .noise_floor==null and .why.noise_floor=="left out (--no-aa)"' plain.jsonl
! grep -q '^noise floor' out || fail "a noise floor although it was left out"

if [ "$(id -u)" -ne 0 ] || [ ! -e $ksm ] || [ ! -e $balancing ] || ! command -v setpriv >/dev/null || ! unshare -m true 2>/dev/null; then
	echo "the rest needs root, mount namespaces, KSM and NUMA balancing"
	finish
	exit 0
fi

# This very host: whatever it has set, it is the same afterwards.
state_of_host >before
try "$WBIT" run --tune -o host.jsonl -w anon-private -r 1
[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || fail "--tune on this host: status $status: $(head -c 400 err)"
state_of_host >after
cmp -s before after || fail "--tune changed the host: $(diff before after)"
expect_count 1 '.type=="env" and (.tuned|type)=="array" and (.not_tuned|type)=="array"' host.jsonl
[ -e /sys/devices/system/cpu/cpufreq/boost ] ||
	expect_count 1 '.type=="env" and ([.not_tuned[]|select(.knob=="/sys/devices/system/cpu/cpufreq/boost").why]==["not there"])' host.jsonl
expect_line '^(not )?tuned: ' out

# made_up FLAGS COMMAND...: KSM and NUMA balancing at 1, the files bound with these options ("-o ro"), and an empty /run.
made_up() {
	local flags=$1
	shift
	echo 1 >ksm
	echo 1 >balancing
	# shellcheck disable=SC2016
	unshare -m sh -c 'flags=$1; ksm=$2; balancing=$3; shift 3
		mount -t tmpfs tmpfs /run && mount --bind balancing "$balancing" && mount --bind ksm "$ksm" || exit 99
		[ -z "$flags" ] || mount -o remount,bind,ro "$ksm" || exit 99
		[ "$flags" != both ] || mount -o remount,bind,ro "$balancing" || exit 99
		"$@"; status=$?; ls /run/wbit >left 2>/dev/null || :; exit $status' sh "$flags" $ksm $balancing "$@"
}

expect_put_back() {
	[ "$(cat ksm) $(cat balancing)" = "1 1" ] || fail "$1: ksm and balancing are $(cat ksm) $(cat balancing)"
	[ ! -s left ] || fail "$1: it left a journal: $(cat left)"
}

# What is set shows below the table and in the record, and while it is, in the record's knobs.
try made_up '' "$WBIT" run --tune -o tuned.jsonl -w anon-private -r 1
[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || fail "--tune: status $status: $(head -c 400 err)"
expect_put_back "--tune"
tr '\n' ' ' <out | tr -s ' ' >flat
expect_line "tuned: $balancing 1 -> 0; $ksm 1 -> 0 not tuned: " flat
expect_count 1 ".type==\"env\" and (.tuned|sort_by(.knob))==[{\"knob\":\"$balancing\",\"from\":\"1\",\"to\":\"0\"},
	{\"knob\":\"$ksm\",\"from\":\"1\",\"to\":\"0\"}] and .knobs[\"$balancing\"]==\"0\" and .knobs[\"$ksm\"]==\"0\"" tuned.jsonl
try made_up '' "$WBIT" run --tune -o quiet.jsonl -w anon-private -r 1 --quiet
[ ! -s out ] || fail "--quiet still prints: $(head -c 200 out)"

# What cannot be set is told, and no error; where nothing can be, it is one.
try made_up ro "$WBIT" run --tune -o ro.jsonl -w anon-private -r 1
[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || fail "one read-only: status $status: $(head -c 400 err)"
expect_put_back "one read-only"
expect_count 1 ".type==\"env\" and ([.tuned[].knob]==[\"$balancing\"]) and
	([.not_tuned[]|select(.knob==\"$ksm\").why]==[\"Read-only file system\"])" ro.jsonl
tr '\n' ' ' <out | tr -s ' ' >flat
expect_line "$ksm: Read-only file system" flat
denied='^wbit: --tune: nothing could be set, for want of privilege: run as root, where /sys can be written$'
expect 2 "$denied" made_up both "$WBIT" run --tune -o both.jsonl -w anon-private -r 1
expect_put_back "both read-only"
install -d -m 0777 public
chmod 0755 "$scratch"
cp "$WBIT" public/wbit
expect 2 "$denied" made_up '' env -C public setpriv --reuid=65534 --regid=65534 --clear-groups ./wbit run --tune -w anon-private
expect_put_back "unprivileged"

# Another run's journal, or a folder that is not wbit's own, ends it before anything is set.
# shellcheck disable=SC2016
expect 2 "is not wbit's own folder" made_up '' sh -c 'mkdir -m 0777 /run/wbit; exec "$WBIT" run --tune -w anon-private'
rm -f left
# shellcheck disable=SC2016
expect 2 'another run of wbit \(pid 4711\) has knobs' made_up '' sh -c 'mkdir -m 0700 /run/wbit; umask 077
	echo wbit-knobs-1 4711 >/run/wbit/knobs-4711; exec flock /run/wbit/knobs-4711 "$WBIT" run --tune -o busy.jsonl -w anon-private'
[ "$(cat ksm) $(cat balancing)" = "1 1" ] || fail "beside another run: it set something"

# doctor: what --tune would set, and what a run that was killed with its guard has left.
try made_up '' "$WBIT" doctor --no-probe
tr '\n' ' ' <out | tr -s ' ' >flat
expect_line '! wbit run --tune would set for its length: .*NUMA balancing, KSM; is right already: .*it never touches SMT' flat
# shellcheck disable=SC2016
killed='mkdir -m 0700 /run/wbit; umask 077; echo 0 >ksm; echo 0 >balancing
	printf "wbit-knobs-1 4711\n%s 1\n%s 1\n" /proc/sys/kernel/numa_balancing /sys/kernel/mm/ksm/run >/run/wbit/knobs-4711'
try made_up '' sh -c "$killed; \"\$WBIT\" doctor --no-probe; \"\$WBIT\" doctor --restore; \"\$WBIT\" doctor --restore"
expect_line "^  !   changed knob +$ksm: it was 1 before the run, and is 0 now" out
expect_line "^  !   changed knob +$balancing: it was 1 before the run, and is 0 now" out
expect_line "^a run that was killed \(pid 4711\) had changed $balancing: it is put back to 1, and 1 more" out
expect_line "^  $ksm: 0 -> 1\$" out
expect_line "^  $balancing: 0 -> 1\$" out
expect_line '^no run has left a knob changed$' out
expect_put_back "doctor --restore"

# The load of a sibling, where the CPU that would measure is said to have one.
siblings=/sys/devices/system/cpu/cpu0/topology/thread_siblings_list
if [ "$(nproc)" -ge 2 ] && [ -e $siblings ] && [ -e /sys/devices/system/cpu/cpu1 ]; then
	echo 0-1 >list
	timeout 60 taskset -c 1 sh -c 'while :; do :; done' &
	busy=$!
	try unshare -m sh -c "mount --bind list $siblings && exec taskset -c 0 '$WBIT' doctor --no-probe"
	kill $busy
	expect_line "^  !   SMT siblings' load +CPU 1 was busy for [0-9]+ % of 200 ms: it shares a core with CPU 0, which would" out
	echo 0 >list
	try unshare -m sh -c "mount --bind list $siblings && exec taskset -c 0 '$WBIT' doctor --no-probe"
	expect_line "^  -   SMT siblings' load +CPU 0, which would measure, has its core to itself" out
fi
finish
