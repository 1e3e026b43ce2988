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

# matrix COLUMN FILE: the marks of the workloads that are measured by default, by one trigger; all_cells: of all workloads.
matrix() {
	sed -n '/^workloads here/,/^$/p' "$2" | grep -E '^  [a-z]' | awk -v column="$1" '{ print $column }'
}
all_cells() {
	sed -n '/^workloads here/,/^triggers/p' "$1" | grep -E '^  [a-z]'
}

good "$WBIT" list
cp out list
[ "$(wc -L <list)" -le 120 ] || fail "wider than 120 columns"
! grep -q ' $' list || fail "spaces at the end of a line"
expect_line '^workloads +what they are$' list
expect_line '^more workloads +measured with --all, or by name$' list
expect_line '^  anon-private +private anonymous' list
expect_line '^workloads here, by trigger +move_pages +mbind +migrate_pages +cpuset +compaction +numa-balancing$' list
expect_line '^  anon-private +((yes|\[[0-9,]+\]) *){6}$' list
for name in native emulated switch faults cycles tlb walks remote vma-only vma entry upgrade vma-unsafe move_pages mbind \
	migrate_pages cpuset compaction numa-balancing; do
	expect_line "^  $name +(yes|\[[0-9,]+\]) +[^ ]" list
done

# Fifteen are measured by default, the others stand apart; each has a cell for each trigger, and a letter where that is none.
[ "$(matrix 2 list | wc -l)" -eq 15 ] || fail "not fifteen workloads by default"
[ "$(all_cells list | wc -l)" = "$(grep -c '^WORKLOAD(' "$SOURCE/bench/workloads.def")" ] || fail "not all workloads have cells"
[ "$(all_cells list | awk 'NF != 7' | wc -l)" -eq 0 ] || fail "not six cells each"
expect_line '^  numa-hint-anon +(\([a-z]\) +){5}(yes|\[[0-9,]+\])$' list
expect_line '^  hugetlb-uffd-unregister +((yes|\[[0-9,]+\]) +){4}\([a-z]\) +\([a-z]\)$' list
used=$(all_cells list | grep -Eo '\([a-z]\)' | sort -u)
told=$(grep -Eo '^\([a-z]\)  [^ ]' list | cut -c1-3 | sort -u)
[ -n "$used" ] || fail "no cell is barred"
[ "$used" = "$told" ] || fail "the letters are $used, their reasons $told"

# Each figure in brackets has its reason below, and each reason is pointed to.
used=$(grep '^  ' list | grep -Eo '\[[0-9,]+\]' | tr -d '[]' | tr ',' '\n' | sort -nu)
told=$(grep -Eo '^\[[0-9]+\]' list | tr -d '[]')
[ "$used" = "$told" ] || fail "the marks are $used, the reasons $told"

# Doctor counts as many, and a dry run plans as many.
good "$WBIT" doctor --no-probe --json
[ "$(matrix 2 list | grep -c yes)" = "$(jq '.can_measure[0].workloads' out)" ] || fail "doctor counts otherwise: move_pages"
[ "$(matrix 6 list | grep -c yes)" = "$(jq '.can_measure[4].workloads' out)" ] || fail "doctor counts otherwise: compaction"
[ "$(matrix 7 list | grep -vc '^(')" = "$(jq '.can_measure[5].of' out)" ] || fail "doctor counts cells that make no sense"
good "$WBIT" run --dry-run --trigger=compaction --source=native
[ "$(matrix 6 list | grep -c yes)" = "$(grep -c ' native .*timed trials' out)" ] || fail "a dry run plans otherwise"
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
	! all_cells out | grep -q yes || fail "unprivileged: something can run"
	expect_line '^\[[0-9]+\] .*run as root' out
fi
finish
