#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The other ways to run a guest: two CPUs with counts only, KVM or the reason why not, and what --keep leaves.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

try "$WBIT" lab run stock-6.12 --mode=tcg -o tcg.jsonl --runs=2 --pages=64 --keep
[ "$status" -eq 0 ] || fail "tcg: status $status: $(head -c 600 err)"
expect_count 1 '.type=="env" and .platform=="lab-tcg" and .clock=="ns"' tcg.jsonl
expect_count 0 '.type=="trial" and .outcome!="ok"' tcg.jsonl
expect_count 0 '.type=="trial" and (.migrate.elapsed!=null or .write.elapsed!=null or .write.p50!=null)' tcg.jsonl
expect_count 1 '.workload=="anon-private" and .policy=="vma-only" and .traced and .faults.write_protect==64' tcg.jsonl

folder=$(sed -n 's/.*its folder is //p' err)
[ -d "${folder:-/nonexistent}" ] || fail "--keep: no folder: $(cat err)"
case $folder in */wbit-*) rm -rf "$folder" ;; esac

# KVM: it works, or one line says why not; the second time the answer is remembered.
if [ -e /dev/kvm ]; then
	try "$WBIT" lab run stock-6.12 --mode=kvm -o kvm.jsonl --runs=1 --pages=4
	if [ "$status" -ne 0 ]; then
		start=$(date +%s)
		expect 2 'kvm' "$WBIT" lab run stock-6.12 --mode=kvm -o kvm2.jsonl
		[ $(($(date +%s) - start)) -le 2 ] || fail "kvm: the answer was not remembered"
	fi
else
	expect 2 'kvm' "$WBIT" lab run stock-6.12 --mode=kvm -o kvm.jsonl
fi

expect 2 'needs a terminal' "$WBIT" lab shell stock-6.12
finish
