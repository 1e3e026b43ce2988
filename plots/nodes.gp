# SPDX-License-Identifier: GPL-2.0-or-later
# What migrating a page costs from each node to each other one, of one workload: a matrix a series, from down, to across.
#
# nodes.dat: head as in src/data/figure.h, column 10: number of nodes. Then a block of nodes: number from 0, the node. Then a
# block a series: to, from (numbers from 0), median, its text, half of the trials' range in per cent.

figure = 'nodes'
load 'style.gp'
stats file index 0 using (nr_nodes = int(column(10)), 0) nooutput
stats file index 5:4 + nr_series using 3 name 'cost' nooutput

left = 11.0
tile = max(5.0, min(two ? 11.0 : 9.0, (width - left - 4) / nr_nodes))
side = tile * nr_nodes
pitch = side + left + 2
across = max(1, min(nr_series, int(floor((width - 2) / pitch))))
down = int(ceil(1.0 * nr_series / across))
words = tile > 8.5
body_top = title_height
height = body_top + (side + 16) * down + notes_height
# Light to dark; the same cost everywhere is light.
set palette defined (0 '#e8f1f8', 1 '#0072b2')
span = cost_max - cost_min
shade(v) = span > 0.001 * cost_max ? (v - cost_min) / span : 0
dark(v) = shade(v) > 0.55

do for [kind in formats] {
	@begin_page
	unset colorbox
	set cbrange [0:1]
	set xrange [-0.5:nr_nodes - 0.5]
	set yrange [nr_nodes - 0.5:-0.5]
	set xtics scale 0 nomirror font small offset 0, 0.5
	set ytics scale 0 nomirror font small offset 0.5, 0
	do for [i = 1:nr_series] {
		x = left + pitch * ((i - 1) % across)
		y = 5.5 + (side + 16) * ((i - 1) / across)
		set tmargin at screen st(y)
		set bmargin at screen st(y + side)
		set lmargin at screen sx(x)
		set rmargin at screen sx(x + side)
		set label 2 legend[i] at graph 0, graph 1 offset 0, 0.6 left font bold noenhanced
		set label 3 'to node; ' . short_unit . ' a page' at graph 0.5, screen st(y + side + 6) center font small
		set label 4 'from node' at screen sx(x - 7.5), graph 0.5 rotate center font small
		plot file index 4 + i using 1:2:($1 - 0.48):($1 + 0.48):($2 - 0.48):($2 + 0.48):(shade($3)) with boxxyerror \
				fs solid border lc rgb '#888888' fc palette lw 0.4, \
			'' index 4 + i using (words && !dark($3) ? $1 : NaN):($2 - 0.14):(text_of(strcol(4))) with labels font small, \
			'' index 4 + i using (words && dark($3) ? $1 : NaN):($2 - 0.14):(text_of(strcol(4))) with labels font small tc rgb 'white', \
			'' index 4 + i using (words && !dark($3) ? $1 : NaN):($2 + 0.22):(text_of(strcol(5))) with labels font tiny, \
			'' index 4 + i using (words && dark($3) ? $1 : NaN):($2 + 0.22):(text_of(strcol(5))) with labels font tiny tc rgb 'white', \
			file index 4 using 1:(-9):xtic(2) with points, file index 4 using (-9):1:ytic(2) with points
		unset label 2
		unset label 3
		unset label 4
	}
	@end_page
}
