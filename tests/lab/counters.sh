#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Counters in a guest, where every count is known: software events and tracepoints on the twins, to the last fault; hardware ones,
# which it has none of, told once. The times of the trials are what they are without.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

events=perf::PAGE-FAULTS,migrate:mm_migrate_pages,exceptions:page_fault_user
run=("$WBIT" lab run stock-6.12 -r 2)
run+=(-w 'anon-private,shmem-shared,shmem-softdirty' '--pages=64,256')
try "${run[@]}" -e "$events" -e cycles,perf::CONTEXT-SWITCHES -o counted.jsonl
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err)"
cp out table

# Each region by itself; user and kernel together are what the thread's own usage says.
twins='.type=="trial" and .traced and .outcome=="ok"'
[ "$(count "$twins" counted.jsonl)" -ge 12 ] || fail "only $(count "$twins" counted.jsonl) twins"
expect_count 0 "$twins and .write.counters[\"PAGE-FAULTS:u\"].value + .write.counters[\"PAGE-FAULTS:k\"].value !=
	.faults.page_faults" counted.jsonl
expect_count 0 "$twins and .write.counters[\"PAGE-FAULTS:u\"].value != .expected.faults" counted.jsonl
expect_count 0 "$twins and .write.counters[\"exceptions:page_fault_user\"].value != .expected.faults" counted.jsonl
expect_count 0 "$twins and .write.counters[\"migrate:mm_migrate_pages\"].value != 0" counted.jsonl
native="$twins and .source==\"native\""
expect_count 6 "$native and .migrate.counters[\"migrate:mm_migrate_pages\"].value == 1 and
	.migrate.counters[\"PAGE-FAULTS:u\"].value == 0 and .migrate.counters[\"CONTEXT-SWITCHES\"].value >= 1" counted.jsonl
expect_count 0 "$twins and .source==\"emulated\" and (.migrate.counters[\"PAGE-FAULTS:u\"] != null or
	(.why[\"migrate.counters\"] | test(\"emulated\") | not))" counted.jsonl
expect_count 0 "$twins and (.write.counters[] | .enabled_ns != .running_ns or .enabled_ns == 0)" counted.jsonl
expect_count 1 '.type=="env" and ([.counters[] | select(.kind != "hardware") | .overhead, .why] | unique) == [null, 0]' counted.jsonl

# The table: what was counted, and once what could not be.
expect_line '^shmem-softdirty +vma native +PAGE-FAULTS:u +0 +1$' table
expect_line '^shmem-softdirty +vma-only emulated PAGE-FAULTS:u +- +1$' table
[ "$(grep -c 'no PMU' table)" -eq 1 ] || fail "'no PMU' stands $(grep -c 'no PMU' table) times in the table"
expect_count 0 '.type=="trial" and (.traced|not) and .outcome!="skip" and .write.counters != {"cycles:u":null,"cycles:k":null}' counted.jsonl

# A twin's counters cost the timed trials nothing.
try "${run[@]}" -o plain.jsonl
[ "$status" -eq 0 ] || fail "without: status $status: $(head -c 600 err)"
for file in counted plain; do
	jq -c 'select(.type=="trial" and (.traced|not)) | [.workload, .policy, .pages, .block, .migrate.oncpu, .write.elapsed]' \
		$file.jsonl >$file.times
done
[ "$(wc -l <plain.times)" -ge 20 ] || fail "only $(wc -l <plain.times) timed trials"
paste -d' ' counted.times plain.times | sed 's/\] \[/,/' | jq -c 'select(([.[4], .[10]] | all(. != null)) and
	((.[4] - .[10] | fabs) > 0.001 * .[10])) // empty' >far
paste -d' ' counted.times plain.times | sed 's/\] \[/,/' | jq -c 'select((.[5] - .[11] | fabs) > 0.001 * .[11])' >>far
[ ! -s far ] || fail "timed trials changed by more than 0.1 %: $(head -n 3 far)"

# A tracepoint that page faults lead counts to the last one with no other set beside, on kernels of either way to schedule a group.
for kernel in stock-6.12 stock-6.1; do
	try "$WBIT" lab run $kernel -w shmem-softdirty -r 1 --source=native -e "$events" -o alone.jsonl --force
	[ "$status" -eq 0 ] || fail "$kernel: status $status: $(head -c 600 err)"
	expect_count 1 "$twins and .expected.faults == 256 and .write.counters[\"PAGE-FAULTS:u\"].value == 256 and
		.write.counters[\"exceptions:page_fault_user\"].value == 256" alone.jsonl
done

# The groups of the host are sent along.
try "$WBIT" lab run stock-6.12 -w shmem-shared -r 1 --counters faults,cycles -o groups.jsonl
[ "$status" -eq 0 ] || fail "groups: status $status: $(head -c 600 err)"
expect_count 1 '.type=="env" and ([.counters[].name] | contains(["PAGE-FAULTS:u", "CYCLES:u", "exceptions:page_fault_user"]))' groups.jsonl
finish
