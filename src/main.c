// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit: finds the command and runs it. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "record.h"

static void print_help(FILE *out)
{
	const struct command *c;

	fprintf(out, "Usage: wbit COMMAND [OPTION...]\n"
		"What the write bit costs: the extra write faults, and the migration, under each way that Linux can\n"
		"restore a PTE's write permission after it migrates a page.\n\n");
	for (c = commands; c->name; c++)
		fprintf(out, "  %-8s %s\n", c->name, c->about);
	fprintf(out, "\n`wbit COMMAND --help` tells more. Exit status: 0 fine, 1 a result is bad, 2 usage or environment\n"
		"error, 3 inconclusive or interrupted, 77 nothing could run here.\n");
}

static const struct command *find(const char *name)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	static char name[64];

	records_init();
	/* A reader that goes away is a write error, told in one line, not a death by signal. */
	signal(SIGPIPE, SIG_IGN);
	/* Ignored by whoever started us, children would vanish without a status. */
	signal(SIGCHLD, SIG_DFL);
	argp_err_exit_status = STATUS_USAGE;
	argp_program_version = "wbit " WBIT_VERSION;
	if (argc < 2) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return finish_stdout(STATUS_OK);
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("%s\n", argp_program_version);
		return finish_stdout(STATUS_OK);
	}
	command = find(argv[1]);
	if (!command)
		return complain("unknown command '%s': `wbit --help` lists them", argv[1]);
	snprintf(name, sizeof(name), "wbit %s", command->name);
	argv[1] = name;
	return command->run(argc - 1, argv + 1);
}
