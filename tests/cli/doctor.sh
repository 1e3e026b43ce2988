#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wbit doctor on this host, whatever it is: what is there is told, what is missing is told with what to do, and nothing is
# changed.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

doctor() {
	try "$@"
	[ "$status" -eq 0 ] || fail "$*: status $status: $(head -c 400 err)"
	[ ! -s err ] || fail "$*: something on stderr: $(head -c 400 err)"
}

# mark NAME: the mark of a finding in ./out, which is JSON.
mark() {
	jq -r --arg name "$1" '.findings[] | select(.name==$name).mark' out
}

state_of_host() {
	cat /proc/self/mountinfo
	grep -s '' /proc/sys/kernel/{numa_balancing,nmi_watchdog,perf_event_paranoid} /sys/kernel/mm/ksm/run \
		/sys/kernel/mm/transparent_hugepage/{shmem_,}enabled || true
}

# The table: its parts, 120 columns of plain ASCII, and a mark on each line that has a name.
state_of_host >before
doctor "$WBIT" doctor
state_of_host >after
cmp -s before after || fail "doctor changed the host: $(diff before after)"
for topic in kernel machine privileges 'lab and programs' 'noise .*' 'what can be measured here' \
	'never seen to run by the authors'; do
	expect_line "^$topic\$" out
done
[ "$(wc -L <out)" -le 120 ] || fail "wider than 120 columns"
! LC_ALL=C grep -q '[^ -~]' out || fail "not plain ASCII"
bad=$(grep -Ev '^$|^[a-z]|^  (ok|! |- )  [^ ]|^ {20,}[^ ]' out || true)
[ -z "$bad" ] || fail "lines of no known shape: $bad"
for name in release policy platform 'nodes with memory' compaction soft-dirty userfaultfd-wp tracepoints 'hardware PMU' \
	CAP_SYS_ADMIN perf_event_paranoid QEMU stock-6.1 stock-6.12 KVM gnuplot SMT 'NUMA balancing' KSM mitigations; do
	expect_line "^  (ok|!|-) +$name  " out
done
expect_line "release +$(uname -r)" out
for command in 'wbit run' 'wbit run --trigger compaction' 'wbit lab run'; do
	expect_line "^  (ok|-) +$command  +(none|[0-9]+) of [0-9]+ workloads" out
done

# --json is the same, for tools; what can be done about each finding that is not right stands with it.
doctor "$WBIT" doctor --json
cp out full.json
jq -e '.findings | length > 25' out >/dev/null || fail "--json: too few findings"
jq -e '[.findings[] | select(.mark=="!" and .todo==null and .name!="QEMU")] == []' out >/dev/null ||
	fail "a finding without what to do: $(jq -c '.findings[] | select(.mark=="!" and .todo==null)' out)"
jq -e '[.findings[].mark] - ["ok","!","-"] == []' out >/dev/null || fail "--json: an unknown mark"
jq -e --arg r "$(uname -r)" '.kernel==$r and (.never_seen | length) > 0' out >/dev/null || fail "--json: the kernel"

# The policy is found by experiment wherever pages can be migrated and watched.
if [ "$(mark tracepoints)" = ok ] && { [ "$(mark compaction)" = ok ] || [ "$(mark 'nodes with memory')" = ok ]; }; then
	jq -e '.policy != "unknown" and (.policy_evidence | test("W came back in"))' out >/dev/null ||
		fail "no policy was found: $(jq -r .policy_evidence out)"
	[ "$(mark policy)" = ok ] || fail "the policy's mark is $(mark policy)"
else
	jq -e '.policy == "unknown"' out >/dev/null || fail "a policy without an experiment"
fi

# --no-probe leaves the experiment out, and says so; what depends on the policy is null then.
doctor "$WBIT" doctor --no-probe --json
jq -e '.policy == "unknown" and (.policy_evidence | test("--no-probe")) and .can_measure[0].emulated == null' out >/dev/null ||
	fail "--no-probe: $(jq -c '.policy, .can_measure[0]' out)"
jq -e --slurpfile full full.json '[.findings[].name] == [$full[0].findings[].name]' out >/dev/null ||
	fail "--no-probe: other findings"

# What is not installed, not fetched or not known is told with the command for it.
doctor env PATH=/nowhere XDG_CACHE_HOME="$PWD/cache" "$WBIT" doctor --no-probe
expect_line '^  !   QEMU .*not installed' out
expect_line '-> sudo apt-get install --no-install-recommends qemu-system-x86' out
expect_line '-> sudo apt-get install --no-install-recommends gnuplot-nox' out
expect_line '-> wbit lab fetch stock-6.12, or .*--kernel-deb FILE' out
expect_line '^  -   wbit lab run +none of [0-9]+ workloads: .*not installed' out
doctor env -u HOME -u XDG_CACHE_HOME "$WBIT" doctor --no-probe

# The lab's answer about KVM is remembered, not sought.
if [ -w /dev/kvm ]; then
	mkdir -p cache/wbit
	host="$(uname -r) $(cat /proc/sys/kernel/random/boot_id)"
	doctor env XDG_CACHE_HOME="$PWD/cache" "$WBIT" doctor --no-probe
	expect_line '^  -   KVM .*not tried yet' out
	printf '{"host":"%s","why":""}' "$host" >cache/wbit/kvm.json
	doctor env XDG_CACHE_HOME="$PWD/cache" "$WBIT" doctor --no-probe
	expect_line '^  ok  KVM .*boots guests' out
	printf '{"host":"%s","why":"it hung\\u001b[31m"}' "$host" >cache/wbit/kvm.json
	doctor env XDG_CACHE_HOME="$PWD/cache" "$WBIT" doctor --no-probe
	expect_line '^  -   KVM .*it hung\?\[31m' out
fi

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	# Noise shows. The settings are made up, in a mount namespace of their own.
	echo 1 >one
	ksm=/sys/kernel/mm/ksm/run balancing=/proc/sys/kernel/numa_balancing
	if [ -e $ksm ] && [ -e $balancing ] && unshare -m true 2>/dev/null; then
		doctor unshare -m sh -c "mount --bind one $ksm && mount --bind one $balancing && exec '$WBIT' doctor --no-probe"
		expect_line '^  !   KSM +1: merges pages' out
		expect_line '^  !   NUMA balancing +1: migrates pages' out
		expect_line '-> sudo sysctl kernel.numa_balancing=0' out
	fi

	# Someone without privileges is told everything that can be told, and why not the rest.
	install -d -m 0777 public
	chmod 0755 "$scratch"
	cp "$WBIT" public/wbit
	doctor env -C public HOME=/nonexistent setpriv --reuid=65534 --regid=65534 --clear-groups ./wbit doctor --json
	jq -e '.policy == "unknown"' out >/dev/null || fail "unprivileged: a policy"
	for name in compaction CAP_SYS_ADMIN CAP_PERFMON CAP_SYS_NICE; do
		[ "$(mark $name)" = '!' ] || fail "unprivileged: $name is marked $(mark $name)"
	done
	jq -e '.findings[] | select(.name=="CAP_SYS_ADMIN").todo | test("sudo")' out >/dev/null || fail "unprivileged: no sudo"
	jq -e '[.can_measure[] | select(.command | startswith("wbit run")).workloads] | add == 0' out >/dev/null ||
		fail "unprivileged: something could be measured"
fi

expect 2 "takes no argument" "$WBIT" doctor everything
expect 2 "unrecognized option '--frobnicate'" "$WBIT" doctor --frobnicate
status=0
"$WBIT" doctor --no-probe >/dev/full 2>err || status=$?
[ "$status" -eq 2 ] || fail "doctor to a full disk: status $status"
expect_line 'cannot write to standard output' err
try "$WBIT" doctor --help
[ "$status" -eq 0 ] || fail "--help: status $status"
[ "$(wc -L <out)" -le 120 ] || fail "--help: wider than 120 columns"
expect_line 'some 100 ms' out
expect_line '--no-probe' out
expect_line '--json' out
finish
