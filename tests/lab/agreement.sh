#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a migrated page takes, by wbit and by other tools, in one guest of the exact lab: doc/methodology.md has the table that this
# prints. numactl's migspeed times what wbit's trigger mbind does, and has to agree. stress-ng --numa has no figure of a migration,
# so its calls of move_pages are taken from a trace, and held against the same calls made by tests/agreement/moves.c.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

for tool in migspeed:numactl stress-ng:stress-ng; do
	command -v "${tool%:*}" >/dev/null || { echo "${tool%:*} is not installed: package ${tool#*:}"; exit 77; }
done

# migspeed looks at an errno that malloc() sets when the kernel has no random numbers yet, hence the wait. Huge pages are off: wbit's
# pages are base pages.
cat >script <<'END'
head -c 1 /dev/random >/dev/null
echo never >/sys/kernel/mm/transparent_hugepage/enabled
for i in 1 2 3 4 5; do
	for pages in 1024 4096; do
		migspeed -p $pages 0 1 | sed -n "s/^.*secs\. \(.*\) Mbytes.second$/{\"tool\":\"migspeed\",\"pages\":$pages,\"rate\":\1}/p"
	done
done
/wbit run -w anon-private --source native --trigger mbind,move_pages --pages 1024,4096 --runs 3 --platform=lab-exact --output=- --quiet
for pages in 1024 4096; do moves $pages; done

trace=/sys/kernel/tracing
echo mono_raw >$trace/trace_clock
for event in enter exit; do echo 1 >$trace/events/syscalls/sys_${event}_move_pages/enable; done
moved=$(sed -n 's/^pgmigrate_success //p' /proc/vmstat)
stress-ng --numa 1 --numa-ops 4 --metrics >/tmp/stress 2>&1 || cat /tmp/stress
for event in enter exit; do echo 0 >$trace/events/syscalls/sys_${event}_move_pages/enable; done
moved=$(($(sed -n 's/^pgmigrate_success //p' /proc/vmstat) - moved))
sed -n "s/^.* numa  *\([0-9]*\)  *\([0-9.]*\) .*/{\"tool\":\"stress-ng\",\"ops\":\1,\"seconds\":\2,\"moved\":$moved}/p" /tmp/stress
# Calls of 1,024 pages: what each took.
sed -n 's/^.* \([0-9]*\)\.\([0-9]*\): sys_move_pages(.*nr_pages: 400,.*$/in \1\2/p; s/^.* \([0-9]*\)\.\([0-9]*\): sys_move_pages -> .*$/out \1\2/p' \
	$trace/trace | while read -r way at; do
	[ "$way" = in ] && from=$at && continue
	[ -z "$from" ] || echo "{\"tool\":\"call\",\"us\":$((at - from))}"
	from=
done
END

try "$WBIT" lab shell stock-6.12 --mode exact --script script --time-limit 240 --add "$(command -v migspeed)" \
	--add "$(command -v stress-ng)" --add "$(dirname "$WBIT")/moves-guest:/bin/moves"
[ "$status" -eq 0 ] || fail "status $status: $(head -c 400 err)"
grep '^{' out >records.json || fail "nothing was measured: $(head -c 400 out)"

# All in instructions a page. migspeed's Mbytes are 256 pages. Of a call that moves every other page, half of one that moves none is
# for the others.
jq -s '
	def median: sort | .[length / 2 | floor];
	def slope(f): (map(select(.pages == 4096) | f) | median) - (map(select(.pages == 1024) | f) | median) | . / 3072;
	[.[] | select(.type == "trial" and (.traced | not) and .outcome == "ok")] as $trials
	| [.[] | select(.by_turns)] as $moves
	| [.[] | select(.tool == "call") | .us * 1000] as $calls
	| ($calls | map(select(. < 2000000)) | median) as $idle
	| (.[] | select(.tool == "stress-ng")) as $stress
	| [$moves[] | select(.pages == 1024)][0] as $like
	| {
		mbind: $trials | map(select(.trigger == "mbind")) | slope(.migrate.elapsed),
		migspeed: map(select(.tool == "migspeed")) | slope(.pages / 256 / .rate * 1e9),
		move_pages: $trials | map(select(.trigger == "move_pages")) | slope(.migrate.elapsed),
		together: $moves | slope(.together.elapsed),
		by_turns: (($like.by_turns.elapsed - $like.none.elapsed / 2) / $like.by_turns.moved),
		none: ($like.none.elapsed / 1024),
		stress_calls: ((($calls | map(select(. >= 2000000)) | min) - $idle / 2) / 512),
		stress_none: ($idle / 1024),
		stress_moved: ($stress.moved / $stress.ops),
		stress_op: ($stress.seconds * 1e9 / $stress.moved)
	}' records.json >figures.json || fail "figures: $(head -c 1000 records.json)"

jq -r '"instructions of a page that moves\n
| | |\n|---|---|
| wbit, mbind | \(.mbind | round) |
| migspeed | \(.migspeed | round) |
| wbit, move_pages | \(.move_pages | round) |
| the same call, by itself | \(.together | round) |
| every other page, by a call that names all, each for the other node than the one before | \(.by_turns | round) |
| the same call, by stress-ng --numa | \(.stress_calls | round) |
| a page of that call that is there already | \(.none | round) |
| the same, by stress-ng | \(.stress_none | round) |
| stress-ng: the time of a bogo op by the \(.stress_moved) pages that it moves | \(.stress_op | round) |"' figures.json

# near A B PERCENT
near() {
	jq -e "(.$1 / .$2 - 1 | fabs) <= $3 / 100" figures.json >/dev/null || fail "$1 and $2 are more than $3 % apart: $(jq -c . figures.json)"
}
near migspeed mbind 2
near together move_pages 2
# Which pages go where is up to stress-ng's version.
if stress-ng --version | grep -q 'version 0\.15\.'; then
	near stress_calls by_turns 5
	near stress_none none 15
else
	echo "not compared, because it may make other calls: $(stress-ng --version)"
fi
jq -e '.by_turns > 1.02 * .together and .none < .together / 5' figures.json >/dev/null || fail "$(jq -c . figures.json)"
finish
