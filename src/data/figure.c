// SPDX-License-Identifier: GPL-2.0-or-later
#include "figure.h"

#include "figure_sheet.h"

const struct figure figures[] = {
	{ "faults", "write faults per page, workloads by policies", faults_missing, faults_write },
	{ "write", "distribution of the first writes' latency", latency_write_missing, latency_write_write },
	{ "migrate", "distribution of the migrations' latency, a page", latency_migrate_missing, latency_migrate_write },
	{ "pages", "cost against number of pages", pages_missing, pages_write },
	{ "total", "migration and first write in all, and the break-even share", total_missing, total_write },
	{ "nodes", "migration from node to node", nodes_missing, nodes_write },
	{ "overview", "all of it on one page", total_missing, overview_write },
	{ 0 },
};
