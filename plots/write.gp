# SPDX-License-Identifier: GPL-2.0-or-later
# Distribution of the latency of single first writes after the migration. Data and drawing: cdf.gp.
figure = 'write'
axis_of(unit) = unit . ' a write, log scale'
share = 'share of the writes'
load 'cdf.gp'
