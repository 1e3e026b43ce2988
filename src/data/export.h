/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records in the formats of dashboards. Text of records is hostile: it comes out in the alphabet of its place, bounded.
 *
 * The fault metric is total write faults per page written, the first touch included: the write-protection faults of the
 * first write after the migration, over the pages that were written, plus the one fault that each page took when it was
 * first touched. It is 1 where the migration cost nothing, so that no ratio of two of them divides by 0.
 */
#ifndef WBIT_EXPORT_H
#define WBIT_EXPORT_H

#include <stdio.h>

#include "summary.h"

double export_faults(uint64_t faults, uint64_t pages);	/* that metric */

/*
 * Counters are events per page of each region, where they were counted. Their names are cleaned as other text is; of two that
 * are one then, the first stays.
 */

/* Text as letters, digits, "_.-" and nothing else, at most size - 1 of them; what else there is becomes '_'. Returns out. */
char *export_word(const char *text, char *out, size_t size);

/* ---- gobench: what benchstat reads (golang.org/design/14313-benchmark-format) ---- */

/*
 * One line for each ok timed trial (migrate and write, a page, in the clock's unit) and one for each traced trial that was
 * judged (faults), in the order of the records, below "key: value" lines of what they ran on. Counters stand on the lines of
 * the trials that carried them, as "migrate-cycles:k/page"; what twins count is declared exact. The run's ID is no such line:
 * benchstat compares what agrees in all of them.
 */
struct gobench {
	FILE *out;
	json_t *configs;	/* private: a run's ID to its lines */
	json_t *units;		/* private: counters' units that were declared */
	const char *current;	/* private: the run whose lines were printed last */
};

int gobench_begin(struct gobench *gobench, FILE *out);		/* 0 or -ENOMEM; gobench_end() in any case */

/* A record that a summary has taken. 0 or -ENOMEM; write errors stay in the stream. */
int gobench_record(struct gobench *gobench, const struct summary *summary, const json_t *record);
void gobench_end(struct gobench *gobench);

/* ---- OpenMetrics, in what node-exporter's textfile collector reads as well ---- */

/* Series beyond this are refused: each costs the database that takes them. */
#define OPENMETRICS_CELLS_MAX 2000
#define OPENMETRICS_COUNTERS_MAX 20000	/* of the counters' figures */

/*
 * Gauges, a sample for each cell that ran, and one for each run. No label tells one run from the next but on wbit_run_info,
 * so that a series goes on from run to run. error: 200 bytes. -E2BIG: too many cells or counters; -EEXIST: two runs have the same cell,
 * or what cannot be told apart once its names are cleaned; -ENOMEM. Write errors stay in the stream.
 */
int openmetrics_write(FILE *out, const struct summary *summary, char *error, size_t error_size);

#endif
