#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help and lists: on stdout, status 0, 120 columns at most; and a stdout that is full is told.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

for command in "--help" "--version" "list" "model" "model anon-private" "model -p vma *" "model *" "run --help" "lab --help" \
	"lab run --help" "lab fetch --help" "lab build --help" "lab config --help" "lab config" "lab shell --help" \
	"model --help" "compare --help" "plot --help" "list --help" \
	"observe --help" "profile --help" "export --help" "bundle --help"; do
	set -f
	# shellcheck disable=SC2086
	try "$WBIT" $command
	set +f
	[ "$status" -eq 0 ] || fail "$command: status $status"
	[ -s out ] || fail "$command: nothing on stdout"
	[ ! -s err ] || fail "$command: something on stderr: $(cat err)"
	[ "$(wc -L <out)" -le 120 ] || fail "$command: wider than 120 columns"
done

for command in list model "model anon-private" --version --help; do
	status=0
	# shellcheck disable=SC2086
	"$WBIT" $command >/dev/full 2>err || status=$?
	[ "$status" -eq 2 ] || fail "$command to a full disk: status $status"
	expect_line 'cannot write to standard output' err
done

try "$WBIT" list
for name in anon-private shmem-shared shmem-softdirty-merge move_pages vma-only stock-6.1 stock-6.12; do
	expect_line "^  $name( |\$)" out
done

# The model's table is facts, not taste: the thread's case pays under entry alone.
try "$WBIT" model
expect_line '^workload +default +PTE +vma-only +vma +entry +upgrade +fault$' out
expect_line '^shmem-softdirty-merge +W +!W +0 +0 +1 +0 +shared-reuse' out
expect_line '^anon-private +!W +W, exclusive +1 +0 +0 +0 +cow-reuse' out
expect_line '^shmem-shared +W +W +0 +0 +0 +0 +none' out
expect_line '^swapoff-anon +!W +!W, exclusive +1 +1 +1 +0 +cow-reuse' out
expect_line '^thp-shmem-softdirty-merge +W +PMD !W +0 +0 +1 +0 +pmd-remap' out
expect_line '^numa-hint-anon +!W +!W, exclusive, PROT_NONE +1 +1 +1 +0 +cow-reuse' out
expect_line '^inflight-mprotect +W +W, racing +0 +0 +some +0 +shared-reuse' out

# Where a kernel does otherwise, that is a line of its own; each workload has one without.
expect_line '^  unregister-restores-w +W +0 +0 +0 +0 +none' out
expect_line '^  hint-keeps-w +W, exclusive, PROT_NONE +1 +0 +0 +0 +cow-reuse' out
[ "$(grep -cE '^[a-z]+-?[a-z-]* +!?W ' out)" = "$(grep -c '^WORKLOAD(' "$SOURCE/bench/workloads.def")" ] ||
	fail "not a row for each workload"

# The bug is shown when it is named, and to no glob.
! grep -q 'vma-unsafe' out || fail "vma-unsafe was shown unasked"
try "$WBIT" model -p 'vma*'
expect_line '^workload +default +PTE +vma-only +vma +fault$' out
try "$WBIT" model -p 'vma*,entry,upgrade,vma-unsafe'
expect_line '^shmem-uffd-armed +!W +!W, uffd-wp +1 +1 +1 +1 +1 +userfault' out
[ "$(wc -L <out)" -le 120 ] || fail "five policies are wider than 120 columns"
try "$WBIT" model shmem-uffd-armed -p vma-unsafe
expect_line 'the bug gives W and loses the event, which is a FAIL' out
try "$WBIT" model numa-hint-anon
expect_line '^  migrated by numa-balancing$' out
expect_line '^  hint-keeps-w: on kernels of which that is true$' out
try "$WBIT" model thp-anon -p vma-only
expect_line 'write faults a huge page: 1 .pmd-reuse.' out
expect_line '^ +1 fault a PMD of 2 MiB$' out
finish
