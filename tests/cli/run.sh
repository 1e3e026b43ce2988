#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit run on this host, whatever it is: records, options, outputs. With one node every cell is a skip, status 77.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

good() {
	try "$@"
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || fail "$*: status $status: $(head -c 400 err)"
}

# The default file is made below the current folder.
good "$WBIT" run -r 1 --pages=1
[ "$(find results/local -name '*.jsonl' | wc -l)" -eq 1 ] || fail "no record file in results/local"
expect_line '^records: results/local/' out

# Every option shows in the record.
good "$WBIT" run -o a.jsonl --workload='anon-priv*' --runs=2 --pages=1,8 --seed=77 --label=commit=abc --label=who=me \
	--time-limit=5 --budget=60 --trigger=move_pages --source='*' --quiet
[ ! -s out ] || fail "--quiet still prints: $(head -c 200 out)"
expect_count 1 '.type=="env" and .seed==77 and .labels=={"commit":"abc","who":"me"} and .schema==0' a.jsonl
expect_count 1 '.type=="end"' a.jsonl
expect_count 0 '.type=="trial" and .workload!="anon-private"' a.jsonl
for pages in 1 8; do
	[ "$(count ".type==\"trial\" and .pages==$pages" a.jsonl)" -ge 1 ] || fail "no trial of $pages pages"
done
jq -e '.type' a.jsonl >/dev/null || fail "not JSON lines"

# A skip has its reason; what is null has one under "why".
[ "$(count '.outcome=="skip" and .reason==null' a.jsonl)" -eq 0 ] || fail "a skip without a reason"

# An existing file is only overwritten with --force.
cp a.jsonl before
expect 2 'a.jsonl is there already: choose another file, or --force' "$WBIT" run -o a.jsonl
cmp -s a.jsonl before || fail "the file was touched"
good "$WBIT" run -o a.jsonl --force -w anon-private -r 1
cmp -s a.jsonl before && fail "--force did not overwrite"
jq -e .type a.jsonl >/dev/null || fail "--force left something of the old file behind"
expect_count 1 '.type=="env"' a.jsonl

# What --force would overwrite is kept when nothing comes to take its place.
cp a.jsonl before
expect 2 'node 999 has no memory here' "$WBIT" run -o a.jsonl --force --from=999
cmp -s a.jsonl before || fail "--force threw the old records away for nothing"

# stdout as the file: records alone.
good "$WBIT" run -o - -w anon-private -r 1
jq -e '.type' out >/dev/null || fail "-o -: not JSON lines alone"

# Outputs that cannot be written.
expect 2 'cannot write .*/missing/x.jsonl: No such file' "$WBIT" run -o "$PWD/missing/x.jsonl"
expect 2 'cannot write records: No space left' "$WBIT" run -o /dev/full
expect 2 'cannot write .*: Is a directory' "$WBIT" run -o "$PWD"
: >plain
# shellcheck disable=SC2016
expect 2 'cannot create results/local' env -C "$scratch" sh -c 'rm -rf results; : >results; exec "$WBIT" run'
rm -f results

# A dry run says what would be measured and writes nothing.
good "$WBIT" run --dry-run
expect_line 'anon-private' out
[ ! -e results ] || fail "the dry run wrote something"
[ "$(grep -c '^anon-[a-z]* .* native ' out)" -eq 3 ] || fail "more than the default workloads is planned"
! grep -Eq '^(ksm|thp-anon) ' out || fail "an extra workload is planned unasked"

# --all, by its short name too: each cell of `wbit list` that makes sense, with its trigger.
cells=$("$WBIT" list | sed -n '/^workloads here/,/^triggers/p' | grep -E '^  [a-z]' | grep -Eo '(yes|\[[0-9,]+\])' | wc -l)
for all in --all -a; do
	good "$WBIT" run -n $all --source=native
	[ "$(grep -c ' native ' out)" -eq "$cells" ] || fail "$all plans $(grep -c ' native ' out) cells, list has $cells"
done
good "$WBIT" run -n -a -w 'numa-hint-*,ksm' --trigger=numa-balancing,mbind,cpuset --source=native
[ "$(grep -c ' native ' out)" -eq 4 ] || fail "-a with globs: $(cat out)"
expect_line '^ksm .* mbind, ' out
expect_line '^numa-hint-anon .* numa-balancing, ' out

# ksmd is the whole machine's: whatever its knobs say, no host's is stopped.
good "$WBIT" run -n -w ksm --trigger=compaction --source=native
expect_line '^ksm .* compaction, skip: ' out

# By its name, and then by the trigger that makes sense of it. Policies on request; the bug to its full name alone.
good "$WBIT" run -n -w thp-anon,numa-hint-shmem --source=native
expect_line '^numa-hint-shmem .* numa-balancing, ' out
expect_line '^thp-anon .* move_pages, ' out
good "$WBIT" run -n -w anon-private --source=switch -p upgrade
expect_line '^anon-private +upgrade +switch ' out
expect_line '^1 cells, ' out
good "$WBIT" run -n -w anon-private --source=switch -p '*'
expect_line '^4 cells, ' out
good "$WBIT" run -n -w anon-private --source=switch -p vma-unsafe
expect_line '^anon-private +vma-unsafe +switch ' out
good "$WBIT" run -n -w anon-private --source=native --vmas=4
expect_line '^1 cells, ' out

# Writers beside are cells of their own, where there is a CPU for them.
try "$WBIT" run -n -w anon-private,shmem-softdirty --source=native --threads=0,63
expect_line '^anon-private +[^ ]+ +native +move_pages, (256 pages|skip)' out
expect_line '^anon-private +.* move_pages, 63 writers beside, skip: needs a ' out
expect_line '^shmem-softdirty +.* move_pages, 63 writers beside, skip: no writers beside it: they would write the pages before' out

# Workloads and triggers that do not go together are told from policies that this kernel has not.
for run in "run" "run -n" "lab run" "lab run -n"; do
	# shellcheck disable=SC2086
	expect 77 'nothing to measure: no workload .* goes by a trigger .*NUMA balancing leaves KSM pages alone' \
		"$WBIT" $run -w ksm --trigger=numa-balancing
	# shellcheck disable=SC2086
	expect 77 "this workload is NUMA balancing's hinting fault" "$WBIT" $run -w 'numa-hint-*' --trigger='m*,cpuset'
done
[ ! -e results ] || fail "something was written for no cell at all"

# The lab's dry run counts them for each kernel that it would boot.
good "$WBIT" lab run -n
expect_line '^stock-6.1 .*: 15 cells of workload and trigger x 1 sizes' out
expect_line '^stock-6.12 .*: 15 cells of workload and trigger x 1 sizes' out
good "$WBIT" lab run -n -a stock-6.12
expect_line "^stock-6.12 .*: $cells cells of workload and trigger" out

# More than fits is refused with the figure that does, before anything starts.
refused='need [0-9]+ MiB: (memory|the source node|the target node|the filesystem) has room for [0-9]+ pages'
for how in 'anon-private move_pages' 'anon-private compaction' 'thp-anon mbind' 'file-shared-clean move_pages'; do
	rm -f big.jsonl
	expect 2 "^wbit: --pages: [0-9]+ pages of ${how/ / by } $refused( of 2 MiB)?\$" \
		"$WBIT" run --pages=1099511627776 -w "${how% *}" --trigger="${how#* }" -o big.jsonl
done
[ ! -s big.jsonl ] || fail "something was measured"
rm -f big.jsonl

# So are more VMAs than a process may have; the limit is a knob, and not ours to set.
most=$(($(cat /proc/sys/vm/max_map_count) - 500))
if [ "$most" -lt 65000 ]; then
	expect 2 "--vmas: 65000 VMAs are more than vm.max_map_count lets a process have: at most $most fit" "$WBIT" run --vmas=65000
fi

# A node that is not there.
expect 2 '--from: node 999 has no memory here' "$WBIT" run --from=999
expect 2 '--to: node 999 has no memory here' "$WBIT" run --to=999

# Someone without privileges: a line for each thing that cannot be, never a crash.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	install -d -m 0777 public
	chmod 0755 "$scratch"
	cp "$WBIT" public/wbit
	try env -C public setpriv --reuid=65534 --regid=65534 --clear-groups ./wbit run -o u.jsonl --trigger=compaction
	[ "$status" -eq 77 ] || fail "unprivileged: status $status: $(head -c 400 err)"
	expect_count 0 '.type=="trial" and .outcome!="skip"' public/u.jsonl
	expect_line '\] needs .*run as root' out
fi

# One node and root: compaction moves pages of this very kernel, and its policy is found by experiment.
if [ "$(id -u)" -eq 0 ] && [ -w /proc/sys/vm/compact_memory ]; then
	good "$WBIT" run -o c.jsonl --trigger=compaction --runs=2 \
		-w anon-private,anon-mprotect,shmem-shared,shmem-uffd-unregister
	expect_count 0 '.type=="trial" and (.outcome|test("fail|broken|state"))' c.jsonl
	if can_compact; then
		[ "$status" -eq 0 ] || fail "compaction can run here, and all was skipped: $(tail -n 8 out)"
		expect_count 0 '.type=="env" and .native_policy=="unknown"' c.jsonl
		expect_count 0 '.type=="trial" and .outcome=="ok" and .migrated==0' c.jsonl
		for workload in anon-private anon-mprotect shmem-shared shmem-uffd-unregister; do
			expect_count 1 ".workload==\"$workload\" and .traced and .outcome==\"ok\" and .source==\"native\" and
				.migrated > 0 and .restored >= .migrated and .entries.all==.restored" c.jsonl
		done
	fi
fi

# SIGINT ends a run with what it has, an honest end line, and status 3. (A shell starts background jobs with it ignored.)
if [ "$(id -u)" -eq 0 ] && [ -w /proc/sys/vm/compact_memory ]; then
	env --default-signal=INT "$WBIT" run -o i.jsonl --trigger=compaction --runs=10000 --no-aa >out 2>err </dev/null &
	run=$!
	for ((i = 0; i < 300; i++)); do
		trials=$(grep -c '"type":"trial"' i.jsonl 2>/dev/null || true)
		[ "${trials:-0}" -lt 2 ] || break
		sleep 0.1
	done
	kill -INT "$run" 2>/dev/null || true
	status=0
	wait "$run" || status=$?
	if [ "$status" -ne 77 ]; then	# 77: nothing can run here, and it is over before the signal
		[ "$status" -eq 3 ] || fail "SIGINT: status $status"
		expect_line '^wbit: interrupted: [0-9]+ trials are in i.jsonl$' err
		expect_count 1 '.type=="end" and .cut_short=="interrupted"' i.jsonl
	fi
fi

# What goes to a pipe or to nowhere is summed all the same, and nothing is read back.
mkfifo pipe
cat pipe >from_pipe &
good "$WBIT" run -o pipe -w anon-private -r 1
wait
jq -e '.type' from_pipe >/dev/null || fail "nothing came through the pipe"
good "$WBIT" run -o /dev/null -w anon-private -r 1

# A label that is no UTF-8 loses its odd bytes, not the label.
good "$WBIT" run -o l.jsonl --label=$'who=\xffme' -w anon-private -r 1
expect_count 1 '.type=="env" and .labels=={"who":"?me"}' l.jsonl
finish
