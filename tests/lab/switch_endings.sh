#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# However a run ends, the kernel's policy is what it was: by signals, by kill -9 (the guard), and when the guard is killed too
# (the next run). In a guest of a switch kernel, through its shell.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/wbit/kernels
read -ra kernels <<<"${SWITCH_KERNELS:-switch-6.12 switch-6.1}"
kernel=
for name in "${kernels[@]}"; do [ -e "$cache/$name/vmlinuz" ] && kernel=$name && break; done
[ -n "$kernel" ] || { echo "no switch kernel is in the cache"; exit 77; }
[ -x /bin/busybox ] || [ -x /usr/bin/busybox ] || { echo "the guest's shell needs busybox-static"; exit 77; }
command -v script >/dev/null || { echo "script is not installed"; exit 77; }

# wait_for REGEX: until the guest's console shows it, a minute at most.
wait_for() {
	local i
	for ((i = 0; i < 300; i++)); do
		! grep -aEq -- "$1" console || return 0
		sleep 0.2
	done
	fail "the guest does not come to '$1': $(tail -c 600 console | cat -v)"
}

# The policy that is found is one that no run of this kernel begins with, so that nothing comes back by chance.
cat >steps <<'EOF_STEPS'
P=/sys/kernel/debug/migrate_restore_policy
say() { echo "RES""ULT $*"; }
turned() { for i in `seq 999`; do case `cat $P` in vma*) break;; esac; usleep 20000; done; }
run() { /wbit run --runs=1000 -o /tmp/r --force >/dev/null 2>&1 & turned; }
end() { say $1 $2 `cat $P` `ls /run/wbit | wc -l`; }
echo entry >$P
for s in INT TERM HUP SEGV KILL; do run; kill -$s $!; wait $!; e=$?; usleep 300000; end $s $e; done
run; R=$!; kill -9 `pidof wbit-guard` $R; wait $R; end BOTH $?
/wbit run -w anon-private --runs=1 -o /tmp/r --force >/tmp/out 2>&1; end NEXT $?
grep -c 'put back to entry' /tmp/out >/tmp/n; say TOLD `cat /tmp/n`
run; /wbit run -w anon-private -o /tmp/s >/tmp/out 2>&1; e=$?
say SECOND $e `wc -l </tmp/out` `grep -c 'another run of wbit' /tmp/out`; kill -9 $!; usleep 300000
echo nonsense >$P 2>/dev/null; say WRONG $? `cat $P`
say THE END
EOF_STEPS

mkfifo keys
script -qefc "$WBIT lab shell $kernel" /dev/null <keys >console 2>&1 &
lab=$!
exec 3>keys
wait_for '/ # '
while read -r line; do
	printf '%s\n' "$line" >&3
	sleep 0.1
done <steps
wait_for '^RESULT THE END'
echo exit >&3
exec 3>&-
wait "$lab" || fail "lab shell: status $?"

tr -d '\r' <console | grep -a '^RESULT' >results || true
expect_line '^RESULT INT 3 entry 0$' results
expect_line '^RESULT TERM 3 entry 0$' results
expect_line '^RESULT HUP 3 entry 0$' results
expect_line '^RESULT SEGV 139 entry 0$' results
expect_line '^RESULT KILL 137 entry 0$' results
expect_line '^RESULT BOTH 137 vma(-only)? 1$' results
expect_line '^RESULT NEXT 0 entry 0$' results
expect_line '^RESULT TOLD 1$' results
expect_line '^RESULT SECOND 2 1 1$' results
expect_line '^RESULT WRONG 1 entry$' results
finish
