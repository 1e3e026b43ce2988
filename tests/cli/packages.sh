#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels on systems that do not have all of them: what can be had is taken, what is missing is told, with the way to get
# it. The package lists are made up; nothing is contacted.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"


# ---- no apt at all: a path without it

mkdir only
for program in env mke2fs sh; do ln -s "$(PATH=$PATH:/usr/sbin:/sbin command -v $program)" only/; done
try env PATH="$scratch/only" "$WBIT" lab run
[ "$status" -eq 2 ] || fail "no apt: status $status"
expect_line 'there is no apt-cache on this system' err
expect_line 'no kernel can be had here: .*--kernel-deb FILE' err

# ---- Debian 13: stock 6.12 under another name, no 6.1

fake_apt
fake_kernel linux-image-6.12.57+deb13-cloud-amd64 6.12.57-1 6.12.57+deb13-cloud-amd64 boot config brd
fake_kernel linux-image-6.12.57+deb13-amd64 6.12.57-1 6.12.57+deb13-amd64 boot config brd
try "$WBIT" lab fetch
[ "$status" -eq 0 ] || fail "Debian 13: status $status: $(head -c 600 err)"
[ "$(cat out)" = "stock-6.12     linux-image-6.12.57+deb13-cloud-amd64  6.12.57-1" ] || fail "Debian 13: $(cat out)"
expect_line "left out: stock-6.1: .*Debian 12's linux-image-6.1.0-N-cloud-amd64" err
expect_line 'only these columns can be measured: vma, vma-only \(emulated\)\. For entry download' err
expect_line 'then: wbit lab run stock-6.12 --kernel-deb FILE' err
grep -q 'generic' err && fail "Debian 13: the spare kernel is spoken of"

# Once more, without a network: the cache has it.
touch repo/offline
try "$WBIT" lab fetch
[ "$status" -eq 0 ] || fail "Debian 13 again: status $status: $(head -c 600 err)"
expect 2 'stock-6.1: apt knows no such package' "$WBIT" lab fetch stock-6.1

# A kernel of before the modules were kept counts as not fetched; without a network that is said as it is.
manifest=cache/wbit/kernels/stock-6.12/manifest.json
cp $manifest manifest.new
jq 'del(.brd_sha256)' manifest.new >$manifest
try "$WBIT" lab fetch stock-6.12
[ "$status" -eq 2 ] || fail "old cache: status $status"
expect_line 'apt-get download: E: no network' err
rm repo/offline
try "$WBIT" lab fetch stock-6.12
[ "$status" -eq 0 ] || fail "old cache: status $status: $(cat err)"
cmp $manifest manifest.new || fail "the old cache was not brought up to date"

# ---- tampering with the cache

for file in vmlinuz config brd.ko; do
	cp cache/wbit/kernels/stock-6.12/$file saved
	printf 'x' >>cache/wbit/kernels/stock-6.12/$file
	expect 2 'is not what was fetched: .wbit lab fetch --update stock-6.12. gets it anew' "$WBIT" lab run stock-6.12
	cp saved cache/wbit/kernels/stock-6.12/$file
done
rm cache/wbit/kernels/stock-6.12/config
expect 2 'is not what was fetched' "$WBIT" lab run stock-6.12
: >$manifest
expect 2 'is not what was fetched' "$WBIT" lab run stock-6.12
try "$WBIT" lab fetch --update stock-6.12
[ "$status" -eq 0 ] || fail "--update does not mend the cache: $(cat err)"

# What apt announces and what comes differ.
sed -i 's/sha256sum/sha1sum/' bin/apt-cache
rm -rf cache/wbit
expect 2 'apt knows no such package' "$WBIT" lab fetch stock-6.12
fake_apt
# shellcheck disable=SC2016
sed -i 's|"\$(sha256sum .*|0000000000000000000000000000000000000000000000000000000000000000|' bin/apt-cache
expect 2 'is not what apt announced' "$WBIT" lab fetch stock-6.12
[ -z "$(ls cache/wbit/kernels)" ] || fail "something of it is in the cache"

# ---- Ubuntu 24.04: one kernel, in two packages

rm -rf cache/wbit repo/*
fake_apt
fake_kernel linux-image-6.8.0-31-generic 6.8.0-31.31 6.8.0-31-generic boot
fake_kernel linux-image-6.8.0-107-generic 6.8.0-107.107 6.8.0-107-generic boot
fake_kernel linux-modules-6.8.0-107-generic 6.8.0-107.107 6.8.0-107-generic config brd
fake_kernel linux-image-unsigned-6.8.0-107-generic 6.8.0-107.107 6.8.0-107-generic boot
try "$WBIT" lab fetch
[ "$status" -eq 0 ] || fail "Ubuntu: status $status: $(head -c 600 err)"
[ "$(cat out)" = "stock-generic  linux-image-6.8.0-107-generic  6.8.0-107.107" ] || fail "Ubuntu: $(cat out)"
expect_line 'For entry download .*: wbit lab run stock-generic --kernel-deb FILE' err
[ "$(cat cache/wbit/kernels/stock-generic/brd.ko)" = 'the module of linux-modules-6.8.0-107-generic' ] ||
	fail "Ubuntu: the modules' package was not unpacked"

# ---- package files

expect 2 'missing.deb: No such file' "$WBIT" lab run --kernel-deb missing.deb
expect 2 'Is a directory' "$WBIT" lab run --kernel-deb .
printf 'nonsense' >nonsense.deb
expect 2 'nonsense.deb.* is no Debian package' "$WBIT" lab run --kernel-deb nonsense.deb
expect 2 'is no kernel.s package: it has no ./boot/vmlinuz-\*' "$WBIT" lab run \
	--kernel-deb repo/linux-modules-6.8.0-107-generic.deb
size=$(stat -c %s repo/linux-image-6.8.0-107-generic.deb)
for cut in 5 40 150 $((size / 2)) $((size - 30)); do
	head -c "$cut" repo/linux-image-6.8.0-107-generic.deb >cut.deb
	expect 2 'cut.deb' "$WBIT" lab run --kernel-deb cut.deb
done
expect 2 'requires an argument' "$WBIT" lab run --kernel-deb
mapfile -t many < <(seq -f '--kernel-deb=%g' 17)
expect 2 'more than 16 kernels' "$WBIT" lab run "${many[@]}"
[ "$(ls cache/wbit/kernels)" = stock-generic ] || fail "a refused package is in the cache: $(ls cache/wbit/kernels)"

# Two of them, in the order given, each under its own name.
fake_qemu
good_guest
cat >guest <<-EOF
	cat "$scratch/good.jsonl" >records
	cp "$scratch/log.txt" log
EOF
for compression in zst gz; do
	[ "$compression" != zst ] || command -v zstd >/dev/null || continue
	mkdir -p "root-$compression/boot"
	printf 'kernel %s' "$compression" >"root-$compression/boot/vmlinuz-7.0.0"
	fake_deb "$compression.deb" "linux-image-7.0.0-$compression" 7.0-1 "root-$compression" "$compression"
	try "$WBIT" lab run -o "$compression.jsonl" --kernel-deb "$compression.deb" stock-generic
	[ "$status" -eq 0 ] || fail "$compression: status $status: $(head -c 600 err)"
	expect_count 2 '.type=="env"' "$compression.jsonl"
	[ "$(jq -rn 'first(inputs).kernel_name' "$compression.jsonl")" = "7.0.0-$compression" ] ||
		fail "$compression: another name"
	expect_count 1 '.type=="env" and .kernel_config_hash==null and (.why.kernel_config_hash|test("no boot/config"))' \
		"$compression.jsonl"
done
"$WBIT" lab run --dry-run --kernel-deb gz.deb >out || fail "--dry-run with a package file"
expect_line '^gz.deb  +from this file' out
finish
