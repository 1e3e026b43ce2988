#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The A/A pass on this host, by compaction: its figures in the record and below the table, what leaves it out, and how it ends.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

# Where no cell can run there is none, and that is said.
try "$WBIT" run -o none.jsonl -w anon-private --source=switch -p upgrade -r 1
if [ "$status" -eq 77 ]; then
	expect_count 1 '.type=="env" and .noise_floor==null and .why.noise_floor=="no cell can run here"' none.jsonl
	expect_line '^noise floor: not found: no cell can run here$' out
fi

# A machine of times: neither a guest's numbers of instructions, nor one without the privilege to migrate at all.
if [ "$(id -u)" -ne 0 ] || ! "$WBIT" run -n --trigger=compaction -w anon-private | grep -Eq '^anon-private .* native .* timed trials'; then
	echo "the rest needs compaction as root"
	finish
	exit 0
fi
run() {
	try "$WBIT" run --trigger=compaction -w anon-private,shmem-shared --source=native "$@"
}

run -o a.jsonl
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "status $status: $(head -c 400 err)"	# 3: beside another compactor nothing moved
floor='.type=="env" and (.noise_floor | '
expect_count 1 "$floor .workload==\"anon-private\" and .trigger==\"compaction\" and .source==\"native\" and .pages==256)" a.jsonl
expect_count 1 "$floor .pairs >= 6 and .pairs <= 24 and .blocks==12)" a.jsonl
expect_count 1 "$floor .write | .median > 0 and .floor_ppm > 0 and .resolves_ppm > 0 and .resolves_ppm < 100000000)" a.jsonl
expect_count 1 "$floor .migrate==null) and (.why[\"noise_floor.migrate\"]|test(\"compaction\"))" a.jsonl
expect_count 24 '.type=="trial" and (.traced|not)' a.jsonl	# none of the pass is a trial of the run
tr '\n' ' ' <out | tr -s ' ' >flat
expect_line 'noise floor: [0-9.]+ % in write \(anon-private under [a-z-]+ by compaction against itself, [0-9]+ pairs\); within this run 12 blocks resolve differences of at least [0-9.]+ % in write records: ' flat
[ "$(wc -L <out)" -le 120 ] || fail "wider than 120 columns"
"$WBIT" export --format gobench a.jsonl >/dev/null || fail "export does not read it"
"$WBIT" compare a.jsonl a.jsonl >/dev/null || fail "compare does not read it"

# Blocks too few for an interval resolve nothing; that is null, with the reason.
run -o few.jsonl --runs=5
expect_count 1 "$floor .blocks==5 and (.write | .floor_ppm > 0 and .resolves_ppm==null)) and
	(.why[\"noise_floor.write.resolves_ppm\"]|test(\"six\"))" few.jsonl
tr '\n' ' ' <out | tr -s ' ' >flat
expect_line '5 blocks resolve nothing: six have an interval' flat

# Six blocks ask for noise that fewer than 13 pairs do not show: null as well. How many fit is the machine's affair.
seen=
for budget in 6 12 20 30; do
	run -o pairs.jsonl --force --runs=6 --budget=$budget
	[ "$(count "$floor .pairs != null and .pairs < 13)" pairs.jsonl)" -eq 1 ] || continue
	seen=$budget
	expect_count 1 "$floor .blocks==6 and (.write | .floor_ppm >= 0 and .resolves_ppm==null)) and
		(.why[\"noise_floor.write.resolves_ppm\"]|test(\"so few pairs\"))" pairs.jsonl
	tr '\n' ' ' <out | tr -s ' ' >flat
	expect_line 'what 6 blocks resolve so few pairs do not show: more blocks, a larger --budget, or fewer pages' flat
	break
done
[ -n "$seen" ] || echo "six to twelve pairs never fitted: their message is not tested"

# The pass takes a tenth of the budget at most: where not even six pairs fit it is left out.
run -o budget.jsonl --budget=1 --pages=8192
expect_count 1 '.type=="env" and .noise_floor==null and
	(.why.noise_floor|test("^a trial of anon-private takes [0-9]+ ms: 6 pairs would take more than 100 ms$"))' budget.jsonl

# Interrupted in the pass: an env line and an honest end all the same. How long it takes until it begins is the machine's affair.
interrupted=
for seconds in 1 2 3 5 8; do
	env --default-signal=INT "$WBIT" run -o i.jsonl --force --trigger=compaction -w anon-private --pages=2048 >out 2>err </dev/null &
	pid=$!
	sleep $seconds
	kill -INT $pid 2>/dev/null || true
	status=0
	wait $pid || status=$?
	if [ -s i.jsonl ] && [ "$(count '.type=="env" and .why.noise_floor=="interrupted"' i.jsonl)" -eq 1 ]; then
		interrupted=$seconds
		[ "$status" -eq 3 ] || fail "interrupted: status $status"
		expect_count 1 '.type=="end" and .cut_short=="interrupted" and .trials==0' i.jsonl
		break
	fi
done
[ -n "$interrupted" ] || fail "it was never interrupted in the pass: $(head -c 300 i.jsonl)"
finish
