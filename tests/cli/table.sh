#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The table of records: sections by trigger and page size, more than three policies, what marks mean. By way of wbit bundle.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"

# trial WORKLOAD POLICY TRIGGER PAGES PAGE_BYTES FAULTS EXPECTED KIND [MORE]: a twin's line. EXPECTED may be null.
trial() {
	printf '{"type":"trial","run":"a","workload":"%s","policy":"%s","source":"switch","trigger":"%s","pages":%s,' "$1" "$2" "$3" "$4"
	printf '"page_bytes":%s,"from":0,"to":1,"clock":"insn","block":0,"order":0,"traced":true,"outcome":"ok",' "$5"
	printf '"migrated":%s,"w_before":0,"w_after":%s,"entries":{"all":%s},"restored":%s,' "$4" "$(($4 - $6))" "$4" "$4"
	printf '"expected":{"faults":%s,"kind":"%s"},"faults":{"write_protect":%s},' "$7" "$8" "$6"
	printf '%s"migrate":{},"write":{},"why":{}}\n' "${9:-}"
}

{
	printf '{"type":"env","schema":0,"run":"a","kernel":"6.12","platform":"lab-exact","clock":"insn"}\n'
	for policy in vma-unsafe upgrade vma-only vma entry; do
		trial anon-private $policy move_pages 256 4096 0 0 none
		trial thp-anon $policy move_pages 8 2097152 8 8 pmd-reuse
	done
	trial numa-hint-anon vma numa-balancing 256 4096 256 256 cow-reuse '"condition":"hint-keeps-w",'
	trial inflight-mprotect entry mbind 256 4096 40 null shared-reuse
	printf '{"type":"end","run":"a","trials":12,"ok":12,"fail":0,"broken":0,"skip":0}\n'
} >records.jsonl

# table FILE: its table, as summary.txt.
table() {
	rm -rf wbit-bundle wbit-bundle.tar.gz
	"$WBIT" bundle "$1" >/dev/null || fail "bundle $1: status $?"
	tar xzf wbit-bundle.tar.gz wbit-bundle/summary.txt
	cp wbit-bundle/summary.txt summary.txt
	[ "$(wc -L <summary.txt)" -le 120 ] || fail "wider than 120 columns"
}

table records.jsonl
expect_line '^256 pages of 4 KiB, migrated by move_pages$' summary.txt
expect_line '^8 pages of 2 MiB, migrated by move_pages$' summary.txt
expect_line '^256 pages of 4 KiB, migrated by numa-balancing$' summary.txt
expect_line '^256 pages of 4 KiB, migrated by mbind$' summary.txt
expect_line '^ +entry +vma +vma-only$' summary.txt
expect_line '^ +upgrade +vma-unsafe$' summary.txt
expect_line 'thp-anon +faults +1 / 1 pmd-reuse' summary.txt
expect_line '^\+ hint-keeps-w: the kernel keeps W in a PTE that NUMA balancing made PROT_NONE' summary.txt
! grep -q 'uffd-wp' summary.txt || fail "a condition is told that does not occur"
# 40 of 256 by Wilson: 0.117 to 0.206
expect_line '^inflight-mprotect +faults +0\.16 \[0\.12,0\.21\] / race ~$' summary.txt
expect_line '^~ a race: the share of pages that lost it' summary.txt
expect_line '^11 of 11 cells equal the oracle' summary.txt

# No marks, no words on them; each condition in its own words.
grep -v 'numa-hint\|inflight' records.jsonl | sed 's/"trials":12,"ok":12/"trials":10,"ok":10/' >plain.jsonl
table plain.jsonl
! grep -q '^[+~]' summary.txt || fail "marks are explained that do not occur"
for condition in unregister-restores-w unprotect-restores-w hugetlb-unregister-restores-w \
	anon-unregister-drops-w; do
	sed "s/hint-keeps-w/$condition/" records.jsonl >other.jsonl
	table other.jsonl
	expect_line "^\+ $condition: the kernel (gives|takes) " summary.txt
	[ "$(grep -c '^+ ' summary.txt)" -eq 1 ] || fail "$condition: other conditions are told, too"
done
finish
