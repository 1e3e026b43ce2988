#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What `wbit observe` beside a migration costs it, in instructions a page, in the exact lab: doc/methodology.md has the table
# that this prints. By counts it is less than by pairs, and neither is more than half of a migration.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

cat >script <<'END'
# measure LABEL: records of both sizes, whose slope is the cost of a page.
measure() {
	/wbit run -w anon-private,shmem-softdirty-merge --source native --pages 64,256 --platform=lab-exact --label "observe=$1" \
		--output=/tmp/r --force --quiet
	cat /tmp/r
}
measure none
for how in pairs counts; do
	rm -f /tmp/seen
	option=
	[ $how = pairs ] || option=--counts
	/wbit observe --json -i 1000 $option >/tmp/seen 2>/dev/console &
	observer=$!
	while ! grep -q '"type":"observe"' /tmp/seen; do sleep 0.1; done
	measure $how
	kill -INT $observer
	wait $observer
	sed -n 's/^{"type":"total",/{"type":"own","how":"'$how'",/p' /tmp/seen
done
END

boot() {
	"$WBIT" lab shell "$1" --mode exact --script script --time-limit 240 >"$1.jsonl" 2>"$1.err" </dev/null ||
		fail "$1: status $?: $(head -c 400 "$1.err")"
}

# figures KERNEL: an object of instructions a page by workload and way, medians at both sizes.
figures() {
	jq -s -c '(map(select(.type == "env") | {(.run): .labels.observe}) | add) as $how
		| [.[] | select(.type == "trial" and .outcome == "ok" and (.traced | not))]
		| group_by([.workload, $how[.run]])
		| map({workload: .[0].workload, how: $how[.[0].run],
			slope: (group_by(.pages) | map(map(.migrate.oncpu) | sort | .[length / 2 | floor]) | (.[1] - .[0]) / 192)})
		| map({("\(.workload) \(.how)"): .slope}) | add' "$1.jsonl"
}

for kernel in stock-6.12 stock-6.1; do
	boot $kernel
	figures $kernel >figures.json
	for workload in anon-private shmem-softdirty-merge; do
		jq -r --arg w "$workload" --arg k $kernel '.[$w + " none"] as $none | .[$w + " counts"] as $counts | .[$w + " pairs"] as $pairs
			| "\($k) \($w): \($none | round), by counts +\($counts - $none | round), by pairs +\($pairs - $none | round) instructions a page"' figures.json
		jq -e --arg w "$workload" '.[$w + " none"] as $none | .[$w + " counts"] as $counts | .[$w + " pairs"] as $pairs
			| $none > 1000 and $counts > $none + 100 and $pairs > $counts and $pairs < 1.5 * $none' figures.json >/dev/null ||
			fail "$kernel, $workload: $(cat figures.json)"
	done
	jq -r --arg k $kernel 'select(.type == "own") | "\($k): observing by \(.how) itself took \(.own_cpu_ns / .pte.restored | round) instructions a page"' \
		"$kernel.jsonl"
	[ "$(jq -c 'select(.type == "own" and .pte.restored > 4000 and .lost == 0)' "$kernel.jsonl" | wc -l)" -eq 2 ] ||
		fail "$kernel: what was observed: $(jq -c 'select(.type == "own")' "$kernel.jsonl")"
done
finish
