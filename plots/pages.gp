# SPDX-License-Identifier: GPL-2.0-or-later
# Cost of a migration call and of the first writes after it against the number of pages, both axes logarithmic, a panel a
# workload. Points are measured; each line is fixed cost + pages * cost a page, from the smallest and the largest size.
#
# pages.dat: head as in src/data/figure.h, columns 10 to 13: least and most pages, lowest and highest cost. Then a block of
# rows: row, cost a page of migration, of first write (text: range over the series). Then, for each workload and each series
# in turn, the points: pages, migration: median, least, most, first writes: the same. Then, in the same order, the lines:
# pages, migration, first writes.

figure = 'pages'
load 'style.gp'
ends = 'rounded'
stats file index 0 using (least = column(10), most = column(11), lowest = column(12), highest = column(13), 0) nooutput
array slope1[48]
array slope2[48]
stats file index 4 using (slope1[int(column(1)) + 1] = strcol(2), slope2[int(column(1)) + 1] = strcol(3), 0) nooutput
nr = nr_rows * nr_series

across = min(two ? 5 : 3, nr_rows)
down = int(ceil(1.0 * nr_rows / across))
left = 12.5
pitch = (width - left - 2) / across
panel_width = pitch - 3
panel_height = two ? 24 : 21
panel_pitch = panel_height + 11
body_top = title_height + legend_height
height = body_top + panel_pitch * down + 8 + notes_height
top(i) = 10 + panel_pitch * ((i - 1) / across)
at(i) = left + pitch * ((i - 1) % across)
bottom = 10 ** floor(log10(lowest))
decade_step(decades, room) = decades > room ? 100 : 10
# Past 5 decades of cost every second one is marked.
ystep = log10(highest / bottom) > 4.5 ? 100 : 10
xstep = log10(most / least) > 3 ? 16 : log10(most / least) > 1.5 ? 8 : 4

do for [kind in formats] {
	@begin_page
	@legend_line
	set logscale xy
	set xrange [least / 1.5:most * 1.5]
	set yrange [bottom:highest * 2]
	set border 3 lw 0.6
	set grid xtics ytics lt 1 lc rgb '#dddddd' lw 0.4
	do for [i = 1:nr_rows] {
		set tmargin at screen st(top(i))
		set bmargin at screen st(top(i) + panel_height)
		set lmargin at screen sx(at(i))
		set rmargin at screen sx(at(i) + panel_width)
		set xtics least, xstep scale 0.4 nomirror font small offset 0, 0.5
		set mxtics 1; set mytics 1
		set format x (i + across > nr_rows ? '%.0f' : '')
		set ytics bottom, ystep scale 0.4 nomirror font small offset 0.5, 0
		set format y ((i - 1) % across == 0 ? '%.0s%c' : '')
		broken = letter * strlen(name[i]) > pitch - 1 && part2[i] ne '-'
		set label 2 (broken ? broken_name(i) : name[i]) at graph 0, graph 1 \
			offset 0, (broken ? 2.4 : 1.4) left font small noenhanced
		set label 5 slope1[i] . (two ? ' | ' : '|') . slope2[i] at graph 0, graph 1 offset 0, 0.45 left font small tc rgb grey noenhanced
		if (i == 1) {
			set label 3 'pages in the call' at screen sx(left + (width - left) / 2.0), st(panel_pitch * down + 5) center font middle
			set label 4 unit . ' a call' at screen sx(2.2), st(panel_pitch * down / 2.0) rotate center font middle
		}
		base = 4 + (i - 1) * nr_series
		plot for [g = 0:12] bottom / least * 10.0 ** g / 1000 * x with lines lc rgb '#e4e4e4' lw 0.5, \
			for [k = 1:nr_series] file index base + nr + k using 1:2 with lines lc rgb colour[style[k]] \
				dt dash[style[k]] lw thick[style[k]], \
			for [k = 1:nr_series] file index base + nr + k using 1:3 with lines lc rgb colour[style[k]] \
				dt dash[style[k]] lw thick[style[k]], \
			for [k = 1:nr_series] file index base + k using 1:($3 < $4 ? $3 : NaN):(0):($4 - $3) with vectors \
				heads size 0.004, 90 lc rgb colour[style[k]] lw 0.6, \
			for [k = 1:nr_series] file index base + k using 1:($6 < $7 ? $6 : NaN):(0):($7 - $6) with vectors \
				heads size 0.004, 90 lc rgb colour[style[k]] lw 0.6, \
			for [k = 1:nr_series] file index base + k using 1:2 with points pt marker[style[k]] ps grow * size[style[k]] \
				lc rgb colour[style[k]], \
			for [k = 1:nr_series] file index base + k using 1:5 with points pt marker[style[k]] ps grow * size[style[k]] \
				lc rgb colour[style[k]]
		unset label 2
		unset label 3
		unset label 4
		unset label 5
	}
	@end_page
}
