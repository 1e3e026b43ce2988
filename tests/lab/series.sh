#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The series as a kernel developer takes them: checkpatch has nothing to say, `git am` takes them on the files without them and
# gives the files that were built, and each patch says under which licence it is.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
seen=0

# check_patches FOLDER TREE PATCH...: in a repository checkpatch also looks up the commits that a message names, elsewhere not.
check_patches() {
	local folder=$1 tree=$2
	shift 2
	(cd "$folder" && perl "$tree/scripts/checkpatch.pl" --no-tree --strict "$@") >check 2>&1 ||
		fail "checkpatch in $folder: $(head -c 800 check)"
	[ "$(grep -c '^total: 0 errors, 0 warnings, 0 checks' check)" -eq $# ] || fail "checkpatch in $folder: $(head -c 800 check)"
}

check_series() {
	local version=$1 tree=${XDG_CACHE_HOME:-$HOME/.cache}/wbit/trees/switch-$1/src file patches=("$SOURCE/kernel/patches/$1"/*.patch)
	[ -e "$tree/scripts/checkpatch.pl" ] || return 0
	seen=$((seen + 1))
	check_patches . "$tree" "${patches[@]}"
	check_patches history "$tree" "${patches[@]}"
	mapfile -t files < <(sed -n 's|^+++ b/||p' "${patches[@]}" | sort -u)
	git init -q "$version"
	for file in "${files[@]}"; do
		install -D -m 644 "$tree/$file" "$version/$file"
		install -D -m 644 "$tree/$file" "built-$version/$file"
	done
	cd "$version"
	git config user.name test
	git config user.email test@example.org
	for ((i = ${#patches[@]} - 1; i >= 0; i--)); do
		git apply -R "${patches[i]}" || fail "${patches[i]##*/} is not in the tree that was built"
	done
	git add .
	git commit -qm "without the series"
	git am -q "${patches[@]}" >../am 2>&1 || fail "git am: $(head -c 800 ../am)"
	for file in "${files[@]}"; do
		cmp "$file" "../built-$version/$file" || fail "$file: git am gives another file than was built"
	done
	cd ..
	[ "$(grep -lx 'SPDX-License-Identifier: GPL-2.0-only' "${patches[@]}" | wc -l)" -eq "${#patches[@]}" ] ||
		fail "a patch of $version without its licence"
}

command -v perl >/dev/null || { echo "needs perl"; exit 77; }
git init -q history
check_series 6.12
check_series 6.1
[ "$seen" -gt 0 ] || { echo "needs a built tree: wbit lab build"; exit 77; }
finish
