# SPDX-License-Identifier: GPL-2.0-or-later
# What the figures share: the first four blocks of NAME.dat (src/data/figure.h), sizes, fonts, colours. Loaded by NAME.gp,
# with `figure` set to NAME. All lengths are in mm on paper, all fonts and lines in pt. Restyle here or in NAME.gp, then
# run `gnuplot NAME.gp` in this folder.

set datafile separator "\t"

font_name = 'DejaVu Sans'
small = font_name . ',7'
tiny = font_name . ',6'
middle = font_name . ',7.5'
# svg has no word for bold: this ends its family and begins the next attribute.
svg_bold = font_name . '" font-weight="bold'
letter = 1.3		# mm, of 7 pt, on average
grey = '#555555'
pale = '#f1f1f1'

# By style: 1 entry, 2 vma, 3 vma-only, 4 any other policy; 5 to 8 the same again. Okabe and Ito's colours, the first
# three far apart in grey; dash, marker and width tell them apart as well, and a thin line shows on a thick one.
array colour[8] = [0x0072b2, 0xe69f00, 0x000000, 0x009e73, 0x56b4e9, 0xd55e00, 0x888888, 0xcc79a7]
array tint[8] = [0xb3d1e6, 0xf8e3b5, 0xbfbfbf, 0xb3dfd2, 0xcfe9f8, 0xf3cbae, 0xdddddd, 0xf0d7e5]
array ink[8] = [0xffffff, 0x000000, 0xffffff, 0xffffff, 0x000000, 0xffffff, 0x000000, 0x000000]
array dash[8] = [1, 2, 3, 4, 1, 2, 3, 4]
array marker[8] = [7, 5, 9, 13, 6, 4, 8, 12]
array thick[8] = [2.2, 1.5, 0.9, 1.3, 1.7, 1.2, 0.7, 1.0]
array size[8] = [0.62, 0.42, 0.42, 0.45, 0.55, 0.45, 0.42, 0.45]

max(a, b) = a > b ? a : b
min(a, b) = a < b ? a : b

file = figure . '.dat'
stats file index 0 using (width = column(1), formats = strcol(2), title = strcol(3), nr_notes = int(column(4)), \
	nr_series = int(column(5)), nr_rows = int(column(6)), unit = strcol(7), short_unit = strcol(8), \
	longest = int(column(9)), 0) nooutput
array style[12]
array legend[12]
stats file index 2 using (style[int(column(1))] = int(column(2)), legend[int(column(1))] = strcol(3), 0) nooutput
array name[48]
array part1[48]
array part2[48]
stats file index 3 using (name[int(column(1)) + 1] = strcol(2), part1[int(column(1)) + 1] = strcol(3), \
	part2[int(column(1)) + 1] = strcol(4), 0) nooutput
two = width > 100
if (nr_series == 1) { array dash[8] = [1, 1, 1, 1, 1, 1, 1, 1] }

# Names of workloads: whole, or in two lines where they are long and the figure is narrow.
broken_name(i) = part2[i] eq '-' ? name[i] : part1[i] . "\n" . part2[i]
row_name(i) = two ? name[i] : broken_name(i)
text_of(s) = s eq '-' ? '' : s		# an empty column would keep the text of the line before
name_of(shown, i) = shown ? row_name(i) : ''

# From the top: title, legend, the figure's own part, notes. The figure sets `body`, its own part's height.
title_height = 5.5
legend_pitch = letter * longest + 10
legend_across = int(max(1, min(nr_series, floor((width - 3) / legend_pitch))))
legend_lines = nr_series > 0 ? int(ceil(1.0 * nr_series / legend_across)) : 0
legend_height = 3.6 * legend_lines
notes_height = 3.1 * nr_notes + 1.5
legend_x(i) = 2 + legend_pitch * (i % legend_across)
legend_y(i) = height - title_height - 1.9 - 3.6 * (i / legend_across)

# The distance of round marks, n of them at most over a span.
power_of(v) = 10 ** floor(log10(v))
round_up(v) = v <= 1 ? 1 : v <= 2 ? 2 : v <= 5 ? 5 : 10
tick_step(span, n) = power_of(span / n) * round_up(span / n / power_of(span / n))

# In parts of the screen, of mm from the left, from the bottom, from the top of the figure's own part.
sx(mm) = mm / width
sy(mm) = mm / height
body_top = 0		# set by the figure, from the page's top
st(mm) = 1 - (body_top + mm) / height

ends = 'butt'		# of lines; line charts take 'rounded'
scale(kind) = kind eq 'svg' ? 96 / 25.4 : 300 / 25.4
terminal(kind) = kind eq 'svg' ? sprintf("set terminal svg size %d,%d noenhanced font '%s' fontscale 1.3333 linewidth 1.3333 \
dashlength 0.9 %s background rgb 'white'", width * scale(kind), height * scale(kind), small, ends) : kind eq 'png' ? sprintf("set terminal pngcairo \
size %d,%d noenhanced font '%s' fontscale 3.125 linewidth 4.1667 pointscale 3.125 dashlength 0.6 %s background rgb 'white'", \
	width * scale(kind), height * scale(kind), small, ends) : sprintf("set terminal pdfcairo size %.4fcm,%.4fcm noenhanced font '%s' \
fontscale 0.75 linewidth 2 dashlength 0.6 %s background rgb 'white'", width / 10.0, height / 10.0, small, ends)

# What a figure begins with, in its loop over formats: the page in mm, title and notes.
begin_page = "grow = kind eq 'svg' ? 1.333 : 1; face = kind eq 'svg' ? svg_bold : font_name . ':Bold'; bold = face . ',7'; heading = face . ',8.5'; \
eval terminal(kind); set output figure . '.' . kind; set multiplot; \
unset border; unset tics; unset key; unset grid; unset logscale; unset label; unset xlabel; unset ylabel; \
set lmargin at screen 0; set rmargin at screen 1; set bmargin at screen 0; set tmargin at screen 1; \
set xrange [0:width]; set yrange [0:height]; \
set label 1 title at 2, height - 3 left font heading noenhanced front; \
plot file index 1 using (2):(notes_height - 2.2 - 3.1 * $0):1 with labels left font small tc rgb grey; unset label 1"
end_page = "unset multiplot; unset output"

# The legend, over what begin_page drew, in the same units: 'lines', 'boxes' or 'numbers'.
legend_line = "plot for [i = 1:nr_series] '+' using (legend_x(i - 1) + 6.0 * $0):(legend_y(i - 1)) every ::0::1 with lines \
lc rgb colour[style[i]] dt dash[style[i]] lw thick[style[i]], \
for [i = 1:nr_series] '+' using (legend_x(i - 1) + 3):(legend_y(i - 1)) every ::0::0 with points pt marker[style[i]] ps grow * size[style[i]] \
lc rgb colour[style[i]], \
for [i = 1:nr_series] '+' using (legend_x(i - 1) + 7.2):(legend_y(i - 1)):(legend[i]) every ::0::0 with labels left font small"
legend_box = "plot for [i = 1:nr_series] '+' using (0):(0):(legend_x(i - 1) + 1):(legend_x(i - 1) + 6):(legend_y(i - 1) - 0.9):\
(legend_y(i - 1) + 0.9) every ::0::0 with boxxyerror fs solid border lc rgb 'black' fc rgb colour[style[i]], \
for [i = 1:nr_series] '+' using (legend_x(i - 1) + 7.2):(legend_y(i - 1)):(legend[i]) every ::0::0 with labels left font small"
legend_number = "plot for [i = 1:nr_series] '+' using (legend_x(i - 1) + 1):(legend_y(i - 1)):(sprintf('%d  ', i) . legend[i]) \
every ::0::0 with labels left font small"
legend_point = "plot for [i = 1:nr_series] '+' using (legend_x(i - 1) + 3):(legend_y(i - 1)) every ::0::0 with points \
pt marker[style[i]] ps grow * size[style[i]] lc rgb colour[style[i]], \
for [i = 1:nr_series] '+' using (legend_x(i - 1) + 5):(legend_y(i - 1)):(legend[i]) every ::0::0 with labels left font small"
