# SPDX-License-Identifier: GPL-2.0-or-later
# What write.gp and migrate.gp share: a panel a workload, in each the share of samples up to a value, on a log axis; a line of steps
# a series, a marker at its median.
#
# NAME.dat: head as in src/data/figure.h, columns 10 and 11: lowest and highest value. Then, for each workload and each
# series in turn, a block: value, share of samples below or up to it (a line each),
# 0.5 in the line of the median.

load 'style.gp'
ends = 'rounded'
stats file index 0 using (lowest = column(10), highest = column(11), 0) nooutput

across = min(two ? 5 : 3, nr_rows)
down = int(ceil(1.0 * nr_rows / across))
left = 11.0
pitch = (width - left - 2) / across
panel_width = pitch - 3
panel_height = two ? 20 : 17
panel_pitch = panel_height + 8.5
body_top = title_height + legend_height + 1
height = body_top + panel_pitch * down + 8 + notes_height
top(i) = 7.5 + panel_pitch * ((i - 1) / across)
at(i) = left + pitch * ((i - 1) % across)

# The axis, with a factor of 1.5 at least, so that equal values look equal. Powers of ten are marked, or where the axis is
# too short for them, round values.
middle_value = sqrt(lowest * highest)
from = min(lowest / 1.05, middle_value / 1.25)
to = max(highest * 1.05, middle_value * 1.25)
if (to / from > 3) { from = from / 1.3; to = to * 1.3 }
decades = log10(to / from)
short_axis = decades < 1.2
round_step = tick_step(to - from, 3)
step = panel_width / decades > 6.5 ? 10 : panel_width / decades > 3.2 ? 100 : 1000

do for [kind in formats] {
	@begin_page
	@legend_line
	set logscale x
	set xrange [from:to]
	set yrange [0:1.06]
	set border 3 lw 0.6
	set grid xtics ytics lt 1 lc rgb '#dddddd' lw 0.4
	do for [i = 1:nr_rows] {
		set tmargin at screen st(top(i))
		set bmargin at screen st(top(i) + panel_height)
		set lmargin at screen sx(at(i))
		set rmargin at screen sx(at(i) + panel_width)
		set xtics step scale 0.4 nomirror font small offset 0, 0.5
		if (short_axis) {
			set xtics ()
			do for [t = ceil(from / round_step):floor(to / round_step)] { set xtics add (t * round_step) }
		}
		set format x (i + across > nr_rows ? (short_axis ? '%.0f' : '%.0s%c') : '')
		set ytics 0.5 scale 0.4 nomirror font small offset 0.5, 0
		set format y ((i - 1) % across == 0 ? '%g' : '')
		set label 2 (letter * strlen(name[i]) > pitch - 1 ? broken_name(i) : name[i]) at graph 0, graph 1 \
			offset 0, (letter * strlen(name[i]) > pitch - 1 && part2[i] ne '-' ? 1.5 : 0.5) left font small noenhanced
		if (i == 1) {
			set label 3 axis_of(unit) at screen sx(left + (width - left) / 2.0), st(panel_pitch * down + 4.5) center font middle
			set label 4 share at screen sx(2.2), st(panel_pitch * down / 2.0) rotate center font middle
		}
		plot for [k = 1:nr_series] file index 3 + (i - 1) * nr_series + k using 1:2 with lines lc rgb colour[style[k]] \
				dt dash[style[k]] lw thick[style[k]], \
			for [k = 1:nr_series] file index 3 + (i - 1) * nr_series + k using 1:3 with points pt marker[style[k]] \
				ps grow * size[style[k]] lc rgb colour[style[k]]
		unset label 2
		unset label 3
		unset label 4
	}
	@end_page
}
