// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of measuring: parsed here for `wbit run` and `wbit lab run`, and turned back into arguments for a guest. */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "model.h"
#include "options.h"
#include "plan.h"
#include "trigger.h"
#include "workloads.h"
#include "writers.h"

enum { OPT_SOURCE = 0x100, OPT_TRIGGER, OPT_PAGES, OPT_FROM, OPT_TO, OPT_SEED, OPT_TIME_LIMIT, OPT_BUDGET, OPT_LABEL,
       OPT_FORCE, OPT_QUIET, OPT_PLATFORM, OPT_VMAS, OPT_THREADS, OPT_CPU, OPT_PAIRS, OPT_TUNE, OPT_NO_AA,
       OPT_COUNTERS };

#define LABEL_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
#define PAGES_MAX (UINT64_C(1) << 40)
#define BLOCKS_EXACT 6	/* the least that holds each order of three policies once */
#define BLOCKS_TIMES 12	/* an interval of 96 % that two spikes do not reach */

static const struct argp_option table[] = {
	{ "workload", 'w', "GLOB", 0, "Workloads to measure, e.g. anon-*,shmem-shared (default: the fifteen that answer the question; "
	  "`wbit list` shows which)", 1 },
	{ "all", 'a', NULL, 0, "All workloads, by all triggers that make sense of them; where instructions are counted two timed trials "
	  "each, unless --runs says otherwise", 1 },
	{ "policy", 'p', "GLOB", 0, "Policies: vma-only, vma, entry (default: these, as far as this kernel can show them), upgrade, and "
	  "vma-unsafe, a bug on purpose, only by its full name", 1 },
	{ "source", OPT_SOURCE, "GLOB", 0, "Where a policy comes from: native, switch, emulated (default: switch where "
	  "the kernel has it, else the others)", 1 },
	{ "trigger", OPT_TRIGGER, "GLOB", 0, "What causes the migration, e.g. mbind,numa-* (default: move_pages; for workloads "
	  "that it makes no sense of, the first that does)", 1 },
	{ "pages", OPT_PAGES, "LIST", 0, "Region sizes in pages, e.g. 1,256,4096 (default: 256). Workloads of huge pages have one for "
	  "32, at least one", 1 },
	{ "vmas", OPT_VMAS, "N", 0, "Cut each region into N VMAs (default: 1)", 1 },
	{ "threads", OPT_THREADS, "LIST", 0, "Writers beside the migration, each on a CPU of its own, e.g. 0,1,3 (default: 0): what they "
	  "meet, and how long they wait for it", 1 },
	{ "runs", 'r', "N", 0, "Blocks: timed trials of each cell (default: 6 where instructions are counted, 12 where time is taken)", 1 },
	{ "from", OPT_FROM, "NODE", 0, "Node that the pages come from: its number, or in `wbit run` an object of hwloc's that has one node, "
	  "by lstopo's L#, e.g. numa:1, package:0 (default: of the two nodes farthest apart the one with a CPU)", 2 },
	{ "to", OPT_TO, "NODE", 0, "Node that they go to (default: the one farthest from it)", 2 },
	{ "cpu", OPT_CPU, "CPU", 0, "CPU that trials are pinned to: its number, or in `wbit run` an object, e.g. core:3, "
	  "package:1.core:2 (default: the source node's first)", 2 },
	{ "pairs", OPT_PAIRS, NULL, 0, "All ordered pairs of nodes, each a cell of its own: a node by node matrix behind the table. "
	  "With --from or --to those alone", 2 },
	{ "events", 'e', "EVENT[,EVENT...]", 0, "Count these as well, in the migration and in the write: libpfm4's names, e.g. "
	  "perf::PAGE-FAULTS, or SYSTEM:EVENT; user and kernel apart unless :u or :k says which. Several -e take turns", 2 },
	{ "counters", OPT_COUNTERS, "NAME[,NAME...]", 0, "Count groups of events: faults, cycles, tlb, walks, remote, or your own; `wbit list` "
	  "shows them. Or FILE:NAME", 2 },
	{ "seed", OPT_SEED, "N", 0, "Seed of the order of trials (default: 1)", 2 },
	{ "time-limit", OPT_TIME_LIMIT, "S", 0, "Seconds that a trial may take (default: 10, more for many pages)", 2 },
	{ "budget", OPT_BUDGET, "S", 0, "Seconds that the run may take; what is left over is not measured", 2 },
	{ "tune", OPT_TUNE, NULL, 0, "As root: set what disturbs times (CPU governor, turbo, NUMA balancing, KSM, NMI watchdog) to what does "
	  "not; all is put back at the end, however that comes (`wbit doctor` shows what it would set)", 2 },
	{ "no-aa", OPT_NO_AA, NULL, 0, "Leave out the A/A pass, which finds the noise floor where time is taken", 2 },
	{ "label", OPT_LABEL, "KEY=VALUE", 0, "A label for the record; may be given several times", 3 },
	{ "dry-run", 'n', NULL, 0, "Say what would be measured, and stop", 3 },
	{ "output", 'o', "FILE", 0, "Where the records go (default: results/local/RUN.jsonl; - is stdout)", 3 },
	{ "force", OPT_FORCE, NULL, 0, "Overwrite FILE", 3 },
	{ "quiet", OPT_QUIET, NULL, 0, "No table, no progress", 3 },
	{ "platform", OPT_PLATFORM, "NAME", OPTION_HIDDEN, "Where this runs: told by the lab to its guest", 3 },
	{ 0 }
};

void measure_options_init(struct measure_options *options)
{
	*options = (struct measure_options){
		.run = { .workloads = workloads, .pages = { 256 }, .nr_sizes = 1, .blocks = BLOCKS_EXACT, .from = -1, .to = -1, .cpu = -1,
			 .seed = 1, .platform = NR_PLATFORMS },
	};
}

void measure_default_blocks(struct measure_options *options, enum platform platform)
{
	bool times = platform != PLATFORM_LAB_EXACT && platform != PLATFORM_LAB_TCG;

	if (!options->runs_given)
		options->run.blocks = times ? BLOCKS_TIMES : BLOCKS_EXACT;
}

error_t parse_number(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (isdigit((unsigned char)*text) && !*end && !errno && *value >= low && *value <= high)
		return 0;
	return usage_error("%s: '%.40s' is not a number from %" PRIu64 " to %" PRIu64, option, text, low, high);
}

/* The same for what fits an int or unsigned. */
static error_t parse_small(const char *option, const char *text, unsigned low, unsigned high, void *value)
{
	uint64_t wide;
	error_t err = parse_number(option, text, low, high, &wide);

	if (!err)
		*(unsigned *)value = wide;
	return err;
}

#define PLACES_MAX 1023		/* CPU_SETSIZE, and as many nodes as a kernel may have, less one */

/* A number, or else an object's name, which is looked up once it is known on which machine. */
static error_t parse_place(const char *option, const char *text, int *number, const char **object)
{
	*object = NULL;
	*number = -1;
	if (isdigit((unsigned char)*text))
		return parse_small(option, text, 0, PLACES_MAX, number);
	if (!isalpha((unsigned char)*text) || !strchr(text, ':'))
		return usage_error("%s: '%.40s' is neither a number from 0 to %d nor an object such as numa:1 or package:1.core:2",
				   option, text, PLACES_MAX);
	*object = text;
	return 0;
}

static error_t parse_pages(struct run_options *run, const char *text)
{
	char *copy = strdup(text), *at = copy, *item;
	error_t err = copy ? 0 : ENOMEM;

	run->nr_sizes = 0;
	while (!err && (item = strsep(&at, ","))) {
		if (run->nr_sizes == SIZES_MAX)
			err = usage_error("--pages: at most %d sizes", SIZES_MAX);
		else
			err = parse_number("--pages", item, 1, PAGES_MAX, &run->pages[run->nr_sizes++]);
	}
	free(copy);
	return err;
}

static error_t parse_threads(struct run_options *run, const char *text)
{
	char *copy = strdup(text), *at = copy, *item;
	error_t err = copy ? 0 : ENOMEM;

	run->nr_threads = 0;
	while (!err && (item = strsep(&at, ","))) {
		if (run->nr_threads == SIZES_MAX)
			err = usage_error("--threads: at most %d numbers", SIZES_MAX);
		else
			err = parse_small("--threads", item, 0, WRITERS_MAX, &run->threads[run->nr_threads++]);
	}
	free(copy);
	return err;
}

static error_t parse_label(struct run_options *run, const char *text)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text || equals - text > 63 || strlen(equals + 1) > 200 ||
	    strspn(text, LABEL_CHARACTERS) != (size_t)(equals - text))
		return usage_error("--label: '%.60s' is not KEY=VALUE (key up to 63 of letters, digits, '_', '-' and '.'; value up "
				   "to 200)", text);
	if (run->nr_labels == LABELS_MAX)
		return usage_error("--label: at most %d labels", LABELS_MAX);
	run->labels[run->nr_labels++] = text;
	return 0;
}

static error_t parse_platform(struct run_options *run, const char *text)
{
	if (!in_guest)
		return usage_error("--platform is the lab's: it tells its guest with it");
	run->platform = platform_by_name(text);
	if (run->platform < PLATFORM_LAB_KVM || run->platform >= NR_PLATFORMS)
		return usage_error("--platform: '%.40s' is not one of the lab's", text);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct measure_options *options = state->input;
	struct run_options *run = &options->run;

	switch (key) {
	case 'w': run->workload_glob = arg; return 0;
	case 'p': run->policy_glob = arg; return 0;
	case OPT_SOURCE: run->source_glob = arg; return 0;
	case OPT_TRIGGER: run->trigger_glob = arg; return 0;
	case 'a': run->all = true; return 0;
	case OPT_THREADS: return parse_threads(run, arg);
	case OPT_VMAS: return parse_small("--vmas", arg, 1, VMAS_MAX, &run->nr_vmas);
	case OPT_PAGES: options->pages_given = true; return parse_pages(run, arg);
	case 'r': options->runs_given = run->blocks_given = true; return parse_small("--runs", arg, 1, 100000, &run->blocks);
	case OPT_FROM: return parse_place("--from", arg, &run->from, &options->from);
	case OPT_TO: return parse_place("--to", arg, &run->to, &options->to);
	case OPT_CPU: return parse_place("--cpu", arg, &run->cpu, &options->cpu);
	case OPT_PAIRS: run->pairs = true; return 0;
	case 'e': return parse_events(run, arg);
	case OPT_COUNTERS: return parse_counters(run, arg);
	case OPT_SEED: return parse_number("--seed", arg, 0, INT64_MAX, &run->seed);
	case OPT_TIME_LIMIT: return parse_small("--time-limit", arg, 1, 86400, &run->time_limit_s);
	case OPT_BUDGET: return parse_small("--budget", arg, 1, 31536000, &run->budget_s);
	case OPT_LABEL: return parse_label(run, arg);
	case OPT_PLATFORM: return parse_platform(run, arg);
	case 'n': run->dry_run = true; return 0;
	case OPT_TUNE: run->tune = true; return 0;
	case OPT_NO_AA: run->no_aa = true; return 0;
	case 'o': options->output = arg; return 0;
	case OPT_FORCE: options->force = true; return 0;
	case OPT_QUIET: options->quiet = true; return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

const struct argp measure_argp = { .options = table, .parser = parse };

/* ---- what shows once all is known ---- */

static bool names_a_workload(const char *glob)
{
	int i;

	for (i = 0; workloads[i]; i++)
		if (!fnmatch(glob, workloads[i]->name, 0))
			return true;
	return false;
}

static bool names_a_policy(const char *glob)
{
	unsigned i;

	for (i = 0; i <= POLICY_UNKNOWN; i++)
		if (!fnmatch(glob, policy_name(i), 0))
			return true;
	return false;
}

static bool names_a_source(const char *glob)
{
	unsigned i;

	for (i = 0; i < NR_SOURCES; i++)
		if (!fnmatch(glob, source_name(i), 0))
			return true;
	return false;
}

static bool names_a_trigger(const char *glob)
{
	int i;

	for (i = 0; triggers[i]; i++)
		if (!fnmatch(glob, triggers[i]->name, 0))
			return true;
	return false;
}

/* Each glob of a list by itself: a name that was misspelt must not hide behind another. */
static int check_globs(const char *what, const char *globs, bool (*names)(const char *glob), const char *there_are)
{
	char *copy = globs ? strdup(globs) : NULL, *at = copy, *glob;
	int status = STATUS_OK;

	if (globs && !copy)
		return complain("out of memory");
	while (!status && (glob = strsep(&at, ",")))
		if (!names(glob))
			status = complain("no %s matches '%.60s': %s", what, glob, there_are);
	free(copy);
	return status;
}

int measure_options_check(const struct measure_options *options)
{
	const struct run_options *run = &options->run;

	if (run->pairs && (run->cpu >= 0 || options->cpu))
		return complain("--cpu does not go with --pairs: each pair has a CPU of its own source node");
	return check_globs("workload", run->workload_glob, names_a_workload, "`wbit list` shows them") ?:
	       check_globs("policy", run->policy_glob, names_a_policy, "there are vma-only, vma, entry, upgrade, vma-unsafe, "
			   "and unknown") ?:
	       check_globs("source", run->source_glob, names_a_source, "there are native, switch, emulated") ?:
	       check_globs("trigger", run->trigger_glob, names_a_trigger, "`wbit list` shows them");
}

int measure_options_meet(const struct measure_options *options)
{
	const char *barred = plan_why_barred(&options->run);

	if (!barred)
		return STATUS_OK;
	complain("nothing to measure: no workload that was chosen goes by a trigger that was chosen: %s (`wbit list`)", barred);
	return STATUS_SKIPPED;
}

/* ---- back into arguments ---- */

struct vector {
	char **items;
	unsigned nr;
	bool failed;
};

static void push(struct vector *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void push(struct vector *v, const char *format, ...)
{
	char **items = realloc(v->items, (v->nr + 2) * sizeof(*items));
	va_list args;

	if (!items) {
		v->failed = true;
		return;
	}
	v->items = items;
	va_start(args, format);
	if (vasprintf(&items[v->nr], format, args) < 0) {
		items[v->nr] = NULL;
		v->failed = true;
	}
	va_end(args);
	v->nr += items[v->nr] != NULL;
	items[v->nr] = NULL;
}

static void push_glob(struct vector *v, const char *name, const char *glob)
{
	if (glob)
		push(v, "--%s=%s", name, glob);
}

char **measure_options_argv(const struct measure_options *options)
{
	const struct run_options *run = &options->run;
	struct vector v = { NULL, 0, false };
	char sizes[SIZES_MAX * 21] = "", threads[SIZES_MAX * 12] = "";
	unsigned i;

	for (i = 0; i < run->nr_sizes; i++)
		snprintf(sizes + strlen(sizes), sizeof(sizes) - strlen(sizes), "%s%" PRIu64, i ? "," : "", run->pages[i]);
	for (i = 0; i < run->nr_threads; i++)
		snprintf(threads + strlen(threads), sizeof(threads) - strlen(threads), "%s%u", i ? "," : "", run->threads[i]);
	push_glob(&v, "workload", run->workload_glob);
	push_glob(&v, "policy", run->policy_glob);
	push_glob(&v, "source", run->source_glob);
	push_glob(&v, "trigger", run->trigger_glob);
	push(&v, "--pages=%s", sizes);
	if (run->all)
		push(&v, "--all");
	if (run->nr_vmas)
		push(&v, "--vmas=%u", run->nr_vmas);
	if (run->nr_threads)
		push(&v, "--threads=%s", threads);
	for (i = 0; i < run->nr_counter_sets; i++)
		push(&v, "--events=%s", run->counter_sets[i]);
	if (run->blocks_given)
		push(&v, "--runs=%u", run->blocks);
	push(&v, "--seed=%" PRIu64, run->seed);
	if (run->from >= 0)
		push(&v, "--from=%d", run->from);
	if (run->to >= 0)
		push(&v, "--to=%d", run->to);
	if (run->cpu >= 0)
		push(&v, "--cpu=%d", run->cpu);
	if (run->pairs)
		push(&v, "--pairs");
	if (run->time_limit_s)
		push(&v, "--time-limit=%u", run->time_limit_s);
	if (run->budget_s)
		push(&v, "--budget=%u", run->budget_s);
	if (run->tune)
		push(&v, "--tune");
	if (run->no_aa)
		push(&v, "--no-aa");
	if (v.failed) {
		argv_free(v.items);
		return NULL;
	}
	return v.items;
}

void argv_free(char **argv)
{
	unsigned i;

	for (i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}
