# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What must be counted of planted faults, on the host and in a guest; for scripts that have read lib.sh.

PLANTED_NUMBERS="0 1 1000 1000000"
PLANTED_BESIDE="--hits 500 --reads 7 --touches 9 --outside 11"	# what no count of write-protection faults may hold

planted_watches() {
	echo timed traced event
}

# planted_runs PROGRAM WATCH [OPTION...]: command lines whose output planted_check is to see.
planted_runs() {
	local n
	for n in $PLANTED_NUMBERS; do
		echo "$1 --watch $2 --faults $n ${*:3}"
	done
	for n in 0 1000; do
		echo "$1 --watch $2 --faults $n $PLANTED_BESIDE ${*:3}"
	done
}

# The records of stdin in which what was counted is what was planted, to the last fault. A timed trial counts faults of all kinds,
# and its slow writes must be the faults and nothing else, but for writes that an interrupt fell into.
planted_right() {
	jq -c '(.faults + .reads + .touches) as $region | select(
		if .watch == "traced" then .write_protect == .faults
		elif .watch == "event" then .page_faults == $region + .outside
		elif .watch == "timed" then .page_faults == $region + .outside and .missed == 0 and .told - .mistaken == $region
		else false end)'
}

# planted_check FILE WATCH: each number was measured by that way of watching, and rightly.
planted_check() {
	local n
	jq -c --arg w "$2" 'select(.watch == $w)' "$1" >planted.json
	for n in $PLANTED_NUMBERS; do
		jq -c --argjson n "$n" 'select(.faults == $n and .reads == 0)' planted.json >one.json
		[ "$(wc -l <one.json)" -eq 1 ] || fail "$2: not one record of $n planted faults: $(head -c 400 one.json)"
		[ "$(planted_right <one.json | wc -l)" -eq 1 ] || fail "$2, $n planted faults: $(cat one.json)"
	done
	jq -c 'select(.reads > 0)' planted.json >one.json
	[ "$(planted_right <one.json | wc -l)" -eq 2 ] || fail "$2, faults among others: $(cat one.json)"
	# Had there been one fault more than was said, this would have seen it in each of them.
	[ "$(jq -c '.faults -= 1' planted.json | planted_right | wc -l)" -eq 0 ] || fail "$2: a fault too many is not seen"
}
