// SPDX-License-Identifier: GPL-2.0-or-later
/* What is to be compared, from the command line: FILE:RUN and gates. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare_face.h"
#include "face.h"
#include "pool.h"

static int pick_run(struct compare_input *input, const char *run)
{
	const struct summary *summary = &input->summary;
	unsigned long number;
	char *end;

	input->one_run = true;
	for (input->run = 0; input->run < summary->nr_runs; input->run++)
		if (!strcmp(summary->runs[input->run].id, run))
			return STATUS_OK;
	number = strtoul(run, &end, 10);
	if (*run < '0' || *run > '9' || *end || !number || number > summary->nr_runs)
		return complain("%s: no run '%.40s': give its ID, or a number from 1 to %u", input->path, run,
				summary->nr_runs);
	input->run = (unsigned)number - 1;
	return STATUS_OK;
}

/* A file's own name may have a colon: what is there as it stands is the file. */
int compare_input_read(struct compare_input *input, const char *argument)
{
	const char *colon = strrchr(argument, ':');
	bool whole = !colon || !access(argument, F_OK);

	summary_init(&input->summary);
	if (snprintf(input->path, PATH_MAX, "%.*s", whole ? (int)strlen(argument) : (int)(colon - argument), argument) >=
	    PATH_MAX)
		return complain("%.60s...: %s", argument, strerror(ENAMETOOLONG));
	if (summary_add_file(&input->summary, input->path))
		return complain("%s", input->summary.error);
	summary_finish(&input->summary);
	return whole ? STATUS_OK : pick_run(input, colon + 1);
}

int compare_input_pool(struct compare_input *input)
{
	if (!input->one_run && summary_pool_kernels(&input->summary))
		return complain("%s: out of memory", input->path);
	return STATUS_OK;
}

void compare_input_free(struct compare_input *input)
{
	summary_free(&input->summary);
}

error_t parse_gate(const char *text, struct gate gates[GATES_MAX], unsigned *nr)
{
	char error[200];

	if (*nr == GATES_MAX)
		return usage_error("--gate: at most %d", GATES_MAX);
	if (gate_parse(text, &gates[*nr], error, sizeof(error)))
		return usage_error("--gate: %s", error);
	(*nr)++;
	return 0;
}
