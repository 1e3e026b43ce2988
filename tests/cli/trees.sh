#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels that are named by a path: images, packages, source trees, and trees with a patch. The trees build in a moment, the
# guests are made up.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"
# shellcheck source=tests/fake_tree.sh
. "$SOURCE/tests/fake_tree.sh"

for program in flex bison bc git gcc make; do
	command -v $program >/dev/null || { echo "needs $program"; exit 77; }
done
fake_files
fake_qemu
good_guest
cat >guest <<-EOF
	cp vmlinuz "$scratch/booted"
	cat "$scratch/good.jsonl" >records
	cp "$scratch/log.txt" log
EOF
fake_tree linux
run=("$WBIT" lab run --force -o r.jsonl)
[ "$(id -u)" -ne 0 ] || run+=(--allow-root-build)
src() { echo cache/wbit/trees/tree-*/src; }

# booted TEXT: the run went well, and what the last guest booted was built from a source that says so.
booted() {
	[ "$status" -eq 0 ] || fail "status $status: $(cat err)"
	grep -aq "$1" booted || fail "what was booted has no '$1'"
}
compiled() {
	[ "$(grep -c compiled "$(src)/calls")" -eq "$1" ] || fail "compiled $(grep -c compiled "$(src)/calls") times, not $1: $2"
}

# ---- what a path is

expect 2 "unknown kernel 'vmlinus': there are stock-6.1, " "$WBIT" lab run vmlinus
expect 2 './vmlinus: No such file' "$WBIT" lab run ./vmlinus
printf 'I am a kernel' >bzImage
expect 2 'bzImage is neither a kernel image \(bzImage\) nor a package \(.deb\)' "$WBIT" lab run bzImage
expect 2 './linux/mm is no kernel source tree' "$WBIT" lab run ./linux/mm
expect 2 '/dev/null is neither a file nor a folder' "$WBIT" lab run /dev/null
# What stands in the way of the run is told before anything is built.
: >kept.jsonl
expect 2 'kept.jsonl is there already: choose' "$WBIT" lab run --allow-root-build -o kept.jsonl linux
mkdir only
for program in env git make gcc; do ln -s "$(command -v $program)" only/; done
expect 2 'qemu-system-x86' env PATH="$scratch/only" "$WBIT" lab run --allow-root-build -o new.jsonl linux
[ ! -e cache/wbit/trees ] || fail "something was built first"
rm -r kept.jsonl only

# ---- root and foreign Makefiles

if [ "$(id -u)" -eq 0 ]; then
	for command in run build "build --deb --config files/configs/lab.config" shell; do
		# shellcheck disable=SC2086
		expect 2 "linux: a source tree's Makefiles are not run as root: .*--allow-root-build" "$WBIT" lab $command linux
	done
	[ ! -e cache/wbit/trees ] || fail "something was touched before root was refused"
fi

# ---- a tree without git: its own outputs do not come along, and the tree itself is left alone

printf 'junk' >linux/mm/migrate.o
printf '/*\n!/debian/\n' >>linux/.gitignore # as in Debian's source
printf 'junk' >linux/vmlinux
find linux -type f -exec sha256sum {} + | sort >before
try "${run[@]}" linux
booted 'int answer = 1'
expect_count 1 '.type=="env" and .kernel_name=="linux" and .kernel_package==null and (.why.kernel_package|test("source tree")) and
	.kernel_source=="source tree linux" and .kernel_series_sha256==null' r.jsonl
expect_line 'linux: compiling' err
find linux -type f -exec sha256sum {} + | sort >after
cmp before after || fail "the tree was touched"
compiled 1 "first"
[ ! -e "$(src)/vmlinux" ] || fail "what was built in the tree came along"
try "${run[@]}" linux
compiled 1 "nothing changed"

cp -r linux other
try "${run[@]}" linux/ "$PWD/other"
expect_count 1 '.type=="env" and .kernel_name=="linux"' r.jsonl
expect_count 1 '.type=="env" and (.kernel_name|endswith("/other"))' r.jsonl
(cd linux && "$WBIT" lab build . "${run[@]:6}" >../out 2>&1) || fail "the tree one is in: $(cat out)"
expect_line '^linux +source tree linux  built' out
rm -rf other cache/wbit/trees/*
try "${run[@]}" linux

# A file that goes back to older content with an older time is compiled again; one that only looks new is not.
cp -p linux/mm/migrate.c old.c
sed -i 's/answer = 1/answer = 2/' linux/mm/migrate.c
try "${run[@]}" linux
booted 'int answer = 2'
touch -d '2001-01-01' old.c
cp -p old.c linux/mm/migrate.c
try "${run[@]}" linux
booted 'int answer = 1'
compiled 3 "older content"
touch linux/mm/migrate.c
try "${run[@]}" linux
compiled 3 "the same content with a new time"
mkdir linux/new
echo x >linux/new/file
try "${run[@]}" linux
[ -e "$(src)/new/file" ] || fail "a new file did not come along"
rm -r linux/new
try "${run[@]}" linux
[ ! -e "$(src)/new" ] || fail "what vanished is still there"

# A folder that becomes a file, or a link, with something built in it.
for kind in file link; do
	mkdir linux/mm/thing
	echo x >linux/mm/thing/source
	try "${run[@]}" linux
	touch "$(src)/mm/thing/source.o"
	rm -r linux/mm/thing
	if [ $kind = file ]; then echo file >linux/mm/thing; else ln -s file linux/mm/thing; fi
	try "${run[@]}" linux
	[ "$status" -eq 0 ] || fail "a folder that becomes a $kind: status $status: $(cat err)"
	[ ! -d "$(src)/mm/thing" ] || fail "a folder that becomes a $kind stays one"
	rm linux/mm/thing
done

# A list of the last visit that a dead machine left half written: all is copied anew.
for list in '' garbage; do
	touch "$(src)/stray"
	printf '%s' "$list" >"$(src)/../visited"
	try "${run[@]}" linux
	booted 'int answer = 1'
	[ ! -e "$(src)/stray" ] || fail "visited holds '$list': what was there is believed"
done

# What the fragment asks for and the tree does not have: a warning.
echo MIGRATION >linux/refuses
try "${run[@]}" linux
[ "$status" -eq 0 ] || fail "a missing option: status $status"
expect_line 'warning: linux does not have all options .* skipped: CONFIG_MIGRATION$' err
rm linux/refuses

# ---- a patch: two kernels, and the tree as it was

printf -- '--- a/mm/migrate.c\n+++ b/mm/migrate.c\n@@ -1,2 +1,2 @@\n-int answer = 1;\n+int answer = 42;\n \n' >fix.patch
try "${run[@]}" linux --patch fix.patch
booted 'int answer = 42'
expect_count 2 '.type=="env"' r.jsonl
expect_count 1 '.type=="env" and .kernel_name=="linux" and .kernel_patch==null' r.jsonl
expect_count 1 '.type=="env" and .kernel_name=="linux+fix" and .kernel_patch=="fix.patch" and
	(.kernel_patch_sha256|length)==64' r.jsonl
grep -q 'answer = 1;' "$(src)/mm/migrate.c" || fail "the tree in the cache keeps the patch"
grep -q 'answer = 1;' linux/mm/migrate.c || fail "the user's tree has the patch"
long=$(printf 'a\033[31m-very-long-name-that-would-fill-the-whole-table-and-more.patch')
cp fix.patch "$long"
try "${run[@]}" linux --patch "$long"
expect_count 1 '.type=="env" and .kernel_name=="linux+a?[31m-very-long-name-that-would"' r.jsonl

sed 's/answer = 1/answer = 9/' fix.patch >bad.patch
expect 2 'bad.patch does not apply: error: mm/migrate.c: patch does not apply' "${run[@]}" linux --patch bad.patch
printf 'words\n' >words.patch
expect 2 'words.patch does not apply: error: No valid patches' "${run[@]}" linux --patch words.patch
printf -- '--- a/drivers/gpu/gpu.c\n+++ b/drivers/gpu/gpu.c\n@@ -1 +1 @@\n-int gpu;\n+int cpu;\n' >gpu.patch
expect 2 'gpu.patch changes nothing that is built' "${run[@]}" linux --patch gpu.patch
expect 2 'missing.patch: No such file' "${run[@]}" linux --patch missing.patch
mkfifo fifo
expect 2 'fifo: not a file' timeout 10 "${run[@]}" linux --patch fifo
expect 2 'fifo: not a file' timeout 10 "${run[@]}" --kernel-deb fifo
expect 2 '/dev/zero: not a file' timeout 10 "${run[@]}" --kernel-deb /dev/zero
expect 2 '--patch takes one KERNEL that is built' "${run[@]}" --patch fix.patch
expect 2 '--patch takes one KERNEL that is built' "${run[@]}" linux linux --patch fix.patch
expect 2 '--patch takes one KERNEL that is built' "${run[@]}" stock-6.12 --patch fix.patch
expect 2 '--patch: one is enough' "${run[@]}" linux --patch fix.patch --patch bad.patch
expect 2 "--jobs: 'x'" "${run[@]}" linux --jobs=x

# A home folder that is itself in git does not keep patches from being applied.
git init -q cache
try "${run[@]}" linux --patch fix.patch
booted 'int answer = 42'
rm -rf cache/.git

# ---- a git tree: what is tracked counts, also where .gitignore would not have it

git -C linux init -q
sed -i '/^.\/\*$/d; /^\/\*$/d; /debian/d' linux/.gitignore
printf 'int answer = 5;\n\n\n\n\n\n' >linux/mm/migrate.c
git -C linux add .
git -C linux add -f mm/migrate.o
git -C linux rm -q --cached mm/migrate.o
rm linux/mm/migrate.o
try env GIT_DIR=/nowhere "${run[@]}" linux
booted 'int answer = 5'

# ---- a tree that does not build: which step, and the compiler's words

printf 'int answer = ;\n' >linux/mm/migrate.c
try "${run[@]}" linux
[ "$status" -eq 2 ] || fail "broken source: status $status"
expect_line 'wbit: linux does not build: compile failed at mm/migrate.o; the whole log is .*/trees/tree-.*/log' err
expect_line '^  \| mm/migrate.c:1:14: error: expected expression' err
printf 'int answer = 1;\n' >linux/mm/migrate.c
sed -i 's/^prepare:/prepare:\n>@echo "gen: error: no header"; exit 1/' linux/Makefile
try "${run[@]}" linux
expect_line 'linux does not build: prepare failed' err
fake_tree linux
sed -i 's/^allnoconfig:/allnoconfig:\n>@exit 1/' linux/Makefile
try "${run[@]}" linux
expect_line 'linux does not build: configure failed' err
fake_tree linux
sed -i 's/^bzImage:.*/bzImage:/' linux/Makefile
rm -rf cache/wbit/trees
try "${run[@]}" linux
expect_line 'make leaves no arch/x86/boot/bzImage' err
fake_tree linux

# ---- an image by itself, and a package by its path alone

try "${run[@]}" linux
cp "$(src)/arch/x86/boot/bzImage" bzImage
try "${run[@]}" ./bzImage
booted 'int answer = 1'
expect_count 1 '.type=="env" and .kernel_name=="./bzImage" and .kernel_package==null and .kernel_config_hash==null' r.jsonl
mkdir -p root/boot
cp bzImage root/boot/vmlinuz-1
fake_deb kernel.pkg linux-image-1 1-1 root
try "${run[@]}" kernel.pkg ./bzImage
expect_count 1 '.type=="env" and .kernel_name=="linux-image-1" or .kernel_name=="1"' r.jsonl
"$WBIT" lab run --dry-run bzImage kernel.pkg linux >out || fail "--dry-run"
expect_line '^linux  +to be built' out
expect_line '^bzImage  +from this file' out
finish
