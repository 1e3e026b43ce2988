#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel really built: a second call does nothing, and the plain twin that comes of the switch kernel's tree boots and is,
# byte for byte, the one that a tree of its own gives. The last part builds a whole kernel: only under ./check --full.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
needs_built switch-6.12
cache=${XDG_CACHE_HOME:-$HOME/.cache}/wbit

try "$WBIT" lab run -o switch.jsonl switch-6.12 -w anon-private --runs=1 --pages=16
[ "$status" -eq 0 ] || fail "switch-6.12: status $status: $(head -c 600 err)"
expect_count 1 '.type=="env" and .kernel_name=="switch-6.12" and (.kernel_series_sha256|length)==64' switch.jsonl
[ -n "${WBIT_FULL:-}" ] || { finish; exit; }

start=$(date +%s)
try "$WBIT" lab build 6.12
[ "$status" -eq 0 ] || fail "again: status $status: $(head -c 600 err)"
expect_line 'in the cache already' out
[ $(($(date +%s) - start)) -le 20 ] || fail "a second call takes $(($(date +%s) - start)) s"

# From the switch kernel's tree, where that is, and then in a cache that has nothing. (A tree that is moved to another place is
# compiled anew, so it is built where it is.)
try "$WBIT" lab build plain-6.12
[ "$status" -eq 0 ] || fail "plain-6.12: status $status: $(head -c 600 err)"
cp "$cache/kernels/plain-6.12/vmlinuz" incremental
try "$WBIT" lab run -o plain.jsonl plain-6.12 -w anon-private --runs=1 --pages=16
[ "$status" -eq 0 ] || fail "plain-6.12: status $status: $(head -c 600 err)"

export XDG_CACHE_HOME=$scratch/cache
mkdir -p cache
# shellcheck disable=SC2016
try bash -c 'time "$WBIT" lab build plain-6.12'
[ "$status" -eq 0 ] || fail "plain-6.12 from nothing: status $status: $(head -c 600 err)"
[ -e cache/wbit/trees/plain-6.12/src ] || fail "it had no tree of its own"
# What others do to this machine must not count: 8 minutes on 2 idle CPUs are 16 of CPU time.
awk '/^(user|sys)/ { split($2, t, /[ms]/); s += t[1] * 60 + t[2] } END { print "CPU seconds:", s; exit !(s > 60 && s <= 960) }' err ||
	fail "from nothing it takes more than 16 minutes of CPU time: $(tail -n 3 err)"
cmp incremental cache/wbit/kernels/plain-6.12/vmlinuz || fail "the same input gives another kernel"
finish
