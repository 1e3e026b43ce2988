#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run leaves of the machine when it is interrupted, or when a child of a trial's outlives it: no swap, no cgroup of its
# own, no knob; and nobody else's cgroup is taken away.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

cat >script <<'END'
run="/wbit run --platform lab-tcg --source native --output=/tmp/records --force --quiet"

# interrupt SIGNAL WORKLOAD FILE REGEX: as soon as the file has a line like that.
interrupt() {
	$run -w "$2" --runs 1000 --pages 2048 >/dev/null 2>&1 &
	tries=0
	while ! grep -q "$4" "$3" && [ $tries -lt 20000 ]; do tries=$((tries + 1)); done
	grep -q "$4" "$3" && echo "met $2"
	kill -"$1" $!
	wait $!
	echo "status $2 $?"
}

knobs() {
	cat /proc/sys/kernel/numa_balancing /sys/kernel/mm/ksm/run /sys/kernel/mm/ksm/pages_to_scan \
		/sys/kernel/mm/transparent_hugepage/shmem_enabled /proc/sys/vm/nr_overcommit_hugepages
}

mkdir /sys/fs/cgroup/wbit-mine
knobs >/tmp/before
interrupt INT swapoff-anon /proc/swaps wbit-swap
interrupt TERM ksm /sys/kernel/mm/ksm/run 1
interrupt INT numa-hint-anon /proc/sys/kernel/numa_balancing 1
$run -w anon-fork,anon-private --trigger cpuset --runs 1 >/dev/null && echo "cpuset fine"
knobs | cmp - /tmp/before && echo "knobs as before"
echo "swaps $(tail -n +2 /proc/swaps | wc -l), $(ls /mnt)"
echo "cgroups $(ls -d /sys/fs/cgroup/wbit-*)"
END

try "$WBIT" lab shell stock-6.12 --script script --time-limit 100
[ "$status" -eq 0 ] || fail "status $status: $(head -c 400 err)"
for workload in swapoff-anon ksm numa-hint-anon; do
	expect_line "^met $workload\$" out
	expect_line "^status $workload 3\$" out
done
expect_line '^cpuset fine$' out
expect_line '^knobs as before$' out
expect_line '^swaps 0, lost\+found$' out
expect_line '^cgroups /sys/fs/cgroup/wbit-mine$' out
[ "$failures" -eq 0 ] || cat out
finish
