#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The reference is measured anew, to the last digit, where all that it hangs on is the same: kernel, image, QEMU, command line.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
needs_built switch-6.12
reference=$SOURCE/results/reference/switch-6.12.jsonl

pins() {
	jq -S 'select(.type == "env") | { kernel_sha256, kernel_config_hash, image_sha256, cmdline, cpu, platform, tools, wbit_build }' "$1"
}

bare() {
	jq -c 'del(.run, .time, .argv)' "$1"
}

try "$WBIT" lab run switch-6.12 -o new.jsonl
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err)"
if ! diff <(pins "$reference") <(pins new.jsonl) >differ; then
	echo "not comparable, what it hangs on differs:"
	cat differ
	[ "$failures" -gt 0 ] || exit 77
fi
cmp <(bare "$reference") <(bare new.jsonl) ||
	fail "other figures than the reference's: $(diff <(bare "$reference") <(bare new.jsonl) | head -c 600)"
finish
