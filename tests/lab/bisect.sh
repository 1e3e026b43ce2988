#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real `git bisect run`: a repository of eight commits, each of which names a kernel. From the sixth on it is one whose policy
# costs a fault more in the thread's case; the fourth does not boot, and git has to find its way around it.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"
export XDG_CACHE_HOME=$cache GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null

mkdir -p root/boot
printf 'no kernel at all\n' >root/boot/vmlinuz-0
fake_deb broken.deb linux-image-0-broken 0-1 root

"$WBIT" lab run stock-6.12 -w shmem-shared,shmem-softdirty-merge --source native --pages 16,64 -r 3 -o base.jsonl >/dev/null ||
	fail "baseline: status $?"

git init -q repository
cd repository
git config user.name test
git config user.email test@example.org
kernels=(stock-6.12 stock-6.12 stock-6.12 "--kernel-deb $scratch/broken.deb" stock-6.12 stock-6.1 stock-6.1 stock-6.1)
for i in "${!kernels[@]}"; do
	printf '%s\n' "${kernels[i]}" >kernel
	printf '%s\n' "$i" >number
	git add kernel number
	git commit -qm "commit $((i + 1))"
done
wanted=$(git rev-parse HEAD~2)
git bisect start HEAD HEAD~7 >/dev/null
status=0
# shellcheck disable=SC2016
BASE=$scratch/base.jsonl git bisect run sh -c '
	"$WBIT" lab run --bisect --baseline "$BASE" --gate faults=0 $(cat kernel)
	status=$?
	echo "step: $(cat number) $status" >>../steps
	exit $status' >../log 2>&1 || status=$?
[ "$status" -eq 0 ] || fail "git bisect run: status $status: $(tail -n 20 ../log)"
[ "$(git rev-parse refs/bisect/bad)" = "$wanted" ] || fail "git found another commit: $(tail -n 5 ../log)"
grep -q "^$wanted is the first bad commit" ../log || fail "git named none: $(tail -n 5 ../log)"
[ -z "$(git status --porcelain)" ] || fail "bisecting left files in the tree: $(git status --porcelain)"

# the commit that does not boot, asked for by itself
git bisect reset >/dev/null 2>&1
git checkout -q HEAD~4
status=0
# shellcheck disable=SC2046
"$WBIT" lab run --bisect --baseline ../base.jsonl --gate faults=0 $(cat kernel) >../out 2>../err || status=$?
[ "$status" -eq 125 ] || fail "a kernel that does not boot: status $status: $(head -c 600 ../err)"
cd ..
expect_line '^step: 4 0$' steps
expect_line '^step: 5 1$' steps
cat steps
finish
