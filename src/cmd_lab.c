// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit lab: its subcommands, of which run has a file of its own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cmd_lab.h"
#include "face.h"

error_t parse_mode(const char *text, enum lab_mode *mode)
{
	static const char *const names[] = { [LAB_EXACT] = "exact", [LAB_TCG] = "tcg", [LAB_KVM] = "kvm", [LAB_SMP] = "smp" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i])) {
			*mode = i;
			return 0;
		}
	return usage_error("--mode: '%.40s' is none of " LAB_MODES, text);
}

/* ---- fetch ---- */

struct fetch_options {
	struct lab_choice choices[LAB_KERNELS_MAX];
	unsigned nr_choices;
	bool update;
};

static error_t parse_fetch(int key, char *arg, struct argp_state *state)
{
	struct fetch_options *options = state->input;
	error_t err;

	switch (key) {
	case 'u':
		options->update = true;
		return 0;
	case ARGP_KEY_ARG:
		err = parse_kernel(arg, options->choices, &options->nr_choices);
		if (!err && options->choices[options->nr_choices - 1].kind != LAB_KIND_STOCK)
			err = usage_error("lab fetch gets stock kernels: '%.60s' is none", arg);
		return err;
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
	if (!options.nr_choices)
		status = fetch_defaults(options.update);
	for (i = 0; i < options.nr_choices; i++) {
		if (lab_kernel_fetch(options.choices[i].text, options.update, &kernel, error))
			status = complain("%s", error);
		else
			print_fetched(&kernel);
	}
	return finish_stdout(status);
}

/* ---- shell ---- */

enum { OPT_ADD = 0x580 };

struct shell_options {
	struct lab_choice choices[LAB_KERNELS_MAX];
	const char *append;
	const char *script;
	struct guest_files files;
	uint64_t time_limit_s;		/* of a script; 0: none */
	unsigned nr_choices;
	enum lab_mode mode;
	bool allow_root;
};

static error_t add_guest_file(struct guest_files *files, const char *spec)
{
	char error[LAB_ERROR_MAX];

	return guest_files_add(files, spec, error) ? usage_error("--add: %s", error) : 0;
}

static error_t take_script(const char **script, const char *path)
{
	char error[LAB_ERROR_MAX];

	*script = path;
	return guest_file_look(path, error) ? usage_error("--script: %s", error) : 0;
}

static error_t parse_shell(int key, char *arg, struct argp_state *state)
{
	struct shell_options *options = state->input;

	switch (key) {
	case 'm':
		return parse_mode(arg, &options->mode);
	case 'a':
		options->append = arg;
		return 0;
	case OPT_ALLOW_ROOT:
		options->allow_root = true;
		return 0;
	case 's':
		return take_script(&options->script, arg);
	case OPT_ADD:
		return add_guest_file(&options->files, arg);
	case 't':
		return parse_number("--time-limit", arg, 1, 86400, &options->time_limit_s);
	case ARGP_KEY_ARG:
		if (options->nr_choices)
			return usage_error("lab shell takes one kernel");
		return parse_kernel(arg, options->choices, &options->nr_choices);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option shell_table[] = {
	{ "mode", 'm', "MODE", 0, "How the guest runs: " LAB_MODES " (default: tcg)", 0 },
	{ "append", 'a', "TEXT", 0, "More of the kernel's command line", 0 },
	{ "add", OPT_ADD, "FILE[:PATH]", 0, "Put a file into the guest, at PATH (default: /bin/NAME); a program with its libraries. "
	  "May be given several times", 0 },
	{ "script", 's', "FILE", 0, "Run a shell script in the guest instead; its output and its exit status are this "
	  "command's", 0 },
	{ "time-limit", 't', "S", 0, "With --script: seconds until the guest is ended (default: none)", 0 },
	{ "allow-root-build", OPT_ALLOW_ROOT, NULL, 0, "Run a foreign tree's Makefiles although this is root", 0 },
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

static int print_line(void *arg, const char *line, size_t len)
{
	char *text = malloc(len + 1);

	(void)arg;
	if (!text)
		return -ENOMEM;
	puts(printable(line, text, len + 1));
	free(text);
	return fflush(stdout) ? -errno : 0;
}

/* What the guest sends is the script's output, and its exit status is ours. */
static int boot_script(const struct guest_config *config)
{
	const struct guest_lines lines = { print_line, NULL };
	char error[LAB_ERROR_MAX];
	struct guest *guest;
	int err, status;

	if (guest_start(config, &guest, error))
		return complain("%s", error);
	err = guest_consume(guest, &lines, &stop, error);
	status = guest_exit_status(guest);
	guest_free(guest);
	if (err == -ECANCELED)
		return STATUS_INCONCLUSIVE;
	return err ? complain("%s", error) : status;
}

static const char *newest_stock(void)
{
	int i = 0;

	while (lab_stock_names[i + 1] && !lab_stock_find(lab_stock_names[i + 1])->spare)
		i++;
	return lab_stock_names[i];
}

static int boot_choice(struct shell_options *options)
{
	struct guest_config config = { 0 };
	struct build_options build = { .allow_root = options->allow_root };
	struct build_progress progress;
	char error[LAB_ERROR_MAX];
	struct lab_kernel kernel;
	int err;

	if (!options->nr_choices)
		options->choices[0] = (struct lab_choice){ newest_stock(), LAB_KIND_STOCK };
	build_options_fill(&build, &progress, false);
	err = lab_choice_get(&options->choices[0], &build, &kernel, error);
	if (err)
		return build_failed(&progress, err, error);
	if (options->mode == LAB_KVM && lab_kvm_works(&kernel, &stop, error))
		return complain("%s", error);
	config.kernel = &kernel;
	config.mode = options->mode;
	config.append = options->append;
	config.files = &options->files;
	config.script = options->script;
	config.total_limit_s = options->time_limit_s;
	return finish_stdout(config.script ? boot_script(&config) : boot_shell(&config));
}

static int shell(int argc, char **argv)
{
	struct shell_options options = { .mode = LAB_TCG };
	int status = parse_options(&shell_argp, argc, argv, &options);

	if (!status && options.time_limit_s && !options.script)
		status = complain("--time-limit goes with --script");
	if (!status) {
		catch_signals();
		status = boot_choice(&options);
	}
	guest_files_free(&options.files);
	return status;
}

/* ---- the choice ---- */

static const struct command subcommands[] = {
	{ "run", "measure in guests, one for each kernel", lab_run },
	{ "fetch", "get the stock kernels into the cache", fetch },
	{ "build", "build the switch kernel, or any source tree, into the cache", lab_build_command },
	{ "config", "print the configuration that kernels are built with", lab_config_command },
	{ "shell", "a shell in the guest", shell },
	{ NULL, NULL, NULL }
};

static int help(void)
{
	const struct command *c;
	unsigned i;

	printf("Usage: wbit lab COMMAND [OPTION...] [KERNEL...]\n"
	       "A guest with two NUMA nodes on any machine: QEMU boots a kernel of the cache.\n\n");
	for (c = subcommands; c->name; c++)
		printf("  %-8s %s\n", c->name, c->about);
	printf("\nA KERNEL is one of");
	for (i = 0; lab_stock_names[i]; i++)
		printf(" %s,", lab_stock_names[i]);
	for (i = 0; lab_builts[i].name; i++)
		printf(" %s,", lab_builts[i].name);
	printf("\nor the path of an image (bzImage), a package (.deb) or a source tree. `wbit lab COMMAND --help` tells "
	       "more.\n");
	return finish_stdout(STATUS_OK);
}

int cmd_lab(int argc, char **argv)
{
	const struct command *c;
	char name[64];

	if (argc < 2)
		return complain("lab needs a command: run, fetch, build, config or shell (`wbit lab --help` tells more)");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "-h"))
		return help();
	for (c = subcommands; c->name; c++)
		if (!strcmp(argv[1], c->name)) {
			snprintf(name, sizeof(name), "wbit lab %s", c->name);
			argv[1] = name;
			return c->run(argc - 1, argv + 1);
		}
	return complain("unknown command 'lab %.40s': there are run, fetch, build, config and shell", argv[1]);
}
