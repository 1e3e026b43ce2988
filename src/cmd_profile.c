// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit profile: where the time of one phase goes, by perf. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "face.h"
#include "options.h"
#include "profile.h"

enum { OPT_PHASE = 0x800, OPT_TRIGGER, OPT_PAGES, OPT_SOURCE, OPT_BUDGET, OPT_FORCE, OPT_QUIET };

#define PAGES 4096		/* a phase of milliseconds: many periods of the sampling */
#define BUDGET_S 30
#define SAMPLES_WANTED 2000
#define TOP 20
#define UNRESOLVED_PERCENT 20

struct options {
	struct measure_options measure;
	struct profile profile;
	uint64_t runs, hz, budget_s;
};

static const struct argp_option table[] = {
	{ "policy", 'p', "GLOB", 0, "Policy, of those that this kernel can show (default: its own)", 0 },
	{ "source", OPT_SOURCE, "GLOB", 0, "Where it comes from: native, switch, emulated", 0 },
	{ "phase", OPT_PHASE, "NAME", 0, "migrate, or write: the first write to every page after it (default)", 0 },
	{ "trigger", OPT_TRIGGER, "NAME", 0, "What causes the migration (default: move_pages; on one node: compaction)", 0 },
	{ "pages", OPT_PAGES, "N", 0, "Size of the region in pages (default: 4096). Workloads of huge pages have one for 32", 0 },
	{ "runs", 'r', "N", 0, "Trials (default: until some 2000 samples are to be expected)", 0 },
	{ "budget", OPT_BUDGET, "S", 0, "Seconds after which no other trial begins (default: 30)", 0 },
	{ "event", 'e', "EVENT", 0, "What to sample by, one event of `perf list` (default: cycles; where there is no PMU cpu-clock, whose "
	  "samples never fall where interrupts are off)", 0 },
	{ "frequency", 'F', "HZ", 0, "Samples a second (default: 9973; with -e: perf's own)", 0 },
	{ "output", 'o', "FOLDER", 0, "Where perf.data and the folded stacks go (default: results/local/RUN.profile)", 0 },
	{ "force", OPT_FORCE, NULL, 0, "Overwrite them there", 0 },
	{ "quiet", OPT_QUIET, NULL, 0, "No table, no progress", 0 },
	{ 0 }
};

static error_t parse_phase(struct profile *profile, const char *text)
{
	profile->phase_name = text;
	profile->phase = !strcmp(text, "migrate") ? PHASE_MIGRATE : PHASE_WRITE;
	if (!strcmp(text, "migrate") || !strcmp(text, "write"))
		return 0;
	return usage_error("--phase: '%.40s' is neither migrate nor write", text);
}

/* One event: it is switched by its name. */
static error_t parse_event(struct profile *profile, const char *text)
{
	size_t len = strlen(text);

	profile->event = text;
	if (len && len <= PROFILE_EVENT_MAX && *text != '-' && !strpbrk(text, ",{} \t\n"))
		return 0;
	return usage_error("-e: '%.60s' is not one event (up to %d characters, no blanks, lists or groups)", text, PROFILE_EVENT_MAX);
}

static error_t parse_folder(struct profile *profile, const char *text)
{
	profile->folder = text;
	return *text ? 0 : usage_error("-o: a folder's name is missing");
}

static error_t parse_argument(struct run_options *run, const char *text)
{
	if (run->workload_glob)
		return usage_error("'%.60s': one workload at a time", text);
	run->workload_glob = text;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	struct run_options *run = &options->measure.run;
	struct profile *profile = &options->profile;

	switch (key) {
	case 'p': run->policy_glob = arg; return 0;
	case OPT_SOURCE: run->source_glob = arg; return 0;
	case OPT_PHASE: return parse_phase(profile, arg);
	case OPT_TRIGGER: run->trigger_glob = arg; return 0;
	case OPT_PAGES: return parse_number("--pages", arg, 1, UINT64_C(1) << 40, &run->pages[0]);
	case 'r': return parse_number("--runs", arg, 1, 1000000, &options->runs);
	case OPT_BUDGET: return parse_number("--budget", arg, 1, 86400, &options->budget_s);
	case 'e': return parse_event(profile, arg);
	case 'F': return parse_number("--frequency", arg, 1, PROFILE_HZ_MAX, &options->hz);
	case 'o': return parse_folder(profile, arg);
	case OPT_FORCE: profile->force = true; return 0;
	case OPT_QUIET: profile->quiet = true; return 0;
	case ARGP_KEY_ARG: return parse_argument(run, arg);
	case ARGP_KEY_NO_ARGS: return usage_error("which workload? `wbit list` shows them");
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "WORKLOAD",
	.doc = "Profile one phase of a workload by `perf record`, trial after trial, as root: perf samples while the pages migrate, or while they "
	       "are written, and at no other time of a trial. Before that the cell's state is proved by its traced twin, as in a run.\v"
	       "It leaves perf.data, for perf's own tools, and PHASE.folded (a;b;c N), for those that draw flame graphs, and prints the symbols "
	       "that were met most: `self` is the share of samples in the function itself, `total` with all that it calls. "
	       "It samples the trial's own process: compaction, move_pages and the like migrate in it, cpuset's worker does not.\n"
	       "Exit status: 0 fine, 1 the state was not proved or a trial failed, 2 usage or environment, 3 interrupted or no samples, 77 the "
	       "cell cannot run here.",
};

/* ---- what is shown ---- */

static void show_progress(void *arg, unsigned trials, uint64_t phase_ns)
{
	const struct options *options = arg;

	if (options->profile.quiet || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[Kprofile: %u trials, %.1f ms of CPU time", trials, (double)phase_ns / 1e6);
	fflush(stderr);
}

static void clear_progress(const struct options *options)
{
	if (!options->profile.quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

static void print_head(const struct profile *p, const struct repeat_result *result)
{
	const struct repeat_cell *cell = &result->cell;

	printf("%s under %s (%s), %" PRIu64 " pages of %" PRIu64 " KiB by %s: the %s phase\n", cell->workload, cell->policy, cell->source,
	       cell->pages, cell->page_bytes >> 10, cell->trigger, p->phase_name);
	printf("%u trials, %.1f ms of CPU time, %" PRIu64 " samples of %s", result->trials - result->unmoved - result->off, (double)result->phase_ns / 1e6,
	       fold_samples(p->fold), p->event);
	if (p->hz)
		printf(" at %u Hz", p->hz);
	printf("\n");
	if (p->no_pmu)
		printf("%s: sampled by cpu-clock, a timer, whose samples never fall where interrupts are off\n", p->no_pmu);
	if (result->unmoved)
		printf("in %u more trials no page moved: their samples are left out\n", result->unmoved);
	if (result->off)
		printf("%u more trials were not as predicted: their samples are left out\n", result->off);
	if (fold_unresolved(p->fold) * 100 > fold_samples(p->fold) * UNRESOLVED_PERCENT)
		printf("%" PRIu64 " samples have no symbol: as root, sysctl kernel.kptr_restrict=0 shows those of the kernel\n",
		       fold_unresolved(p->fold));
}

static int print_profile(struct options *options, const struct repeat_result *result)
{
	struct profile *p = &options->profile;
	double samples = (double)fold_samples(p->fold);
	struct fold_symbol top[TOP];
	int nr = fold_top(p->fold, top, TOP);

	if (nr < 0)
		return complain("out of memory for the table");
	if (!p->quiet) {
		print_head(p, result);
		printf("\n    self   total  symbol\n");
		for (int i = 0; i < nr; i++)
			printf("%6.1f %% %5.1f %%  %.100s\n", 100 * (double)top[i].self / samples,
			       100 * (double)top[i].total / samples, top[i].name);
		printf("\nprofile: %s\nfolded:  %s\n", p->data, p->folded);
	}
	return finish_stdout(STATUS_OK);
}

/* ---- the course ---- */

static int begin(void *arg, const struct repeat_cell *cell, struct phase_gate *gate, char *error, size_t size)
{
	struct options *options = arg;

	return profile_begin(&options->profile, cell, gate, error, size);
}

static void after(void *arg, pid_t child, bool fine)
{
	struct options *options = arg;

	profile_after(&options->profile, child, fine);
}

static int status_of(int err, const char *error)
{
	switch (err) {
	case -ENOTSUP:
	case -ENOENT:
		complain("no profile: %s", error);
		return STATUS_SKIPPED;
	case -EPROTO:
		complain("no profile: %s", error);
		return STATUS_BAD;
	case -ECANCELED:
		complain("interrupted: no profile");
		return STATUS_INCONCLUSIVE;
	default:
		return complain("no profile: %s", error);
	}
}

static int profile(struct options *options)
{
	struct profile *p = &options->profile;
	const struct repeat repeat = {
		.phase = p->phase,
		.trials = (unsigned)options->runs,
		.enough_ns = SAMPLES_WANTED * UINT64_C(1000000000) / (p->hz ? p->hz : PROFILE_HZ),
		.limit_s = (unsigned)options->budget_s,
		.begin = begin,
		.progress = show_progress,
		.after = after,
		.arg = options,
	};
	struct repeat_result result;
	char error[400];
	int err = run_repeat(&options->measure.run, &repeat, &stop, &result, error, sizeof(error)), status;

	clear_progress(options);
	status = err ? status_of(err, error) : profile_finish(p);
	if (!status)
		status = print_profile(options, &result);
	profile_end(p, !status);
	return status;
}

int cmd_profile(int argc, char **argv)
{
	static char folder[PATH_MAX];
	struct options options = { .profile = { .phase = PHASE_WRITE, .phase_name = "write" }, .budget_s = BUDGET_S };
	struct run_options *run = &options.measure.run;
	char id[32];
	int status;

	measure_options_init(&options.measure);
	run->pages[0] = PAGES;
	status = parse_options(&argp, argc, argv, &options) ?: measure_options_check(&options.measure) ?:
		 measure_options_meet(&options.measure);
	if (status)
		return status;
	make_run_id(id);
	snprintf(folder, sizeof(folder), "results/local/%s.profile", id);
	if (!options.profile.folder)
		options.profile.folder = folder;
	run->platform = platform_here();
	run->blocks = 1;
	options.profile.hz = (unsigned)options.hz;
	status = profile_prepare(&options.profile);
	if (status)
		return status;
	catch_signals();
	return profile(&options);
}
