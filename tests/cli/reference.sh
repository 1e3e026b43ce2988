#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The reference's records are what they were, and give the figures' data byte for byte, and the figures under the same gnuplot.
# shellcheck source=tests/lib.sh
. "${SOURCE:?}/tests/lib.sh"
reference=$SOURCE/results/reference
figures=$SOURCE/plots/reference

(cd "$reference" && sha256sum --quiet -c SHA256SUMS) || fail "the records of the reference were changed"
command -v gnuplot >/dev/null || { echo "gnuplot is not installed"; exit 77; }
try "$WBIT" plot --format svg -o drawn "$reference/switch-6.12.jsonl"
[ "$status" -eq 0 ] || fail "status $status: $(head -c 600 err)"
for file in "$figures"/*.dat; do
	cmp "$file" "drawn/${file##*/}" || fail "${file##*/} comes out otherwise"
done
[ "$(find "$figures" -name '*.dat' | wc -l)" -ge 5 ] || fail "figures are missing"
if [ "$(gnuplot --version)" = "$(cat "$figures/gnuplot-version")" ]; then
	for file in "$figures"/*.svg; do
		cmp "$file" "drawn/${file##*/}" || fail "${file##*/} comes out otherwise"
	done
else
	echo "svg not compared: drawn by $(cat "$figures/gnuplot-version"), here is $(gnuplot --version)"
fi
finish
