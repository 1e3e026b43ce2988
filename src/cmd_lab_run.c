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
#include "plan.h"

#define RUN_ID_MAX 40

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

static unsigned slots(enum lab_mode mode, uint64_t memory)
{
	uint64_t fit = memory ? lab_memory_here() / memory : UINT64_MAX;
	cpu_set_t cpus;
	int n = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus);

	if (mode != LAB_EXACT && mode != LAB_SMP && n >= 2)
		n /= 2;
	return (uint64_t)n <= fit ? (unsigned)n : fit ? (unsigned)fit : 1;
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

#define USUAL_REGION_PAGES 256

/* That the guest's filesystem is made for. Where no workload makes a file, a large one would only cost the time to make it. */
static uint64_t largest_file_bytes(const struct run_options *run)
{
	uint64_t pages = largest_region(run);
	bool files = false;
	unsigned w, t;

	for (w = 0; run->workloads[w]; w++)
		for (t = 0; triggers[t]; t++)
			files |= run->workloads[w]->needs & (NEED_FILESYSTEM | NEED_SWAP) &&
				 plan_has_cell(run, run->workloads[w], triggers[t]);
	return 4096 * (files || pages < USUAL_REGION_PAGES ? pages : USUAL_REGION_PAGES);
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
	return 60 + (options->mode == LAB_EXACT || options->mode == LAB_SMP ? 20 : 3) * limit;
}

static void start(struct lab_command *s, unsigned i)
{
	const struct lab_run_options *options = s->options;
	const struct guest_config config = {
		.kernel = &s->kernels[i],
		.mode = options->mode,
		.cpus = options->cpus,
		.guest_argv = s->guest_argv,
		.append = options->append,
		.memory_bytes = options->memory_bytes,
		.region_bytes = largest_file_bytes(&options->measure.run),
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
	unsigned ahead = slots(s->options->mode, s->options->memory_bytes), i;

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
	status = parse_options(&lab_run_argp, argc, argv, &options);
	if (!status && !bisecting && (options.baseline || options.nr_gates))
		status = complain("--baseline and --gate go with --bisect; for two files: wbit compare BASE NEW --gate ...");
	if (!status && bisecting) {
		options.bisect = bisect_prepare(&options);
		status = options.bisect ? STATUS_OK : STATUS_USAGE;
	}
	if (!bisecting)
		lab_defaults(&options);
	status = status ?: lab_run_check(&options) ?: measure_options_meet(&options.measure) ?: run_options(&options);
	if (bisecting)
		status = bisect_status(options.bisect, status);
	bisect_free(options.bisect);
	return status;
}
