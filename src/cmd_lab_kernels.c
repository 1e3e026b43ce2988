// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernels of `wbit lab`: what the command line names, where each comes from, and the progress of those being built. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd_lab.h"
#include "face.h"
#include "plan.h"

/* ---- names ---- */

error_t parse_kernel(const char *text, struct lab_choice *choices, unsigned *nr)
{
	char error[LAB_ERROR_MAX];
	enum lab_kind kind;

	if (lab_kernel_kind(text, &kind, error))
		return usage_error("%s", error);
	if (*nr == LAB_KERNELS_MAX)
		return usage_error("more than %d kernels", LAB_KERNELS_MAX);
	choices[(*nr)++] = (struct lab_choice){ text, kind };
	return 0;
}

/* ---- progress ---- */

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void clear_line(const struct build_progress *progress)
{
	if (progress->terminal)
		fprintf(stderr, "\r\033[K");
}

static void show_step(void *arg, const char *text)
{
	struct build_progress *progress = arg;
	char clean[512];

	clear_line(progress);
	if (!progress->quiet)
		fprintf(stderr, "wbit: %s\n", printable(text, clean, sizeof(clean)));
	progress->start_s = 0;
}

/* The first second says nothing yet about the speed. */
static void show_objects(void *arg, unsigned done, unsigned total)
{
	struct build_progress *progress = arg;
	double now = now_s(), left;

	if (!progress->terminal || now - progress->shown_s < 0.2)
		return;
	if (!progress->start_s || done < progress->first) {
		progress->start_s = now;
		progress->first = done;
	}
	progress->shown_s = now;
	fprintf(stderr, "\r\033[K  %u of %u objects", done < total ? done : total, total);
	if (now - progress->start_s > 1 && done > progress->first && done < total) {
		left = (now - progress->start_s) / (done - progress->first) * (total - done);
		fprintf(stderr, ", %d min %02d s left", (int)left / 60, (int)left % 60);
	}
	fflush(stderr);
}

static void show_warning(void *arg, const char *text)
{
	clear_line(arg);
	warn_user("%s", text);
}

void build_options_fill(struct build_options *options, struct build_progress *progress, bool quiet)
{
	*progress = (struct build_progress){ .quiet = quiet, .terminal = isatty(STDERR_FILENO) && !quiet };
	options->files = lab_files();
	options->watch = (struct build_watch){ show_step, show_objects, show_warning, progress, &stop };
}

int build_failed(const struct build_progress *progress, int err, const char *error)
{
	clear_line(progress);
	complain("%s", error);
	return err == -ECANCELED ? STATUS_INCONCLUSIVE : STATUS_USAGE;
}

/* ---- getting one ---- */

int lab_kernel_get(const char *name, struct lab_kernel *kernel, char *error)
{
	int err = lab_kernel_find(name, kernel, error);

	if (err != -ENOENT)
		return err;
	fprintf(stderr, "wbit: %s is not in the cache yet: fetching it\n", name);
	return lab_kernel_fetch(name, false, kernel, error);
}

/* ---- the default: what can be had ---- */

static int get_default(const char *name, bool update, struct lab_kernel *kernel, bool *broken)
{
	char error[LAB_ERROR_MAX];
	int err = update ? lab_kernel_fetch(name, true, kernel, error) : lab_kernel_get(name, kernel, error);

	if (err)
		warn_user("left out: %s", error);
	if (err && err != -ENOENT)
		*broken = true;
	return err;
}

/* One line for each column that is missing: what it takes to have it. */
static void tell_columns(const struct lab_kernel *kernels, unsigned nr, const bool *left_out)
{
	char have[200] = "", names[200] = "";
	size_t at = 0, end = 0;
	unsigned i;

	for (i = 0; i < nr; i++) {
		const struct lab_stock *stock = lab_stock_find(kernels[i].name);

		at += snprintf(have + at, sizeof(have) - at, "%s%s", i ? "; " : "", stock->columns);
		end += snprintf(names + end, sizeof(names) - end, "%s ", stock->name);
	}
	for (i = 0; lab_stock_names[i]; i++) {
		const struct lab_stock *stock = lab_stock_find(lab_stock_names[i]);

		if (left_out[i] && nr && !strstr(have, stock->columns))
			warn_user("only these columns can be measured: %s. For %s download %s, then: wbit lab run "
				  "%s--kernel-deb FILE", have, stock->columns, stock->source, names);
	}
}

unsigned lab_default_kernels(struct lab_kernel *kernels, bool update, bool *broken)
{
	bool left_out[LAB_KERNELS_MAX] = { false };
	unsigned nr = 0, i;

	for (i = 0; lab_stock_names[i]; i++) {
		if (lab_stock_find(lab_stock_names[i])->spare && nr)
			continue;
		left_out[i] = get_default(lab_stock_names[i], update, &kernels[nr], broken);
		nr += !left_out[i];
	}
	tell_columns(kernels, nr, left_out);
	if (!nr)
		complain("no kernel can be had here: download a Debian or Ubuntu kernel package, then: wbit lab run "
			 "--kernel-deb FILE");
	return nr;
}

static int get_built(const char *name, struct lab_kernel *kernel, char *error)
{
	int err = lab_kernel_find(name, kernel, error);

	if (err == -ENOENT)
		snprintf(error, LAB_ERROR_MAX, "%s is not in the cache: `wbit lab build %s` builds it, in some minutes", name,
			 name);
	if (!err && !lab_build_current(kernel, lab_files()))
		warn_user("%s is from an older series or configuration: `wbit lab build %s` builds it anew", name, name);
	return err;
}

int lab_choice_get(const struct lab_choice *choice, const struct build_options *build, struct lab_kernel *kernel,
		   char *error)
{
	switch (choice->kind) {
	case LAB_KIND_DEB:
		return lab_kernel_from_deb(choice->text, kernel, error);
	case LAB_KIND_IMAGE:
		return lab_kernel_from_image(choice->text, kernel, error);
	case LAB_KIND_TREE:
		return lab_build_tree(choice->text, build, kernel, error);
	case LAB_KIND_BUILT:
		return get_built(choice->text, kernel, error);
	default:
		return lab_kernel_get(choice->text, kernel, error);
	}
}

/* What can be refused is refused before the first of them is built; a build is ended by a signal in good order. */
static int check_choices(const struct lab_run_options *options, char *error)
{
	bool builds = options->patch;
	char qemu[200];
	unsigned i;
	int err = 0;

	for (i = 0; i < options->nr_choices && !err; i++) {
		if (options->choices[i].kind != LAB_KIND_TREE)
			continue;
		builds = true;
		err = lab_tree_check(options->choices[i].text, &options->build, error);
	}
	if (builds)
		catch_signals();
	if (!err && builds)
		err = lab_qemu_version(qemu, sizeof(qemu), error);
	if (!err && options->patch)
		err = lab_patch_check(options->choices[0].text, options->patch, &options->build, error);
	return err;
}

int lab_choices_get(struct lab_run_options *options, struct lab_kernel *kernels, unsigned *nr, int *err)
{
	struct build_progress progress;
	char error[LAB_ERROR_MAX];

	*nr = 0;
	build_options_fill(&options->build, &progress, options->measure.quiet);
	*err = check_choices(options, error);
	while (!*err && *nr < options->nr_choices) {
		*err = lab_choice_get(&options->choices[*nr], &options->build, &kernels[*nr], error);
		*nr += !*err;
	}
	if (!*err && options->patch) {
		*err = lab_build_patched(options->choices[0].text, options->patch, &options->build, &kernels[0], &kernels[1],
					 error);
		*nr += !*err;
	}
	clear_line(&progress);
	return *err ? build_failed(&progress, *err, error) : STATUS_OK;
}

/* ---- without getting any ---- */

static const char *describe(const struct lab_choice *choice, struct lab_kernel *kernel, char *error)
{
	int err;

	if (choice->kind == LAB_KIND_DEB || choice->kind == LAB_KIND_IMAGE)
		return "from this file";
	if (choice->kind == LAB_KIND_TREE)
		return "to be built";
	err = lab_kernel_find(choice->text, kernel, error);
	return err == -ENOENT && choice->kind == LAB_KIND_STOCK ? "to be fetched" : err ? error : kernel->package;
}

int lab_dry_run(struct lab_run_options *options)
{
	const struct run_options *run = &options->measure.run;
	char error[LAB_ERROR_MAX], name[200];
	struct lab_kernel kernel;
	unsigned nr_cells = 0, i, t;
	bool all = !options->nr_choices;

	for (i = 0; all && lab_stock_names[i]; i++)
		if (!lab_stock_find(lab_stock_names[i])->spare)
			options->choices[options->nr_choices++] = (struct lab_choice){ lab_stock_names[i], LAB_KIND_STOCK };
	for (i = 0; run->workloads[i]; i++)
		for (t = 0; triggers[t]; t++)
			nr_cells += plan_has_cell(run, run->workloads[i], triggers[t]);
	for (i = 0; i < options->nr_choices; i++)
		printf("%-10s  %s: %u cells of workload and trigger x %u sizes x %sthe policies that it can show, %u timed trials "
		       "and a traced one each\n", printable(options->choices[i].text, name, sizeof(name)),
		       describe(&options->choices[i], &kernel, error), nr_cells, run->nr_sizes,
		       run->pairs ? "its pairs of nodes x " : "", run->blocks);
	if (options->patch)
		printf("%-10s  the same with %s\n", "+", printable(options->patch, name, sizeof(name)));
	return finish_stdout(STATUS_OK);
}
