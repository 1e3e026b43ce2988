#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016
# What a hostile guest may send: each ends in status 2 and a line that says why, nothing of it reaches the terminal as it
# is, and what came before is kept. QEMU's place is taken by a script, so that no boot is needed.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
# shellcheck source=tests/fake.sh
. "$SOURCE/tests/fake.sh"

fake_qemu
good_guest
mkdir -p root/boot
printf 'a kernel' >root/boot/vmlinuz-1
fake_deb kernel.deb linux-image-1 1-1 root

# guest SCRIPT: what QEMU's place does; it stands in the guest's folder. Then the lab runs, with its stdout as a terminal
# would get it.
guest() {
	printf 'top=%q\n%s\n' "$scratch" "$1" >guest
	rm -f r.jsonl
	try timeout -k 5 60 "$WBIT" lab run -o r.jsonl --kernel-deb kernel.deb
	[ -z "$(ls -d tmp/wbit-?????? 2>/dev/null)" ] || fail "${1:0:60}: a guest's folder is left over"
	if [ "$(cat err out | tr -d '\n\040-\176' | wc -c)" -ne 0 ]; then
		fail "${1:0:60}: control characters on the terminal: $(head -c 600 err | cat -v)"
	fi
}

# refused REGEX SCRIPT: the first line of stderr matches, status 2.
refused() {
	guest "$2"
	[ "$status" -eq 2 ] || fail "${2:0:60}: status $status: $(head -c 600 err)"
	head -n 1 err | grep -Eq -- "^wbit: 1: $1" || fail "${2:0:60}: stderr does not begin with '$1': $(head -c 600 err)"
	[ "$(grep -c '^wbit: ' err)" -eq 1 ] || fail "${2:0:60}: the guest put words into wbit's mouth: $(head -c 600 err)"
}

# env FILTER: the good env line with a change.
env_with() {
	jq -c "$1" env.json >env.bad
}

guest 'cp "$top/log.txt" log; cp "$top/good.jsonl" records'
[ "$status" -eq 0 ] || fail "a good guest: status $status: $(head -c 600 err)"
expect_count 4 '.run!=null' r.jsonl

# ---- records that are none

refused 'the guest sent a line that is no record' 'echo "not JSON" >records'
refused 'the guest sent a line that is no record' 'echo "[1,2,3]" >records'
refused 'the guest sent a line that is no record' 'echo "{\"type\":\"confession\"}" >records'
refused 'the guest sent a line that is no record' 'echo "{\"type\":\"env\"}" >records'
refused 'the guest sent a line that is no record' 'echo "{\"type\":\"env\",\"schema\":999}" >records'
refused 'the guest sent a line that is no record' 'head -c 100 /dev/zero >records; echo >>records'
refused 'the guest sent a line that is no record' 'printf "\377\376\033[2J\n" >records'
refused 'the guest sent a line that is no record' 'printf "{\"type\":\"env\\\\u0000\"}\n" >records'
refused 'the guest sent a line that is no record' 'printf "[%.0s" {1..60000} >records; echo >>records'
refused 'the guest sent a trial outside a run' 'cp "$top/trials.json" records'
refused 'the guest sent an end line outside a run' 'cp "$top/end.json" records'
refused 'the guest sent a second env line' 'cat "$top/env.json" "$top/env.json" >records'
refused 'the guest sent a trial outside a run' 'cat "$top/good.jsonl" "$top/trials.json" >records'
refused 'the guest counts 2 trials, but 0 came' 'cat "$top/env.json" "$top/end.json" >records'

# ---- an env that is not so, and words for the terminal

env_with '.platform="bare-metal"'
refused 'the guest says that it runs on bare-metal .*, which is not so' 'cp "$top/env.bad" records'
env_with '.clock="ns"'
refused 'the guest says that it runs on lab-exact with the clock ns' 'cp "$top/env.bad" records'
env_with '.clock="\nwbit: fine"'
refused '(the guest says that it runs on|the guest sent a line)' 'cp "$top/env.bad" records'
env_with '.platform="\u001b[2J\u001b]0;x\u0007\nwbit: all is well\u009b31m\u202e"'
refused '(the guest says that it runs on|the guest sent a line)' 'cp "$top/env.bad" records'
env_with '.kernel="\u001b[31m6\n.1\u0007\u009b2J" | .kernel_name="x"'
guest 'cp "$top/log.txt" log; cat "$top/env.bad" "$top/trials.json" "$top/end.json" >records'
[ "$(jq -rn 'first(inputs).kernel_name' r.jsonl)" = 1 ] || fail "the guest chose its own kernel's name"
jq -c '.workload="\u001b[31m\u0007x"' trials.json >trials.bad
guest 'cp "$top/log.txt" log; cat "$top/env.json" "$top/trials.bad" "$top/end.json" >records'
jq -c '.outcome="fail"|.reason="\u001b[31m\u0007\nwbit: fine"' trials.json >trials.bad
guest 'cp "$top/log.txt" log; cat "$top/env.json" "$top/trials.bad" "$top/end.json" >records'
[ "$status" -ne 0 ] || fail "a failed trial: status 0"
refused '.*' 'printf "\033[2J\007[    0.1] Kernel panic - not syncing: \033[31mred\033]0;title\007\n" >log'

# ---- too much of it

refused 'the guest sent a line of more than 65536 bytes' 'head -c 1000000 /dev/zero | tr "\\0" x >records'
refused 'the guest sent a line of more than 65536 bytes' 'exec tr "\\0" x </dev/zero >records'
refused "the guest's log grew beyond 64 MiB" 'exec yes "[    0.1] nothing new" >log'
refused "the guest's log grew beyond 64 MiB" 'exec tr "\\0" x </dev/zero >log'

# A gigabyte of good records, of the size that is allowed: the bound on their sum ends it.
head -c 60000 /dev/zero | tr '\0' x >long
jq -cn --rawfile long long 'first(inputs) | .extra=$long' trials.json >trials.bad
refused 'the guest sent more than 256 MiB' \
	'cp "$top/env.json" records; exec yes "$(cat "$top/trials.bad")" >>records'

# The command line of what was started: confined, and without a network.
for words in '-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny' '-nic none' -nodefaults \
	-no-user-config; do
	grep -q -- "$words" qemu.arguments || fail "QEMU was started without $words"
done
finish
