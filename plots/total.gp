# SPDX-License-Identifier: GPL-2.0-or-later
# What a migrated page costs until it was written again: the migration (pale) and the first write with its fault (full),
# stacked; beside the bars the break-even share of each two policies (src/data/break_even.h).
#
# total.dat: head as in src/data/figure.h, column 10: highest bar, 11: number of pairs of policies. Then a block a series:
# row, migration, migration and first write: median, least, most. Then a block of the pairs: number, the two policies; and
# one of texts: row, a column a pair.

figure = 'total'
load 'style.gp'
stats file index 0 using (highest = column(10), nr_pairs = int(column(11)), 0) nooutput
if (!two) { nr_pairs = min(2, nr_pairs) }
array pair_a[3]
array pair_b[3]
stats file index 4 + nr_series using (nr_pairs ? (pair_a[int(column(1)) + 1] = strcol(2), pair_b[int(column(1)) + 1] = \
	strcol(3), 0) : 0) nooutput

names_width = (two ? letter * 25 : letter * 18) + 2
text_width = 14
right = nr_pairs ? text_width * nr_pairs + 3 : 3
bar = nr_series > 4 ? 1.5 : 1.9
row_height = max(bar * nr_series + 1, two ? 4.0 : 6.5)
header = nr_pairs ? 11.5 : 2
body_top = title_height + legend_height
height = body_top + header + row_height * nr_rows + 9.5 + notes_height
# In units of rows: the middle of a series' bar, and half of its thickness.
middle_of(i) = (i - 0.5 * (nr_series + 1)) * bar / row_height
half = 0.5 * bar / row_height

do for [kind in formats] {
	@begin_page
	@legend_box
	set yrange [nr_rows - 0.5:-0.5]
	set tmargin at screen st(header)
	set bmargin at screen st(header + row_height * nr_rows)
	set lmargin at screen sx(names_width)
	set rmargin at screen 1 - sx(right)
	set xrange [0:1.02 * highest]
	set border 3 lw 0.6
	set xtics nomirror scale 0.3 font small offset 0, 0.4
	set xtics tick_step(1.02 * highest, two ? 10 : 4)
	set format x '%.0s%c'
	set ytics scale 0 nomirror font small offset 0.4, 0
	set grid xtics lt 1 lc rgb '#bbbbbb' lw 0.4
	set label 2 unit . ' a page: migration (pale) + first write (full)' at graph 0.5, screen st(header + row_height * nr_rows + 6.5) \
		center font (two ? middle : small)
	plot for [r = 0:nr_rows - 1:2] '+' using (0):(0):(0):(1.02 * highest):(r - 0.5):(r + 0.5) every ::0::0 \
			with boxxyerror fs solid noborder fc rgb pale, \
		for [i = 1:nr_series] file index 3 + i using (0):1:(0):2:($1 + middle_of(i) - half):($1 + middle_of(i) + half) \
			with boxxyerror fs solid border lc rgb 'black' fc rgb tint[style[i]] lw 0.4, \
		for [i = 1:nr_series] file index 3 + i using (0):1:2:3:($1 + middle_of(i) - half):($1 + middle_of(i) + half) \
			with boxxyerror fs solid border lc rgb 'black' fc rgb colour[style[i]] lw 0.4, \
		for [i = 1:nr_series] file index 3 + i using ($4 < $5 ? $3 : NaN):($1 + middle_of(i)):4:5 with xerrorbars \
			pt 0 lc rgb 'black' lw 0.6, \
		file index 3 using (-9):1:ytic(name_of(1, int($1) + 1)) with points
	unset label 2
	if (nr_pairs) {
		unset border; unset tics; unset grid
		set lmargin at screen 1 - sx(right - 2)
		set rmargin at screen 1 - sx(1)
		set xrange [0:nr_pairs]
		set label 5 'break-even share' at graph 0.5, screen st(2.6) center font bold
		do for [p = 1:nr_pairs] {
			set label 5 + p pair_a[p] . "\n" . pair_b[p] at p - 0.5, screen st(6.1) center font small noenhanced
		}
		plot for [r = 0:nr_rows - 1:2] '+' using (0):(0):(0):(nr_pairs):(r - 0.5):(r + 0.5) every ::0::0 \
				with boxxyerror fs solid noborder fc rgb pale, \
			for [p = 1:nr_pairs] file index 5 + nr_series using (p - 0.5):1:(strcol(1 + p)) with labels center font small
		do for [p = 0:nr_pairs] { unset label 5 + p }
	}
	@end_page
}
