# SPDX-License-Identifier: GPL-2.0-or-later
# Distribution of the latency of migrating a page. Data and drawing: cdf.gp.
figure = 'migrate'
axis_of(unit) = unit . ' a page, log scale'
share = 'share of the trials'
load 'cdf.gp'
