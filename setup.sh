# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What ./run and ./check share: install what is missing, configure, build. Sourced, with $top set.

packages_build=(gcc libc6-dev make cmake pkg-config libjansson-dev libarchive-dev libnuma-dev libmd-dev libpfm4-dev libhwloc-dev)
packages_run=(qemu-system-x86 e2fsprogs gnuplot-nox hwloc-nox)
packages_check=(libcmocka-dev shellcheck jq busybox-static help2man man-db stress-ng numactl xz-utils procps)
packages_kernel=(flex bison bc libelf-dev git)

say() {
	printf '%s\n' "$*"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 2
}

# as_root WHAT COMMAND...: sudo for it alone, and told. What it prints goes to build/setup.log; its end is shown when it fails.
as_root() {
	local what=$1 sudo=()
	shift
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || die "needs root to $what, and there is no sudo: run as root: $*"
		say "as root, by sudo: $*"
		sudo=(sudo)
	fi
	mkdir -p "$top/build"
	"${sudo[@]}" "$@" >"$top/build/setup.log" 2>&1 || {
		grep -E '^(E|W):' "$top/build/setup.log" | tail -n 3 >&2
		return 1
	}
}

# A list that cannot be fetched is an error here, not a warning.
update_lists() {
	as_root "update the package lists" apt-get update -q -o APT::Update::Error-Mode=any
}

missing_packages() {
	local package
	for package in "$@"; do
		dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
	done
}

# What fuzzing takes, by this system's names: clang, and the package with its libFuzzer. Nothing where apt has none.
fuzz_packages() {
	local version
	version=$(apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p')
	[ -n "$version" ] && apt-cache show "libclang-rt-$version-dev" >/dev/null 2>&1 || return 0
	printf '%s\n' clang "libclang-rt-$version-dev"
}

# The package of perf, by this system's name. Nothing where apt has none: its tests are skipped then.
perf_package() {
	local package
	for package in linux-perf linux-tools-generic; do
		apt-cache show "$package" >/dev/null 2>&1 || continue
		printf '%s\n' "$package"
		return
	done
}

# install_missing INSTALL PACKAGE...: INSTALL is yes or no. Contacts no network when nothing is missing.
install_missing() {
	local install=$1 missing
	shift
	command -v dpkg-query >/dev/null ||
		die "no dpkg here: install the equivalents of $*, then: cmake -S . -B build && cmake --build build"
	mapfile -t missing < <(missing_packages "$@")
	[ "${#missing[@]}" -gt 0 ] || return 0
	[ "$install" = yes ] || die "missing packages: apt-get install --no-install-recommends ${missing[*]}"
	say "installing: ${missing[*]}"
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
		die "needs root, and there is no sudo: run as root: apt-get install --no-install-recommends ${missing[*]}"
	fi
	update_lists || die "apt-get update failed: is there a network? (build/setup.log has the whole)"
	as_root "install packages" env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends "${missing[@]}" ||
		die "apt-get install failed (build/setup.log has the whole): ${missing[*]}"
}

# build FOLDER CMAKE-OPTION...: quiet unless it fails or it takes a while for the first time.
build() {
	local folder=$1 log
	shift
	mkdir -p "$folder"
	log=$folder/build.log
	[ -e "$folder/CMakeCache.txt" ] || say "building in ${folder#"$top"/}"
	{ cmake -S "$top" -B "$folder" -DCMAKE_BUILD_TYPE=RelWithDebInfo "$@" && cmake --build "$folder" -j "$(nproc)"; } >"$log" 2>&1 || {
		tail -n 30 "$log" >&2
		die "the build failed; the whole log is $log"
	}
}

# in_cache KERNEL: is there one under this name? wbit checks it when it takes it.
in_cache() {
	[ -e "${XDG_CACHE_HOME:-$HOME/.cache}/wbit/kernels/$1/manifest.json" ]
}

# build_kernels INSTALL WBIT KERNEL...: those that are in the cache from the same input take no time.
build_kernels() {
	local install=$1 wbit=$2
	shift 2
	if [ "$install" = yes ] && ! apt-cache show linux-source-6.12 >/dev/null 2>&1; then
		update_lists || say "apt-get update failed: is there a network?"
	fi
	"$wbit" lab build "$@"
}

# fetch_kernels INSTALL WBIT: nothing is contacted when the cache has what can be had. Where the package lists are missing
# or old, they are brought up to date once. A kernel that this system does not have is told, and is no reason to stop.
fetch_kernels() {
	"$2" lab fetch >/dev/null 2>&1 && return
	if [ "$1" = yes ] && command -v apt-get >/dev/null; then
		say "fetching kernels"
		update_lists || say "apt-get update failed: is there a network?"
	fi
	"$2" lab fetch || say "not all kernels can be had: going on with those that can"
}
