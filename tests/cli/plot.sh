#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016
# wbit plot: each option, each error, what the figures say, and that names out of records run nothing.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
command -v gnuplot >/dev/null || { echo "needs gnuplot"; exit 77; }
boot=$SOURCE/tests/fixtures/boot.jsonl
kernels=$SOURCE/tests/fixtures/kernels.jsonl

# plots ARGUMENT...: status 0 and no word on stderr.
plots() {
	try "$WBIT" plot "$@"
	[ "$status" -eq 0 ] || fail "plot $*: status $status: $(head -c 600 err)"
	[ ! -s err ] || fail "plot $*: on stderr: $(head -c 600 err)"
}

# has FOLDER FILE...: the folder holds these files and no others.
has() {
	local folder=$1
	shift
	[ "$(find "$folder" -type f -printf '%f\n' | sort | xargs)" = "$(printf '%s\n' "$@" | sort | xargs)" ] ||
		fail "$folder: $(find "$folder" -type f -printf '%f ' | head -c 600)"
}

# ---- options

expect 2 "which records\?" "$WBIT" plot
expect 2 "--figure: 'pie' is none of faults, write, migrate, pages, total, nodes, overview" "$WBIT" plot --figure=pie x
expect 2 "--figure: '' is none of" "$WBIT" plot -f faults, x
expect 2 "--format: 'gif' is none of svg, png, pdf" "$WBIT" plot --format=svg,gif x
expect 2 "--width: '3' is neither one nor two" "$WBIT" plot --width=3 x
for pages in 0 -1 x 1x '' 99999999999999999999; do
	expect 2 "--pages: '$pages' is no number of pages" "$WBIT" plot --pages="$pages" x
done
expect 2 "--output wants the name" "$WBIT" plot -o '' x
expect 2 "no trial of 7 pages" "$WBIT" plot --pages=7 -o none "$kernels"
[ ! -e none ] || fail "a refusal left a folder"
try "$WBIT" plot --help
for name in faults write migrate pages total nodes overview; do expect_line "^  $name " out; done

plots -o all "$kernels"
has all cdf.gp style.gp {faults,write,migrate,pages,total,overview}.{svg,png,dat,gp}
[ "$(wc -l <out)" -eq 12 ] || fail "not one line a picture: $(cat out)"
plots -o pdf -f faults,total --format pdf "$kernels"
has pdf style.gp {faults,total}.{pdf,dat,gp}
plots --output=again --figure=total,faults --format=pdf "$kernels"
diff -r pdf again >/dev/null || fail "equal records give other files"

# 88 and 180 mm at 96 dots an inch; png at 300.
plots -o one --width one "$kernels"
for width in one:332:1039 two:680:2125; do
	plots -o "${width%%:*}" --width "${width%%:*}" "$kernels"
	for figure in faults write migrate pages total overview; do
		grep -q "width=\"$(cut -d: -f2 <<<"$width")\"" "${width%%:*}/$figure.svg" || fail "$figure: not as wide as $width"
		[ "$(od -An -tu1 -j16 -N4 "${width%%:*}/$figure.png" | awk '{ print $3 * 256 + $4 }')" = "${width##*:}" ] ||
			fail "$figure.png: not as wide as $width"
	done
done

# Beside the first file when no folder is named; restyled and drawn anew in its folder.
cp "$kernels" r.jsonl
plots -f faults --format svg r.jsonl
has figures faults.svg faults.dat faults.gp style.gp
cp figures/faults.svg before.svg
sed -i "s/^small = .*/small = font_name . ',8'/" figures/style.gp
(cd figures && gnuplot faults.gp) || fail "a figure cannot be drawn anew"
cmp -s before.svg figures/faults.svg && fail "the style does nothing"

# ---- what they say

plots -o small --pages 64 --format svg "$kernels"
# notes FILE: its notes, which are broken into lines, as one.
notes() {
	sed -n "/^Linux/,/^$/p" "$1" | tr -s "\n " " "
}

notes small/faults.dat | grep -q " 64 pages of 4 KiB" || fail "--pages 64 shows other pages"
notes all/faults.dat | grep -q " 256 pages of 4 KiB" || fail "not the largest size"
notes all/pages.dat | grep -q " 64 to 256 pages of 4 KiB" || fail "not all sizes"
for figure in all/*.dat; do
	notes "$figure" | grep -q "platform lab-exact, clock: instructions" || fail "$figure names no source"
done
if grep -q '%' all/total.dat; then fail "shares between kernels"; fi
expect_line 'No break-even share' all/total.dat
for figure in write migrate pages total overview; do
	notes all/$figure.dat | grep -q 'Instructions do not compare kernels' || fail "$figure compares kernels"
done
notes all/total.dat | grep -q 'Not drawn: 1 series whose migrations were not timed' || fail 'the emulated series is silently missing'
expect_line 'vma-only, emulated' all/overview.dat
expect 2 'figure nodes: only one pair of nodes' "$WBIT" plot -f nodes -o none "$kernels"
jq -c 'select(.type == "env" or .pages == 256)' "$boot" >single.jsonl
try "$WBIT" plot -f pages -o none single.jsonl
[ "$status" -eq 2 ] || fail "one size: status $status"
expect_line 'figure pages: only one number of pages' err

# Two policies of one kernel. This is synthetic: figures written into recorded trials.
jq -c 'def cost(m; w): .migrate.oncpu = m * .pages | .migrate.waits = 2 | .write.elapsed = w * .pages | .write.waits = 0;
	if .policy == "vma-only" then .source = "native" | if .traced then . else cost(6000; 520) end
	elif .policy == "vma" and (.traced | not) then cost(6010; 20) else . end' "$boot" >synthetic.jsonl
plots -o share -f total --format svg synthetic.jsonl
expect_line '^0	2.0 %' share/total.dat
notes share/total.dat | grep -q "extra migration cost of one over the extra first-write cost" || fail "no definition"
grep -q '2.0 %' share/total.svg || fail "the share is not in the figure"

# Pairs of nodes in one cell, also synthetic: of a run by pairs see placement.sh.
jq -c 'if .type == "trial" and .traced == false and .migrate.oncpu != null then (range(0; 3) as $to | select($to != 1)
	| .from = 1 | .to = $to | .migrate.oncpu += 100 * $to) else . end' "$boot" >pairs.jsonl
try "$WBIT" plot -o nodes -f nodes --format svg pairs.jsonl
[ "$status" -eq 0 ] || fail "nodes: status $status: $(head -c 400 err)"
expect_line 'between several nodes' nodes/nodes.dat
expect_line '^2	1	[0-9.]+	[0-9,]+	' nodes/nodes.dat

# ---- what is kept apart

jq -c 'if .type == "env" then .platform = "lab-tcg" else . end' "$boot" >tcg.jsonl
plots -o tcg --format svg tcg.jsonl
has tcg faults.svg faults.dat faults.gp style.gp
for figure in write migrate pages total overview nodes; do
	expect 2 "figure $figure: lab-tcg gives counts and no times" "$WBIT" plot -f $figure -o none tcg.jsonl
done
jq -c '.run = "other" | if .type == "env" then .platform = "vm" else . end' "$boot" >vm.jsonl
expect 2 'two platforms, lab-exact and vm, do not mix' "$WBIT" plot -o none "$boot" vm.jsonl
jq -c '.run = "other" | if .type != "end" then .clock = "ns" else . end' "$boot" >ns.jsonl
expect 2 'two clocks, ns and insn, do not mix' "$WBIT" plot -o none "$boot" ns.jsonl
head -n 20 "$boot" >cut.jsonl
try "$WBIT" plot -o cut -f faults cut.jsonl
expect_line 'was cut off' err
expect_line 'a run that is not whole' cut/faults.dat
jq -c 'select(.type != "trial")' "$boot" | jq -c 'if .type == "end" then .trials = 0 else . end' >none.jsonl
expect 2 'no trial in these records' "$WBIT" plot -o none none.jsonl

# ---- gnuplot is not there, fails, is killed, or finds the disk full

mkdir bin
stub() {
	printf '#!/bin/sh\n%s\n' "$1" >bin/gnuplot
	chmod +x bin/gnuplot
	expect 2 "$2" env PATH="$scratch/bin:$PATH" "$WBIT" plot -f faults -o none "$boot"
	[ -z "$(find none tmp -type f)" ] || fail "$2: something is left: $(find none tmp -type f)"
}
stub 'echo broken; exit 1' 'gnuplot failed in .*: broken'
stub 'kill -9 $$' 'gnuplot ended by signal 9'
stub 'echo "<svg" >faults.svg; exit 0' 'faults.svg was not written whole: is the disk full\?'
rm bin/gnuplot
ln -s "$(command -v sh)" bin/sh
expect 2 'gnuplot is not installed' env PATH="$scratch/bin" "$WBIT" plot -f faults -o none "$boot"
: >file
expect 2 'file/below: Not a directory' "$WBIT" plot -o file/below "$boot"

# ---- hostile names

long=$(head -c 10000 /dev/zero | tr '\0' x)
i=0
for name in '`touch HIT`' '"; system("touch HIT"); "' "'; system('touch HIT'); '" '< touch HIT' '$(touch HIT)' \
	$'a\nsystem("touch HIT")\n' '@begin_page' '{/Symbol a}^2_3' '%s%n%d' '\\n\033[2J' '#' 'NaN' '-' '	'; do
	i=$((i + 1))
	jq -c --arg n "$name" 'if .type == "trial" then .workload = $n + (.workload[-3:]) | .trigger = $n
		| if .expected.kind then .expected.kind = $n else . end
		else if .type == "env" then .kernel = $n | .kernel_name = $n | .labels = {"x": $n} else . end end | .run = $n + "r"' \
		"$boot" >hostile.jsonl
	try "$WBIT" plot -o "hostile$i" --format svg,pdf hostile.jsonl
	[ "$status" -eq 0 ] || fail "name '$name': status $status: $(head -c 300 err | cat -v)"
	[ -z "$(find . -name 'HIT*')" ] || fail "name '$name' ran something"
	[ "$(cat hostile"$i"/*.dat | tr -d '\n\t\040-\176' | wc -c)" -eq 0 ] || fail "name '$name': control characters in data"
done
jq -c --arg n "$long" 'if .type == "env" then .kernel = $n | .kernel_name = $n else . end' "$boot" >hostile.jsonl
plots -o long --format svg hostile.jsonl
[ "$(wc -L <long/faults.dat)" -le 200 ] || fail "a long name is not cut"
jq -c --arg n "$long" 'if .type == "trial" then .workload = $n else . end' "$boot" >hostile.jsonl
expect 2 '(absurdly long|hostile.jsonl:)' "$WBIT" plot -o long hostile.jsonl

# Numbers at the ends of what a record may hold.
jq -c 'if .type == "trial" and .traced == false then .migrate.oncpu = 9007199254740991 | .write.hist = [[0, 9007199254740991]]
	| .write.p50 = 0 | .write.max = 9007199254740991 | .write.elapsed = 0 else . end' "$boot" >hostile.jsonl
try "$WBIT" plot -o ends --format svg hostile.jsonl
[ "$status" -eq 0 ] || fail "numbers at the ends: status $status: $(head -c 300 err)"
finish
