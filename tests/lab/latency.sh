#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What timing costs, in the exact lab: a write that takes no fault is its store and the harness. At most 60 instructions a write
# that is timed by itself, at most 8 a page in batch; and the record's difference is that of the two.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

try "$WBIT" lab run stock-6.12 -w shmem-shared,anon-private,anon-fork -p vma --pages=8,256,4096 -o r.jsonl
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err)"
expect_line '^write: of 32 pages 16 are timed one by one, which adds [0-9.]+ instructions to each' out
timed='.type=="trial" and .traced==false and .outcome=="ok"'
many="$timed and .pages>8"
[ "$(count "$many" r.jsonl)" -eq 36 ] || fail "not 36 timed trials of many pages"

# Without a fault: the loops alone.
free="$many and .expected.faults==0"
[ "$(count "$free" r.jsonl)" -eq 24 ] || fail "not 24 trials without a fault"
expect_count 24 "$free and .write.batch.pages==.pages/2 and .write.batch.sampled_pages==.pages/2" r.jsonl
expect_count 24 "$free and .write.batch.elapsed<=8*.write.batch.pages" r.jsonl
expect_count 24 "$free and .write.batch.sampled_elapsed<=60*.write.batch.sampled_pages" r.jsonl

# The record's own difference. (Faults are not all alike: a copy takes a new page, and those come in batches.)
expect_count 24 "$free and .write.batch.difference_milli>0 and .write.batch.difference_milli<60000" r.jsonl
expect_count 36 "$many and (.write.batch.difference_milli-((.write.batch.sampled_elapsed/.write.batch.sampled_pages-.write.batch.elapsed/.write.batch.pages)*1000)|fabs)<=1" r.jsonl
expect_count 36 "$many and .write.elapsed>=.write.batch.elapsed+.write.batch.sampled_elapsed" r.jsonl

# Percentiles from the samples; too few pages are all timed one by one, and that is told.
expect_count 36 "$many and ([.write.hist[][1]]|add)==.write.batch.sampled_pages and .write.hist_error_milli==125" r.jsonl
expect_count 18 "$timed and .pages==8 and .write.batch==null and (.why[\"write.batch\"]|test(\"too few pages\")) and ([.write.hist[][1]]|add)==8" r.jsonl
expect_count 1 '.type=="env" and .sample_clock.source=="rdtsc" and .overhead.sample<=60' r.jsonl
jq -r "select($free and .block==0)|[.workload, .pages, .write.batch.sampled_elapsed/.write.batch.sampled_pages, .write.batch.elapsed/.write.batch.pages]|@tsv" \
	r.jsonl | sed 's/^/instructions a page, one by one and in batch: /'
finish
