# SPDX-License-Identifier: GPL-2.0-or-later
# Write faults per page on the first write after a migration: a column a series, a row a workload; the measured bar with
# its kind of fault, and the oracle's prediction as a circle.
#
# faults.dat: head as in src/data/figure.h, column 10: highest bar. Then a block a series: row, least and most faults per
# page measured, expected faults per page, where the text beside the bar begins, that text, text in the bar (-: none).

figure = 'faults'
load 'style.gp'
stats file index 0 using (highest = column(10), 0) nooutput

names_width = (two ? letter * 25 : letter * 18) + 2
row_height = two ? 4.0 : 6.0
gap = 1.6
pitch = (width - names_width - 1) / nr_series
facet = pitch - gap
numbered = letter * longest > facet + 1
body_top = title_height + (numbered ? legend_height + 1 : 0)
height = body_top + 4.5 + row_height * nr_rows + 9 + notes_height
words = facet / 1.25 > 12 * 1.2		# do the kinds fit a bar of 1?
set style fill solid 1.0 border lc rgb 'black'

do for [kind in formats] {
	@begin_page
	if (numbered) { @legend_number }
	set xrange [0:1.25 * highest]
	set yrange [nr_rows - 0.5:-0.5]
	set tmargin at screen st(4.5)
	set bmargin at screen st(4.5 + row_height * nr_rows)
	set grid xtics lt 1 lc rgb '#bbbbbb' lw 0.4
	do for [i = 1:nr_series] {
		set lmargin at screen sx(names_width + pitch * (i - 1))
		set rmargin at screen sx(names_width + pitch * (i - 1) + facet)
		set xtics 0, highest > 2 ? 1 : highest < 1.01 && facet < 25 ? 1 : 0.5, highest scale 0.3 nomirror font small offset 0, 0.4
		set border 3 lw 0.6
		set label 2 (numbered ? sprintf('%d', i) : legend[i]) at graph 0, graph 1 offset 0, 0.6 left font bold noenhanced
		if (i == 1) { set ytics scale 0 nomirror font small offset 0.4, 0; set label 3 'write faults per page' \
			at screen sx((names_width + width) / 2.0), st(4.5 + row_height * nr_rows + 6.5) center font middle }
		plot for [r = 0:nr_rows - 1:2] '+' using (0):(0):(0):(1.25 * highest):(r - 0.5):(r + 0.5) every ::0::0 \
				with boxxyerror fs solid noborder fc rgb pale, \
			file index 3 + i using (0):1:(0):3:($1 - 0.36):($1 + 0.36) with boxxyerror \
				fc rgb colour[style[i]] lw 0.5, \
			'' index 3 + i using ($2 < $3 ? $2 : NaN):1:2:3 with xerrorbars pt 0 lc rgb 'black' lw 0.8, \
			'' index 3 + i using (0.04 * highest):1:(words ? text_of(strcol(7)) : '') with labels left font small \
				tc rgb ink[style[i]], \
			'' index 3 + i using 4:1 with points pt 7 ps 0.5 * grow lc rgb 'white', \
			'' index 3 + i using 4:1 with points pt 6 ps 0.5 * grow lw 0.8 lc rgb 'black', \
			'' index 3 + i using ($5 + 0.09 * highest):1:(text_of(strcol(6))) with labels left font small, \
			file index 3 using (-9):1:ytic(name_of(i == 1, int($1) + 1)) with points
		unset label 2
		unset label 3
		unset ytics
	}
	@end_page
}
