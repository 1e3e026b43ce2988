#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit profile: what it refuses, a perf that is missing, dies or says nothing, and a profile of this very host.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

expect 2 'which workload\? .wbit list. shows them' "$WBIT" profile
expect 2 "'ksm': one workload at a time" "$WBIT" profile anon-fork ksm
expect 2 "no workload matches 'anon-frok'" "$WBIT" profile anon-frok
expect 2 "no policy matches 'vam'" "$WBIT" profile anon-fork -p vam
expect 2 "no source matches 'magic'" "$WBIT" profile anon-fork --source=magic
expect 2 "no trigger matches 'mbnid'" "$WBIT" profile anon-fork --trigger=mbnid
expect 2 "--phase: 'both' is neither migrate nor write" "$WBIT" profile anon-fork --phase=both
expect 2 "--pages: '0' is not a number from 1" "$WBIT" profile anon-fork --pages=0
expect 2 "--pages: '1,2' is not a number from 1" "$WBIT" profile anon-fork --pages=1,2
expect 2 "--runs: '0' is not a number from 1" "$WBIT" profile anon-fork --runs=0
expect 2 "--budget: 'x' is not a number from 1" "$WBIT" profile anon-fork --budget=x
expect 2 "--frequency: '50001' is not a number from 1 to 50000" "$WBIT" profile anon-fork -F 50001
for bad in '' '-x' 'cycles,cpu-clock' '{cycles}' 'a b'; do
	expect 2 "-e: '.*' is not one event" "$WBIT" profile anon-fork --event="$bad"
done
expect 2 "-o: a folder's name is missing" "$WBIT" profile anon-fork --output=
expect 2 "unrecognized option '--frobnicate'" "$WBIT" profile anon-fork --frobnicate
expect 77 'goes by a trigger .*NUMA balancing leaves KSM pages alone' "$WBIT" profile ksm --trigger=numa-balancing

# Without perf, and with Ubuntu's, which asks for the one of the kernel that runs.
mkdir none bin
expect 2 '^wbit: perf is not installed: apt-get install --no-install-recommends linux-perf \(Debian\)' \
	env PATH="$PWD/none" "$WBIT" profile anon-fork
printf '#!/bin/sh\necho "WARNING: perf not found for kernel 6.8.0-1"; echo; exit 2\n' >bin/perf
chmod +x bin/perf
expect 2 "^wbit: there is no perf for this kernel: apt-get install linux-tools-$(uname -r)\$" env PATH="$PWD/bin:$PATH" "$WBIT" profile anon-fork
chmod -x bin/perf
expect 2 '^wbit: perf cannot be started: Permission denied' env PATH="$PWD/bin" "$WBIT" profile anon-fork
[ ! -e results ] || fail "something was written"

# What is there is not overwritten.
command -v perf >/dev/null || { echo "perf is not installed"; [ "$failures" -eq 0 ] || exit 1; exit 77; }
mkdir there
echo old >there/perf.data
expect 2 '^wbit: there/perf.data is there already: choose another folder with -o, or --force' "$WBIT" profile anon-fork -o there
mv there/perf.data there/write.folded
expect 2 '^wbit: there/write.folded is there already' "$WBIT" profile anon-fork -o there
[ "$(cat there/write.folded)" = old ] || fail "it was overwritten"
expect 2 "the folder's name is too long" "$WBIT" profile anon-fork -o "$(printf 'x%.0s' {1..4095})"

# Someone without privileges is told what it takes.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	install -d -m 0777 public
	chmod 0755 "$scratch"
	cp "$WBIT" public/wbit
	expect 77 '^wbit: no profile: needs .*run as root' env -C public setpriv --reuid=65534 --regid=65534 --clear-groups \
		./wbit profile anon-fork --trigger=compaction -o mine
	[ ! -e public/mine ] || fail "a folder was made for nothing"
fi

if ! can_compact; then
	echo "needs root, compaction and tracepoints: the rest is left out"
	finish
	exit 77
fi

# profile STATUS OPTION...: by compaction, again while someone else's compaction is in the way.
profile() {
	local want=$1 i
	shift
	for ((i = 0; i < 10; i++)); do
		try "$WBIT" profile --trigger compaction "$@"
		[ "$status" -eq 1 ] || break
		grep -Eq 'state-not-reached|was skip|was fail' err || break
	done
	[ "$status" -eq "$want" ] || fail "profile $*: status $status, expected $want: $(head -c 400 err)"
}

# nothing_left FOLDER: neither files, nor a perf of ours.
nothing_left() {
	[ ! -e "$1" ] || fail "left: $(find "$1")"
	[ -z "$(ls -A tmp)" ] || fail "left in TMPDIR: $(ls -A tmp)"
	! pgrep -f "perf record .*$1/perf.data" >/dev/null || fail "a perf is still running"
}

profile 77 shmem-softdirty -p vma-only --source=switch -o none
profile 0 anon-fork --pages 1024 --runs 4 -o write
expect_line '^anon-fork under [a-z-]+ \(native\), 1024 pages of 4 KiB by compaction: the write phase$' out
expect_line '^[0-9]+ trials, [0-9.]+ ms of CPU time, [0-9]+ samples of (cycles|cpu-clock) at 9973 Hz$' out
expect_line '^ +self +total  symbol$' out
expect_line '^ +[0-9.]+ % +[0-9.]+ %  [^ ]' out
expect_line '^profile: write/perf.data$' out
expect_line '^folded:  write/write.folded$' out
[ "$(wc -L <out)" -le 120 ] || fail "wider than 120 columns"
[ ! -s err ] || fail "something on stderr: $(cat err)"
if ! perf stat -e cycles true 2>&1 | grep -Eq '[0-9] +cycles'; then
	[ "$(grep -c '^no PMU.*: sampled by cpu-clock, a timer, whose samples never fall where interrupts are off$' out)" -eq 1 ] ||
		fail "no word of cpu-clock"
fi

# The folded stacks are that, and of the writes alone: nothing of the gate, of what comes before or after, or of wbit itself.
[ "$(find write -type f | wc -l)" -eq 2 ] || fail "more or fewer than two files: $(ls write)"
bad=$(grep -Evn '^[^;]+(;[^;]+)* [1-9][0-9]*$' write/write.folded || true)
[ -z "$bad" ] || fail "no folded stacks: $(head -n 3 <<<"$bad")"
samples=$(sed -n 's/.* \([0-9]*\) samples of .*/\1/p' out)
[ "$(awk '{ n += $NF } END { print n }' write/write.folded)" -eq "$samples" ] || fail "not $samples samples in write.folded"
expect_line '^[^;]+;(.*;)?write_phase;.*do_wp_page' write/write.folded
! grep -E 'compact_node|gate_say|dither|hear_ack|strlen|check_pages|take_pool' write/write.folded || fail "samples of something else"
perf script -i write/perf.data -F comm,event >events 2>/dev/null || fail "perf cannot read perf.data"
[ "$(wc -l <events)" -ge "$samples" ] || fail "perf.data has fewer samples than $samples"

# The migration, of another workload, into the default folder; --force and --quiet.
profile 0 anon-private --phase migrate --pages 1024 --runs 4 -F 4999
expect_line ': the migrate phase$' out
expect_line ' at 4999 Hz$' out
folder=$(sed -n 's|^profile: \(results/local/[0-9T]*-[0-9a-f]*\.profile\)/perf.data$|\1|p' out)
[ -s "$folder/migrate.folded" ] || fail "no migrate.folded in the default folder: $(cat out)"
expect_line 'compact_node.*;migrate_pages' "$folder/migrate.folded"
! grep -q 'do_wp_page' "$folder/migrate.folded" || fail "write faults in the migrate phase"
profile 0 anon-fork --pages 1024 --runs 2 -o write --force --quiet
[ ! -s out ] || fail "--quiet still prints: $(cat out)"
[ "$(find write -type f | wc -l)" -eq 2 ] || fail "--force left something: $(ls write)"

# Another event, a tracepoint: each page's. What perf does not know, in perf's words.
profile 0 anon-fork --pages 256 --runs 2 --budget 20 -e migrate:remove_migration_pte --phase migrate -o tracepoint
expect_line 'samples of migrate:remove_migration_pte$' out
expect_line '^ +100\.0 % 100\.0 %  remove_migration_' out
profile 2 anon-fork --pages 256 -e nosuch -o nosuch
expect_line "^wbit: no profile: perf: event syntax error: 'nosuch'\$" err
nothing_left nosuch
if ! perf stat -e cycles true 2>&1 | grep -Eq '[0-9] +cycles'; then
	profile 2 anon-fork --pages 256 -e cycles -o cycles
	expect_line '^wbit: no profile: -e cycles: perf record has no single event of this name here' err
	nothing_left cycles
fi

# No sample: inconclusive, and nothing is left.
profile 3 shmem-shared --pages 1 --runs 1 -F 100 -o few
expect_line '^wbit: no sample fell into the phase: more --pages' err
nothing_left few

# A perf of our own, with PERF for the real one: $1 is a script for `perf record`.
fake() {
	# shellcheck disable=SC2016
	printf '#!/bin/bash\n[ "$1" = record ] || exec %s "$@"\n%s\n' "$(command -v perf)" "$1" >bin/perf
	chmod +x bin/perf
}
fake 'echo "Error:" >&2; echo "Access is limited." >&2; echo "perf_event_paranoid setting is 4:" >&2; exit 255'
PATH="$PWD/bin:$PATH" profile 2 anon-fork --pages 256 -o dead
expect_line '^wbit: no profile: perf may not: run as root, or lower kernel.perf_event_paranoid \(Access is limited\.\)$' err
nothing_left dead
fake 'exit 1'
PATH="$PWD/bin:$PATH" profile 2 anon-fork --pages 256 -o dead
expect_line '^wbit: no profile: perf ended and said nothing$' err
fake 'exec sleep 100'
PATH="$PWD/bin:$PATH" profile 2 anon-fork --pages 256 -o silent
expect_line '^wbit: no profile: perf does not answer: Connection timed out$' err
nothing_left silent
fake 'while read -r -u 3 line; do echo no >&4; done'
PATH="$PWD/bin:$PATH" profile 2 anon-fork --pages 256 -o wrong
expect_line "^wbit: no profile: perf's answer is none: Protocol error\$" err
# It dies in the middle of a trial; and it answers and records nothing.
fake 'read -r -u 3 l; echo ack >&4; read -r -u 3 l; echo "Event cpu-clock disabled" >&2; echo ack >&4; read -r -u 3 l'
PATH="$PWD/bin:$PATH" profile 1 anon-fork --pages 256 -e cpu-clock -o middle
expect_line '^wbit: no profile: a trial of anon-fork under [a-z-]+ was broken: write: perf has ended: ' err
nothing_left middle
fake 'while read -r -u 3 line; do echo "Event cpu-clock disabled" >&2; echo ack >&4; done'
PATH="$PWD/bin:$PATH" profile 2 anon-fork --pages 256 --runs 1 -e cpu-clock -o empty
expect_line '^wbit: perf ended and said nothing$' err
nothing_left empty

# Ctrl-C in the middle: perf is ended, nothing is left. And when wbit is killed, perf ends as well.
for signal in INT KILL; do
	rm -rf cut
	env --default-signal=INT "$WBIT" profile anon-fork --trigger compaction --pages 1024 --runs 1000000 --budget 1000 -o cut >out 2>err </dev/null &
	pid=$!
	for ((i = 0; i < 200; i++)); do
		[ ! -s cut/perf.data ] || break
		sleep 0.1
	done
	kill -s "$signal" "$pid"
	status=0
	wait "$pid" 2>/dev/null || status=$?
	[ "$signal" = KILL ] || [ "$status" -eq 3 ] || [ "$status" -eq 1 ] || fail "SIGINT: status $status: $(cat err)"
	for ((i = 0; i < 100; i++)); do
		pgrep -f "perf record .*cut/perf.data" >/dev/null || break
		sleep 0.1
	done
	[ "$signal" = INT ] || rm -rf cut
	nothing_left cut
done
finish
