#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit lab run --bisect and the comparison of named kernels, with guests that play back recorded runs. What matters most: git
# takes any status from 1 to 127 for "bad", 125 apart, so that a misspelt option must not be one of them.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"

boot=$SOURCE/tests/fixtures/boot.jsonl
fake_qemu
mkdir -p root/boot
printf 'a kernel' >root/boot/vmlinuz-1
fake_deb kernel.deb linux-image-1 1-1 root
printf '[    0.000000] Linux version 0\nwbit-guest: exit 0\n' >log.txt

# What QEMU of the recording said of itself is what the fake says.
jq -c 'if .type == "env" then .tools.qemu = "QEMU emulator version 0" else . end' "$boot" >good.jsonl
jq -c 'if .type == "trial" and .source == "native" and (.traced | not) then .migrate.oncpu += 12 * .pages else . end' \
	good.jsonl >planted.jsonl
jq -c 'if .type == "trial" and .workload == "shmem-shared" then .outcome = "skip" else . end' good.jsonl >skips.jsonl
gates=(--gate=faults=0 --gate=migrate=6)

# plays FILE: what the guest sends.
plays() {
	printf 'cp %q log; cp %q records\n' "$scratch/log.txt" "$scratch/$1" >guest
}

# bisect STATUS ARGUMENT...
bisect() {
	local want=$1
	shift
	try timeout -k 5 60 "$WBIT" lab run --bisect "$@"
	[ "$status" -eq "$want" ] || fail "bisect $*: status $status, expected $want: $(head -c 600 out err)"
}

step=(--baseline good.jsonl "${gates[@]}" --kernel-deb kernel.deb)

# ---- 0: good; 1: bad; 125: cannot be told

plays good.jsonl
bisect 0 "${step[@]}"
expect_line '^12 cells equal$' out
expect_line '^gates: [0-9]+ passed, 0 tripped, 0 undecided$' out
[ ! -e results ] || fail "bisecting leaves files behind"
bisect 0 "${step[@]}" -o kept.jsonl --quiet
expect_count 1 '.type=="end"' kept.jsonl
expect_line '^gates: ' out
! grep -q '^base' out || fail "--quiet: a table"
bisect 128 "${step[@]}" -o kept.jsonl
bisect 0 "${step[@]}" -o kept.jsonl --force
jq -c '.run = "other"' good.jsonl >two.jsonl
cat good.jsonl >>two.jsonl
bisect 0 --baseline two.jsonl:other "${gates[@]}" --kernel-deb kernel.deb
bisect 0 --baseline two.jsonl:2 "${gates[@]}" --kernel-deb kernel.deb

plays planted.jsonl
bisect 1 "${step[@]}"
expect_line '^gate migrate=6 trips: shmem-shared vma native, migrate slope: .* \+12.0 ' out
bisect 0 --baseline planted.jsonl "${gates[@]}" --kernel-deb kernel.deb

plays skips.jsonl
bisect 125 "${step[@]}"
expect_line 'undecided: shmem-shared vma native, outcome 64: ok -> skip$' out
sed -n 1,9p good.jsonl >cut.jsonl
plays cut.jsonl
bisect 125 "${step[@]}"
expect_line 'without an end line' err
printf 'echo "[    0.1] Kernel panic - not syncing: no init" >log\n' >guest
bisect 125 "${step[@]}"
printf 'sleep 30\n' >guest
bisect 125 "${step[@]}" --boot-limit=1
printf 'cp %q log; echo nonsense >records\n' "$scratch/log.txt" >guest
bisect 125 "${step[@]}"
head -n 1 good.jsonl >empty.jsonl
jq -c 'select(.type == "end") | .trials = 0' good.jsonl >>empty.jsonl
plays empty.jsonl
bisect 125 "${step[@]}"

# ---- 128: the host's set-up; one line that says why

# broken REGEX ARGUMENT...
broken() {
	local regex=$1
	shift
	expect 128 "$regex" timeout -k 5 60 "$WBIT" lab run "$@"
}

plays good.jsonl
broken 'needs --baseline FILE' --bisect "${gates[@]}" --kernel-deb kernel.deb
broken 'needs a --gate' --bisect --baseline good.jsonl --kernel-deb kernel.deb
broken 'takes one KERNEL' --bisect --baseline good.jsonl "${gates[@]}"
broken 'takes one KERNEL' --bisect "${step[@]}" stock-6.12
broken 'leave out --dry-run' --bisect "${step[@]}" --dry-run
for option in --workload=anon-private --policy=vma --source=native --trigger=move_pages --pages=64; do
	broken 'measures the cells of the baseline: leave out' --bisect "${step[@]}" "$option"
done
broken 'as the baseline did: leave out --vmas' --bisect "${step[@]}" --vmas=2
for option in --mode=tcg --seed=2 --from=1 --to=0 --cpu=0 --pairs; do
	broken 'as the baseline was measured: leave out' --bisect "${step[@]}" "$option"
done
broken "unrecognized option '--frobnicate'" --frobnicate --bisect "${step[@]}"
broken "unrecognized option '--frobnicate'" --frobnicate "${step[@]}" --bis
broken "unknown kernel 'stock-2.4'" --bisect --baseline good.jsonl "${gates[@]}" stock-2.4
broken "gate: 'faults' is no gate" --bisect --baseline good.jsonl --gate=faults --kernel-deb kernel.deb
broken 'no-such.deb' --bisect --baseline good.jsonl "${gates[@]}" --kernel-deb no-such.deb
broken 'missing.jsonl' --bisect --baseline missing.jsonl "${gates[@]}" --kernel-deb kernel.deb
broken "no run '7'" --bisect --baseline good.jsonl:7 "${gates[@]}" --kernel-deb kernel.deb
broken 'has 2 runs: say which one' --bisect --baseline two.jsonl "${gates[@]}" --kernel-deb kernel.deb
broken 'is not whole' --bisect --baseline cut.jsonl "${gates[@]}" --kernel-deb kernel.deb
broken 'no cell in run 1' --bisect --baseline empty.jsonl "${gates[@]}" --kernel-deb kernel.deb
: >nothing.jsonl
broken 'no run in it' --bisect --baseline nothing.jsonl "${gates[@]}" --kernel-deb kernel.deb

# odd FILTER REGEX: a baseline that this lab cannot measure again.
odd() {
	jq -c "$1" good.jsonl >odd.jsonl
	broken "$2" --bisect --baseline odd.jsonl "${gates[@]}" --kernel-deb kernel.deb
}
odd 'if .type == "env" then .platform = "bare-metal" else . end' 'measured on bare-metal, not in the lab'
odd 'if .workload == "anon-private" then .workload = "anon-*" else . end' "this wbit has no workload 'anon-\*'"
odd 'if .type == "trial" then .trigger = "*" else . end' 'more kinds of cells'
odd 'if .type == "trial" then .trigger = "earthquake" else . end' "no trigger matches 'earthquake'"
odd 'if .type == "trial" then .from = 0 | .to = 5 else . end' 'its nodes, 0 to 5, are not those of the lab'
odd 'if .type == "env" then .pairs = true else . end' 'cells by pairs of nodes, which --bisect does not measure'
odd 'if .type == "trial" then .pages = 99999999 | .expected = {faults: null, kind: null} else . end' '99999999 pages of [a-z-]+ do not fit'
jq -c 'if .type == "env" then .tools.qemu = "QEMU 99" else . end' good.jsonl >odd.jsonl
bisect 128 --baseline odd.jsonl "${gates[@]}" --kernel-deb kernel.deb
expect_line 'tools.qemu differs' err
mv bin/qemu-system-x86_64 bin/away
real=$PATH
PATH=$scratch/bin:/bin
if ! command -v qemu-system-x86_64 >/dev/null; then
	broken 'qemu-system-x86_64 is not installed' --bisect "${step[@]}"
fi
PATH=$real
mv bin/away bin/qemu-system-x86_64
bisect 128 "${step[@]}" -o /nowhere/x.jsonl
expect_line 'cannot write /nowhere/x.jsonl' err
printf 'sleep 30\n' >guest
status=0
timeout --preserve-status -s INT -k 5 1 "$WBIT" lab run --bisect "${step[@]}" >out 2>err || status=$?
[ "$status" -eq 128 ] || fail "interrupted: status $status: $(cat err)"

expect 2 'go with --bisect; for two files: wbit compare' "$WBIT" lab run --baseline good.jsonl
expect 2 'go with --bisect' "$WBIT" lab run --gate=faults=0

# ---- two named kernels: the second against the first, below the table

cp root/boot/vmlinuz-1 root/boot/vmlinuz-2
rm root/boot/vmlinuz-1
printf 'another kernel' >root/boot/vmlinuz-2
fake_deb patched.deb linux-image-2 1-1 root
cat >guest <<-EOF
	cp "$scratch/log.txt" log
	if cmp -s vmlinuz <(printf 'another kernel'); then cp "$scratch/planted.jsonl" records; else cp "$scratch/good.jsonl" records; fi
EOF
try timeout -k 5 60 "$WBIT" lab run -o ab.jsonl --kernel-deb kernel.deb --kernel-deb patched.deb
[ "$status" -eq 0 ] || fail "two kernels: status $status: $(cat err)"
expect_line '^base +ab.jsonl:1 +1, ' out
expect_line '^new +ab.jsonl:2 +2, ' out
expect_line '^shmem-shared +vma native +migrate slope +10,780.6 +10,792.6 +\+12.0 +\+0.11 % +more$' out
expect_line '^the runs differ in: kernel_name, kernel_package, kernel_sha256$' out
try timeout -k 5 60 "$WBIT" lab run -o one.jsonl --kernel-deb kernel.deb
! grep -q '^base' out || fail "one kernel is compared"
try "$WBIT" lab run --dry-run stock-6.1 stock-6.12
expect_line 'x 2 sizes x' out
for options in "stock-6.1" "stock-6.1 stock-6.12 --pages=8" "stock-6.1 stock-6.12 --mode=tcg"; do
	# shellcheck disable=SC2086
	try "$WBIT" lab run --dry-run $options
	expect_line 'x 1 sizes x' out
done
finish
