// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit run: measure on this kernel. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "crosscheck_text.h"
#include "face.h"
#include "journal.h"
#include "noise_text.h"
#include "options.h"
#include "placement.h"
#include "places.h"
#include "reader.h"
#include "summary.h"

enum { OPT_CROSSCHECK = 0x700 };

static const struct argp_option own_options[] = {
	{ "crosscheck", OPT_CROSSCHECK, NULL, 0, "Count the faults of each cell's writes twice more, by `perf trace` and by `perf stat`, in "
	  "trials of their own: another number than wbit's is a FAIL", 1 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct measure_options *options = state->input;

	switch (key) {
	case OPT_CROSSCHECK:
		options->run.crosscheck = true;
		return 0;
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
		return 0;
	case ARGP_KEY_ARG:
		return usage_error("'%.60s' is not an option; workloads are chosen with -w", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &measure_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = own_options,
	.parser = parse,
	.doc = "Measure on this kernel: each workload under each policy that it can show, trial by trial.\v"
	       "Migration by move_pages needs two NUMA nodes; where there is one, `wbit lab run` boots a guest with two.",
	.children = children,
};

static void report(unsigned done, unsigned total, const char *workload, const char *policy)
{
	fprintf(stderr, "\r\033[K%u/%u %s under %s", done, total, workload, policy);
	fflush(stderr);
}

/* ASLR off, as in setarch -R: it takes a new exec. A failure (a container's filter) is told and lived with. */
static void without_aslr(char **argv)
{
	int now = personality(0xffffffff);
	char *again[64] = { argv[0] + 0 };
	unsigned i;

	if (now < 0 || now & ADDR_NO_RANDOMIZE)
		return;
	if (personality(now | ADDR_NO_RANDOMIZE) < 0) {
		warn_user("cannot switch address randomisation off: %s", strerror(errno));
		return;
	}
	again[0] = "wbit";
	again[1] = "run";
	for (i = 1; argv[i] && i < 61; i++)
		again[i + 1] = argv[i];
	if (!argv[i])
		execv("/proc/self/exe", again);
	warn_user("address randomisation stays on: %s", argv[i] ? "too many arguments" : strerror(errno));
}

struct seen {
	struct summary summary;
	FILE *file;
	json_t *env;
	struct crosscheck_tally crosscheck;
};

static void see_record(void *arg, const json_t *record)
{
	struct seen *seen = arg;

	summary_add(&seen->summary, record);	/* an error stays in summary.error */
	crosscheck_tally_add(&seen->crosscheck, record);
	if (!seen->env && !strcmp(record_string(record, "type", ""), "env"))
		seen->env = json_deep_copy(record);
	end_output_here(seen->file);
}

static int show(struct seen *seen, const struct measure_options *options, const char *path, bool table)
{
	struct summary *summary = &seen->summary;
	int status;

	if (summary->error[0])
		return complain("%s", summary->error);
	summary_finish(summary);
	if (!summary->nr_cells) {
		complain("nothing to measure: no policy that this kernel can show is among those chosen (`wbit doctor`)");
		return STATUS_SKIPPED;
	}
	if (!table || options->quiet)
		return finish_stdout(summary_status(summary));
	status = table_print(stdout, summary);
	printf("\n");
	noise_print(stdout, seen->env);
	crosscheck_print(stdout, &seen->crosscheck);
	printf("records: %s\n", path);
	return finish_stdout(status);
}

/*
 * Knobs that a killed run left changed are put back first, and that is told: else a kernel in someone else's state would
 * be measured, and the answer to a refusal would always be the same command.
 */
static int put_back_knobs(void)
{
	struct journals left;
	int err = journals_look("", true, &left);

	if (err == -EACCES)
		return STATUS_OK;	/* another user's: this one can set no knob either */
	if (err || left.bad)
		return complain("%s", left.text);
	if (left.dead)
		warn_user("%s", left.text);
	return STATUS_OK;
}

/* Allowed, since some want to know what it costs; but nobody should get it unawares. */
static void warn_of_foreign_cpu(const struct run_options *run)
{
	if (run->cpu >= 0 && run->from >= 0 && node_of_cpu(run->cpu) != run->from)
		warn_user("CPU %d is of node %d, and the pages come from node %d: this thread works remotely", run->cpu,
			  node_of_cpu(run->cpu), run->from);
}

static int run(struct measure_options *options)
{
	struct run_progress progress = { report };
	bool terminal = isatty(STDERR_FILENO) && !options->quiet;
	struct seen seen = { 0 };
	struct record_sink sink = { .seen = see_record, .seen_arg = &seen };
	char id[32], path[PATH_MAX], error[400] = "";
	json_t *host;
	int err, status;

	make_run_id(id);
	sink.run = id;
	sink.file = open_output(options, id, path);
	if (!sink.file)
		return STATUS_USAGE;
	catch_signals();
	summary_init(&seen.summary);
	seen.file = sink.file;
	warn_of_foreign_cpu(&options->run);
	host = placement_describe(path, options->force);
	options->run.host = host;
	err = run_all(&options->run, &sink, &stop, terminal ? &progress : NULL, error, sizeof(error));
	if (terminal)
		fprintf(stderr, "\r\033[K");
	if (sink.file != stdout && fclose(sink.file) && !err) {
		err = -errno;
		snprintf(error, sizeof(error), "cannot write the records: %s", strerror(errno));
	}
	if (err == -ECANCELED || err == -ETIME) {
		complain("%s: %" PRIu64 " trials are in %s", stop ? "interrupted" : "the budget is spent",
			 sink.tally.trials, path);
		status = STATUS_INCONCLUSIVE;
	} else {
		status = err ? complain("%s", error) : show(&seen, options, path, sink.file != stdout);
	}
	summary_free(&seen.summary);
	json_decref(host);
	json_decref(seen.env);
	return status;
}

/* What hwloc says of another machine is shown, and then planned is what this one has. */
static int dry_run(struct measure_options *options)
{
	char error[400];

	placement_show(options);
	if (options->elsewhere)
		options->run.from = options->run.to = options->run.cpu = -1;

	if (run_dry(&options->run, stdout, &stop, error, sizeof(error)))
		return complain("%s", error);
	return finish_stdout(STATUS_OK);
}

int cmd_run(int argc, char **argv)
{
	struct measure_options options;
	int status;

	measure_options_init(&options);
	status = parse_options(&argp, argc, argv, &options) ?: measure_options_check(&options) ?:
		 measure_options_meet(&options) ?: placement_resolve(&options);
	if (status)
		return status;
	if (options.run.platform == NR_PLATFORMS)
		options.run.platform = platform_here();
	measure_default_blocks(&options, options.run.platform);
	options.run.argv = (const char *const *)argv;
	options.run.argc = argc;
	if (options.run.dry_run)
		return dry_run(&options);
	without_aslr(argv);
	return placement_check() ?: put_back_knobs() ?: run(&options);
}
