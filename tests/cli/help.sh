#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Help and lists: on stdout, status 0, 120 columns at most; and a stdout that is full is told.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

for command in "--help" "--version" "list" "model" "model anon-private" "model -p vma *" "run --help" "lab --help" \
	"lab run --help" "lab fetch --help" "lab build --help" "lab config --help" "lab config" "lab shell --help" \
	"model --help" "compare --help" "plot --help" "list --help" \
	"observe --help" "export --help" "bundle --help"; do
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
expect_line '^shmem-softdirty-merge +W +!W +0 +0 +1 +shared-reuse' out
expect_line '^anon-private +!W +W, exclusive +1 +0 +0 +cow-reuse' out
expect_line '^shmem-shared +W +W +0 +0 +0 +none' out
finish
