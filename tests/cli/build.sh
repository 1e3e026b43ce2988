#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Building kernels, with a source tree that builds in a moment: once, again, with a patch, and what can go wrong.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"
# shellcheck source=tests/fake_tree.sh
. "$SOURCE/tests/fake_tree.sh"

for program in flex bison bc git gcc make; do
	command -v $program >/dev/null || { echo "needs $program"; exit 77; }
done
fake_apt
fake_source 6.12 6.12.7-1
fake_source 6.1 6.1.7-1
fake_files
trees=cache/wbit/trees
kernels=cache/wbit/kernels

# holds TEXT FILE: the image says what its source said.
holds() {
	grep -aq "$1" "$2" || fail "$2 has no '$1'"
}

# ---- the fragment

try "$WBIT" lab config
cmp out files/configs/lab.config || fail "lab config: $status: $(cat err)"
try "$WBIT" lab config --switch
[ "$(cat out)" = "$(cat files/configs/lab.config files/configs/switch.config)" ] || fail "lab config --switch: $(cat out)"
try "$WBIT" lab config --lean
[ "$(cat out)" = "$(echo CONFIG_MIGRATION=y; cat files/configs/lean.config)" ] || fail "lab config --lean: $(cat out)"
expect 2 "takes no argument: 'x'" "$WBIT" lab config x
expect 2 'none/configs/lab.config: No such file' env WBIT_KERNEL_FILES=none "$WBIT" lab config

# ---- not asked for, not built

expect 2 'switch-6.12 is not in the cache: .wbit lab build switch-6.12. builds it' "$WBIT" lab run switch-6.12

# ---- the switch kernel

try "$WBIT" lab build
[ "$status" -eq 0 ] || fail "lab build: status $status: $(cat err)"
expect_line '^switch-6.12 +linux-source-6.12 6.12.7-1  built' out
expect_line 'downloading linux-source-6.12 6.12.7-1' err
expect_line 'compiling 1 objects|compiling 41 objects' err
holds 'int policy = 3' $kernels/switch-6.12/vmlinuz
holds 'int file = 4' $kernels/switch-6.12/vmlinuz
holds 'CONFIG_MIGRATE_RESTORE_POLICY=y' $kernels/switch-6.12/config
[ "$(jq -r .built.source $kernels/switch-6.12/manifest.json)" = 'linux-source-6.12 6.12.7-1' ] || fail "the manifest"
[ ! -e $trees/switch-6.12/src/drivers/gpu/gpu.c ] || fail "a driver was unpacked"
[ -e $trees/switch-6.12/src/drivers/gpu/Kconfig ] || fail "a Kconfig was not unpacked"
[ -z "$(find $trees -name '*.deb')" ] || fail "the package is kept"

# Again: nothing to do, nothing contacted. A changed series is built anew; until then there is a warning.
: >apt.calls
try "$WBIT" lab build 6.12 -j 2
expect_line 'in the cache already' out
[ ! -s apt.calls ] || fail "apt was called: $(cat apt.calls)"
[ "$(grep -c compiled $trees/switch-6.12/src/calls)" -eq 1 ] || fail "compiled again"
sed -i 's/file = 4/file = 5/' files/patches/6.12/0002-two.patch
fake_qemu
good_guest
printf 'cat "%s/good.jsonl" >records\ncp "%s/log.txt" log\n' "$scratch" "$scratch" >guest
try "$WBIT" lab run -o old.jsonl switch-6.12
[ "$status" -eq 0 ] || fail "lab run: status $status: $(cat err)"
expect_line 'switch-6.12 is from an older series or configuration' err
expect_count 1 '.type=="env" and .kernel_name=="switch-6.12" and .kernel_package=="linux-source-6.12 6.12.7-1" and
	(.kernel_series_sha256|length)==64 and (.kernel_fragment_sha256|length)==64 and (.kernel_compiler|test("gcc")) and
	.kernel_source=="linux-source-6.12 6.12.7-1" and .kernel_patch==null' old.jsonl
try "$WBIT" lab build 6.12 --quiet
[ "$status" -eq 0 ] || fail "--quiet: $status"
[ ! -s err ] || fail "--quiet: $(cat err)"
holds 'int file = 5' $kernels/switch-6.12/vmlinuz

# The newest source only with --update.
fake_source 6.12 6.12.8-1
try "$WBIT" lab build 6.12
expect_line '6.12.7-1  in the cache already' out
try "$WBIT" lab build --update 6.12
expect_line '6.12.8-1  built' out

# ---- its plain twin: from the switch kernel's tree, or from a tree of its own

try "$WBIT" lab build plain-6.12
[ "$status" -eq 0 ] || fail "plain-6.12: status $status: $(cat err)"
grep -aq 'int policy' $kernels/plain-6.12/vmlinuz && fail "the plain kernel has the series"
grep -q RESTORE_POLICY $kernels/plain-6.12/config && fail "the plain kernel has the option"
[ ! -e $trees/plain-6.12 ] || fail "a tree of its own although there was one"
grep -q 'int policy' $trees/switch-6.12/src/mm/migrate.c || fail "the switch tree lost its series"
try "$WBIT" lab build plain-6.1 6.1
[ "$status" -eq 0 ] || fail "plain-6.1: status $status: $(cat err)"
[ -e $trees/plain-6.1/src ] || fail "no tree of its own"
holds 'int answer' $kernels/plain-6.1/vmlinuz

# ---- the lean kernel: the same source in another configuration

try "$WBIT" lab build lean-6.12
[ "$status" -eq 0 ] || fail "lean-6.12: status $status: $(cat err)"
holds 'int policy = 3' $kernels/lean-6.12/vmlinuz
holds '^# CONFIG_NUMA is not set' $kernels/lean-6.12/config
grep -q CONFIG_NUMA=y $kernels/lean-6.12/config && fail "the lean kernel has what it should lack"
[ ! -e $trees/lean-6.12 ] || fail "a tree of its own although there was one"
holds 'CONFIG_NUMA=y' $trees/switch-6.12/src/.config
try "$WBIT" lab build lean-6.12
expect_line 'in the cache already' out
echo '# CONFIG_SWAP is not set' >>files/configs/lean.config
try "$WBIT" lab build lean-6.12 switch-6.12
expect_line '^lean-6.12 .* built' out
expect_line '^switch-6.12 .* in the cache already' out

# ---- a killed build: what it left is not taken for whole

rm -rf $kernels/switch-6.12
mv $trees/switch-6.12/src $trees/switch-6.12/base
mkdir -p $trees/switch-6.12/src $trees/switch-6.12/new/mm
: >$trees/switch-6.12/new/Makefile
try "$WBIT" lab build
[ "$status" -eq 0 ] || fail "after a killed variant: status $status: $(cat err)"
holds 'int file = 5' $kernels/switch-6.12/vmlinuz
[ ! -e $trees/switch-6.12/base ] || fail "the variant's base is still there"
rm -rf $kernels/switch-6.12 $trees/switch-6.12/src/.wbit-tree
try "$WBIT" lab build
[ "$status" -eq 0 ] || fail "after a killed unpacking: status $status: $(cat err)"

# ---- a patch on a kernel that is built: its tree is copied, and stays as it was

printf -- '--- a/mm/migrate.c\n+++ b/mm/migrate.c\n@@ -1,2 +1,2 @@\n-int answer = 1;\n+int answer = 42;\n int policy = 3;\n' >fix.patch
rm $trees/switch-6.12/src/calls
try "$WBIT" lab run -o patched.jsonl switch-6.12 --patch fix.patch
[ "$status" -eq 0 ] || fail "switch-6.12 --patch: status $status: $(cat err)"
expect_count 1 '.type=="env" and .kernel_name=="switch-6.12+fix" and (.kernel_series_sha256|length)==64 and
	.kernel_patch=="fix.patch"' patched.jsonl
holds 'int answer = 42' $kernels/switch-6.12-patched/vmlinuz
holds 'int answer = 1' $trees/switch-6.12/src/mm/migrate.c
[ ! -e $trees/switch-6.12/src/calls ] || fail "the tree itself was built again"
try "$WBIT" lab run -o patched.jsonl --force switch-6.12 --patch fix.patch
grep -q compiling err && fail "the same patch was built twice: $(cat err)"
# A killed process's variant stands in the tree's place: the patch is held against the tree itself.
cp -a $trees/switch-6.12/src $trees/switch-6.12/base
sed -i 's/answer = 1/answer = 42/' $trees/switch-6.12/src/mm/migrate.c
try "$WBIT" lab run -o patched.jsonl --force switch-6.12 --patch fix.patch
[ "$status" -eq 0 ] || fail "a patch after a killed variant: status $status: $(cat err)"
holds 'int answer = 1' $trees/switch-6.12/src/mm/migrate.c
[ ! -e $trees/switch-6.12/base ] || fail "a killed variant is left"
printf -- '--- a/mm/migrate.c\n+++ b/mm/migrate.c\n@@ -1,2 +1,2 @@\n-int answer = 1;\n+int answer = 42;\n \n' >fix.patch
try "$WBIT" lab run -o patched.jsonl --force plain-6.12 --patch fix.patch
[ "$status" -eq 0 ] || fail "plain-6.12 --patch: status $status: $(cat err)"
holds 'int answer = 42' $kernels/plain-6.12-patched/vmlinuz
expect 2 'fix.patch does not apply' "$WBIT" lab run -o patched.jsonl --force switch-6.12 --patch fix.patch
grep -aq 'int policy' $kernels/plain-6.12-patched/vmlinuz && fail "the plain kernel has the series"
[ ! -e $trees/switch-6.12/base ] || fail "a variant is left"

# ---- packages: of a configuration of the user's own, from a whole tree

expect 2 'none.config: No such file .*--config FILE names another' "$WBIT" lab build --deb --config none.config
printf 'CONFIG_NUMA=y\nCONFIG_SYSTEM_TRUSTED_KEYS="debian/x.pem"\n' >user.config
expect 2 'nowhere: No such file' "$WBIT" lab build --deb --config user.config -o nowhere
printf 'mine' >mine
expect 2 'mine is no folder: --output takes' "$WBIT" lab build --deb --config user.config -o mine
[ "$(cat mine)" = mine ] || fail "--output: a file was overwritten"
mkfifo fifo
expect 2 'fifo: not a file' timeout 10 "$WBIT" lab build --deb --config fifo
printf 'words\n' >words.config
expect 2 'words.config is no kernel configuration' "$WBIT" lab build --deb --config words.config
printf 'CONFIG_NUMA=y\0' >words.config
expect 2 'words.config: no text' "$WBIT" lab build --deb --config words.config
for program in dpkg-buildpackage dh_listpackages fakeroot rsync cpio depmod; do
	printf '#!/bin/sh\n' >bin/$program
	chmod +x bin/$program
done
if echo '#include <openssl/opensslv.h>' | gcc -E - >/dev/null 2>&1; then
	mkdir packages
	: >apt.calls
	try "$WBIT" lab build --deb --config user.config -o packages 6.12
	[ "$status" -eq 0 ] || fail "--deb: status $status: $(cat err)"
	[ "$(cat out)" = packages/linux-image-6.12.7-wbit_1_amd64.deb ] || fail "--deb: $(cat out)"
	holds 'int file = 5' packages/*.deb
	holds CONFIG_MIGRATE_RESTORE_POLICY=y packages/*.deb
	[ -e $trees/deb-6.12/src/drivers/gpu/gpu.c ] || fail "--deb: not the whole source"
fi

# ---- wrong input

expect 2 "unknown kernel '6.2': there are stock-6.1, .*switch-6.12, .*or the path" "$WBIT" lab build 6.2
expect 2 "stock-6.12 is built already: lab build takes" "$WBIT" lab build stock-6.12
expect 2 "lab fetch gets stock kernels: 'switch-6.12' is none" "$WBIT" lab fetch switch-6.12
expect 2 "--jobs: '0'" "$WBIT" lab build --jobs=0
expect 2 "--config is for --deb" "$WBIT" lab build --config=x
expect 2 "--output is for --deb" "$WBIT" lab build -o x
mkdir -p only
ln -sf "$(command -v env)" "$(command -v git)" only/
expect 2 'building a kernel needs more: apt-get install .* make gcc binutils flex bison bc' \
	env PATH="$scratch/only" "$WBIT" lab build plain-6.12
mv files/patches/6.1 files/patches/6.x
expect 2 'patches/6.1: there are no patches' "$WBIT" lab build 6.1
mv files/patches/6.x files/patches/6.1

# A series that does not apply, an option that does not hold, a package that is another than announced.
sed -i 's/answer = 1/answer = 7/' files/patches/6.1/0001-one.patch
expect_last() {
	local want=$1 regex=$2
	shift 2
	try "$@"
	[ "$status" -eq "$want" ] || fail "$*: status $status, expected $want: $(cat err)"
	expect_line "$regex" err
	[ ! -s out ] || fail "$*: something on stdout"
}
cp $kernels/switch-6.1/manifest.json before
expect_last 2 'the series of patches does not apply: error: mm/migrate.c: patch does not apply' "$WBIT" lab build 6.1
cmp -s before $kernels/switch-6.1/manifest.json || fail "a kernel was replaced by nothing"
[ ! -e $trees/switch-6.1/new ] || fail "a half-patched tree is left"
sed -i 's/answer = 7/answer = 1/' files/patches/6.1/0001-one.patch
echo 'CONFIG_NEVER_HEARD_OF=y' >>files/configs/lab.config
echo NEVER >$trees/switch-6.1/src/refuses
expect_last 2 'switch-6.1 does not build: its configuration does not take CONFIG_NEVER_HEARD_OF$' "$WBIT" lab build 6.1
rm $trees/switch-6.1/src/refuses
sed -i '/NEVER/d' files/configs/lab.config

# ---- kill -9 ends make too; the next build goes on

printf x >$trees/switch-6.12/src/sleeps
rm -rf $kernels/switch-6.12
"$WBIT" lab build >out 2>err &
pid=$!
for _ in $(seq 100); do [ ! -s $trees/switch-6.12/src/sleeping ] || break; sleep 0.1; done
kill -KILL $pid
wait $pid 2>/dev/null || true
sleep 0.5
! kill -0 "$(cat $trees/switch-6.12/src/sleeping)" 2>/dev/null || fail "kill -9: make's child lives on"
rm $trees/switch-6.12/src/sleeps $trees/switch-6.12/src/sleeping
try "$WBIT" lab build
[ "$status" -eq 0 ] || fail "after kill -9: status $status: $(cat err)"

# ---- SIGINT ends make and its children; the next build goes on

printf x >$trees/switch-6.12/src/sleeps
rm -rf $kernels/switch-6.12
"$WBIT" lab build >out 2>err &
pid=$!
for _ in $(seq 100); do [ ! -s $trees/switch-6.12/src/sleeping ] || break; sleep 0.1; done
kill -INT $pid
status=0
wait $pid || status=$?
[ "$status" -eq 3 ] || fail "SIGINT: status $status: $(cat err)"
[ "$(tail -n 1 err)" = 'wbit: interrupted' ] || fail "SIGINT: $(cat err)"
! kill -0 "$(cat $trees/switch-6.12/src/sleeping)" 2>/dev/null || fail "SIGINT: make's child lives on"
[ ! -e $kernels/switch-6.12 ] || fail "SIGINT: something is in the cache"
rm $trees/switch-6.12/src/sleeps
try "$WBIT" lab build
[ "$status" -eq 0 ] || fail "after SIGINT: status $status: $(cat err)"
finish
