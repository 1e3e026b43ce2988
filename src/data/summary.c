// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records folded into cells, one at a time. Memory grows with the cells, and by two samples a timed trial for the
 * medians; all three numbers have limits.
 */
#include "summary.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cell_counters.h"
#include "trial_figures.h"

#define CELL_KEY_MAX 512
#define LABELS_TEXT_MAX 256
#define FIRST_ROOM 16

/* Notes which key of the record is at fault, and goes on to return what fail() does. */
#define fail_at(summary, key, ...) ((summary)->error_key = (key), fail(summary, __VA_ARGS__))

__attribute__((format(printf, 3, 4))) static int fail(struct summary *summary, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(summary->error, sizeof(summary->error), format, args);
	va_end(args);
	return err;
}

static int out_of_memory(struct summary *summary)
{
	return fail(summary, -ENOMEM, "out of memory after %llu trials", (unsigned long long)summary->nr_trials);
}

/* Room for one more in an array that doubles whenever its length is a power of two. NULL: out of memory. */
static void *grow(void *array, unsigned used, size_t size)
{
	if (used && (used < FIRST_ROOM || used & (used - 1)))
		return array;
	return reallocarray(array, used ? 2 * (size_t)used : FIRST_ROOM, size);
}

static enum outcome outcome_of(const json_t *trial)
{
	const char *name = record_string(trial, "outcome", "");

	for (unsigned i = 0; i < NR_OUTCOMES; i++) {
		if (!strcmp(name, outcome_name(i)))
			return i;
	}
	return OUTCOME_BROKEN;	/* the reader lets no other word pass */
}

static void count(struct tally *tally, enum outcome outcome)
{
	tally->trials++;
	tally->by_outcome[outcome]++;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

void summary_init(struct summary *summary)
{
	memset(summary, 0, sizeof(*summary));
	records_init();
}

static struct run_info *find_run(struct summary *summary, const json_t *record)
{
	const char *id = record_string(record, "run", "");

	for (unsigned i = summary->nr_runs; i-- > 0;) {
		if (!strcmp(summary->runs[i].id, id))
			return &summary->runs[i];
	}
	return NULL;
}

/* "KEY=VALUE, ..." as far as it fits; NULL when there are none. */
static char *labels_text(const json_t *env)
{
	char text[LABELS_TEXT_MAX] = "";
	size_t at = 0;
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(env, "labels"), key, value) {
		int len = snprintf(text + at, sizeof(text) - at, "%s%s=%s", at ? ", " : "", key,
				   json_string_value(value));

		if (len < 0 || (size_t)len >= sizeof(text) - at)
			break;
		at += (size_t)len;
	}
	return at ? strdup(text) : NULL;
}

static int add_env(struct summary *summary, const json_t *env)
{
	struct run_info *runs, *run;

	if (find_run(summary, env))
		return fail_at(summary, "run", -EEXIST, "run %s appears twice", record_string(env, "run", "?"));
	if (summary->nr_runs == SUMMARY_RUNS_MAX)
		return fail(summary, -E2BIG, "more than %d runs", SUMMARY_RUNS_MAX);
	runs = grow(summary->runs, summary->nr_runs, sizeof(*runs));
	if (!runs)
		return out_of_memory(summary);
	summary->runs = runs;
	run = memset(&runs[summary->nr_runs++], 0, sizeof(*run));
	run->id = copy(record_string(env, "run", "?"));
	run->kernel = copy(record_string(env, "kernel", "?"));
	run->platform = copy(record_string(env, "platform", "?"));
	run->clock = copy(record_string(env, "clock", "?"));
	run->note = copy(record_string(env, "kernel_package", NULL));
	run->name = copy(record_string(env, "kernel_name", NULL));
	run->boot = copy(record_string(env, "boot_id", NULL));
	run->labels = labels_text(env);
	run->user_labels = json_incref(json_object_get(env, "labels"));
	run->counters = json_incref(json_object_get(env, "counters"));
	run->from = run->to = -1;
	run->by_pairs = record_flag(env, "pairs");
	run->boots = 1;
	if (!run->id || !run->kernel || !run->platform || !run->clock ||
	    environment_take(&run->environment, env))
		return out_of_memory(summary);
	return 0;
}

static int add_end(struct summary *summary, const json_t *end)
{
	struct run_info *run = find_run(summary, end);
	uint64_t said = record_count(end, "trials");

	if (!run)
		return fail_at(summary, "run", -EINVAL, "end of run %s, which never began", record_string(end, "run", "?"));
	if (run->ended)
		return fail_at(summary, "run", -EEXIST, "run %s ends twice", run->id);
	run->ended = true;
	run->cut_short = copy(record_string(end, "cut_short", NULL));
	if (run->tally.trials != said && !run->cut_short &&
	    asprintf(&run->cut_short, "its end line counts %llu trials", (unsigned long long)said) < 0) {
		run->cut_short = NULL;
		return out_of_memory(summary);
	}
	return 0;
}

static unsigned beside_of(const json_t *trial)
{
	uint64_t threads = record_count(trial, "beside.threads");

	return threads < UINT16_MAX ? (unsigned)threads : 0;
}

static uint64_t vmas_of(const json_t *trial)
{
	uint64_t vmas = record_count(trial, "vmas");

	return vmas && vmas != NOT_MEASURED ? vmas : 1;
}

/* -1: none, or absurd. */
static int node_of(const json_t *trial, const char *key)
{
	uint64_t node = record_count(trial, key);

	return node <= INT16_MAX ? (int)node : -1;
}

static int new_cell(struct summary *summary, const struct run_info *run, const json_t *trial, const char *key)
{
	struct cell *cells, *cell;

	if (summary->nr_cells == SUMMARY_CELLS_MAX)
		return fail(summary, -E2BIG, "more than %d cells", SUMMARY_CELLS_MAX);
	cells = grow(summary->cells, summary->nr_cells, sizeof(*cells));
	if (!cells)
		return out_of_memory(summary);
	summary->cells = cells;
	if (json_object_set_new(summary->index, key, json_integer(summary->nr_cells)))
		return out_of_memory(summary);
	cell = memset(&cells[summary->nr_cells++], 0, sizeof(*cell));
	cell->workload = copy(record_string(trial, "workload", "?"));
	cell->policy = copy(record_string(trial, "policy", "?"));
	cell->source = copy(record_string(trial, "source", "?"));
	cell->trigger = copy(record_string(trial, "trigger", "?"));
	cell->pages = record_count(trial, "pages");
	cell->page_bytes = record_count(trial, "page_bytes");
	cell->beside = beside_of(trial);
	cell->vmas = vmas_of(trial);
	cell->of_pair = run->by_pairs;
	cell->from = run->by_pairs ? node_of(trial, "from") : 0;
	cell->to = run->by_pairs ? node_of(trial, "to") : 0;
	cell->expected_faults = NOT_MEASURED;
	cell->faults_min = cell->faults_max = NOT_MEASURED;
	cell->userfaults_min = cell->userfaults_max = NOT_MEASURED;
	cell->w_before_min = cell->w_before_max = NOT_MEASURED;
	cell->w_after_min = cell->w_after_max = NOT_MEASURED;
	if (!cell->workload || !cell->policy || !cell->source || !cell->trigger)
		return out_of_memory(summary);
	return 0;
}

/* The cell that a trial belongs to; NULL with the error in *err. */
static struct cell *cell_of(struct summary *summary, const struct run_info *run, const json_t *trial, int *err)
{
	unsigned run_number = (unsigned)(run - summary->runs);
	char key[CELL_KEY_MAX];
	const json_t *number;
	int len = snprintf(key, sizeof(key), "%u %s %s %s %s %llu %llu %llu %u %d %d", run_number,
			   record_string(trial, "workload", "?"), record_string(trial, "policy", "?"),
			   record_string(trial, "source", "?"), record_string(trial, "trigger", "?"),
			   (unsigned long long)record_count(trial, "pages"),
			   (unsigned long long)record_count(trial, "page_bytes"), (unsigned long long)vmas_of(trial),
			   beside_of(trial), run->by_pairs ? node_of(trial, "from") : 0,
			   run->by_pairs ? node_of(trial, "to") : 0);

	*err = 0;
	if (len >= (int)sizeof(key)) {
		*err = fail_at(summary, "workload", -EINVAL, "absurdly long names of workload, policy or trigger");
		return NULL;
	}
	if (!summary->index)
		summary->index = json_object();
	number = json_object_get(summary->index, key);
	if (!number) {
		*err = new_cell(summary, run, trial, key);
		if (*err)
			return NULL;
		summary->cells[summary->nr_cells - 1].run = run_number;
		return &summary->cells[summary->nr_cells - 1];
	}
	return &summary->cells[json_integer_value(number)];
}

static void widen(uint64_t *min, uint64_t *max, uint64_t value)
{
	if (value == NOT_MEASURED)
		return;
	if (*min == NOT_MEASURED || value < *min)
		*min = value;
	if (*max == NOT_MEASURED || value > *max)
		*max = value;
}

static uint16_t few(uint64_t count)
{
	return count < SAMPLE_MANY ? (uint16_t)count : SAMPLE_MANY;
}

static bool take_sample(const struct cell *cell, const json_t *trial, const struct region_paths *paths,
			struct sample *sample)
{
	uint64_t taken = time_taken(trial, paths), block = record_count(trial, "block");
	*sample = (struct sample){
		.value = (double)taken / (double)pages_judged(cell, trial),
		.block = block < UINT32_MAX ? (uint32_t)block : UINT32_MAX,
		.ticks = few(record_count(trial, paths->ticks)),
		.waits = few(record_count(trial, paths->waits)),
	};
	return taken != NOT_MEASURED;
}

/* A difference of either sign, in thousandths, which the schema has seen. */
static int add_sampling(struct cell *cell, const json_t *trial)
{
	const json_t *batch = json_object_get(json_object_get(trial, "write"), "batch");
	const json_t *difference = json_object_get(batch, "difference_milli");

	if (!difference)
		return 0;
	return spread_add(&cell->sampling, (struct sample){ .value = (double)json_integer_value(difference) / 1000 });
}

/* What a timed trial took, to its cell and to whoever watches. */
static int add_times(struct summary *summary, struct cell *cell, const json_t *trial)
{
	struct sample migrate, write;
	bool migrates = take_sample(cell, trial, &migrate_paths, &migrate);
	int err = migrates ? spread_add(&cell->migrate, migrate) : 0;

	if (!err && take_sample(cell, trial, &write_paths, &write))
		err = spread_add(&cell->write, write) ?: add_sampling(cell, trial);
	if (!err && summary->watch)
		err = summary->watch(summary->watch_arg, (unsigned)(cell - summary->cells), migrates ? &migrate : NULL, trial);
	return err ? out_of_memory(summary) : 0;
}

static int note_expectation(struct summary *summary, struct cell *cell, const json_t *trial)
{
	uint64_t expected = faults_scaled(cell, trial, record_count(trial, "expected.faults"));

	if (expected == NOT_MEASURED && record_string(trial, "expected.kind", NULL)) {
		cell->race = true;
		if (!cell->expected_kind)
			cell->expected_kind = copy(record_string(trial, "expected.kind", NULL));
	}
	if (expected == NOT_MEASURED || !record_count(trial, "migrated"))
		return 0;
	if (cell->expected_faults != NOT_MEASURED && cell->expected_faults != expected)
		return fail_at(summary, "expected.faults", -EINVAL,
			       "two expectations for one cell: %s under %s, %llu and %llu faults", cell->workload,
			       cell->policy, (unsigned long long)cell->expected_faults, (unsigned long long)expected);
	cell->expected_faults = expected;
	if (!cell->expected_kind)
		cell->expected_kind = copy(record_string(trial, "expected.kind", NULL));
	return 0;
}

static void note_outcome(struct cell *cell, const json_t *trial, enum outcome outcome)
{
	count(record_flag(trial, "traced") ? &cell->traced : &cell->timed, outcome);
	if (outcome_badness(outcome) <= outcome_badness(cell->worst))
		return;
	cell->worst = outcome;
	free(cell->reason);
	cell->reason = copy(record_string(trial, "reason", NULL));
}

static void note_run(struct run_info *run, const json_t *trial, enum outcome outcome)
{
	uint64_t block = record_count(trial, "block");

	count(&run->tally, outcome);
	if (block < SUMMARY_TRIALS_MAX && block >= run->blocks)
		run->blocks = (unsigned)block + 1;
	if (run->from < 0 && outcome != OUTCOME_SKIP && node_of(trial, "from") >= 0 && node_of(trial, "to") >= 0) {
		run->from = node_of(trial, "from");
		run->to = node_of(trial, "to");
	}
}

static int add_trial(struct summary *summary, const json_t *trial)
{
	struct run_info *run = find_run(summary, trial);
	enum outcome outcome = outcome_of(trial);
	struct cell *cell;
	int err;

	if (!run)
		return fail_at(summary, "run", -EINVAL, "trial of run %s, which has no env line",
			    record_string(trial, "run", "?"));
	if (run->ended)
		return fail_at(summary, "run", -EINVAL, "trial of run %s after its end", run->id);
	if (strcmp(run->clock, record_string(trial, "clock", "")))
		return fail_at(summary, "clock", -EINVAL, "trial of run %s in another clock than the run's", run->id);
	if (summary->nr_trials == SUMMARY_TRIALS_MAX)
		return fail(summary, -E2BIG, "more than %d trials", SUMMARY_TRIALS_MAX);
	cell = cell_of(summary, run, trial, &err);
	if (!cell)
		return err;
	summary->nr_trials++;
	note_run(run, trial, outcome);
	note_outcome(cell, trial, outcome);
	cell->emulation_idle |= record_flag(trial, "emulation_idle");
	cell->racing |= record_flag(trial, "racing");
	if (!cell->condition)
		cell->condition = copy(record_string(trial, "condition", NULL));
	err = note_expectation(summary, cell, trial);
	if (!err && outcome == OUTCOME_OK && chance_take(cell->chances, trial, strcmp(run->platform, "lab-tcg")))
		return out_of_memory(summary);
	if (!err && outcome == OUTCOME_OK)
		err = cell_counters_take(cell, trial, run->counters);
	if (err)
		return err == -ENOMEM ? out_of_memory(summary) : err == -E2BIG ?
		       fail(summary, err, "more than %d counters in a cell", CELL_COUNTERS_MAX) : err;
	if (record_flag(trial, "traced")) {
		widen(&cell->faults_min, &cell->faults_max,
		      faults_scaled(cell, trial, record_count(trial, "faults.write_protect")));
		widen(&cell->userfaults_min, &cell->userfaults_max,
		      faults_scaled(cell, trial, record_count(trial, "faults.userfault")));
		widen(&cell->w_before_min, &cell->w_before_max,
		      w_scaled(cell, record_count(trial, "w_before"), record_count(trial, "entries.all")));
		widen(&cell->w_after_min, &cell->w_after_max,
		      w_scaled(cell, record_count(trial, "w_after"), record_count(trial, "restored")));
		return 0;
	}
	if (outcome != OUTCOME_OK || !strcmp(run->platform, "lab-tcg"))
		return 0;	/* lab-tcg gives counts: its times mean nothing, so that no one is to see them */
	return add_times(summary, cell, trial);
}

int summary_add(struct summary *summary, const json_t *record)
{
	const char *type = record_string(record, "type", "");

	if (!strcmp(type, "trial"))
		return add_trial(summary, record);
	return strcmp(type, "env") ? add_end(summary, record) : add_env(summary, record);
}
