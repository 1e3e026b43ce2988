// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit lab run --dry-run: what would be measured. */
#include <errno.h>

#include "cmd_lab.h"
#include "face.h"
#include "globs.h"

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

/* What would run; the policies of a kernel are found in the guest, so their number is not known here. */
int lab_dry_run(struct lab_run_options *options)
{
	const struct run_options *run = &options->measure.run;
	char error[LAB_ERROR_MAX], name[200];
	struct lab_kernel kernel;
	unsigned nr_workloads = 0, i;

	for (i = 0; !options->nr_choices && lab_stock_names[i]; i++)
		if (!lab_stock_find(lab_stock_names[i])->spare)
			options->choices[options->nr_choices++] = (struct lab_choice){ lab_stock_names[i], LAB_KIND_STOCK };
	for (i = 0; run->workloads[i]; i++)
		nr_workloads += glob_list_has(run->workload_glob, run->workloads[i]->name);
	for (i = 0; i < options->nr_choices; i++)
		printf("%-10s  %s: %u workloads x %u sizes x the policies that it can show, %u timed trials and a traced "
		       "one each\n", printable(options->choices[i].text, name, sizeof(name)),
		       describe(&options->choices[i], &kernel, error), nr_workloads, run->nr_sizes, run->blocks);
	if (options->patch)
		printf("%-10s  the same with %s\n", "+", printable(options->patch, name, sizeof(name)));
	return finish_stdout(STATUS_OK);
}
