#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzes the reading of records: 10 seconds, a minute under ./check --full, or FUZZ_SECONDS. Takes a clang with libFuzzer
# (Debian: clang and libclang-rt-N-dev). What makes it crash is kept in the build folder, under fuzz/, and named.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"

seconds=${FUZZ_SECONDS:-$([ -n "${WBIT_FULL:-}" ] && echo 60 || echo 10)}
folder=$(dirname "$WBIT")/fuzz
flags="-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all"

command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' >try.c
# shellcheck disable=SC2086
clang $flags try.c -o try 2>err || { echo "this clang has no libFuzzer: install libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"; exit 77; }

# shellcheck disable=SC2046,SC2086
clang -g -O1 -D_GNU_SOURCE -DWBIT_VERSION='"fuzz"' -std=gnu11 $flags $(pkg-config --cflags jansson) -I"$SOURCE/src/data" -I"$SOURCE/src/model" \
	"$SOURCE"/tests/fuzz/*.c "$SOURCE"/src/data/*.c "$SOURCE"/src/model/*.c -o records $(pkg-config --libs jansson) -lm

# Seeds: the fixtures whole, and their first, middle and last lines, which are cheaper to mutate. What a run before this one
# learnt stays in the corpus.
mkdir -p "$folder/corpus" seeds
for file in "$SOURCE"/tests/fixtures/*.jsonl; do
	name=$(basename "$file" .jsonl)
	cp "$file" seeds/
	head -n 2 "$file" >"seeds/$name.first"
	{ head -n 1 "$file"; sed -n '5,9p' "$file"; tail -n 1 "$file"; } >"seeds/$name.some"
	{ head -n 1 "$file"; tail -n 6 "$file"; } >"seeds/$name.last"
done
# Words of the format, for the mutations.
sed -n 's/^\t{ "\(schema\|[a-z_0-9.]*\)", SHAPE.*/\1/p' "$SOURCE/src/data/schema.c" | tr . '\n' | sort -u | sed 's/.*/"\\"&\\":"/' >words
printf '"%s"\n' null true false NaN 1e999 9223372036854775807 -1 '\\"move_pages\\"' '\\"emulated\\"' '\\"ns\\"' '\\"vma\\"' >>words

status=0
./records -max_total_time="$seconds" -max_len=70000 -timeout=10 -rss_limit_mb=1024 -dict=words -artifact_prefix="$folder/" \
	-print_final_stats=1 "$folder/corpus" seeds >log 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
	cp records "$folder/records"
	tail -n 40 log
	fail "fuzzing found something: $(grep -ao "$folder/[a-z]*-[0-9a-f]*" log | tail -n 1), for $folder/records"
	finish
fi
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' log)
[ "${runs:-0}" -ge $((20 * seconds)) ] || fail "only ${runs:-0} runs in $seconds s"
echo "$runs runs in $seconds s"
finish
