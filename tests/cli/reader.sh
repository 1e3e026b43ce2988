#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files of records that are not right, through each command that reads them: one line with file, line and column, status 2,
# nothing written. And a file that is as large as one may get.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
good=$SOURCE/tests/fixtures/three.jsonl

# refused REGEX: bad.jsonl, by every reader.
refused() {
	local command
	for command in "compare bad.jsonl" "compare $good bad.jsonl" "plot -o figures bad.jsonl" "export --format gobench bad.jsonl" \
		"export --format openmetrics bad.jsonl" "export --format openmetrics -o out.prom $SOURCE/tests/fixtures/boot.jsonl bad.jsonl" \
		"bundle -o out.tar.gz bad.jsonl"; do
		# shellcheck disable=SC2086
		expect 2 "^wbit: bad.jsonl:$1" "$WBIT" $command
		[ "$(head -c 20000 err | wc -c)" -le 700 ] || fail "$command: a long line on stderr"
		[ -z "$(find . -name 'figures' -o -name 'out.*')" ] || fail "$command: left something behind"
	done
}

# edit SED: the good file, one line changed.
edit() {
	sed "$1" "$good" >bad.jsonl
	! cmp -s bad.jsonl "$good" || fail "'$1' changes nothing"
}

edit '3s/"pages":256/"pages":NaN/'
refused '3: no JSON: invalid token near .NaN. \(column [0-9]+\)$'
edit '3s/"pages":256/"pages":Infinity/'
refused '3: no JSON: .*\(column [0-9]+\)$'
edit '3s/"pages":256/"pages":1e999/'
refused '3: no JSON: real number overflow .*\(column [0-9]+\)$'
edit '3s/"pages":256/"pages":9223372036854775808/'
refused '3: no JSON: too big integer .*\(column [0-9]+\)$'
edit '3s/"pages":256/"pages":9223372036854775807/'
refused '3: "pages" is no size: more than 2\^40 \(column 129\)$'
edit '3s/"pages":256/"pages":256.0/'
refused '3: "pages" is not a count \(column 129\)$'
edit '3s/"pages":256/"pages":-1/'
refused '3: "pages" is not a count \(column 129\)$'
edit '3s/"pages":256/"pages":256,"later":[1e999]/'
refused '3: no JSON: real number overflow'
edit '2s/"reuse":0/"reuse":"0"/'
refused '2: "faults.reuse" is not a count \(column [0-9]+\)$'
edit '3s/"pages":256/"pages":256,"pages":256/'
refused '3: no JSON: duplicate object key near .*\(column [0-9]+\)$'
edit '3s/"pages":256,//'
refused '3: trial record without "pages" \(column 1\)$'
edit '3s/"run":"fixture-6.1"/"run":"other"/'
refused '3: trial of run other, which has no env line \(column 23\)$'
edit '2s/"type":"trial"/"type":"\x1b[2Jx"/'
refused '2: no JSON: control character'
edit '2s/"type":"trial"/"type":"\\u001b[2J\\u0007x"/'
refused '2: unknown type "\?\[2J\?x" \(column 9\)$'
edit '1s/"schema":0/"schema":1/'
refused '1: made by a newer wbit \(schema 1; this one reads up to 0\) \(column 24\)$'
edit '4s/^/\n/'
refused '4: empty line \(column 1\)$'
edit '4s/$/ x/'
refused '4: no JSON: end of file expected near .x. \(column [0-9]+\)$'
edit '4s/^.*$/[]/'
refused '4: no record: not an object \(column 1\)$'

# bytes that sed does not write
{ head -n 2 "$good"; printf '{"type":"end"\0}\n'; } >bad.jsonl
refused '3: NUL byte: no text \(column 14\)$'
{ head -n 2 "$good"; head -c 65537 /dev/zero | tr '\0' x; } >bad.jsonl
refused '3: line too long: more than 65536 bytes \(column 65537\)$'
{ head -n 2 "$good"; printf '[%.0s' {1..60000}; echo; } >bad.jsonl
refused '3: nested too deeply: more than 8 levels \(column 9\)$'
{ head -n 2 "$good"; printf '{"type":"end","run":"\377\376"}\n'; } >bad.jsonl
refused '3: no JSON: unable to decode byte 0xff'
{ head -n 2 "$good"; echo rubbish; } >bad.jsonl
refused '3: no JSON'
: >bad.jsonl
refused ' no run in it'
rm bad.jsonl
refused ' No such file or directory$'
mkdir bad.jsonl
refused '1: Is a directory$'
rmdir bad.jsonl

# A last line without its newline is whole; one that stops within is cut off, and what came before is shown.
head -c -1 "$good" >whole.jsonl
try "$WBIT" compare whole.jsonl "$good"
[ "$status" -eq 0 ] || fail "without the last newline: status $status: $(cat err)"
printf '{"type":"trial","run":"x"' >>whole.jsonl
expect 2 '^wbit: whole.jsonl:22: no JSON: end of file expected' "$WBIT" compare whole.jsonl "$good"
head -c -60 "$good" >cut.jsonl
try "$WBIT" export --format gobench cut.jsonl
[ "$status" -eq 0 ] || fail "a file that was cut off: status $status: $(cat err)"
expect_line 'warning: run .* was cut off: [0-9]+ trials, no end line' err

# A million lines: of trials, and one error at their end.
{
	head -n 1 "$good"
	head -n 2 "$good" | tail -n 1 | awk '{ for (i = 0; i < 1000000; i++) print }'
	echo '{"type":"end","run":"fixture-6.1","trials":1000000,"ok":1000000,"fail":0,"broken":0,"skip":NaN}'
} | "$WBIT" compare - >out 2>err && status=0 || status=$?
[ "$status" -eq 2 ] || fail "a million lines: status $status"
expect_line '^wbit: stdin:1000002: no JSON: invalid token near .NaN. \(column 94\)$' err
finish
