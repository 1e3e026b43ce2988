// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit lab build and wbit lab config: kernels built here, and the configuration that they get. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd_lab.h"
#include "face.h"

#define JOBS_MAX 4096

enum { OPT_DEB = 0x400, OPT_CONFIG };

struct lab_build_options {
	struct build_options build;
	struct lab_choice choices[LAB_KERNELS_MAX];
	unsigned nr_choices;
	const char *config, *output;
	bool deb, quiet;
};

static const struct argp_option build_table[] = {
	{ "jobs", 'j', "N", 0, "Compile N files at a time (default: one a CPU)", 0 },
	{ "update", 'u', NULL, 0, "Take the newest source that apt knows", 0 },
	{ "allow-root-build", OPT_ALLOW_ROOT, NULL, 0, "Run a foreign tree's Makefiles although this is root", 0 },
	{ "deb", OPT_DEB, NULL, 0, "Make packages to install on a real machine, of its own configuration and with the series; "
	  "without debug information. Takes hours", 0 },
	{ "config", OPT_CONFIG, "FILE", 0, "The configuration for --deb (default: /boot/config-$(uname -r))", 0 },
	{ "output", 'o', "DIR", 0, "Where --deb puts the packages (default: here)", 0 },
	{ "quiet", 'q', NULL, 0, "No progress", 0 },
	{ 0 }
};

/* "6.12" is short for what carries the series. */
static error_t parse_choice(char *arg, struct lab_build_options *options)
{
	const struct lab_built *b;
	error_t err;

	for (b = lab_builts; b->name; b++)
		if (b->patched && !strcmp(b->series, arg))
			arg = (char *)b->name;
	err = parse_kernel(arg, options->choices, &options->nr_choices);
	if (err)
		return err;
	switch (options->choices[options->nr_choices - 1].kind) {
	case LAB_KIND_BUILT:
	case LAB_KIND_TREE:
		return 0;
	default:
		return usage_error("%s is built already: lab build takes 6.12, 6.1, a switch, plain or lean kernel, or a source tree",
				   arg);
	}
}

static error_t parse_build(int key, char *arg, struct argp_state *state)
{
	struct lab_build_options *options = state->input;
	uint64_t number;
	error_t err;

	switch (key) {
	case 'j':
		err = parse_number("--jobs", arg, 1, JOBS_MAX, &number);
		options->build.jobs = number;
		return err;
	case 'u': options->build.update = true; return 0;
	case 'q': options->quiet = true; return 0;
	case 'o': options->output = arg; return 0;
	case OPT_ALLOW_ROOT: options->build.allow_root = true; return 0;
	case OPT_DEB: options->deb = true; return 0;
	case OPT_CONFIG: options->config = arg; return 0;
	case ARGP_KEY_ARG: return parse_choice(arg, options);
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp build_argp = {
	.options = build_table,
	.parser = parse_build,
	.args_doc = "[6.12|6.1|KERNEL|TREE...]",
	.doc = "Build kernels into the cache (default: 6.12, the switch kernel): Debian's source with the series of patches "
	       "that makes the policy a switch; plain-6.12 is the same without it, lean-6.12 without KSM, THP, "
	       "swap, soft-dirty and uffd-wp on shared memory, to see what is skipped there; a TREE is built as it is, in a copy.\v"
	       "A kernel is built once; what is interrupted goes on where it was. Root is not needed, and not wanted: a "
	       "foreign tree's Makefiles are not run by it. The environment's WBIT_KERNEL_FILES names another folder with "
	       "patches/ and configs/.",
};

static int build_deb(struct lab_build_options *options, const struct lab_choice *choice,
		     const struct build_progress *progress)
{
	char config[PATH_MAX], made[2048] = "", error[LAB_ERROR_MAX];
	struct utsname name;
	int err;

	uname(&name);
	snprintf(config, sizeof(config), "/boot/config-%s", name.release);
	err = lab_build_deb(choice->text, options->config ?: config, options->output ?: ".", &options->build, made,
			    sizeof(made), error);
	if (err)
		return build_failed(progress, err, error);
	printf("%s", made);
	return STATUS_OK;
}

static int build_one(struct lab_build_options *options, const struct lab_choice *choice,
		     const struct build_progress *progress)
{
	char error[LAB_ERROR_MAX];
	struct lab_kernel kernel;
	bool fresh = true;
	int err;

	err = choice->kind == LAB_KIND_TREE ? lab_build_tree(choice->text, &options->build, &kernel, error) :
					      lab_build(choice->text, &options->build, &kernel, &fresh, error);
	if (err)
		return build_failed(progress, err, error);
	if (progress->terminal)
		fprintf(stderr, "\r\033[K");
	printf("%-13s  %s  %s\n", kernel.name, kernel.built.source, fresh ? "built" : "in the cache already");
	return STATUS_OK;
}

int lab_build_command(int argc, char **argv)
{
	struct lab_build_options options = { 0 };
	int status = parse_options(&build_argp, argc, argv, &options);
	struct build_progress progress;
	unsigned i;

	if (status)
		return status;
	if (!options.deb && (options.config || options.output))
		return complain("--%s is for --deb", options.config ? "config" : "output");
	if (!options.nr_choices)
		options.choices[options.nr_choices++] = (struct lab_choice){ "switch-6.12", LAB_KIND_BUILT };
	catch_signals();
	build_options_fill(&options.build, &progress, options.quiet);
	for (i = 0; i < options.nr_choices && !status; i++)
		status = options.deb ? build_deb(&options, &options.choices[i], &progress) :
				       build_one(&options, &options.choices[i], &progress);
	return finish_stdout(status);
}

/* ---- config ---- */

struct config_options {
	bool patched, lean;
};

static error_t parse_config(int key, char *arg, struct argp_state *state)
{
	struct config_options *options = state->input;

	if (key == 's')
		options->patched = true;
	else if (key == 'l')
		options->lean = true;
	else if (key == ARGP_KEY_ARG)
		return usage_error("lab config takes no argument: '%.40s'", arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option config_table[] = {
	{ "switch", 's', NULL, 0, "With the option of the switch kernels' series", 0 },
	{ "lean", 'l', NULL, 0, "Without what lean-6.12 lacks", 0 },
	{ 0 }
};
static const struct argp config_argp = {
	.options = config_table,
	.parser = parse_config,
	.doc = "Print the configuration that kernels are built with: what the workloads need, and little more.\v"
	       "In a tree of your own: wbit lab config >lab.config; make KCONFIG_ALLCONFIG=lab.config allnoconfig",
};

int lab_config_command(int argc, char **argv)
{
	struct config_options options = { 0 };
	int status = parse_options(&config_argp, argc, argv, &options);
	char error[LAB_ERROR_MAX], *text;

	if (status)
		return status;
	text = lab_fragment(lab_files(), options.patched, options.lean, error);
	if (!text)
		return complain("%s", error);
	fputs(text, stdout);
	free(text);
	return finish_stdout(STATUS_OK);
}
