#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tree promises of itself: scripts that shellcheck passes, a licence line in each file, bench/ that sees nothing
# but the workload interface, and files that a reader can hold in mind.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

cd "$SOURCE"
command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; exit 77; }
shellcheck -x run check setup.sh .ci/run results/reference/record.sh doc/*.sh tests/*.sh tests/*/*.sh || fail "shellcheck"

sources=$(find src bench kernel plots tests doc/man.sh doc/wbit.h2m run check setup.sh CMakeLists.txt -type f ! -name '*.jsonl' ! -path '*/fixtures/*' ! -path '*/reference/*' ! -name '*.patch')
for file in $sources; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' || fail "$file has no SPDX line"
	[ "$(wc -l <"$file")" -le 450 ] || fail "$file is longer than 450 lines"
done

for file in bench/*.c; do
	includes=$(sed -n 's/^#include "\(.*\)"/\1/p' "$file" | grep -v '^workloads\?\.\(h\|def\)$' || true)
	[ -z "$includes" ] || fail "$file includes more than the workload interface: $includes"
	[ "$file" = bench/workloads.c ] || [ "$(wc -l <"$file")" -le 60 ] || fail "$file is longer than 60 lines"
done
finish
