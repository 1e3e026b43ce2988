#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel from a package file, made of the cached one but without the brd module: it boots and measures all the same, and
# says what it lacks.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
cached=${XDG_CACHE_HOME:-$HOME/.cache}/wbit/kernels/stock-6.12
[ -e "$cached/vmlinuz" ] || "$WBIT" lab fetch stock-6.12 >/dev/null
mkdir -p root/boot
cp "$cached/vmlinuz" root/boot/vmlinuz-6.12
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"

fake_deb kernel.deb linux-image-6.12-bare 6.12-1 root gz
try "$FAULTY" lab run -o bare.jsonl --kernel-deb kernel.deb -w 'trial-[bd]*' -p vma --runs=1 --pages=4 --keep
[ "$status" -eq 1 ] || [ "$status" -eq 3 ] || fail "status $status: $(head -c 600 err)"
expect_count 1 '.type=="env" and .kernel_name=="6.12-bare" and .kernel_config_hash==null' bare.jsonl
expect_count 2 '.workload=="trial-beside" and .outcome=="ok"' bare.jsonl
expect_count 1 '.workload=="trial-disk" and .outcome=="broken" and (.reason|test("no ext4 at /mnt"))' bare.jsonl
expect_count 1 '.type=="end"' bare.jsonl
expect_line 'wbit-guest: no filesystem at /mnt: /dev/ram0: No such file or directory' tmp/wbit-??????/log
finish
