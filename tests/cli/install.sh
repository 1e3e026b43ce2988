#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016
# cmake --install: the program finds its files from where it stands, in a staged prefix, in one that was moved, and with neither
# the source tree nor the build tree to be seen.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"

command -v cmake >/dev/null || { echo "cmake is not installed"; exit 77; }
build=$(dirname "$WBIT")
cp "$SOURCE/tests/fixtures/three.jsonl" .
"$WBIT" lab config >config.built
fake_qemu
good_guest
mkdir -p root/boot
printf 'a kernel' >root/boot/vmlinuz-1
fake_deb kernel.deb linux-image-1 1-1 root
printf 'top=%q\ncp "$top/log.txt" log; cp "$top/good.jsonl" records\n' "$scratch" >guest

# works PREFIX: what needs files of the program's own.
works() {
	local program=$1/bin/wbit
	for arguments in list "model anon-private" "--version" "lab config --switch"; do
		# shellcheck disable=SC2086
		try "$program" $arguments
		[ "$status" -eq 0 ] || fail "$program $arguments: status $status: $(cat err)"
	done
	try "$program" run -n --counters=faults,none
	expect_line "no group 'none': there are .*faults" err
	"$program" lab config | cmp - config.built || fail "$program lab config differs from the build tree's"
	if command -v gnuplot >/dev/null; then
		try "$program" plot -o "$1/figures" three.jsonl
		[ "$status" -eq 0 ] || fail "$program plot: status $status: $(cat err)"
		[ -n "$(find "$1/figures" -name '*.svg' -size +0)" ] || fail "$program plot: no figure"
		try "$program" bundle --force -o bundle.tar.gz three.jsonl
		[ "$status$(cat err)" = 0 ] || fail "$program bundle: status $status: $(cat err)"
	fi
	rm -f r.jsonl
	try timeout 60 "$program" lab run -o r.jsonl --kernel-deb kernel.deb
	[ "$status" -eq 0 ] || fail "$program lab run: status $status: $(cat err)"
	expect_count 4 '.run!=null' r.jsonl
}

cmake --install "$build" --prefix "$scratch/prefix" >log 2>&1 || fail "cmake --install: $(tail -n 5 log)"
DESTDIR=$scratch/stage cmake --install "$build" --prefix /usr >log 2>&1 || fail "with DESTDIR: $(tail -n 5 log)"
for file in bin/wbit libexec/wbit/wbit-guest libexec/wbit/wbit-init share/wbit/kernel/configs/lab.config \
	share/wbit/counters/generic.events; do
	[ -s "prefix/$file" ] || fail "$file is not installed: $(cd prefix && find . -type f)"
	[ -s "stage/usr/$file" ] || fail "$file is not staged"
done
[ -n "$(find prefix/share/wbit/plots -name '*.gp')" ] || fail "no script of a figure is installed"
[ "$(cd "$SOURCE" && find kernel/patches -name '*.patch' | sort)" = "$(cd prefix/share/wbit && find kernel/patches -name '*.patch' | sort)" ] ||
	fail "not all patches are installed"
[ ! -e "$build/wbit.1" ] || cmp "$build/wbit.1" prefix/share/man/man1/wbit.1 || fail "no man page is installed"

works "$scratch/prefix"
works "$scratch/stage/usr"
mkdir -p elsewhere
mv prefix "elsewhere/a prefix"
works "$scratch/elsewhere/a prefix"
ln -s "elsewhere/a prefix/bin/wbit" link
try ./link lab config
[ "$status" -eq 0 ] || fail "by a link: status $status: $(cat err)"

# The installed files are those that are used: other ones make another output, and missing ones an error that names them.
echo '# installed' >>"elsewhere/a prefix/share/wbit/kernel/configs/lab.config"
try "elsewhere/a prefix/bin/wbit" lab config
expect_line '^# installed$' out
rm "elsewhere/a prefix/share/wbit/kernel/configs/lab.config"
expect 2 'elsewhere/a prefix/.*lab.config: No such file' "elsewhere/a prefix/bin/wbit" lab config
mv "elsewhere/a prefix/libexec/wbit/wbit-init" init
expect 2 'wbit-init is not in .*/libexec/wbit/, where this program looks for it: build it with cmake, or install it' \
	"elsewhere/a prefix/bin/wbit" lab run -o r2.jsonl --kernel-deb kernel.deb
"$WBIT" lab config | cmp - config.built || fail "the build tree's program looks elsewhere now"

# With empty trees: takes root, for a mount namespace of its own.
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	rm -rf elsewhere
	cat >hidden <<-'EOF'
		set -euo pipefail
		mount -t tmpfs none "$1"
		[ ! -d "$2" ] || mount -t tmpfs none "$2"
		[ ! -e "$1/CMakeLists.txt" ] && [ ! -e "$2/wbit" ]
		shift 2
		exec "$@"
	EOF
	for arguments in list "model anon-private" "lab config" "plot -o hidden.figures three.jsonl" \
		"lab run -o hidden.jsonl --kernel-deb kernel.deb"; do
		[ "${arguments%% *}" != plot ] || command -v gnuplot >/dev/null || continue
		# shellcheck disable=SC2086
		try unshare -m bash hidden "$SOURCE" "$build" "$scratch/stage/usr/bin/wbit" $arguments
		[ "$status" -eq 0 ] || fail "without the trees: $arguments: status $status: $(cat err)"
	done
	expect_count 4 '.run!=null' hidden.jsonl
fi
finish
