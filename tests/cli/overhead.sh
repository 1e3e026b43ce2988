#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What watching adds to a fault, in short: tests/overhead/overhead.sh with few rounds, whose targets are all divided by 4, and which
# fails only where an interval lies wholly on the wrong side. A machine too busy to tell is a skip. With WBIT_FULL it is the long form.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"

build=$(dirname "$WBIT")
table=$build/overhead-table

# Lines of ten rounds: what each way adds to 700 ns, a nanosecond more or less.
# lines TIMED RECORD [COUNTED]
lines() {
	local round method
	for round in {0..9}; do
		for method in bare:0 counted:"${3:-1}" event:50 stat:50 timed:"$1" traced:90 record:"$2" trace:13000; do
			echo "$round ${method%:*} 1000 $(((700 + ${method#*:}) * 1000 + round % 3 * 1000)) $(((800 + ${method#*:}) * 1000))"
		done
	done
}

# judged STATUS REGEX [ARGUMENT...]: of the lines on stdin.
judged() {
	status=0
	"$table" "${@:3}" >out 2>err || status=$?
	[ "$status" -eq "$1" ] || fail "overhead-table ${*:3}: status $status, expected $1: $(cat out err)"
	cat err >>out
	expect_line "$2" out
}

lines 20 500 | judged 0 'perf record.* / wbit, timed trial: 25.0 times \(25.0 to 25.0\), wanted 10 or more: met'
lines 100 500 | judged 1 'perf record.* / wbit, timed trial: 5.0 times .*: not met'
lines 100 500 | judged 0 'wanted 2.5 or more: met' 4
lines 20 500 60 | judged 1 'wbit, thread.s page faults - perf stat.*: 10.0 ns .*: not met'
lines 0 500 | judged 0 'timed trial: inf times'
lines 20 500 | sed '/^0 /!d' | judged 3 'cannot be told'
lines 20 500 | sed '/^3 stat/d' | judged 2 'takes lines of rounds, each with every method'
echo "0 bare x" | judged 2 'takes lines of rounds'
lines 20 500 | judged 2 'a margin of 1 or more' 0

size="8 5000 4"
[ -z "${WBIT_FULL:-}" ] || size=
status=0
# shellcheck disable=SC2086
bash "$SOURCE/tests/overhead/overhead.sh" "$build" $size >out 2>err || status=$?
cat out
case $status in
0) ;;
1) fail "$(grep 'not met' out)" ;;
3) skipped="too busy to tell: $(grep -m 1 'cannot be told' out)" ;;
77) skipped=$(tail -n 1 out) ;;
*) fail "status $status: $(head -c 400 out) $(head -c 400 err)" ;;
esac
finish
[ -z "${skipped:-}" ] || { echo "$skipped"; exit 77; }
