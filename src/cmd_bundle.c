// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit bundle: records and what belongs to them in one archive, for a mail or an artifact evaluation. */
#include <argp.h>
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "face.h"
#include "whole_file.h"

#define DEFAULT_OUTPUT "wbit-bundle.tar.gz"

enum { OPT_FORCE = 0x600, OPT_CUT_OFF };

struct bundle_options {
	const char *output;
	bool force, cut_off;
	char **files;
	unsigned nr_files;
};

static const struct argp_option table[] = {
	{ "output", 'o', "FILE", 0, "The archive (default: " DEFAULT_OUTPUT "; - is stdout)", 0 },
	{ "force", OPT_FORCE, NULL, 0, "Replace FILE", 0 },
	{ "cut-off", OPT_CUT_OFF, NULL, 0, "Bundle runs that were cut off", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct bundle_options *options = state->input;

	switch (key) {
	case 'o':
		options->output = arg;
		return *arg ? 0 : usage_error("--output wants the name of a file");
	case OPT_FORCE: options->force = true; return 0;
	case OPT_CUT_OFF: options->cut_off = true; return 0;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->nr_files = (unsigned)(state->argc - state->next);
		return options->nr_files <= BUNDLE_FILES_MAX ? 0 : usage_error("at most %d files", BUNDLE_FILES_MAX);
	case ARGP_KEY_NO_ARGS:
		return usage_error("which records? Give one FILE or more, as in results/local/");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "FILE...",
	.doc = "Packs records into one archive, with their table, what they ran on, figures, hashes, and the commands to "
	       "make it all again.\v"
	       "The same records give the same archive, byte for byte, under the same versions of wbit, gnuplot and zlib. "
	       "Records keep their text as it is, keys that this version does not know included. Without gnuplot the "
	       "figures are left out, and the archive's README says so.",
};

/* ---- members ---- */

FILE *bundle_add(struct bundle *bundle, const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", bundle->work, name);
	file = fopen(path, "we");
	if (!file)
		complain("%s: %s", path, strerror(errno));
	else
		snprintf(bundle->members[bundle->nr_members++], BUNDLE_NAME_MAX, "%s", name);
	return file;
}

int bundle_close(struct bundle *bundle, FILE *file)
{
	bool bad = ferror(file);

	errno = 0;
	if (!fclose(file) && !bad)
		return STATUS_OK;
	return complain("%s/%s: %s", bundle->work, bundle->members[bundle->nr_members - 1],
			errno ? strerror(errno) : "it cannot be written");
}

/* ---- records ---- */

struct copying {
	struct bundle *bundle;
	FILE *to;
	int write_error;	/* errno of what could not be written; 0: all was */
};

/* The line as it stands, whatever keys it has; and of an env line what the README tells. */
static int copy_record(void *arg, const struct record_reader *reader, const json_t *record)
{
	struct copying *copying = arg;
	size_t len;
	const char *line = record_reader_line(reader, &len);
	json_t *command;

	if (stop)
		return -ECANCELED;
	errno = 0;
	if (fwrite(line, 1, len, copying->to) != len || fputc('\n', copying->to) == EOF) {
		copying->write_error = errno ? errno : EIO;
		return -copying->write_error;
	}
	if (strcmp(record_string(record, "type", ""), "env"))
		return 0;
	command = json_object();
	json_object_set(command, "argv", json_object_get(record, "argv"));
	json_object_set(command, "wbit", json_object_get(record, "wbit"));
	return json_object_set_new(copying->bundle->commands, record_string(record, "run", ""), command) ? -ENOMEM : 0;
}

static int interrupted(void)
{
	complain("interrupted: nothing was written");
	return STATUS_INCONCLUSIVE;
}

static int add_records(struct bundle *bundle, const char *path)
{
	struct copying copying = { .bundle = bundle };
	const struct summary_watch watch = { NULL, copy_record, &copying };
	char name[BUNDLE_NAME_MAX];
	int err;

	snprintf(name, sizeof(name), "records/%u.jsonl", ++bundle->nr_records);
	copying.to = bundle_add(bundle, name);
	if (!copying.to)
		return STATUS_USAGE;
	err = summary_add_file_watched(&bundle->summary, path, &watch);
	if (err) {
		fclose(copying.to);
		if (copying.write_error)
			return complain("%s/%s: %s", bundle->work, name, strerror(copying.write_error));
		return stop ? interrupted() :
		       complain("%s", bundle->summary.error[0] ? bundle->summary.error : strerror(-err));
	}
	return bundle_close(bundle, copying.to);
}

static int check_whole(const struct bundle *bundle, bool cut_off)
{
	for (unsigned i = 0; i < bundle->summary.nr_runs; i++) {
		const struct run_info *run = &bundle->summary.runs[i];

		if (run->ended && !run->cut_short)
			continue;
		if (!cut_off)
			return complain("run %.40s was cut off%s%.100s: --cut-off bundles what there is", run->id,
					run->cut_short ? ": " : "", run->cut_short ? run->cut_short : "");
		warn_user("run %.40s was cut off: %llu trials", run->id, (unsigned long long)run->tally.trials);
	}
	return STATUS_OK;
}

/* ---- the command ---- */

static int make_work(struct bundle *bundle)
{
	const char *base = getenv("TMPDIR");
	char path[PATH_MAX];
	int len = snprintf(bundle->work, sizeof(bundle->work), "%s/wbit-bundle-XXXXXX", base && *base ? base : "/tmp");

	if (len >= (int)sizeof(bundle->work) || !mkdtemp(bundle->work)) {
		int err = len >= (int)sizeof(bundle->work) ? ENAMETOOLONG : errno;

		bundle->work[0] = '\0';
		return complain("%.200s: %s", base && *base ? base : "/tmp", strerror(err));
	}
	snprintf(path, sizeof(path), "%s/records", bundle->work);
	return mkdir(path, 0700) ? complain("%s: %s", path, strerror(errno)) : STATUS_OK;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	remove(path);
	return 0;
}

static void bundle_free(struct bundle *bundle)
{
	if (bundle->work[0])
		nftw(bundle->work, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	summary_free(&bundle->summary);
	json_decref(bundle->commands);
	free(bundle);
}

static int fill(struct bundle *bundle, const struct bundle_options *options)
{
	int status = make_work(bundle);

	for (unsigned i = 0; i < options->nr_files && !status; i++)
		status = add_records(bundle, options->files[i]);
	if (status)
		return status;
	summary_finish(&bundle->summary);
	status = check_whole(bundle, options->cut_off);
	status = status ?: bundle_write_summary(bundle) ?: bundle_write_environment(bundle) ?: bundle_draw(bundle);
	return status ?: stop ? interrupted() : bundle_write_readme(bundle) ?: bundle_write_hashes(bundle);
}

int cmd_bundle(int argc, char **argv)
{
	struct bundle_options options = { .output = DEFAULT_OUTPUT };
	int status = parse_options(&argp, argc, argv, &options);
	struct bundle *bundle;
	struct whole_file out;

	if (status)
		return status;
	catch_signals();
	bundle = calloc(1, sizeof(*bundle));
	if (!bundle)
		return complain("out of memory");
	summary_init(&bundle->summary);
	bundle->commands = json_object();
	status = whole_open(&out, options.output, options.force);
	status = status ?: fill(bundle, &options) ?: bundle_pack(bundle, out.file) ?: whole_commit(&out);
	whole_drop(&out);
	if (!status && strcmp(options.output, "-"))
		printf("%s\n", options.output);
	bundle_free(bundle);
	return finish_stdout(status);
}
