// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit lab run --bisect: one kernel against the records of a good one, answered as `git bisect run` wants it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_lab.h"
#include "compare_face.h"
#include "face.h"
#include "workloads.h"

#define LIST_MAX 2048

struct bisect {
	const struct lab_run_options *options;
	struct compare_input baseline;
	char workloads[LIST_MAX], sources[LIST_MAX], triggers[LIST_MAX];	/* globs without a wildcard */
	bool cannot_tell;
};

bool bisect_asked(int argc, char *const *argv)
{
	/* as getopt takes it: abbreviated as long as it can be no other option */
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strncmp(argv[i], "--bi", 4) && !strncmp(argv[i], "--bisect", strlen(argv[i])))
			return true;
	return false;
}

/* ---- the baseline's cells as options ---- */

static bool list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at++)
		if ((at == list || at[-1] == ',') && (!at[len] || at[len] == ','))
			return true;
	return false;
}

static int list_add(char *list, const char *name)
{
	size_t len = strlen(list);

	if (list_has(list, name))
		return 0;
	return snprintf(list + len, LIST_MAX - len, "%s%s", len ? "," : "", name) < (int)(LIST_MAX - len) ? 0 : -E2BIG;
}

static bool is_workload(const char *name)
{
	for (int i = 0; workloads[i]; i++)
		if (!strcmp(workloads[i]->name, name))
			return true;
	return false;
}

static int add_size(struct run_options *run, uint64_t pages)
{
	for (unsigned i = 0; i < run->nr_sizes; i++)
		if (run->pages[i] == pages)
			return 0;
	if (run->nr_sizes == SIZES_MAX)
		return -E2BIG;
	run->pages[run->nr_sizes++] = pages;
	return 0;
}

static int take_cells(struct bisect *b, struct run_options *run)
{
	const struct summary *summary = &b->baseline.summary;

	run->nr_sizes = 0;
	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		if (cell->run != b->baseline.run)
			continue;
		if (cell->beside)
			return complain("--baseline: it has writers beside the migration, which --bisect does not measure: leave out "
					"--threads");
		if (cell->of_pair)
			return complain("--baseline: it has cells by pairs of nodes, which --bisect does not measure: leave out --pairs");
		if (!is_workload(cell->workload))
			return complain("--baseline: this wbit has no workload '%.40s'", cell->workload);
		/* names with a wildcard in them are no names of ours, and would choose more than they say */
		if (cell->vmas > run->nr_vmas)	/* small regions have fewer: one for each of their pages */
			run->nr_vmas = cell->vmas < VMAS_MAX ? cell->vmas : VMAS_MAX;
		if (strpbrk(cell->trigger, "*?[],\\") || list_add(b->workloads, cell->workload) ||
		    list_add(b->sources, cell->source) || list_add(b->triggers, cell->trigger) ||
		    add_size(run, cell->pages))
			return complain("--baseline: more kinds of cells than one run can measure");
	}
	if (!run->nr_sizes)
		return complain("--baseline: %s: no cell in run %u", b->baseline.path, b->baseline.run + 1);
	if (run->nr_vmas == 1)
		run->nr_vmas = 0;	/* as if --vmas had not been given */
	run->workload_glob = b->workloads;
	run->source_glob = b->sources;
	run->trigger_glob = b->triggers;
	return STATUS_OK;
}

static int take_mode(const struct run_info *base, struct lab_run_options *options)
{
	for (enum lab_mode mode = LAB_EXACT; mode < NR_LAB_MODES; mode++)
		if (!strcmp(base->platform, platform_name(lab_platform(mode)))) {
			options->mode = mode;
			return STATUS_OK;
		}
	return complain("--baseline: it was measured on %.20s, not in the lab", base->platform);
}

static int take_baseline(struct bisect *b, struct lab_run_options *options)
{
	const struct run_info *base = &b->baseline.summary.runs[b->baseline.run];
	const char *seed = environment_value(&base->environment, "seed");
	struct run_options *run = &options->measure.run;

	if (!base->ended || base->cut_short)
		return complain("--baseline: run %.40s is not whole", base->id);
	if (base->from > 1 || base->to > 1)
		return complain("--baseline: its nodes, %d to %d, are not those of the lab", base->from, base->to);
	if (!options->measure.runs_given && base->blocks) {
		run->blocks = base->blocks;
		run->blocks_given = true;
	}
	if (seed)
		run->seed = strtoull(seed, NULL, 10);
	run->from = base->from;
	run->to = base->to;
	return take_mode(base, options) ?: take_cells(b, run);
}

static int check_options(const struct lab_run_options *options)
{
	const struct run_options *run = &options->measure.run;
	struct measure_options defaults;

	if (!options->baseline)
		return complain("--bisect needs --baseline FILE: records of a good kernel, from wbit lab run -o FILE");
	if (!options->nr_gates)
		return complain("--bisect needs a --gate, for example --gate faults=0 --gate migrate=1%%");
	if (run->dry_run)
		return complain("--bisect measures: leave out --dry-run");
	if (options->nr_choices != 1)
		return complain("--bisect takes one KERNEL");
	if (run->workload_glob || run->policy_glob || run->source_glob || run->trigger_glob || run->nr_threads ||
	    options->measure.pages_given)
		return complain("--bisect measures the cells of the baseline: leave out -w, -p, --source, --trigger, --threads, --pages");
	if (run->nr_vmas)
		return complain("--bisect cuts regions as the baseline did: leave out --vmas");
	measure_options_init(&defaults);
	if (options->mode != LAB_EXACT || run->seed != defaults.run.seed || run->from != defaults.run.from ||
	    run->to != defaults.run.to || run->cpu != defaults.run.cpu || run->pairs)
		return complain("--bisect measures as the baseline was measured: leave out --mode, --seed, --from, --to, --cpu, --pairs");
	return STATUS_OK;
}

struct bisect *bisect_prepare(struct lab_run_options *options)
{
	struct bisect *b;

	if (check_options(options))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b) {
		complain("out of memory");
		return NULL;
	}
	b->options = options;
	if (compare_input_read(&b->baseline, options->baseline))
		goto fail;
	if (!b->baseline.one_run && b->baseline.summary.nr_runs > 1) {
		complain("--baseline: %s has %u runs: say which one, as FILE:RUN", b->baseline.path,
			 b->baseline.summary.nr_runs);
		goto fail;
	}
	if (take_baseline(b, options))
		goto fail;
	if (!options->measure.output)
		options->measure.output = "/dev/null";	/* a file in the tree that git walks over would be in its way */
	return b;
fail:
	bisect_free(b);
	return NULL;
}

void bisect_free(struct bisect *b)
{
	if (b)
		compare_input_free(&b->baseline);
	free(b);
}

/* ---- the answer ---- */

void bisect_note_kernel(struct bisect *b, int err)
{
	if (b && err == -ENOEXEC)
		b->cannot_tell = true;
}

void bisect_note_guest(struct bisect *b)
{
	if (b)
		b->cannot_tell = true;
}

/* The guest did not get as far as its end line, or its budget was spent. */
static int no_answer(struct bisect *b, const char *why)
{
	b->cannot_tell = true;
	return complain("%s", why);
}

int bisect_conclude(struct bisect *b, const struct summary *summary)
{
	const struct compare_side base = { .summary = &b->baseline.summary, .run = b->baseline.run };
	const struct compare_side new = { .summary = summary, .run = 0 };
	const struct compare_view view = {
		.base_name = b->options->baseline,
		.new_name = b->options->choices[0].text,
		.gates = b->options->gates,
		.nr_gates = b->options->nr_gates,
	};
	struct gate_count count = { 0 };
	struct comparison c;
	int status, err;

	if (!summary->nr_runs || !summary->runs[0].ended || summary->runs[0].cut_short)
		return no_answer(b, "the run is not whole: nothing is compared");
	err = compare_make(&c, &base, &new, 0);
	if (err) {
		status = complain("%s", c.error);
	} else {
		if (!b->options->measure.quiet)
			err = compare_table_print(stdout, &c, &view);
		err = err ?: compare_gates(stdout, &c, &view, &count);
		status = err ? complain("out of memory for the comparison") : compare_gates_status(stdout, &view, &count);
	}
	compare_free(&c);
	return status;
}

int bisect_status(const struct bisect *b, int status)
{
	if (stop)
		return BISECT_HOST_BROKEN;
	switch (status) {
	case STATUS_OK:
		return BISECT_GOOD;
	case STATUS_BAD:
		return BISECT_BAD;
	case STATUS_INCONCLUSIVE:
	case STATUS_SKIPPED:
		return BISECT_CANNOT_TELL;
	default:
		return b && b->cannot_tell ? BISECT_CANNOT_TELL : BISECT_HOST_BROKEN;
	}
}
