#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Planted faults in guests of both stock kernels: as on the host, and the exact lab's clock tells each page that faulted from each that
# did not.
# shellcheck source=tests/lib.sh
. "$SOURCE/tests/lib.sh"
# shellcheck source=tests/planted.sh
. "$SOURCE/tests/planted.sh"

# A million faults in each of three ways take a minute and a half in two guests.
kernels="stock-6.12 stock-6.1"
[ -n "${WBIT_FULL:-}" ] || { kernels=stock-6.12; PLANTED_NUMBERS="0 1 1000"; }

for way in $(planted_watches); do
	planted_runs /planted "$way" --clock insn
done >script

for kernel in $kernels; do
	try "$WBIT" lab shell "$kernel" --mode exact --script script --add "$(dirname "$WBIT")/planted-guest:/planted" --time-limit 300
	[ "$status" -eq 0 ] || fail "$kernel: status $status: $(head -c 400 err) $(tail -n 3 out)"
	grep '^{' out >"$kernel.json" || fail "$kernel: no records: $(head -c 400 out)"
	for way in $(planted_watches); do
		planted_check "$kernel.json" "$way"
	done
done
finish
