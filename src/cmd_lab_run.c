// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wbit lab run: a guest for each kernel, several at a time, each one's records in one piece and in the order of the
 * command line. Whatever ends a guest, what it had sent before is kept.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd_lab.h"
#include "compare_face.h"
#include "face.h"

#define RUN_ID_MAX 40
#define NODE_PAGES 262144	/* 1 GiB of 4 KiB */
#define KERNEL_PAGES 65536	/* of it, what the guest's kernel and programs get */
#define PAGES_MAX ((NODE_PAGES - KERNEL_PAGES) / 2)	/* a workload may map, or copy, each page once more */

/* ---- options ---- */

enum { OPT_MODE = 0x300, OPT_KEEP, OPT_APPEND, OPT_BOOT_LIMIT, OPT_KERNEL_DEB, OPT_PATCH, OPT_JOBS, OPT_BISECT, OPT_BASELINE,
       OPT_GATE };

static const struct argp_option table[] = {
	{ "mode", OPT_MODE, "MODE", 0, "exact: one CPU whose clock counts instructions, the same figures each time "
	  "(default); tcg: two CPUs, counts only; kvm: where a guest boots with it", 4 },
	{ "kernel-deb", OPT_KERNEL_DEB, "FILE", 0, "A Debian or Ubuntu kernel package as one more KERNEL; may be given "
	  "several times", 4 },
	{ "patch", OPT_PATCH, "FILE", 0, "Measure the one KERNEL, a source tree or a built one, without and with this patch",
	  4 },
	{ "jobs", OPT_JOBS, "N", 0, "When a tree is built: compile N files at a time (default: one a CPU)", 4 },
	{ "allow-root-build", OPT_ALLOW_ROOT, NULL, 0, "Run a foreign tree's Makefiles although this is root", 4 },
	{ "append", OPT_APPEND, "TEXT", 0, "More of the kernel's command line", 4 },
	{ "boot-limit", OPT_BOOT_LIMIT, "S", 0, "Seconds until a guest's first record (default: 120)", 4 },
	{ "bisect", OPT_BISECT, NULL, 0, "For `git bisect run`: measure the one KERNEL, with the patch if there is one, with the "
	  "cells of the baseline, and end with 0: good, 1: bad, 125: cannot be told (it does not build or boot, or a gate is "
	  "undecided), 128: the host's set-up is broken", 4 },
	{ "baseline", OPT_BASELINE, "FILE", 0, "With --bisect: records of a good kernel, FILE or FILE:RUN", 4 },
	{ "gate", OPT_GATE, "SPEC", 0, "With --bisect: what may be worse, as `wbit compare --help` has it; may be given several "
	  "times", 4 },
	{ "keep", OPT_KEEP, NULL, 0, "Keep the guests' folders: image, log, records", 4 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct lab_run_options *options = state->input;
	uint64_t number;
	error_t err;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->measure;
		return 0;
	case OPT_MODE:
		return parse_mode(arg, &options->mode);
	case OPT_KEEP:
		options->keep = true;
		return 0;
	case OPT_APPEND:
		options->append = arg;
		return 0;
	case OPT_BOOT_LIMIT:
		err = parse_number("--boot-limit", arg, 1, 86400, &number);
		options->boot_limit_s = number;
		return err;
	case OPT_KERNEL_DEB:
		if (options->nr_choices == LAB_KERNELS_MAX)
			return usage_error("more than %d kernels", LAB_KERNELS_MAX);
		options->choices[options->nr_choices++] = (struct lab_choice){ arg, LAB_KIND_DEB };
		return 0;
	case OPT_PATCH:
		if (options->patch)
			return usage_error("--patch: one is enough");
		options->patch = arg;
		return 0;
	case OPT_JOBS:
		err = parse_number("--jobs", arg, 1, 4096, &number);
		options->build.jobs = number;
		return err;
	case OPT_ALLOW_ROOT:
		options->build.allow_root = true;
		return 0;
	case OPT_BISECT:
		return 0;	/* bisect_asked() has seen it */
	case OPT_BASELINE:
		options->baseline = arg;
		return 0;
	case OPT_GATE:
		return parse_gate(arg, options->gates, &options->nr_gates);
	case ARGP_KEY_ARG:
		return parse_kernel(arg, options->choices, &options->nr_choices);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &measure_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "[KERNEL...]",
	.doc = "Measure in guests with two NUMA nodes, one for each KERNEL (default: the stock ones): a name, or the path of "
	       "an image (bzImage), a package (.deb) or a source tree, which is built.\v"
	       "A stock kernel that is not in the cache is fetched by apt first. Node 0 has the CPU; in the exact mode node 1 "
	       "has memory only. Two KERNELs or more are compared, the first with each other one; in the exact mode then at "
	       "64 and 256 pages, so that the cost of a page and that of a call are told apart.\n\nExit status: 0 fine; 1 a "
	       "result is bad; 2 usage or environment; 3 interrupted or inconclusive; 77 nothing could run. With --bisect "
	       "git's.",
	.children = children,
};

static int check_patch(const struct lab_run_options *options)
{
	enum lab_kind kind = options->choices[0].kind;

	if (!options->patch || (options->nr_choices == 1 && (kind == LAB_KIND_BUILT || kind == LAB_KIND_TREE)))
		return STATUS_OK;
	return complain("--patch takes one KERNEL that is built from source: a source tree, switch-6.12, plain-6.12, ...");
}

/* What the guest would refuse after its boot. */
static int check_fit(const struct run_options *run)
{
	unsigned i;

	for (i = 0; i < run->nr_sizes; i++)
		if (run->pages[i] > PAGES_MAX)
			return complain("--pages: %" PRIu64 " pages do not fit the guest's nodes of 1 GiB: at most %d do",
					run->pages[i], PAGES_MAX);
	if (run->from > 1 || run->to > 1)
		return complain("--%s: the guest has nodes 0 and 1", run->from > 1 ? "from" : "to");
	return STATUS_OK;
}

/* ---- the whole command: all guests of one command ---- */

struct lab_command {
	struct lab_run_options *options;
	struct lab_kernel kernels[LAB_KERNELS_MAX];
	struct guest *guests[LAB_KERNELS_MAX];
	unsigned nr_kernels, nr_started;
	char **guest_argv;
	char id[32], path[PATH_MAX], qemu[200], time[32];
	FILE *file;
	struct summary summary;
	uint64_t trials;
	int status;		/* of what went wrong so far */
	bool lost;		/* the output cannot be written */
};

static int find_kernels(struct lab_command *s)
{
	bool broken = false;
	int err;

	if (s->options->nr_choices) {
		int status = lab_choices_get(s->options, s->kernels, &s->nr_kernels, &err);

		bisect_note_kernel(s->options->bisect, err);
		if (s->options->bisect && s->nr_kernels == 2) {
			s->kernels[0] = s->kernels[1];	/* with the patch; without it is what the baseline has */
			s->nr_kernels = 1;
		}
		return status;
	}
	s->nr_kernels = lab_default_kernels(s->kernels, false, &broken);
	return s->nr_kernels && !broken ? STATUS_OK : STATUS_USAGE;
}

static unsigned slots(enum lab_mode mode)
{
	cpu_set_t cpus;
	int n = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus);

	return mode == LAB_EXACT || n < 2 ? n : n / 2;
}

static uint64_t largest_region(const struct run_options *run)
{
	uint64_t most = 0;
	unsigned i;

	for (i = 0; i < run->nr_sizes; i++)
		if (run->pages[i] > most)
			most = run->pages[i];
	return most;
}

/*
 * In the exact lab the guest's seconds are instructions, and ten times as long as ours or more; a trial that hangs says
 * nothing until its own limit has passed.
 */
static unsigned silence_limit_s(const struct lab_run_options *options)
{
	uint64_t limit = options->measure.run.time_limit_s;

	if (!limit)
		limit = 10 + largest_region(&options->measure.run) / 10000;
	return 60 + (options->mode == LAB_EXACT ? 20 : 3) * limit;
}

static void start(struct lab_command *s, unsigned i)
{
	const struct lab_run_options *options = s->options;
	const struct guest_config config = {
		.kernel = &s->kernels[i],
		.mode = options->mode,
		.guest_argv = s->guest_argv,
		.append = options->append,
		.region_bytes = largest_region(&options->measure.run) * 4096,
		.boot_limit_s = options->boot_limit_s,
		.silence_limit_s = silence_limit_s(options),
		.total_limit_s = options->measure.run.budget_s,
		.keep = options->keep,
	};
	char error[LAB_ERROR_MAX];

	if (guest_start(&config, &s->guests[i], error))
		s->status = complain("%s: %s", s->kernels[i].name, error);
	else if (options->keep)
		fprintf(stderr, "wbit: %s: its folder is %s\n", s->kernels[i].name, guest_folder(s->guests[i]));
}

/* ---- one guest to its end ---- */

/* The end line that the guest could not send any more. Nothing is written for a run that has not begun. */
static void end_early(struct lab_command *s, struct notary *n, const char *why)
{
	json_t *end;

	if (s->status == STATUS_OK)
		s->status = STATUS_INCONCLUSIVE;
	if (n->stage != NOTARY_WANTS_TRIALS || record_write_end(&n->sink, why))
		return;
	end = json_pack("{ss ss sI ss}", "type", "end", "run", n->sink.run, "trials", (json_int_t)n->sink.tally.trials,
			"cut_short", why);
	if (end)
		summary_add(&s->summary, end);
	json_decref(end);
}

/* The guest's word counts where it is worse than what its records say. */
static void take_status(struct lab_command *s, const struct notary *n, int status)
{
	const uint64_t *by = n->sink.tally.by_outcome;

	if (status == STATUS_INCONCLUSIVE && s->status == STATUS_OK)
		s->status = STATUS_INCONCLUSIVE;
	else if (status == STATUS_BAD && !by[OUTCOME_FAIL] && !by[OUTCOME_BROKEN] && !by[OUTCOME_STATE_NOT_REACHED])
		s->status = complain("%s: the guest says that a result is bad, and sent none", n->kernel->name);
	else if (status != STATUS_OK && status != STATUS_BAD && status != STATUS_INCONCLUSIVE &&
		 status != STATUS_SKIPPED)
		s->status = complain("%s: the guest's wbit ended with status %d", n->kernel->name, status);
}

static void judge(struct lab_command *s, struct notary *n, const struct guest *guest, int err, const char *error)
{
	if (err == -ETIME)
		complain("%s: the budget is spent: %" PRIu64 " trials came", n->kernel->name, n->sink.tally.trials);
	if (n->error[0])
		s->status = complain("%s: %s", n->kernel->name, n->error);
	else if (err == -ECANCELED)
		end_early(s, n, "interrupted");
	else if (err == -ETIME)
		end_early(s, n, "the budget of time was spent");
	else if (err && !n->sink.error)
		s->status = complain("%s", error);
	else if (!n->sink.error && n->stage != NOTARY_HAS_END)
		s->status = complain("%s: the guest ended without an end line", n->kernel->name);
	else if (!n->sink.error && !n->sink.tally.trials)
		complain("%s: nothing to measure: no policy that it can show is among those chosen", n->kernel->name);
	else if (!n->sink.error)
		take_status(s, n, guest_exit_status(guest));
	if (!n->sink.error && err != -ECANCELED && s->status == STATUS_USAGE)
		bisect_note_guest(s->options->bisect);
	if (n->sink.error) {
		s->lost = true;
		s->status = complain("cannot write %s: %s", s->path, strerror(-n->sink.error));
	}
}

static void see_record(void *file, const json_t *record)
{
	(void)record;
	end_output_here(file);
}

static void consume(struct lab_command *s, unsigned i)
{
	char id[RUN_ID_MAX + 16], error[LAB_ERROR_MAX];
	struct notary n = {
		.options = s->options,
		.kernel = &s->kernels[i],
		.tools_qemu = s->qemu,
		.image_sha256 = guest_image_sha256(s->guests[i]),
		.time = s->time,
		.summary = &s->summary,
		.sink = { .file = s->file, .run = id, .seen = see_record, .seen_arg = s->file },
		.progress = isatty(STDERR_FILENO) && !s->options->measure.quiet,
	};
	const struct guest_lines lines = { notary_line, &n };
	int err;

	snprintf(id, sizeof(id), "%s-%u", s->id, i + 1);
	err = guest_consume(s->guests[i], &lines, &stop, error);
	if (n.progress)
		fprintf(stderr, "\r\033[K");
	judge(s, &n, s->guests[i], err, error);
	s->trials += n.sink.tally.trials;
	guest_free(s->guests[i]);
	s->guests[i] = NULL;
}

/* When a signal came, no guest is started any more, but what the others have sent is still taken. */
static void run_guests(struct lab_command *s)
{
	unsigned ahead = slots(s->options->mode), i;

	for (i = 0; i < s->nr_kernels && !s->lost; i++) {
		while (!stop && s->nr_started < s->nr_kernels && s->nr_started < i + ahead)
			start(s, s->nr_started++);
		if (s->guests[i])
			consume(s, i);
	}
	for (i = 0; i < s->nr_kernels; i++)
		guest_free(s->guests[i]);
}

/* ---- the whole ---- */

/* The records' status counts when nothing worse happened. */
static int conclude(struct lab_command *s)
{
	bool table_wanted = !s->options->measure.quiet && s->file != stdout;
	int status = STATUS_OK;

	summary_finish(&s->summary);
	if (s->options->bisect)
		return finish_stdout(s->status == STATUS_USAGE ? s->status :
				     bisect_conclude(s->options->bisect, &s->summary));
	if (s->summary.nr_runs)
		status = table_wanted ? table_print(stdout, &s->summary) : summary_status(&s->summary);
	if (table_wanted && s->options->nr_choices && s->summary.nr_runs > 1)
		lab_compare_runs(&s->summary, s->path);
	if (table_wanted && s->summary.nr_runs)
		printf("\nrecords: %s\n", s->path);
	if (s->status == STATUS_USAGE || status == STATUS_OK || (s->status && status == STATUS_SKIPPED))
		status = s->status;
	return finish_stdout(status);
}

static int run_command(struct lab_command *s)
{
	char error[LAB_ERROR_MAX];
	time_t now = time(NULL);
	int status;

	catch_signals();
	if (lab_qemu_version(s->qemu, sizeof(s->qemu), error))
		return complain("%s", error);
	if (s->options->mode == LAB_KVM && lab_kvm_works(&s->kernels[0], &stop, error))
		return complain("%s", error);
	strftime(s->time, sizeof(s->time), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	make_run_id(s->id);
	s->guest_argv = measure_options_argv(&s->options->measure);
	if (!s->guest_argv)
		return complain("out of memory");
	s->file = open_output(&s->options->measure, s->id, s->path);
	if (!s->file)
		return STATUS_USAGE;
	summary_init(&s->summary);
	run_guests(s);
	if (s->file != stdout && fclose(s->file) && !s->lost) {
		s->lost = true;
		s->status = complain("cannot write %s: %s", s->path, strerror(errno));
	}
	if (stop && !s->lost) {
		if (s->trials)
			complain("interrupted: %" PRIu64 " trials are in %s", s->trials, s->path);
		else
			complain("interrupted before the first trial");
		status = STATUS_INCONCLUSIVE;
	} else {
		status = s->lost ? STATUS_USAGE : conclude(s);
	}
	if (!s->summary.nr_runs && !s->options->measure.output)
		unlink(s->path);	/* no run has begun: an empty file of our own choosing helps nobody */
	summary_free(&s->summary);
	return status;
}

static int run_options(struct lab_run_options *options)
{
	struct lab_command *whole;
	int status;

	if (options->measure.run.dry_run)
		return lab_dry_run(options);
	whole = calloc(1, sizeof(*whole));
	if (!whole)
		return complain("out of memory");
	whole->options = options;
	status = check_output(&options->measure) ?: find_kernels(whole) ?: run_command(whole);
	argv_free(whole->guest_argv);
	free(whole);
	return status;
}

int lab_run(int argc, char **argv)
{
	struct lab_run_options options = { .boot_limit_s = LAB_BOOT_LIMIT_S };
	bool bisecting = bisect_asked(argc, argv);
	int status;

	measure_options_init(&options.measure);
	options.measure.run.argv = (const char *const *)argv;
	options.measure.run.argc = argc;
	status = parse_options(&argp, argc, argv, &options);
	if (!status && !bisecting && (options.baseline || options.nr_gates))
		status = complain("--baseline and --gate go with --bisect; for two files: wbit compare BASE NEW --gate ...");
	if (!status && bisecting) {
		options.bisect = bisect_prepare(&options);
		status = options.bisect ? STATUS_OK : STATUS_USAGE;
	}
	if (!bisecting)
		lab_defaults(&options);
	status = status ?: measure_options_check(&options.measure) ?: check_fit(&options.measure.run) ?:
		 check_patch(&options) ?: run_options(&options);
	if (bisecting)
		status = bisect_status(options.bisect, status);
	bisect_free(options.bisect);
	return status;
}
