#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine of four nodes, one of them memory alone, whose distances are not symmetric and whose firmware tells latencies and
# bandwidths: the whole program in a virtual machine like that, by a QEMU that gets other nodes than the lab asks for.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

picture=$(command -v lstopo-no-graphics) || { echo "needs hwloc-nox"; exit 77; }
real=$(command -v qemu-system-x86_64) || { echo "needs qemu-system-x86"; exit 77; }
export real
mkdir bin
cat >bin/qemu-system-x86_64 <<'END'
#!/usr/bin/env bash
[[ " $* " == *" -numa "* ]] || exec "$real" "$@"
args=(-machine hmat=on -smp 3,sockets=3,cores=1,threads=1 -m 2G)
while [ $# -gt 0 ]; do
	case "$1 ${2:-}" in
	"-numa "* | "-smp "* | "-m "* | "-object memory-backend"*) shift 2 ;;
	*) args+=("$1"); shift ;;
	esac
done
distances=(10 12 20 32  12 10 31 20  20 33 10 12  40 20 12 10)
for from in 0 1 2 3; do
	[ "$from" -eq 3 ] && has=initiator=0 || has=cpus=$from
	args+=(-object "memory-backend-ram,id=m$from,size=512M" -numa "node,nodeid=$from,memdev=m$from,$has")
done
for from in 0 1 2 3; do
	for to in 0 1 2 3; do
		far=${distances[from * 4 + to]}
		args+=(-numa "dist,src=$from,dst=$to,val=$far")
		[ "$from" -eq 3 ] || args+=(
			-numa "hmat-lb,initiator=$from,target=$to,hierarchy=memory,data-type=access-latency,latency=$((far * 5))"
			-numa "hmat-lb,initiator=$from,target=$to,hierarchy=memory,data-type=access-bandwidth,bandwidth=$((200000 / far))M")
	done
done
exec "$real" "${args[@]}"
END
chmod +x bin/qemu-system-x86_64

# Node 3 is memory of package 0, so that hwloc has it second: numa:1 by its order is node 3 by the kernel's number.
cat >script <<'END'
mount -t tmpfs none /tmp && cd /tmp || exit 9
run="wbit run -w anon-private --source=native"
$run -n
$run -n --to=1
$run -n --from=numa:3
$run -n --from=package:0 2>&1
$run -n --from=3 2>&1
$run -r 1 -o cpu.jsonl --from=numa:1 --cpu=package:2 2>&1
$run -r 1 -o pairs.jsonl --trigger=move_pages,compaction --pairs || exit 10
cat cpu.jsonl pairs.jsonl
END
try env PATH="$PWD/bin:$PATH" "$WBIT" lab shell stock-6.12 --mode tcg --time-limit 300 --script script --add "$WBIT:/bin/wbit" \
	--add "$picture"
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err; tail -n 20 out)"
tr -d '\r' <out | grep '^{' >records || fail "no records: $(tail -n 20 out)"
tr -d '\r' <out | grep -v '^{' >text

# The farthest pair is 2 to 1, 33: that from 3 to 0 is farther, and has no CPU.
[ "$(grep -c '^CPU 2 of node 2; pages from node 2 to node 1$' text)" -eq 3 ] || fail "another pair: $(grep '; pages' text)"
expect_line '^--from: numa:3 is node 2$' text
expect_line "^wbit: --from: 'package:0': it has more than one NUMA node: choose one of 0, 3$" text
expect_line '^wbit: --from: node 3 has no CPU that this process may use: --cpu chooses one of another node$' text
expect_line '^wbit: warning: CPU 2 is of node 2, and the pages come from node 3: this thread works remotely$' text

# What the firmware tells is in the records.
expect_count 2 '.type=="env" and .distances==[[10,12,20,32],[12,10,31,20],[20,33,10,12],[40,20,12,10]] and
	.topology==null and (.why.topology|test("not symmetric"))' records
expect_count 2 '.type=="env" and ([.memattrs[] | select(.node==3 and .attribute=="latency_ns" and .from_cpus=="0").value]==[160])' records
expect_count 2 '.type=="env" and ([.memattrs[] | select(.node==1 and .attribute=="bandwidth_mib_per_s").value]==[20000])' records
expect_count 1 '.type=="env" and .placement==[{"from":3,"to":0,"cpu":2,"cpu_node":2}]' records
expect_count 2 '.from==3 and .to==0 and .outcome=="ok"' records

# Nine pairs; compaction once, on its node.
jq -c 'select(.type=="env" and .pairs).run as $run | $run' records >run
expect_count 1 '.type=="env" and .pairs and (.placement|length)==9' records
trial="select(.type==\"trial\" and .run==$(cat run) and .trigger==\"move_pages\" and .outcome==\"ok\")"
[ "$(jq -c "$trial | [.from, .to]" records | sort | uniq -c | grep -c '^ *2 ')" -eq 9 ] || fail "not two trials of each of nine pairs"
expect_count 0 '.trigger=="compaction" and (.from!=0 or .to!=0)' records
expect_line '^  migrate  from node, to: +0 +1 +2 +3$' text
expect_line '^ +0 +- +[0-9,]+ +[0-9,]+ +[0-9,]+$' text
expect_line '^ +2 +[0-9,]+ +[0-9,]+ +- +[0-9,]+$' text
expect_line '^ +3 +- +- +- +-$' text
finish
