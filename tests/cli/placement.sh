#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a run is placed: nodes and CPUs by number and by hwloc's names, what the records say of the machine, and its picture.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

unset HWLOC_SYNTHETIC HWLOC_XMLFILE HWLOC_FSROOT HWLOC_THISSYSTEM HWLOC_COMPONENTS

good() {
	try "$@"
	[ "$status" -eq 0 ] || [ "$status" -eq 77 ] || fail "$*: status $status: $(head -c 400 err)"
}

plan=("$WBIT" run -n -w anon-private)

# ---- numbers, and objects of this machine

cpu=$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')	# the first that this process may use
good "${plan[@]}" --cpu="$cpu"
expect_line "^CPU $cpu of node [0-9]+; pages " out
good "${plan[@]}" --cpu="pu:0"
expect_line '^--cpu: pu:0 is CPU [0-9]+$' out
good "${plan[@]}" --from=machine:0.numa:0
expect_line '^--from: machine:0.numa:0 is node [0-9]+$' out
if [ "$(nproc --all)" -gt 1 ] && [ "$(nproc)" -gt 1 ]; then
	last=$(taskset -cp $$ | sed 's/.*[-, ]//')
	good taskset -c "$last" "${plan[@]}" --cpu=machine:0	# its first that may be used
	expect_line "^--cpu: machine:0 is CPU $last\$" out
	expect 2 "^wbit: --cpu: this process may not use CPU $cpu, or there is none\$" taskset -c "$last" "${plan[@]}" --cpu="$cpu"
fi
expect 2 '^wbit: --cpu: this process may not use CPU 1023' "${plan[@]}" --cpu=1023
for option in --from --to --cpu; do
	for bad in -1 here numa 1x ''; do
		expect 2 "^wbit: $option: '$bad' is (neither a number from 0 to 1023 nor an object|not a number)" "${plan[@]}" "$option=$bad"
	done
	expect 2 "^wbit: $option: '1024' is not a number from 0 to 1023" "${plan[@]}" "$option=1024"
	expect 2 "^wbit: $option: 'numa:99': there (is|are) only numa:0.* here" "${plan[@]}" "$option=numa:99"
	expect 2 "^wbit: $option: 'numa:x': not TYPE:INDEX" "${plan[@]}" "$option=numa:x"
	expect 2 "^wbit: $option: 'disk:0': hwloc has no 'disk'" "${plan[@]}" "$option=disk:0"
done
good "${plan[@]}" --from=numa:99 --from=machine:0.numa:0	# the last one counts
good "${plan[@]}" --pairs
expect 2 '^wbit: --cpu does not go with --pairs' "${plan[@]}" --pairs --cpu=0
expect 2 '^wbit: --cpu does not go with --pairs' "${plan[@]}" --pairs --cpu=pu:0

# A guest has not booted when its options are read.
for option in --from=numa:0 --to=node:1 --cpu=core:0; do
	expect 2 "^wbit: '${option#*=}': a guest's nodes and CPUs go by number alone" "$WBIT" lab run -n "$option"
done
expect 2 '^wbit: --cpu: the guest has CPU 0 alone in this mode' "$WBIT" lab run -n --cpu=1
expect 2 '^wbit: --cpu: the guest has no such CPU in this mode' "$WBIT" lab run -n --mode=tcg --cpu=2
expect 2 '^wbit: --cpu: the guest has no such CPU in this mode' "$WBIT" lab run -n --mode=smp --cpus=3 --cpu=3
good "$WBIT" lab run -n --mode=tcg --cpu=1 stock-6.12
good "$WBIT" lab run -n --pairs stock-6.12
expect_line ' x its pairs of nodes x ' out

# ---- made-up machines: objects resolve, and nothing is measured

four='pack:2 [numa] [numa] core:2 pu:2'
good env HWLOC_SYNTHETIC="$four" "${plan[@]}" --from=numa:3 --to=package:0.numa:1 --cpu=package:1.core:1
expect_line '^--from: numa:3 is node 3$' out
expect_line '^--to: package:0.numa:1 is node 1$' out
expect_line '^--cpu: package:1.core:1 is CPU 6$' out
expect_line '^of the machine that hwloc is made to describe; what follows is of this one' out
expect 2 "^wbit: --to: 'package:1': it has more than one NUMA node: choose one of 2, 3\$" \
	env HWLOC_SYNTHETIC="$four" "${plan[@]}" --to=package:1
for run in '' --from=numa:0; do
	# shellcheck disable=SC2086
	expect 2 '^wbit: HWLOC_SYNTHETIC is set: hwloc describes another machine .*: unset it to measure$' \
		env HWLOC_SYNTHETIC="$four" "$WBIT" run -o never.jsonl $run
done
HWLOC_SYNTHETIC=$four lstopo-no-graphics --of xml four.xml
expect 2 '^wbit: HWLOC_XMLFILE is set: hwloc describes another machine' env HWLOC_XMLFILE=four.xml "$WBIT" run -o never.jsonl
good env HWLOC_XMLFILE=four.xml "${plan[@]}" --from=numa:2
expect_line '^--from: numa:2 is node 2$' out
# hwloc would go on with this machine and say nothing.
expect 2 "^wbit: HWLOC_SYNTHETIC is set, .* it does not take 'junk:2'; correct it or unset it\$" \
	env HWLOC_SYNTHETIC=junk:2 "$WBIT" run -o never.jsonl
expect 2 '^wbit: HWLOC_XMLFILE is set, .* it does not take' env HWLOC_XMLFILE=none.xml "${plan[@]}" --from=numa:0
# Nor is a made-up machine made real by saying so.
expect 2 '^wbit: HWLOC_SYNTHETIC is set, ' env HWLOC_SYNTHETIC="$four" HWLOC_THISSYSTEM=1 "$WBIT" run -o never.jsonl
if [ -e /sys/devices/system/node ]; then
	expect 2 "^wbit: HWLOC_COMPONENTS is set to '-linux', and hwloc sees no nodes" env HWLOC_COMPONENTS=-linux "$WBIT" run -o never.jsonl
	expect 2 "^wbit: HWLOC_COMPONENTS is set to '-linux', and hwloc sees no nodes" env HWLOC_COMPONENTS=-linux "${plan[@]}" --from=numa:0
fi
[ ! -e never.jsonl ] || fail "something was written for a made-up machine"

# ---- the record, and the picture beside it

good "$WBIT" run -o a.jsonl -w anon-private -r 1
expect_count 1 '.type=="env" and (.topology or .why.topology) and (.memattrs or .why.memattrs) and .tools.hwloc' a.jsonl
expect_count 1 '.type=="env" and (.distances | length) == (.nodes | length) and .placement[0].cpu >= 0' a.jsonl
expect_count 0 'has("pairs")' a.jsonl
expect_count 1 '.type=="env" and .topology_picture=="a.topology.svg"' a.jsonl
grep -q '<svg ' a.topology.svg || fail "a.topology.svg is no picture"
! grep -q "viewBox='[^']*px" a.topology.svg || fail "a viewBox that librsvg does not take"
! grep -q "$(hostname)" a.topology.svg || fail "the picture names the host"
good "$WBIT" run -w anon-private -r 1 --quiet
expect_count 1 '.type=="env" and (.run + ".topology.svg")==.topology_picture' results/local/*.jsonl
[ -s results/local/"$(jq -r 'select(.type=="env").topology_picture' results/local/*.jsonl)" ] || fail "no picture in results/local"
good "$WBIT" run -o p.jsonl -w anon-private -r 1 --pairs
expect_count 1 '.type=="env" and .pairs==true' p.jsonl

# One that is there is kept, and that is told; --force overwrites both.
echo mine >b.topology.svg
good "$WBIT" run -o b.jsonl -w anon-private -r 1 --quiet
expect_count 1 '.type=="env" and .topology_picture==null and .why.topology_picture=="it cannot be written: File exists"' b.jsonl
[ "$(cat b.topology.svg)" = mine ] || fail "a file was overwritten without --force"
good "$WBIT" run -o b.jsonl -w anon-private -r 1 --quiet --force
expect_count 1 '.type=="env" and .topology_picture=="b.topology.svg"' b.jsonl

# None for a dry run, for stdout or a pipe, nor without lstopo; none half drawn.
good "${plan[@]}" -o dry.jsonl
good "$WBIT" run -o - -w anon-private -r 1
expect_count 1 '.type=="env" and .topology_picture==null and (.why.topology_picture|test("do not go to a file"))' out
mkdir bin broken slow
try env PATH="$PWD/bin" "$WBIT" run -o none.jsonl -w anon-private -r 1 --quiet
expect_count 1 '.type=="env" and .why.topology_picture=="lstopo is not installed (package hwloc-nox)"' none.jsonl
printf '#!/bin/sh\necho half\nexit 3\n' >broken/lstopo-no-graphics
chmod +x broken/lstopo-no-graphics
try env PATH="$PWD/broken" "$WBIT" run -o half.jsonl -w anon-private -r 1 --quiet
expect_count 1 '.type=="env" and .why.topology_picture=="lstopo failed with status 3"' half.jsonl
ls dry.topology.svg none.topology.svg half.topology.svg -- -.topology.svg 2>/dev/null && fail "a picture of nothing"

# ---- a trial that is not where it was put is broken (here libc lies about it)

if can_compact && command -v "${CC:-cc}" >/dev/null; then
	echo 'int sched_getcpu(void) { return 77; }' >elsewhere.c
	"${CC:-cc}" -shared -fPIC -o elsewhere.so elsewhere.c
	try env LD_PRELOAD="$PWD/elsewhere.so" "$WBIT" run -o e.jsonl -w anon-private -r 1 --trigger=compaction
	[ "$status" -eq 1 ] || fail "a trial elsewhere: status $status: $(head -c 400 err)"
	expect_count 1 '.outcome=="broken" and (.reason|test("pinned to CPU [0-9]+, but it runs on CPU 77"))' e.jsonl
fi

# ---- pairs of nodes: tables, matrices, figures and exports of records made up of three nodes

jq -c 'if .type == "env" then .pairs = true
	elif .type == "trial" then range(0; 3) as $from | range(0; 3) as $to | select($from != $to) | .from = $from | .to = $to
		| if .migrate.oncpu then .migrate.oncpu += 25600 * ($from + 2 * $to) else . end
	else .trials *= 6 | .ok *= 6 | .skip *= 6 end' "$SOURCE/tests/fixtures/boot.jsonl" >pairs.jsonl
good "$WBIT" compare --by policy pairs.jsonl
expect_line 'migrated by move_pages, node 2 to 1$' out
expect_line '^warning|^base ' out
"$WBIT" plot -o figures --format svg pairs.jsonl >out 2>err || fail "plot: $(cat err)"
expect_line 'what went from node 0 to 1; 5 other pairs of nodes in the figure nodes alone' err
expect_line 'between several nodes by move_pages\. ' <(tr -s ' \n' ' ' <figures/nodes.dat)
[ "$(grep -Ec '^[0-2]	[0-2]	[0-9]+' figures/nodes.dat)" -ge 6 ] || fail "not six pairs: $(cat figures/nodes.dat)"
good "$WBIT" export --format gobench pairs.jsonl
expect_line '/from_node=2/to_node=0/pages=' out
good "$WBIT" export --format openmetrics pairs.jsonl
expect_line 'from_node="2",to_node="0"' out
expect 2 'one side was measured with --pairs, and the other without' "$WBIT" compare "$SOURCE/tests/fixtures/boot.jsonl" pairs.jsonl
jq -c 'if .type == "env" then .pairs = 3 else . end' pairs.jsonl >odd.jsonl
expect 2 '"pairs" is not true or false' "$WBIT" compare --by policy odd.jsonl
finish
