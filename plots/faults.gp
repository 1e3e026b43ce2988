# SPDX-License-Identifier: GPL-2.0-or-later
# Write faults per page on the first write after a migration: measured bars, and the oracle's prediction as a circle.
# `wbit plot` copies this file beside faults.dat and runs it there. All that varies comes from faults.dat, as data.
#
# faults.dat, blocks separated by two empty lines, columns by tabs, NaN for what was not measured:
#   0  two lines of footnote, number of series, number of workloads, distance of two bars, highest bar
#   1  x, workload
#   2  and on, one per series: a line with its legend, then
#      x, lowest and highest faults per page measured, expected faults per page, place of the text above the bar,
#      that text, text in the bar

set datafile separator "\t"
set encoding utf8

stats 'faults.dat' index 0 using (footnote1 = strcol(1), footnote2 = strcol(2), nr_series = int(column(3)), \
	nr_workloads = int(column(4)), distance = column(5), highest = column(6), 0) nooutput
last = nr_series + 1

max(a, b) = a > b ? a : b
min(a, b) = a < b ? a : b
width = min(6000, max(960, 130 + (34 + 20 * nr_series) * nr_workloads))
slanted = nr_workloads > 5
legend_rows = nr_series > 3 ? nr_series + 1 : 2
height = (slanted ? 560 : 480) + 17 * (legend_rows - 2)
narrow = nr_workloads > 5 || nr_series > 4
half = 0.45 * distance		# of a bar's width
plinth = 0.035 * max(1, highest)

# Okabe and Ito's colours, the first three from dark to light, so that grey print tells them apart as well.
array fill[8] = [0x0072b2, 0xe69f00, 0xf7ee9a, 0xd55e00, 0x56b4e9, 0xcc79a7, 0x009e73, 0xbbbbbb]
array ink[8] = [0xffffff, 0x000000, 0x000000, 0xffffff, 0x000000, 0x000000, 0xffffff, 0x000000]
style(i) = (i - 2) % 8 + 1

set style fill solid 1.0 border lc rgb 'black'
set boxwidth 2 * half absolute
set xrange [-0.55:nr_workloads - 0.45]
set yrange [-plinth:1.25 * max(1, highest)]
set ytics 0, 0.5 nomirror
set xtics scale 0 nomirror
if (slanted) set xtics rotate by 30 right
set grid ytics lt 1 lc rgb '#dddddd' lw 1
set border 2
set xzeroaxis lt 1 lc rgb 'black' lw 1.5
set style arrow 1 heads size screen 0.006, 90 lw 1.5 lc rgb 'black'
set ylabel 'write faults per page'
set label 1 'Write faults on the first write after a page migration' at screen 0.5, screen 1 - 24.0 / height \
	center font ',16' noenhanced
set label 2 footnote1 at screen 0.5, screen 34.0 / height center font ',10.5' textcolor rgb '#444444' noenhanced
set label 3 footnote2 at screen 0.5, screen 15.0 / height center font ',10.5' textcolor rgb '#444444' noenhanced
set tmargin 3.6 + legend_rows
set bmargin (slanted ? 12 : 5.5)
set key at screen 0.5, screen 1 - 44.0 / height center top vertical maxrows legend_rows \
	Left reverse samplen 1.6 width 1 noenhanced

do for [kind in 'svg png'] {
	if (kind eq 'svg') {
		set terminal svg size width, height noenhanced font 'DejaVu Sans,13' background rgb 'white'
	} else {
		set terminal pngcairo size 2 * width, 2 * height noenhanced font 'DejaVu Sans,13' fontscale 1.55 \
			linewidth 2 pointscale 2.6 background rgb 'white'
	}
	set output 'faults.' . kind
	# A plinth below zero carries each bar's colour, also where the bar has no height.
	plot for [i = 2:last] 'faults.dat' index i every ::1 using 1:1:($1 - half):($1 + half):(-plinth):(0) \
			with boxxyerror lc rgb fill[style(i)] notitle, \
		for [i = 2:last] '' index i using 1:3 with boxes lc rgb fill[style(i)] title columnheader(1), \
		for [i = 2:last] '' index i every ::1 using 1:($2 < $3 ? $2 : NaN):(0):($3 - $2) \
			with vectors arrowstyle 1 notitle, \
		for [i = 2:last] '' index i every ::1 using 1:4 with points pt 7 ps 1.3 lc rgb 'white' notitle, \
		for [i = 2:last] '' index i every ::1 using 1:4 with points pt 6 ps 1.3 lw 1.6 lc rgb 'black' notitle, \
		for [i = 2:last] '' index i every ::1 using 1:5:6 with labels offset 0, 1.1 \
			font (narrow ? ',10' : ',13') notitle, \
		for [i = 2:last] '' index i every ::1 using 1:(0.5 * $3):7 with labels rotate \
			font (narrow ? ',9' : ',11') textcolor rgb ink[style(i)] notitle, \
		'' index 1 using 1:(-9):xtic(2) with points notitle, \
		NaN with points pt 6 ps 1.3 lw 1.6 lc rgb 'black' title 'predicted by the oracle'
	unset output
}
