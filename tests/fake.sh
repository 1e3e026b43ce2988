# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# A world made up for a test: package files, the apt of another distribution, a QEMU whose guest sends what a test wants,
# and a cache of its own. Sourced after lib.sh.

export XDG_CACHE_HOME=$scratch/cache TMPDIR=$scratch/tmp
mkdir -p bin repo cache tmp
PATH=$scratch/bin:$PATH

# fake_deb FILE PACKAGE VERSION ROOT [COMPRESSION]: a package file with what is below the folder ROOT.
fake_deb() {
	local compression=${5:-xz} parts
	parts=$(mktemp -d "$scratch/parts-XXXXXX")
	printf 'Package: %s\nVersion: %s\nArchitecture: amd64\n' "$2" "$3" >"$parts/control"
	tar -C "$parts" --auto-compress -cf "$parts/control.tar.$compression" ./control
	tar -C "$4" --auto-compress -cf "$parts/data.tar.$compression" .
	printf '2.0\n' >"$parts/debian-binary"
	rm -f "$1"
	(cd "$parts" && ar qS "$OLDPWD/one.deb" debian-binary "control.tar.$compression" "data.tar.$compression" 2>/dev/null)
	mv one.deb "$1"
	rm -rf "$parts"
}

# fake_kernel PACKAGE VERSION RELEASE [PART...]: puts it into the made-up repository, with these of boot, config, brd.
fake_kernel() {
	local package=$1 version=$2 release=$3 root part
	shift 3
	root=$(mktemp -d "$scratch/root-XXXXXX")
	mkdir -p "$root/boot" "$root/lib/modules/$release/kernel/drivers/block"
	for part in "$@"; do
		case $part in
		boot) printf 'the kernel of %s' "$package" >"$root/boot/vmlinuz-$release" ;;
		config) printf 'CONFIG_NUMA=y\n' >"$root/boot/config-$release" ;;
		brd) printf 'the module of %s' "$package" >"$root/lib/modules/$release/kernel/drivers/block/brd.ko" ;;
		esac
	done
	fake_deb "repo/$package.deb" "$package" "$version" "$root"
	printf '%s\n' "$version" >"repo/$package.version"
	rm -rf "$root"
}

# fake_apt: apt-cache and apt-get that know what is in repo/ and leave each call in apt.calls.
fake_apt() {
	cat >bin/apt-cache <<-EOF
		#!/bin/sh
		echo "apt-cache \$*" >>"$scratch/apt.calls"
		cd "$scratch/repo" || exit 100
		case \$1 in
		search) for deb in *.deb; do [ ! -e "\$deb" ] || echo "\${deb%.deb} - Linux"; done ;;
		show) printf 'Package: %s\nVersion: %s\nSHA256: %s\n\n' "\$2" "\$(cat "\$2.version")" \\
			"\$(sha256sum "\$2.deb" | cut -d' ' -f1)" ;;
		esac
	EOF
	cat >bin/apt-get <<-EOF
		#!/bin/sh
		echo "apt-get \$*" >>"$scratch/apt.calls"
		[ "\$1" = download ] || exit 100
		shift \$((\$# - 1))
		[ ! -e "$scratch/repo/offline" ] || { echo "E: no network" >&2; exit 100; }
		cp "$scratch/repo/\${1%%=*}.deb" .
	EOF
	chmod +x bin/apt-cache bin/apt-get
}

# fake_qemu: QEMU's place is taken by the script ./guest, run in the guest's folder; it writes the files log and records.
fake_qemu() {
	cat >bin/qemu-system-x86_64 <<-EOF
		#!/bin/bash
		[ "\$1" != --version ] || { echo "QEMU emulator version 0"; exit 0; }
		printf '%s\n' "\$*" >"$scratch/qemu.arguments"
		. "$scratch/guest"
	EOF
	chmod +x bin/qemu-system-x86_64
}

# What a guest in its right mind sends: good.jsonl, with its lines apart in env.json, trials.json, end.json, and log.txt.
good_guest() {
	local run=$SOURCE/tests/fixtures/three.jsonl
	jq -cn 'first(inputs | select(.type=="env"))' "$run" >env.json
	jq -cn 'limit(2; inputs | select(.type=="trial"))' "$run" >trials.json
	jq -cn '{type:"end",run:"x",trials:2,ok:2,fail:0,broken:0,skip:0}' >end.json
	cat env.json trials.json end.json >good.jsonl
	printf '[    0.000000] Linux version 0\nwbit-guest: exit 0\n' >log.txt
}
