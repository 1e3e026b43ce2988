// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit export: records in the formats that dashboards read, on stdout or in a file that appears whole or not at all. */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export.h"
#include "face.h"
#include "whole_file.h"

#define FORMATS "gobench, openmetrics"

enum { OPT_FORMAT = 0x500, OPT_FORCE };
enum format { FORMAT_NONE, FORMAT_GOBENCH, FORMAT_OPENMETRICS };

struct export_options {
	enum format format;
	const char *output;
	bool force;
	char **files;
	unsigned nr_files;
};

static const struct argp_option table[] = {
	{ "format", OPT_FORMAT, "NAME", 0, "One of " FORMATS, 0 },
	{ "output", 'o', "FILE", 0, "Where to (default: standard output); for node-exporter, DIR/wbit.prom", 0 },
	{ "force", OPT_FORCE, NULL, 0, "Replace FILE", 0 },
	{ 0 }
};

static error_t parse_format(const char *text, enum format *format)
{
	*format = !strcmp(text, "gobench") ? FORMAT_GOBENCH :
		  !strcmp(text, "openmetrics") ? FORMAT_OPENMETRICS : FORMAT_NONE;
	return *format ? 0 : usage_error("--format: '%.40s' is none of " FORMATS, text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct export_options *options = state->input;

	switch (key) {
	case OPT_FORMAT: return parse_format(arg, &options->format);
	case 'o':
		options->output = arg;
		return *arg ? 0 : usage_error("--output wants the name of a file");
	case OPT_FORCE: options->force = true; return 0;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->nr_files = (unsigned)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		return usage_error("which records? Give one FILE or more, as in results/local/");
	case ARGP_KEY_END:
		return options->format ? 0 : usage_error("which format? Give --format, one of " FORMATS);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "FILE[:RUN]...",
	.doc = "Writes records in the formats of dashboards.\v"
	       "gobench: a line for each trial, as benchstat, Bencher and github-action-benchmark read it; two kernels in one "
	       "file compare by `benchstat -col kernel`, two files by `benchstat -ignore kernel,release`.\n\n"
	       "openmetrics: a gauge for each cell, for node-exporter's textfile collector. Each kernel and cell may be there "
	       "once: of several runs of a kernel, one is given as FILE:RUN, by its ID or its number in the file.\n\n"
	       "The fault metric of both counts all write faults per page written: those of the first write after the "
	       "migration, and the one that each page took at its first touch. It is 1 where the migration cost none, and "
	       "never 0.",
};

/* One FILE or FILE:RUN. */
struct input {
	char path[PATH_MAX];
	const char *wanted;	/* the run's ID or its number in the file; NULL: all of them */
	char *run;		/* its ID, once it was met */
	unsigned nr_runs;
};

struct session {
	const struct export_options *options;
	struct summary summary;
	struct gobench gobench;
	struct whole_file out;
	struct input input;
};

static bool is_wanted(void *arg, const json_t *record)
{
	struct input *input = &((struct session *)arg)->input;
	const char *run = record_string(record, "run", "");
	char number[16];

	if (!input->wanted)
		return true;
	if (!strcmp(record_string(record, "type", ""), "env")) {
		snprintf(number, sizeof(number), "%u", ++input->nr_runs);
		if (!input->run && (!strcmp(input->wanted, run) || !strcmp(input->wanted, number)))
			input->run = strdup(run);
	}
	return input->run && !strcmp(input->run, run);
}

/* A file's own name may have a colon: what is there as it stands is the file. */
static int split(struct input *input, const char *argument)
{
	const char *colon = strrchr(argument, ':');
	bool whole = !colon || !access(argument, F_OK);
	size_t len = whole ? strlen(argument) : (size_t)(colon - argument);

	free(input->run);
	*input = (struct input){ .wanted = whole ? NULL : colon + 1 };
	if (snprintf(input->path, PATH_MAX, "%.*s", (int)len, argument) < PATH_MAX)
		return STATUS_OK;
	return complain("%.60s...: %s", argument, strerror(ENAMETOOLONG));
}

static int see(void *arg, const struct record_reader *reader, const json_t *record)
{
	struct session *s = arg;

	(void)reader;
	if (stop)
		return -ECANCELED;
	return s->options->format == FORMAT_GOBENCH ? gobench_record(&s->gobench, &s->summary, record) : 0;
}

static int read_failed(const struct session *s, int err)
{
	if (stop) {
		complain("interrupted: nothing was written");
		return STATUS_INCONCLUSIVE;
	}
	if (err == -ENODATA && s->input.wanted && s->input.nr_runs)
		return complain("%s: no run '%.40s': give its ID, or a number from 1 to %u", s->input.path, s->input.wanted,
				s->input.nr_runs);
	return complain("%s", s->summary.error[0] ? s->summary.error : strerror(-err));
}

static void warn_of_cut_off(const struct summary *summary)
{
	for (unsigned i = 0; i < summary->nr_runs; i++) {
		const struct run_info *run = &summary->runs[i];

		if (!run->ended)
			warn_user("run %.40s was cut off: %llu trials, no end line", run->id,
				  (unsigned long long)run->tally.trials);
		else if (run->cut_short)
			warn_user("run %.40s is not whole: %.100s", run->id, run->cut_short);
	}
}

static int write_export(struct session *s)
{
	const struct summary_watch watch = { is_wanted, see, s };
	char error[200];
	int err = 0;

	if (s->options->format == FORMAT_GOBENCH && gobench_begin(&s->gobench, s->out.file))
		return complain("out of memory");
	for (unsigned i = 0; i < s->options->nr_files && !err; i++) {
		if (split(&s->input, s->options->files[i]))
			return STATUS_USAGE;
		err = summary_add_file_watched(&s->summary, s->input.path, &watch);
	}
	if (err)
		return read_failed(s, err);
	summary_finish(&s->summary);
	if (s->options->format == FORMAT_OPENMETRICS &&
	    openmetrics_write(s->out.file, &s->summary, error, sizeof(error)))
		return complain("%s", error);
	warn_of_cut_off(&s->summary);
	return STATUS_OK;
}

int cmd_export(int argc, char **argv)
{
	struct export_options options = { 0 };
	struct session s = { .options = &options };
	int status = parse_options(&argp, argc, argv, &options);

	if (status)
		return status;
	catch_signals();
	summary_init(&s.summary);
	status = whole_open(&s.out, options.output ? options.output : "-", options.force);
	status = status ?: write_export(&s) ?: whole_commit(&s.out);
	whole_drop(&s.out);
	gobench_end(&s.gobench);
	free(s.input.run);
	summary_free(&s.summary);
	return status;
}
