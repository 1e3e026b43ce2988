#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real `git bisect run` over a source tree of ten commits: the seventh plants twelve instructions a page, the fourth and the
# fifth do not compile. The tree builds in a moment, and its guests play back recorded runs, by what their image says.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"
# shellcheck source=tests/fake_tree.sh
. "$SOURCE/tests/fake_tree.sh"

for program in flex bison bc git gcc make; do
	command -v $program >/dev/null || { echo "needs $program"; exit 77; }
done
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
fake_files
fake_qemu
fake_tree linux
printf '[    0.000000] Linux version 0\nwbit-guest: exit 0\n' >log.txt
jq -c 'if .type == "env" then .tools.qemu = "QEMU emulator version 0" else . end' "$SOURCE/tests/fixtures/boot.jsonl" >good.jsonl
jq -c 'if .type == "trial" and .source == "native" and (.traced | not) then .migrate.oncpu += 12 * .pages else . end' \
	good.jsonl >planted.jsonl
cat >guest <<-EOF
	cp "$scratch/log.txt" log
	if grep -aq planted vmlinuz; then cp "$scratch/planted.jsonl" records; else cp "$scratch/good.jsonl" records; fi
EOF
root=()
[ "$(id -u)" -ne 0 ] || root=(--allow-root-build)

git -C linux init -q
git -C linux config user.name test
git -C linux config user.email test@example.org
for i in {1..10}; do
	printf 'int commit_%s;\n' "$i" >>linux/mm/migrate.c
	case $i in
	4) printf 'this is no C\n' >>linux/mm/migrate.c ;;
	6) sed -i '/this is no C/d' linux/mm/migrate.c ;;
	7) printf 'char planted[] = "planted";\n' >>linux/mm/migrate.c ;;
	esac
	git -C linux add .
	git -C linux commit -qm "commit $i"
	git -C linux tag "c$i"
done

step=("$WBIT" lab run . --bisect --baseline "$scratch/good.jsonl" --gate faults=0 --gate migrate=6 "${root[@]}")
cd linux
for case in c3:0 c4:125 c6:0 c7:1; do
	git checkout -q "${case%:*}"
	try "${step[@]}"
	[ "$status" -eq "${case#*:}" ] || fail "$case: status $status: $(cat err)"
done
git clean -fdq
git checkout -q c10
git bisect start c10 c1 >/dev/null
status=0
git bisect run "${step[@]}" >../log 2>&1 || status=$?
[ "$status" -eq 0 ] || fail "git bisect run: status $status: $(tail -n 20 ../log)"
grep -q "^$(git rev-parse c7) is the first bad commit" ../log || fail "git found another commit: $(tail -n 8 ../log)"

# the set-up is broken: git stops at once, and blames no commit
git bisect reset >/dev/null 2>&1
git bisect start c10 c1 >/dev/null
status=0
git bisect run "${step[@]}" --boot-limt=5 >../log 2>&1 || status=$?
[ "$status" -ne 0 ] || fail "git bisect run went on with a misspelt option"
grep -q "unrecognized option '--boot-limt=5'" ../log || fail "no word of the option: $(tail -n 5 ../log)"
! grep -q 'first bad commit' ../log || fail "a commit is blamed for a misspelt option"
cd ..
finish
