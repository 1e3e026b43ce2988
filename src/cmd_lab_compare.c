// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit lab run A B: the kernels of one command against each other, after their table. */
#include "cmd_lab.h"
#include "compare_face.h"
#include "face.h"

void lab_defaults(struct lab_run_options *options)
{
	struct run_options *run = &options->measure.run;
	bool cpus_given = options->cpus;

	for (unsigned i = 0; i < run->nr_threads && options->mode == LAB_SMP && !cpus_given; i++)
		if (options->cpus <= run->threads[i])
			options->cpus = run->threads[i] < LAB_CPUS_MAX ? run->threads[i] + 1 : LAB_CPUS_MAX;
	measure_default_blocks(&options->measure, lab_platform(options->mode));
	if (options->measure.pages_given || (options->nr_choices < 2 && !options->patch) || options->mode != LAB_EXACT)
		return;
	run->pages[0] = 64;
	run->pages[1] = 256;
	run->nr_sizes = 2;
}

void lab_compare_runs(const struct summary *summary, const char *path)
{
	char base_name[PATH_MAX + 16], new_name[PATH_MAX + 16];
	const struct compare_view view = { .base_name = base_name, .new_name = new_name };
	const struct compare_side base = { .summary = summary, .run = 0 };

	snprintf(base_name, sizeof(base_name), "%s:1", path);
	for (unsigned i = 1; i < summary->nr_runs; i++) {
		const struct compare_side new = { .summary = summary, .run = i };
		struct comparison c;

		snprintf(new_name, sizeof(new_name), "%s:%u", path, i + 1);
		fputc('\n', stdout);
		if (compare_make(&c, &base, &new, 0))
			warn_user("not compared: %s", c.error);
		else if (compare_table_print(stdout, &c, &view))
			complain("out of memory for the comparison");
		compare_free(&c);
	}
}
