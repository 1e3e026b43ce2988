#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit observe in a guest with two CPUs and nodes: exact for pages of its own, which `wbit run` moves, lost records told; and
# with NUMA balancing at work under stress-ng.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

command -v stress-ng >/dev/null || { echo "needs the package stress-ng"; exit 77; }

cat >script <<'END'
# begin OPTION...: an observation in the background, as $observer, once it has begun; its lines go to /tmp/seen.
begin() {
	rm -f /tmp/seen
	/wbit observe --json -i 2 "$@" >/tmp/seen 2>/dev/console &
	observer=$!
	while ! grep -q '"type":"observe"' /tmp/seen; do sleep 0.1; done
}

# end LABEL: by Ctrl-C's signal.
end() {
	kill -INT $observer
	wait $observer
	echo "status $1 $?"
	sed "s/^/$1 /" /tmp/seen
}

run() {
	/wbit run --source native --runs 1 --no-aa --output=/tmp/r --force --quiet "$@" || echo "failed: run $*"
}

begin
run -w anon-private,shmem-softdirty-merge --pages 128
end small
begin
run -w anon-private,shmem-softdirty-merge --pages 256
end large
begin --counts
run -w anon-private,shmem-softdirty-merge --pages 256
end counts
# Two processes map each page at one address.
for pages in 128 256; do
	begin
	run -w anon-fork --pages $pages
	end fork$pages
done
# A ring of one page for some 60 records, and thousands of pages in one call.
begin --no-probe --ring 4 -i 0.5
run -w anon-private --pages 4096
sleep 2
end lost
begin --no-probe --ring 4 -i 1000
run -w anon-private --pages 4096
end all-lost

stress() {
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/exe")" != /bin/stress-ng ] || echo "${process#/proc/}"
	done
}

filled() {
	for process in $(stress); do
		[ "$(sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$process/status")" -lt 16384 ] || return 0
	done
	return 1
}

moved() {
	sed -n 's/^numa_pages_migrated //p' /proc/vmstat
}

# soon COMMAND...: waits until it is true, a minute at most.
soon() {
	for second in $(seq 300); do
		"$@" && return
		sleep 0.2
	done
	echo "failed: never so: $*"
}

moved_enough() {
	[ "$(moved)" -ge 3000 ]
}

# A process whose memory is on node 0 goes to the other node's CPU, and its memory follows.
echo 1 >/proc/sys/kernel/numa_balancing
begin
taskset 1 stress-ng --vm 1 --vm-bytes 16M --vm-keep --vm-method inc-nybble --timeout 200 --temp-path /tmp >/dev/console 2>&1 &
soon filled
for process in $(stress); do taskset -p 2 "$process" >/dev/console; done
soon moved_enough
sleep 1
end balancing
kill -KILL $(stress)
END

boot() {
	"$WBIT" lab shell "$1" --script script --add "$(command -v stress-ng)" --time-limit 240 >"$1.all" 2>"$1.err" </dev/null ||
		echo "failed: lab shell: status $?: $(head -c 400 "$1.err")" >>"$1.all"
}

# of LABEL TYPE: its lines of this type.
of() {
	sed -n "s/^$1 //p" "$kernel.all" | jq -c "select(.type==\"$2\")"
}

# equal WHAT A B
equal() {
	[ "$2" = "$3" ] || fail "$kernel: $1: $2, expected $3"
}

# grown PATH: how much a figure of the total is larger with 256 pages than with 128.
grown() {
	echo $(($(of large total | jq "$1") - $(of small total | jq "$1")))
}

boot stock-6.12 &
boot stock-6.1
wait

for kernel in stock-6.12 stock-6.1; do
	for label in small large counts lost balancing; do
		grep -qx "status $label 0" "$kernel.all" || fail "$kernel: $label: $(grep "^status $label" "$kernel.all")"
	done
	grep -qx "status all-lost 3" "$kernel.all" || fail "$kernel: all lost: $(grep "^status all-lost" "$kernel.all")"
	! grep '^failed' "$kernel.all" || fail "$kernel: see above: $(head -c 300 "$kernel.err")"
	for label in small large counts lost balancing; do
		[ "$(of $label total | wc -l)" -eq 1 ] || { fail "$kernel: $label has no total"; continue 2; }
	done
	# A twin, a warm-up and one timed trial of each workload: 128 pages more are 384 more PTEs, from write and read entries.
	policy=$(of small observe | jq -r .policy)
	equal "from write entries, W" "$(grown .pte.from.write.w)" 384
	equal "from write entries, !W" "$(grown .pte.from.write.no_w)" 0
	equal "in all" "$(grown .pte.restored)" 768
	case $kernel in
	stock-6.12) kept=no_w saved=384 gave=w expected=vma ;;
	stock-6.1) kept=w saved=0 gave=no_w expected=entry ;;
	esac
	equal policy "$policy" "$expected"
	equal "from read entries" "$(grown .pte.from.read."$gave")" 384
	equal "from read entries, the other way" "$(grown .pte.from.read."$kept")" 0
	equal "saved by vma" "$(grown .vma_saved)" "$saved"
	if [ "$policy" = vma ]; then
		equal "kept by entry" "$(of large total | jq .entry_kept)" 0
	else
		equal "kept by entry" "$(of large total | jq .entry_kept)" null
		equal "kept at most" "$(grown .entry_kept_at_most)" 384
	fi
	for path in .pte.restored .pte.from.read.no_w; do
		equal "two processes, $path" "$(($(of fork256 total | jq $path) - $(of fork128 total | jq $path)))" 768
	done
	equal "two processes, untold" "$(of fork256 total | jq .pte.untold)" "$(of fork128 total | jq .pte.untold)"
	# Nothing else migrates here, and each page is mapped once: every figure is the same, however it was come by.
	for label in small large counts; do
		of $label total | jq -e '.pte.restored == .vmstat.pgmigrate_success and .pte.entries == .pte.restored and
			.intervals == .intervals_whole and .vmstat.pgmigrate_fail == 0' >/dev/null ||
			fail "$kernel: $label: sums disagree: $(of $label total)"
	done
	for path in .pte.restored .pte.w_after .pte.entries .pte.from.read.entries .pte.from.read_exclusive.entries .pte.from.write.entries; do
		equal "$path by counts" "$(of counts total | jq $path)" "$(of large total | jq $path)"
	done
	equal "pairs by counts" "$(of counts total | jq -c '[.vma_saved, .pte.untold, .why["*"]]')" '[null,null,"--counts has no pairs"]'
	for label in small large balancing; do
		of $label total | jq -e '.pte | .restored == .untold + ([.from[] | .w + .no_w] | add)' >/dev/null ||
			fail "$kernel: $label: pairs do not add up"
		for path in .pte.restored .vma_saved .vmstat.pgmigrate_success; do
			equal "$label: sum of $path" "$(of $label interval | jq -s "map($path) | add")" "$(of $label total | jq $path)"
		done
	done
	# Lost records: the interval has no figures and says why, and the whole sums up the others alone.
	of lost total | jq -e '.lost > 0 and .intervals_whole < .intervals' >/dev/null || fail "$kernel: nothing was lost: $(of lost total)"
	equal "figures of what is lost" "$(of lost interval | jq -c 'select(.lost > 0) | [.pte, .pmd, .vma_saved, (.why["*"] | test("--ring"))]' |
		sort -u)" '[null,null,null,true]'
	equal "the others" "$(of lost interval | jq -s 'map(select(.lost == 0).pte.restored) | add')" \
		"$(of lost total | jq '.pte.restored')"
	equal "all lost" "$(of all-lost total | jq -c '[.pte, .vma_saved, .intervals_whole]')" '[null,null,0]'

	# NUMA balancing. On 6.12 the hinting PTE has no W, so W is gone after; 6.1 remembers it (savedwrite).
	of balancing total | jq -e '.vmstat.numa_pages_migrated >= 2048' >/dev/null || fail "$kernel: NUMA balancing moved nothing: $(of balancing total)"
	of balancing total | jq -e '(.pte.restored + 512 * .pmd.restored) as $all | .vmstat.pgmigrate_success as $moved |
		$all >= $moved and $all < 1.1 * $moved' >/dev/null ||
		fail "$kernel: stress-ng: sums are off: $(of balancing total)"
	case $kernel in
	stock-6.12) path=from.read_exclusive.no_w ;;
	stock-6.1) path=from.write.w ;;
	esac
	of balancing total | jq -e ".pte.$path + 512 * .pmd.$path >= 0.9 * .vmstat.numa_pages_migrated" >/dev/null ||
		fail "$kernel: $path: $(of balancing total)"
	echo "$kernel, stress-ng under NUMA balancing: $(of balancing total | jq -c '[.vmstat.numa_pages_migrated, .pte, .pmd.restored]')"
done
finish
