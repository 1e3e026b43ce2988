#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad input: one clear line on stderr, status 2, nothing on stdout, nothing written.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

expect 2 "unknown command 'frobnicate'" "$WBIT" frobnicate
expect 2 "unrecognized option '--frobnicate'" "$WBIT" run --frobnicate
expect 2 "requires an argument" "$WBIT" run --pages
expect 2 "'anon-private' is not an option" "$WBIT" run anon-private
expect 2 "unknown command '.*31m'" "$WBIT" $'\033[31m'

for run in "run" "lab run"; do
	# shellcheck disable=SC2086
	for bad in 0 -1 1e18 1000000000000000000 abc '' '1,,2' '1,' 0x10 ' 1'; do
		expect 2 "--pages: '.*' is not a number from 1 to" "$WBIT" $run --pages="$bad"
	done
	# shellcheck disable=SC2086
	{
		expect 2 "--pages: at most 16 sizes" "$WBIT" $run --pages=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
		expect 2 "--runs: '0'" "$WBIT" $run --runs=0
		expect 2 "--runs: 'x'" "$WBIT" $run -r x
		expect 2 "--from: '-1'" "$WBIT" $run --from=-1
		expect 2 "--to: 'here'" "$WBIT" $run --to=here
		expect 2 "--seed: '-5'" "$WBIT" $run --seed=-5
		expect 2 "--time-limit: '0'" "$WBIT" $run --time-limit=0
		expect 2 "--budget: '0'" "$WBIT" $run --budget=0
		expect 2 "--label: 'novalue' is not KEY=VALUE" "$WBIT" $run --label=novalue
		expect 2 "--label: '=x' is not KEY=VALUE" "$WBIT" $run --label==x
		expect 2 "--platform is the lab's" "$WBIT" $run --platform=lab-exact
		expect 2 "no workload matches 'anon-privat'" "$WBIT" $run -w anon-privat
		expect 2 "no workload matches 'shmem-shraed'" "$WBIT" $run -w anon-private,shmem-shraed
		expect 2 "no policy matches 'vam'" "$WBIT" $run --policy=vam
		expect 2 "no policy matches 'upgrad'" "$WBIT" $run -p vma,upgrad
		expect 2 "--vmas: '0' is not a number from 1 to 65000" "$WBIT" $run --vmas=0
		expect 2 "--vmas: 'x'" "$WBIT" $run --vmas=x
		expect 2 "--threads: '64' is not a number from 0 to 63" "$WBIT" $run --threads=1,64
		expect 2 "--threads: ''" "$WBIT" $run --threads=1,
		expect 2 "no trigger matches 'mbnid'" "$WBIT" $run --trigger=move_pages,mbnid
		expect 2 "no source matches 'magic'" "$WBIT" $run --source=magic
		expect 2 "no trigger matches 'earthquake'" "$WBIT" $run --trigger=earthquake
	}
done

expect 2 "lab needs a command: run, fetch, build, config or shell" "$WBIT" lab
expect 2 "unknown command 'lab ran'" "$WBIT" lab ran
expect 2 "unknown kernel 'stock-2.4': there are stock-6.1, stock-6.12" "$WBIT" lab run stock-2.4
expect 2 "unknown kernel 'stock-2.4'" "$WBIT" lab fetch stock-2.4
expect 2 "unknown kernel 'stock-2.4'" "$WBIT" lab shell stock-2.4
expect 2 "--mode: 'warp' is none of exact, smp, tcg, kvm" "$WBIT" lab run --mode=warp
expect 2 "--cpus: '1' is not a number from 2 to 16" "$WBIT" lab run --mode=smp --cpus=1
expect 2 "--cpus goes with --mode smp" "$WBIT" lab run --cpus=2
expect 2 "--boot-limit: '0'" "$WBIT" lab run --boot-limit=0
expect 2 "99999999 pages of anon-private do not fit the guest's nodes of 1024 MiB: at most [0-9]+ do" \
	"$WBIT" lab run --pages=99999999
expect 2 "1099511627776 pages of thp-anon do not fit .* at most [0-9]+ do, or give the guest more --memory" \
	"$WBIT" lab run -w thp-anon --pages=1099511627776
expect 2 "pages of file-shared-dirty do not fit .* at most [0-9]+ do" "$WBIT" lab run -w file-shared-dirty --pages=99000
for bad in '' 2 G 2T -1G 1.5G 2GB 2g2 99999999999999999999G; do
	expect 2 "--memory: '.*' is no size: a number with K, M or G behind it" "$WBIT" lab run --memory="$bad"
done
for bad in 0G 1023M 2049M 3000001K 1025G 17179869186G; do	# the last is 2G to 64 bits
	expect 2 "--memory: '$bad' is not from 1G to 1024G in steps of 2M" "$WBIT" lab run --memory="$bad"
done
expect 2 "--memory: a guest of 1048576 MiB does not fit the [0-9]+ MiB that are free here: at most [0-9]+M does" \
	"$WBIT" lab run --memory=1024G
try "$WBIT" lab run --dry-run --memory=1g -w anon-private --pages=65000
[ "$status" -eq 0 ] || fail "--memory=1g: status $status: $(head -c 400 err)"
expect 2 "65200 pages of anon-private do not fit the guest's nodes of 512 MiB" \
	"$WBIT" lab run --dry-run --memory=1g -w anon-private --pages=65200
try "$WBIT" lab run --dry-run --memory=3G -w anon-private --pages=200000
[ "$status" -eq 0 ] || fail "--memory=3G: status $status: $(head -c 400 err)"
expect 2 "the guest has nodes 0 and 1" "$WBIT" lab run --to=2
expect 2 "unrecognized option" "$WBIT" lab fetch --frobnicate
expect 2 "takes one kernel" "$WBIT" lab shell stock-6.1 stock-6.12

expect 2 "no workload matches 'nothing'" "$WBIT" model nothing
expect 2 "no policy matches 'none'" "$WBIT" model -p none
expect 2 "no policy matches 'vma-u\*': there are .* and by its full name vma-unsafe" "$WBIT" model -p 'vma-u*'
expect 2 "takes no argument" "$WBIT" list everything

expect 2 "no-such-file" "$WBIT" plot no-such-file.jsonl
printf '{"type":"trial"}\n' >bad.jsonl
expect 2 "bad.jsonl:1:" "$WBIT" plot bad.jsonl
printf '{"type":"env","schema":99}\n' >newer.jsonl
expect 2 "newer.jsonl:1:.*newer" "$WBIT" plot newer.jsonl
: >empty.jsonl
expect 2 "empty.jsonl" "$WBIT" plot empty.jsonl

# No command at all: the help, on stderr, and status 2.
try "$WBIT"
[ "$status" -eq 2 ] || fail "no command: status $status"
expect_line '^Usage: wbit COMMAND' err

[ ! -e results ] || fail "something was written to results/"
finish
