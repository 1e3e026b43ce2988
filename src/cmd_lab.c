// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit lab: its subcommands, of which run has a file of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cmd_lab.h"
#include "face.h"

static void join_names(char *out, size_t size)
{
	size_t at = 0;
	int i;

	out[0] = '\0';
	for (i = 0; lab_stock_names[i] && at < size; i++)
		at += snprintf(out + at, size - at, "%s%s", i ? ", " : "", lab_stock_names[i]);
}

error_t parse_kernel(const char *name, const char **names, unsigned *nr)
{
	char known[200];

	join_names(known, sizeof(known));
	if (!lab_stock_find(name))
		return usage_error("unknown kernel '%.60s': there are %s", name, known);
	if (*nr == LAB_KERNELS_MAX)
		return usage_error("more than %d kernels", LAB_KERNELS_MAX);
	names[(*nr)++] = name;
	return 0;
}

error_t parse_mode(const char *text, enum lab_mode *mode)
{
	static const char *const names[] = { [LAB_EXACT] = "exact", [LAB_TCG] = "tcg", [LAB_KVM] = "kvm" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i])) {
			*mode = i;
			return 0;
		}
	return usage_error("--mode: '%.40s' is none of " LAB_MODES, text);
}

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

/* ---- fetch ---- */

struct fetch_options {
	const char *names[LAB_KERNELS_MAX];
	unsigned nr_names;
	bool update;
};

static error_t parse_fetch(int key, char *arg, struct argp_state *state)
{
	struct fetch_options *options = state->input;

	switch (key) {
	case 'u':
		options->update = true;
		return 0;
	case ARGP_KEY_ARG:
		return parse_kernel(arg, options->names, &options->nr_names);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option fetch_table[] = {
	{ "update", 'u', NULL, 0, "Take the newest that apt knows, and replace what is broken", 0 },
	{ 0 }
};
static const struct argp fetch_argp = {
	.options = fetch_table,
	.parser = parse_fetch,
	.args_doc = "[KERNEL...]",
	.doc = "Fetch stock kernels by apt into the cache (default: those that this system's package lists have).\vA kernel stays as it is once it was fetched, "
	       "and nothing is contacted for it, until --update. Root is not needed.",
};

static void print_fetched(const struct lab_kernel *kernel)
{
	printf("%-13s  %s  %s\n", kernel->name, kernel->package, kernel->version);
}

static int fetch_defaults(bool update)
{
	struct lab_kernel *kernels = calloc(LAB_KERNELS_MAX, sizeof(*kernels));
	bool broken = false;
	unsigned nr, i;

	if (!kernels)
		return complain("out of memory");
	nr = lab_default_kernels(kernels, update, &broken);
	for (i = 0; i < nr; i++)
		print_fetched(&kernels[i]);
	free(kernels);
	return nr && !broken ? STATUS_OK : STATUS_USAGE;
}

static int fetch(int argc, char **argv)
{
	struct fetch_options options = { 0 };
	int status = parse_options(&fetch_argp, argc, argv, &options);
	char error[LAB_ERROR_MAX];
	struct lab_kernel kernel;
	unsigned i;

	if (status)
		return status;
	if (!options.nr_names)
		status = fetch_defaults(options.update);
	for (i = 0; i < options.nr_names; i++) {
		if (lab_kernel_fetch(options.names[i], options.update, &kernel, error))
			status = complain("%s", error);
		else
			print_fetched(&kernel);
	}
	return finish_stdout(status);
}

/* ---- shell ---- */

struct shell_options {
	const char *names[LAB_KERNELS_MAX], *append;
	unsigned nr_names;
	enum lab_mode mode;
};

static error_t parse_shell(int key, char *arg, struct argp_state *state)
{
	struct shell_options *options = state->input;

	switch (key) {
	case 'm':
		return parse_mode(arg, &options->mode);
	case 'a':
		options->append = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (options->nr_names)
			return usage_error("lab shell takes one kernel");
		return parse_kernel(arg, options->names, &options->nr_names);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option shell_table[] = {
	{ "mode", 'm', "MODE", 0, "How the guest runs: " LAB_MODES " (default: tcg)", 0 },
	{ "append", 'a', "TEXT", 0, "More of the kernel's command line", 0 },
	{ 0 }
};
static const struct argp shell_argp = {
	.options = shell_table,
	.parser = parse_shell,
	.args_doc = "[KERNEL]",
	.doc = "A shell in the guest, where /wbit is what `lab run` runs (default: the newest stock kernel).\v"
	       "`exit` ends the guest; Ctrl-A x ends it whatever it does.",
};

static int boot_shell(const struct guest_config *config)
{
	const struct guest_lines lines = { 0 };
	char error[LAB_ERROR_MAX];
	struct termios terminal;
	struct guest *guest;
	int err;

	if (tcgetattr(STDIN_FILENO, &terminal))
		return complain("lab shell needs a terminal");
	if (guest_start(config, &guest, error))
		return complain("%s", error);
	err = guest_consume(guest, &lines, &stop, error);
	guest_free(guest);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal);	/* QEMU may have been killed */
	return err ? complain("%s", error) : STATUS_OK;
}

static const char *newest_stock(void)
{
	int i = 0;

	while (lab_stock_names[i + 1] && !lab_stock_find(lab_stock_names[i + 1])->spare)
		i++;
	return lab_stock_names[i];
}

static int shell(int argc, char **argv)
{
	struct shell_options options = { .mode = LAB_TCG };
	int status = parse_options(&shell_argp, argc, argv, &options);
	struct guest_config config = { 0 };
	char error[LAB_ERROR_MAX];
	struct lab_kernel kernel;

	if (status)
		return status;
	catch_signals();
	if (lab_kernel_get(options.nr_names ? options.names[0] : newest_stock(), &kernel, error) ||
	    (options.mode == LAB_KVM && lab_kvm_works(&kernel, &stop, error)))
		return complain("%s", error);
	config.kernel = &kernel;
	config.mode = options.mode;
	config.append = options.append;
	return finish_stdout(boot_shell(&config));
}

/* ---- the choice ---- */

static const struct command subcommands[] = {
	{ "run", "measure in guests, one for each kernel", lab_run },
	{ "fetch", "get the stock kernels into the cache", fetch },
	{ "shell", "a shell in the guest", shell },
	{ NULL, NULL, NULL }
};

static int help(void)
{
	const struct command *c;
	char known[200];

	printf("Usage: wbit lab COMMAND [OPTION...] [KERNEL...]\n"
	       "A guest with two NUMA nodes on any machine: QEMU boots a kernel of the cache.\n\n");
	for (c = subcommands; c->name; c++)
		printf("  %-8s %s\n", c->name, c->about);
	join_names(known, sizeof(known));
	printf("\nKernels: %s. `wbit lab COMMAND --help` tells more.\n", known);
	return finish_stdout(STATUS_OK);
}

int cmd_lab(int argc, char **argv)
{
	const struct command *c;
	char name[64];

	if (argc < 2)
		return complain("lab needs a command: run, fetch or shell (`wbit lab --help` tells more)");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "-h"))
		return help();
	for (c = subcommands; c->name; c++)
		if (!strcmp(argv[1], c->name)) {
			snprintf(name, sizeof(name), "wbit lab %s", c->name);
			argv[1] = name;
			return c->run(argc - 1, argv + 1);
		}
	return complain("unknown command 'lab %.40s': there are run, fetch and shell", argv[1]);
}
