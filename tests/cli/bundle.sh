#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit bundle: what is in the archive, that it makes itself again to the byte, and what it refuses.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
three=$SOURCE/tests/fixtures/three.jsonl boot=$SOURCE/tests/fixtures/boot.jsonl

# bundle_ok ARGUMENT...: status 0, nothing on stderr, nothing left in TMPDIR.
bundle_ok() {
	try "$WBIT" bundle "$@"
	[ "$status" -eq 0 ] || fail "bundle $*: status $status: $(cat err)"
	[ ! -s err ] || fail "bundle $*: $(cat err)"
	[ -z "$(ls -A tmp)" ] || fail "bundle $*: left in TMPDIR: $(ls tmp)"
}

# refused REGEX ARGUMENT...: status 2, one line, and no file is left.
refused() {
	local regex=$1
	shift
	expect 2 "$regex" "$WBIT" bundle "$@"
	[ -z "$(ls -A tmp)" ] || fail "bundle $*: left in TMPDIR: $(ls tmp)"
	[ -z "$(find . -name 'new.*')" ] || fail "bundle $*: left: $(find . -name 'new.*')"
}

figures=figures
command -v gnuplot >/dev/null || figures=

# ---- what is in it

mkdir inside
bundle_ok "$three"
[ "$(cat out)" = wbit-bundle.tar.gz ] || fail "the name on stdout: $(cat out)"
tar xzf wbit-bundle.tar.gz -C inside
cd inside/wbit-bundle
sha256sum -c --quiet --strict SHA256SUMS || fail "the hashes"
[ "$(find . -type f | wc -l)" -eq "$(($(wc -l <SHA256SUMS) + 1))" ] || fail "files without a hash: $(find . -type f)"
cmp records/1.jsonl "$three" || fail "the records are others"
expect_line 'anon-private' summary.txt
expect_line '^kernel = "6.12.117' environment.txt
expect_line "bundled by $("$WBIT" --version)\.\$" README
if [ -n "$figures" ]; then
	for file in figures/*.svg figures/*.gp figures/*.dat; do
		[ -s "$file" ] || fail "$file is not there"
	done
fi

# The command that the README gives for it makes the same archive again, elsewhere and at another time; so does another name.
again=$(sed -n 's/^    wbit \(bundle .*\)/\1/p' README)
# shellcheck disable=SC2086
"$WBIT" $again >/dev/null || fail "wbit $again"
cmp again.tar.gz "$scratch/wbit-bundle.tar.gz" || fail "made again, the archive is another one"
plot=$(sed -n 's/^    wbit \(plot .*\)/\1/p' README)
if [ -n "$figures" ]; then
	mv figures figures.1
	# shellcheck disable=SC2086
	"$WBIT" $plot >/dev/null || fail "wbit $plot"
	diff -r figures figures.1 || fail "made again, the figures are others"
fi
cd "$scratch"
[ -z "$(tar tvzf wbit-bundle.tar.gz | grep -v '^-rw-r--r-- 0/0 .* 2022-11-15 10:30 wbit-bundle/' || true)" ] ||
	fail "owners, modes or times: $(tar tvzf wbit-bundle.tar.gz)"
cp "$three" "a name; with \$(words).jsonl"
bundle_ok --output=new.tar.gz "a name; with \$(words).jsonl"
cmp new.tar.gz wbit-bundle.tar.gz || fail "the file's name changes the archive"
status=0
"$WBIT" bundle -o - - <"$three" >piped.tar.gz 2>err || status=$?
[ "$status" -eq 0 ] || fail "from and to a pipe: status $status: $(cat err)"
cmp piped.tar.gz wbit-bundle.tar.gz || fail "through pipes it is another archive"
rm -f new.tar.gz

# Two files; a key that nobody knows stays; a last line without its newline gets one.
sed 's/"threads":1/"threads":1,"later":{"x":[1.5,null]}/' "$boot" | head -c -1 >later.jsonl
bundle_ok -o new.tar.gz "$three" later.jsonl
rm -rf inside
mkdir inside
tar xzf new.tar.gz -C inside
cmp inside/wbit-bundle/records/1.jsonl "$three" || fail "the first of two files"
{ cat later.jsonl; echo; } | cmp - inside/wbit-bundle/records/2.jsonl || fail "the second of two files, with unknown keys"
rm new.tar.gz

# The command that measured is given so that a shell takes it.
bundle_ok -o new.tar.gz "$boot"
tar xzf new.tar.gz -O wbit-bundle/README >readme
expect_line "^    wbit lab run -w anon-private,shmem-shared,shmem-softdirty-merge --pages 64,256 " readme
rm new.tar.gz

# ---- figures that cannot be made

mkdir bin
ln -s "$(command -v sh)" bin/
try env PATH="$scratch/bin" "$WBIT" bundle -o new.tar.gz "$three"
[ "$status" -eq 0 ] || fail "without gnuplot: status $status: $(cat err)"
expect_line '^wbit: warning: figures left out: gnuplot is not installed' err
[ "$(wc -l <err)" -eq 1 ] || fail "without gnuplot: $(cat err)"
tar xzf new.tar.gz -O wbit-bundle/README >readme
expect_line '^    figures            left out: gnuplot is not installed' readme
! tar tzf new.tar.gz | grep -q figures/ || fail "figures without gnuplot"
printf '#!/bin/sh\nexit 3\n' >bin/gnuplot
chmod +x bin/gnuplot
try env PATH="$scratch/bin" "$WBIT" bundle --force -o new.tar.gz "$three"
[ "$status" -eq 0 ] || fail "with a gnuplot that fails: status $status"
expect_line 'warning: figures left out: gnuplot failed' err
rm new.tar.gz

# ---- hostile text: names of members are the program's own, and the texts are printable ASCII

jq -c '(.. | select(. == "anon-private")) = "../../x\"\n`rm`" | (.. | select(. == "fixture-6.1")) = "../../../etc/x\u001b[2J\n" |
	(select(.type=="env") | .argv) = ["wbit", "a b", "it'\''s", "$(rm)", "\u001b[2J\n", 7, {"x":1}, ("y"*10000)] |
	(select(.type=="env") | .wbit) = "1\n2" |
	(select(.type=="env") | .labels) = {"../a":"\u001b]0;x\u0007"}' "$three" >hostile.jsonl
try "$WBIT" bundle -o new.tar.gz hostile.jsonl
[ "$status" -eq 0 ] || fail "hostile text: status $status: $(cat err)"
rm -rf inside
mkdir inside
tar xzf new.tar.gz -C inside
(cd inside/wbit-bundle && sha256sum -c --quiet --strict SHA256SUMS) || fail "the hashes of hostile text"
[ -z "$(tar tzf new.tar.gz | grep -Ev '^wbit-bundle/(README|SHA256SUMS|(summary|environment)\.txt|records/[0-9]+\.jsonl|figures/[a-z0-9_.-]+)$' || true)" ] ||
	fail "names: $(tar tzf new.tar.gz)"
for file in README summary.txt environment.txt SHA256SUMS; do
	[ "$(tr -d '\n\040-\176' <"inside/wbit-bundle/$file" | wc -c)" -eq 0 ] || fail "$file has control characters"
done
expect_line "^    wbit 'a b' 'it'\\\\''s' '\\\$\\(rm\\)' '\\?\\[2J\\?' '\\?' '\\?' y+\$" inside/wbit-bundle/README
rm new.tar.gz

# ---- what is refused

refused 'which records' -o new.tar.gz
refused 'wants the name of a file' -o '' "$three"
refused 'unrecognized option' --frobnicate
refused 'at most 256 files' -o new.tar.gz {1..257}
refused 'no-such-file.jsonl: No such file' -o new.tar.gz no-such-file.jsonl
refused 'appears twice' -o new.tar.gz "$three" "$three"
refused 'cannot write none/new.tar.gz: No such file' -o none/new.tar.gz "$three"
refused 'cannot write /dev/full: No space left' -o /dev/full "$three"
cp wbit-bundle.tar.gz old.tar.gz
refused 'wbit-bundle.tar.gz is there already: choose another file, or --force' "$boot"
cmp old.tar.gz wbit-bundle.tar.gz || fail "it was overwritten"
refused 'bad' --force bad.jsonl
cmp old.tar.gz wbit-bundle.tar.gz || fail "a failed bundle left its mark"
bundle_ok --force "$boot"
! cmp -s old.tar.gz wbit-bundle.tar.gz || fail "--force did not replace it"
expect 2 '/none: No such file' env TMPDIR=/none "$WBIT" bundle -o new.tar.gz "$three"
head -n -1 "$three" >cut.jsonl
refused 'run fixture-6.12 was cut off: --cut-off bundles what there is' -o new.tar.gz cut.jsonl
head -c -50 "$three" >cut.jsonl
refused 'run fixture-6.12 was cut off: --cut-off' -o new.tar.gz cut.jsonl
try "$WBIT" bundle --cut-off -o new.tar.gz cut.jsonl
[ "$status" -eq 0 ] || fail "--cut-off: status $status: $(cat err)"
expect_line 'warning: run fixture-6.12 was cut off' err
tar xzf new.tar.gz -O wbit-bundle/README | grep -q 'not whole' || fail "the README does not tell of the cut"
rm new.tar.gz

# Interrupted while it reads.
mkfifo pipe
{ cat "$three"; sleep 3; } >pipe &
writer=$!
"$WBIT" bundle -o new.tar.gz pipe 2>err &
pid=$!
sleep 0.5
kill -TERM $pid
status=0
wait $pid || status=$?
wait $writer || true
[ "$status" -eq 3 ] || fail "interrupted: status $status: $(cat err)"
expect_line 'interrupted: nothing was written' err
[ -z "$(find . -name 'new.*')$(ls -A tmp)" ] || fail "left: $(ls . tmp)"
finish
