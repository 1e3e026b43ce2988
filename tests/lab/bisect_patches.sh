#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real `git bisect run` over a tree of patches, each commit built and booted: the fourth of six plants twelve instructions a page,
# the second does not compile, and git has to find its way.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
[ -n "${WBIT_FULL:-}" ] || { echo "builds kernels: ./check --full"; exit 77; }
needs_built switch-6.12
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

"$WBIT" lab run switch-6.12 -w anon-private,shmem-shared --source switch -p vma --pages 64,256 -o base.jsonl >/dev/null ||
	fail "baseline: status $?"

# change TEXT: mm/migrate.c with this line in remove_migration_pte(), as a patch
change() {
	sed "s|asm volatile(\".rept 12; nop; .endr\");|$1|" "$SOURCE/tests/fixtures/twelve-nops.patch" >series.patch
	git add series.patch
	git commit -qm "$1"
}

git init -q repository
cd repository
git config user.name test
git config user.email test@example.org
change "barrier(); /* one */"
change "this does not compile;"
change "barrier(); /* three */"
change 'asm volatile(".rept 12; nop; .endr");'
change 'asm volatile(".rept 12; nop; .endr"); /* five */'
change 'asm volatile(".rept 12; nop; .endr"); /* six */'
wanted=$(git rev-parse HEAD~2)
git bisect start HEAD HEAD~5 >/dev/null
status=0
git bisect run "$WBIT" lab run switch-6.12 --patch series.patch --bisect --baseline ../base.jsonl --gate migrate=0.1% \
	>../log 2>&1 || status=$?
[ "$status" -eq 0 ] || fail "git bisect run: status $status: $(tail -n 20 ../log)"
grep -q "^$wanted is the first bad commit" ../log || fail "git found another commit: $(tail -n 20 ../log)"
git bisect reset >/dev/null 2>&1

# the commit that does not compile, asked for by itself
git checkout -q "$(git rev-list --reverse HEAD | sed -n 2p)"
status=0
"$WBIT" lab run switch-6.12 --patch series.patch --bisect --baseline ../base.jsonl --gate migrate=0.1% >../out 2>../err ||
	status=$?
[ "$status" -eq 125 ] || fail "a patch that does not compile: status $status: $(head -c 600 ../err)"
cd ..
expect_line 'does not build' err
finish
