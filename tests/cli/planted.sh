#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Planted faults on this host: 0, 1, 1,000 and 1,000,000 of them measure as just that, by the means of timed trials and of traced
# twins, whatever other faults there are beside them. A run during which the kernel moved pages for somebody else (compaction) shows
# nothing, right or wrong: a page in flight is a fault more.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
# shellcheck source=tests/planted.sh
. "$SOURCE/tests/planted.sh"

planted=$(dirname "$WBIT")/planted

moved() {
	sed -n 's/^pgmigrate_success //p' /proc/vmstat
}

# undisturbed COMMAND...: as try, until no page was moved meanwhile.
undisturbed() {
	local before attempt
	for attempt in {1..10}; do
		before=$(moved)
		try "$@"
		[ "$(moved)" != "$before" ] || return 0
		echo "attempt $attempt: pages were moved meanwhile"
	done
	echo "this machine moves pages all the time"
	exit 77
}

# watch WAY: all runs of it; 1 where it cannot be done here, which ./err tells.
watch() {
	local line
	planted_runs "$planted" "$1" >runs
	while read -r line; do
		# shellcheck disable=SC2086
		undisturbed $line
		if grep -q 'not counted' err; then
			return 1
		fi
		[ "$status" -eq 0 ] || fail "$line: status $status: $(head -c 400 err)"
		cat out >>counted.json
	done <runs
}

for wrong in --faults=x --watch=nothing --region=0 surplus; do
	expect 2 'says what it takes' "$planted" "$wrong"
done

skipped=
for way in $(planted_watches); do
	if watch "$way"; then
		planted_check counted.json "$way"
	else
		skipped="$way: $(cat err): run as root, where tracepoints can be counted"
	fi
done
finish
[ -z "$skipped" ] || { echo "$skipped"; exit 77; }
