# SPDX-License-Identifier: GPL-2.0-or-later
# All of a run on one page: faults, first write, migration and break-even share, a row a workload.
#
# overview.dat: head as in src/data/figure.h, columns 10 to 15: most faults per page, least and most cost of a write, of a
# migration, number of pairs of policies. Then a block a series: row, faults per page, first write: median, least, most,
# migration: the same. Then the two blocks of break-even shares, as in total.gp.

figure = 'overview'
load 'style.gp'
stats file index 0 using (faults = column(10), w_least = column(11), w_most = column(12), m_least = column(13), \
	m_most = column(14), nr_pairs = int(column(15)), 0) nooutput
if (!two) { nr_pairs = 0 }
array pair_a[3]
array pair_b[3]
stats file index 4 + nr_series using (nr_pairs ? (pair_a[int(column(1)) + 1] = strcol(2), pair_b[int(column(1)) + 1] = \
	strcol(3), 0) : 0) nooutput

names_width = (two ? letter * 25 : letter * 18) + 2
text_width = 14
right = nr_pairs ? text_width * nr_pairs + 3 : 2
row_height = max(1.35 * nr_series + 1.4, two ? 5.0 : 6.5)
header = nr_pairs ? 11.5 : 8.5
body_top = title_height + legend_height
height = body_top + header + row_height * nr_rows + 6 + notes_height
middle_of(i) = (i - 0.5 * (nr_series + 1)) * 1.35 / row_height
room = width - names_width - right
array place[4] = [0, 0.24, 0.66, 1]	# of the three panels, in parts of the room
array heads[3] = ["write faults\na page", "first write\n" . short_unit . ", log scale", "migration\n" . short_unit . " a page"]
if (!two && unit eq 'instructions') { heads[2] = "first write\ninsn, log scale"; heads[3] = "migration\ninsn a page" }
m_span = max(m_most - m_least, 0.02 * m_most)

do for [kind in formats] {
	@begin_page
	@legend_point
	set yrange [nr_rows - 0.5:-0.5]
	set tmargin at screen st(header)
	set bmargin at screen st(header + row_height * nr_rows)
	set border 3 lw 0.6
	do for [p = 1:3] {
		low = p == 1 ? -0.12 * faults : p == 2 ? w_least / 1.6 : m_least - 0.12 * m_span
		high = p == 1 ? 1.12 * faults : p == 2 ? w_most * 1.6 : m_most + 0.12 * m_span
		if (p == 2) { set logscale x }
		if (p != 2) { unset logscale x }
		set lmargin at screen sx(names_width + place[p] * room)
		set rmargin at screen sx(names_width + place[p + 1] * room - 4.5)
		set xrange [low:high]
		if (p == 1) { set xtics 0, faults > 2 ? 1 : two ? 0.5 : 1 }
		if (p == 2) { set xtics 1, log10(high / low) > (two ? 6 : 2.5) ? 100 : 10 }
		if (p == 3) { set xtics (m_least, m_most) }	# the ends alone: there is little room
		set xtics nomirror scale 0.3 font small offset 0, 0.4
		set mxtics 1
		set format x (p == 2 ? '%.0s%c' : p == 3 ? '%.1s%c' : '%g')
		set grid xtics lt 1 lc rgb '#bbbbbb' lw 0.4
		if (p == 1) { set ytics scale 0 nomirror font small offset 0.4, 0 }
		set label 2 heads[p] at graph 0.5, screen st(header - 5) center font bold noenhanced
		column = p == 1 ? 2 : p == 2 ? 3 : 6
		plot for [r = 0:nr_rows - 1:2] '+' using (0):(0):(low):(high):(r - 0.5):(r + 0.5) every ::0::0 \
				with boxxyerror fs solid noborder fc rgb pale, \
			for [i = 1:nr_series] file index 3 + i using (p > 1 ? column(column) : NaN):($1 + middle_of(i)):\
				(column(column + (p > 1))):(column(column + 2 * (p > 1))) with xerrorbars pt 0 lc rgb colour[style[i]] lw 0.8, \
			for [i = 1:nr_series] file index 3 + i using (column(column)):($1 + middle_of(i)) with points \
				pt marker[style[i]] ps 0.42 * grow lc rgb colour[style[i]], \
			file index 3 using (low - 1):1:ytic(name_of(p == 1, int($1) + 1)) with points
		unset label 2
		unset ytics
	}
	if (nr_pairs) {
		unset border; unset tics; unset grid; unset logscale
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
