#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit list: each thing with a mark whether it can be had here; it says the same as doctor and as a dry run.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

good() {
	try "$@"
	[ "$status" -eq 0 ] || fail "$*: status $status: $(head -c 400 err)"
	[ ! -s err ] || fail "$*: something on stderr: $(head -c 400 err)"
}

# matrix COLUMN FILE: the marks of the workloads by one trigger.
matrix() {
	sed -n '/^workloads/,/^$/p' "$2" | grep -E '^  [a-z]' | awk -v column="$1" '{ print $column }'
}

good "$WBIT" list
cp out list
[ "$(wc -L <list)" -le 120 ] || fail "wider than 120 columns"
expect_line '^workloads +move_pages +compaction' list
expect_line '^  anon-private +(yes|\[[0-9,]+\]) +(yes|\[[0-9,]+\]) +private anonymous' list
for name in native emulated switch hardware vma-only vma entry move_pages compaction; do
	expect_line "^  $name +(yes|\[[0-9,]+\]) +[^ ]" list
done

# Each figure in brackets has its reason below, and each reason is pointed to.
used=$(grep '^  ' list | grep -Eo '\[[0-9,]+\]' | tr -d '[]' | tr ',' '\n' | sort -nu)
told=$(grep -Eo '^\[[0-9]+\]' list | tr -d '[]')
[ "$used" = "$told" ] || fail "the marks are $used, the reasons $told"

# Doctor counts as many, and a dry run plans as many.
good "$WBIT" doctor --no-probe --json
[ "$(matrix 2 list | grep -c yes)" = "$(jq '.can_measure[0].workloads' out)" ] || fail "doctor counts otherwise: move_pages"
[ "$(matrix 3 list | grep -c yes)" = "$(jq '.can_measure[1].workloads' out)" ] || fail "doctor counts otherwise: compaction"
good "$WBIT" run --dry-run --trigger=compaction --source=native
[ "$(matrix 3 list | grep -c yes)" = "$(grep -c ' native .*timed trials' out)" ] || fail "a dry run plans otherwise"
expect_line '^[0-9]+ cells, [0-9]+ trials$' out

# The memory of a dry run is what the run may take: with compaction, its pool too.
if grep -q ' timed trials' out; then
	mib=$(sed -n 's/^anon-private .* \([0-9]*\) MiB$/\1/p' out)
	[ "$mib" -ge 128 ] || fail "a dry run forgets the pool of compaction: $mib MiB"
fi

# Kernels of the lab: in the cache, or how to get them.
good env XDG_CACHE_HOME="$PWD/cache" "$WBIT" list
expect_line '^kernels of the lab +in the cache' out
expect_line '^  stock-6.12 +not yet +vma' out
tr -s ' \n' ' ' <out >joined
expect_line 'wbit lab fetch stock-6.12' joined
good env -u HOME -u XDG_CACHE_HOME "$WBIT" list

# Without privileges there is no tracing, and so no workload; the reasons say what to be.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	install -d -m 0777 public
	chmod 0755 "$scratch"
	cp "$WBIT" public/wbit
	good env -C public HOME=/nonexistent setpriv --reuid=65534 --regid=65534 --clear-groups ./wbit list
	! matrix 3 out | grep -q yes || fail "unprivileged: something can run"
	expect_line '^\[[0-9]+\] .*run as root' out
fi
finish
