#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that is full, below the cache or below TMPDIR: one line says so, and nothing half-made stays. Takes root, for a
# small tmpfs in a mount namespace of its own.
if [ -z "${IN_NAMESPACE:-}" ]; then
	if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
		echo "needs root, to mount a small tmpfs"
		exit 77
	fi
	IN_NAMESPACE=yes exec unshare -m bash "$0"
fi
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"
# shellcheck source=tests/fake_tree.sh
. "$SOURCE/tests/fake_tree.sh"

mkdir -p full root/boot
mount -t tmpfs -o size=1m tmpfs full || { echo "cannot mount a tmpfs"; exit 77; }
trap 'umount "$scratch/full"; rm -rf "$scratch"' EXIT

head -c 3000000 /dev/urandom >root/boot/vmlinuz-1
fake_deb kernel.deb linux-image-1 1-1 root
fake_apt
cp kernel.deb repo/linux-image-6.12.9-cloud-amd64.deb
echo 6.12.9-1 >repo/linux-image-6.12.9-cloud-amd64.version
fake_qemu
echo exit >guest

# nothing_left FOLDER: no file in it but the cache's lock.
nothing_left() {
	[ -z "$(find "$1" -type f ! -name lock)" ] || fail "something is left: $(find "$1" -type f)"
}

expect 2 'No space left on device' env XDG_CACHE_HOME="$scratch/full" "$WBIT" lab run --kernel-deb kernel.deb
nothing_left full
try env XDG_CACHE_HOME="$scratch/full" "$WBIT" lab fetch stock-6.12
[ "$status" -eq 2 ] || fail "lab fetch: status $status"
nothing_left full

expect 2 'No space left on device' env TMPDIR="$scratch/full" "$WBIT" lab run -o r.jsonl --kernel-deb kernel.deb
nothing_left full

# An export and a bundle: in their place, and where they are put together.
{
	head -n 1 "$SOURCE/tests/fixtures/three.jsonl"
	sed -n 2p "$SOURCE/tests/fixtures/three.jsonl" | awk '{ for (i = 0; i < 20000; i++) print }'
	echo '{"type":"end","run":"fixture-6.1","trials":20000,"ok":20000,"fail":0,"broken":0,"skip":0}'
} >many.jsonl
expect 2 'cannot write full/out.txt: No space left on device' "$WBIT" export --format gobench -o full/out.txt many.jsonl
nothing_left full
expect 2 'No space left on device' env TMPDIR="$scratch/full" "$WBIT" bundle -o bundle.tar.gz many.jsonl
nothing_left full
head -c 1036000 /dev/zero >full/filler
expect 2 'No space left on device' "$WBIT" bundle -o full/bundle.tar.gz "$SOURCE/tests/fixtures/kernels.jsonl" \
	"$SOURCE/tests/fixtures/three.jsonl"
rm full/filler
nothing_left full

# Figures: gnuplot exits with 0 when the disk is full. Once where it draws, once where the figures go.
if command -v gnuplot >/dev/null; then
	rm -rf full/*
	head -c $((1024 * 1024 - 24576)) /dev/zero >full/fill
	for figure in write total; do
		expect 2 'was not written whole: is the disk full|No space left on device' env TMPDIR="$scratch/full" \
			"$WBIT" plot -f "$figure" -o figures "$SOURCE/tests/fixtures/kernels.jsonl"
		expect 2 'No space left on device' "$WBIT" plot -f "$figure" -o full "$SOURCE/tests/fixtures/kernels.jsonl"
	done
	[ -z "$(find full figures -type f ! -name fill ! -name '*.svg')" ] || fail "figures left: $(find full figures -type f)"
fi

# Builds: while the source is unpacked, while a tree is copied, and while it is compiled. (The log stays, and what there was.)
for program in flex bison bc git gcc make; do
	command -v $program >/dev/null || finish
done

# told COMMAND...: status 2, the last line says that the disk is full, and no kernel and no half tree stays.
told() {
	try env XDG_CACHE_HOME="$scratch/full" "$@"
	[ "$status" -eq 2 ] || fail "$*: status $status: $(cat err)"
	[ "$(grep -c 'No space left on device' err)" -eq 1 ] || fail "$*: $(cat err)"
	[ -z "$(find full -path '*/new' -o -name vmlinuz -o -name '*.deb')" ] || fail "$*: left: $(find full)"
}
fake_files
fake_source 6.12 6.12.7-1 2000000
told "$WBIT" lab build
[ ! -e full/wbit/trees/switch-6.12/src ] || fail "a half tree is taken for whole"
rm -rf full/wbit
fake_tree linux
cp "$scratch/root/boot/vmlinuz-1" linux/mm/large
told "$WBIT" lab run --allow-root-build linux
rm -rf full/wbit linux/mm/large
sed -i 's/^prepare:/prepare:\n>@head -c 3000000 \/dev\/zero >large/' linux/Makefile
told "$WBIT" lab run --allow-root-build linux
finish
