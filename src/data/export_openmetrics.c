// SPDX-License-Identifier: GPL-2.0-or-later
/* Cells as gauges of OpenMetrics: export.h says which, and what they may cost. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

#define VALUE_MAX 128
#define LABELS_MAX_BYTES 2560	/* all names at their longest, and a counter's */
#define LABEL_NAME_MAX 64

/* Appends NAME="VALUE", the value as printable ASCII at most, with its quotes and backslashes escaped. */
static void add_label(char *labels, const char *name, const char *value)
{
	char clean[2 * VALUE_MAX];
	size_t at = strlen(labels), len = 0;

	for (size_t i = 0; i < VALUE_MAX - 1 && value[i]; i++) {
		if (value[i] == '"' || value[i] == '\\')
			clean[len++] = '\\';
		clean[len++] = value[i] >= ' ' && value[i] <= '~' ? value[i] : '?';
	}
	clean[len] = '\0';
	if (at + len + strlen(name) + 5 < LABELS_MAX_BYTES)
		snprintf(labels + at, LABELS_MAX_BYTES - at, "%s%s=\"%s\"", at ? "," : "", name, clean);
}

static void cell_labels(const struct summary *summary, const struct cell *cell, char *labels)
{
	const struct run_info *run = &summary->runs[cell->run];
	char number[24];

	labels[0] = '\0';
	add_label(labels, "kernel", run->name ? run->name : run->kernel);
	add_label(labels, "platform", run->platform);
	add_label(labels, "workload", cell->workload);
	add_label(labels, "policy", cell->policy);
	add_label(labels, "source", cell->source);
	add_label(labels, "trigger", cell->trigger);
	snprintf(number, sizeof(number), "%" PRIu64, cell->pages);
	add_label(labels, "pages", number);
	snprintf(number, sizeof(number), "%" PRIu64, cell->page_bytes);
	add_label(labels, "page_bytes", number);
	snprintf(number, sizeof(number), "%u", cell->beside);
	if (cell->beside)
		add_label(labels, "beside", number);
	if (cell->of_pair) {
		snprintf(number, sizeof(number), "%d", cell->from);
		add_label(labels, "from_node", number);
		snprintf(number, sizeof(number), "%d", cell->to);
		add_label(labels, "to_node", number);
	}
	if (cell->vmas > 1) {
		snprintf(number, sizeof(number), "%" PRIu64, cell->vmas);
		add_label(labels, "vmas", number);
	}
}

/* ---- the metrics ---- */

struct metric {
	const char *name, *unit, *help;
	/* The cell's figure; false: it has none. */
	bool (*value)(const struct run_info *run, const struct cell *cell, double *value);
};

static bool faults(const struct run_info *run, const struct cell *cell, double *value)
{
	(void)run;
	*value = cell->faults_max == NOT_MEASURED ? 0 : export_faults(cell->faults_max, cell->pages);
	return cell->faults_max != NOT_MEASURED;
}

static bool faults_expected(const struct run_info *run, const struct cell *cell, double *value)
{
	(void)run;
	*value = cell->expected_faults == NOT_MEASURED ? 0 : export_faults(cell->expected_faults, cell->pages);
	return cell->expected_faults != NOT_MEASURED;
}

static bool median(const struct run_info *run, const char *clock, const struct spread *spread, double *value)
{
	*value = spread->median;
	return spread->n && !strcmp(run->clock, clock);
}

static bool migrate_insn(const struct run_info *run, const struct cell *cell, double *value)
{
	return median(run, "insn", &cell->migrate, value);
}

static bool write_insn(const struct run_info *run, const struct cell *cell, double *value)
{
	return median(run, "insn", &cell->write, value);
}

static bool migrate_s(const struct run_info *run, const struct cell *cell, double *value)
{
	bool is = median(run, "ns", &cell->migrate, value);

	*value /= 1e9;
	return is;
}

static bool write_s(const struct run_info *run, const struct cell *cell, double *value)
{
	bool is = median(run, "ns", &cell->write, value);

	*value /= 1e9;
	return is;
}

static bool bad(const struct run_info *run, const struct cell *cell, double *value)
{
	(void)run;
	*value = cell_is_bad(cell);
	return true;
}

static const struct metric metrics[] = {
	{ "wbit_write_faults_per_page", "faults_per_page",
	  "Write faults per page written: those of the first write after the migration, and the one of the first touch.",
	  faults },
	{ "wbit_expected_write_faults_per_page", "faults_per_page",
	  "What the oracle predicts of wbit_write_faults_per_page.", faults_expected },
	{ "wbit_migrate_instructions_per_page", "instructions_per_page",
	  "Guest instructions of the migration, median of the trials, the call's fixed cost included.", migrate_insn },
	{ "wbit_write_instructions_per_page", "instructions_per_page",
	  "Guest instructions of the first write, median of the trials.", write_insn },
	{ "wbit_migrate_seconds_per_page", "seconds_per_page",
	  "Time of the migration, median of the trials, the call's fixed cost included.", migrate_s },
	{ "wbit_write_seconds_per_page", "seconds_per_page", "Time of the first write, median of the trials.", write_s },
	{ "wbit_cell_bad", NULL, "1 where a trial failed, broke, missed its state or contradicts the oracle, else 0.", bad },
};

static void print_head(FILE *out, const char *name, const char *unit, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", name, unit);
}

static void print_metric(FILE *out, const struct summary *summary, const struct metric *metric)
{
	char labels[LABELS_MAX_BYTES];
	bool headed = false;
	double value;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		if (!cell_ran(cell) || !metric->value(&summary->runs[cell->run], cell, &value))
			continue;
		if (!headed)
			print_head(out, metric->name, metric->unit, metric->help);
		headed = true;
		cell_labels(summary, cell, labels);
		fprintf(out, "%s{%s} %.9g\n", metric->name, labels, value);
	}
}

/* ---- counters ---- */

static const struct region_metric {
	const char *name, *help;
	bool write;
} region_metrics[] = {
	{ "wbit_migrate_events_per_page", "What a counter counted in the migration, median of the trials that carried it.", false },
	{ "wbit_write_events_per_page", "What a counter counted in the first write, median of the trials that carried it.", true },
};

static const struct spread *region_of(const struct cell_counter *counter, const struct region_metric *metric)
{
	return metric->write ? &counter->write.spread : &counter->migrate.spread;
}

/* The counter's figure; NULL: it has none here, or looks like one before it once its name is cleaned. */
static const struct spread *counter_figure(const struct cell *cell, unsigned number, const struct region_metric *metric)
{
	const struct spread *spread = region_of(&cell->counters[number], metric);
	char label[LABELS_MAX_BYTES] = "", other[LABELS_MAX_BYTES];

	if (!spread->n)
		return NULL;
	add_label(label, "counter", cell->counters[number].name);
	for (unsigned i = 0; i < number; i++) {
		other[0] = '\0';
		add_label(other, "counter", cell->counters[i].name);
		if (!strcmp(label, other) && region_of(&cell->counters[i], metric)->n)
			return NULL;
	}
	return spread;
}

static void print_counters(FILE *out, const struct summary *summary, const struct region_metric *metric)
{
	char labels[LABELS_MAX_BYTES];
	bool headed = false;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		for (unsigned k = 0; k < cell->nr_counters && cell_ran(cell); k++) {
			const struct spread *spread = counter_figure(cell, k, metric);

			if (!spread)
				continue;
			if (!headed)
				print_head(out, metric->name, "events_per_page", metric->help);
			headed = true;
			cell_labels(summary, cell, labels);
			add_label(labels, "counter", cell->counters[k].name);
			fprintf(out, "%s{%s} %.9g\n", metric->name, labels, spread->median);
		}
	}
}

static int check_counters(const struct summary *summary, char *error, size_t error_size)
{
	size_t nr = 0;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		for (unsigned k = 0; k < summary->cells[i].nr_counters; k++)
			nr += (summary->cells[i].counters[k].migrate.spread.n > 0) +
			      (summary->cells[i].counters[k].write.spread.n > 0);
	}
	if (nr <= OPENMETRICS_COUNTERS_MAX)
		return 0;
	snprintf(error, error_size, "%zu figures of counters, and %d are the most for one export: give fewer records", nr,
		 OPENMETRICS_COUNTERS_MAX);
	return -E2BIG;
}

/* ---- the runs ---- */

/* Is there a label of this name already? The text has only escaped quotes within values. */
static bool has_label(const char *labels, const char *name)
{
	char wanted[LABEL_NAME_MAX + 8];

	snprintf(wanted, sizeof(wanted), ",%s=\"", name);
	return strstr(labels, wanted) != NULL;
}

/* "KEY=VALUE, ..." of the run as labels of their own: label_KEY. Of two that look the same when cleaned the first stays. */
static void add_user_labels(char *labels, const json_t *user)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)user, key, value) {
		char name[LABEL_NAME_MAX] = "label_";

		export_word(key, name + strlen(name), sizeof(name) - strlen(name));
		for (char *c = name; *c; c++)
			if (*c == '.' || *c == '-')
				*c = '_';
		if (!has_label(labels, name))
			add_label(labels, name, json_string_value(value));
	}
}

static void print_runs(FILE *out, const struct summary *summary)
{
	char labels[LABELS_MAX_BYTES];

	print_head(out, "wbit_run_info", NULL, "1; its labels tell what was measured, and on what.");
	for (unsigned i = 0; i < summary->nr_runs; i++) {
		const struct run_info *run = &summary->runs[i];

		labels[0] = '\0';
		add_label(labels, "run", run->id);
		add_label(labels, "kernel", run->name ? run->name : run->kernel);
		add_label(labels, "release", run->kernel);
		add_label(labels, "platform", run->platform);
		add_label(labels, "clock", run->clock);
		add_label(labels, "whole", run->ended && !run->cut_short ? "yes" : "no");
		add_user_labels(labels, run->user_labels);
		fprintf(out, "wbit_run_info{%s} 1\n", labels);
	}
}

static int check_cells(const struct summary *summary, char *error, size_t error_size)
{
	json_t *seen = json_object();
	char labels[LABELS_MAX_BYTES];
	unsigned ran = 0;
	int err = seen ? 0 : -ENOMEM;

	for (unsigned i = 0; i < summary->nr_cells && !err; i++) {
		const struct cell *cell = &summary->cells[i];

		if (!cell_ran(cell))
			continue;
		cell_labels(summary, cell, labels);
		if (++ran > OPENMETRICS_CELLS_MAX) {
			snprintf(error, error_size,
				 "more than %d cells are too many series for one export: give fewer records",
				 OPENMETRICS_CELLS_MAX);
			err = -E2BIG;
		} else if (json_object_get(seen, labels)) {
			snprintf(error, error_size,
				 "two runs have the same cell, %.40s under %.20s on %.60s: give one, as FILE:RUN", cell->workload,
				 cell->policy, summary->runs[cell->run].kernel);
			err = -EEXIST;
		} else {
			err = json_object_set_new(seen, labels, json_true()) ? -ENOMEM : 0;
		}
	}
	json_decref(seen);
	if (err == -ENOMEM)
		snprintf(error, error_size, "out of memory");
	return err;
}

int openmetrics_write(FILE *out, const struct summary *summary, char *error, size_t error_size)
{
	int err = check_cells(summary, error, error_size) ?: check_counters(summary, error, error_size);

	if (err)
		return err;
	print_runs(out, summary);
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		print_metric(out, summary, &metrics[i]);
	for (size_t i = 0; i < sizeof(region_metrics) / sizeof(region_metrics[0]); i++)
		print_counters(out, summary, &region_metrics[i]);
	fputs("# EOF\n", out);
	return 0;
}
