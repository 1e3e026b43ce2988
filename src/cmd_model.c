// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `wbit model`: the oracle on its own. A table over all workloads, or the reasoning about some. Nothing is measured and
 * nothing of this machine is looked at: what stands here holds for the states that the workloads declare.
 */
#include <argp.h>
#include <fnmatch.h>
#include <string.h>

#include "face.h"
#include "workloads.h"

struct model_options {
	const char *policy_glob;	/* NULL: all */
	char **workload_globs;
	int nr_workload_globs;		/* 0: the table */
};

static const struct argp_option option_table[] = {
	{ "policy", 'p', "GLOB", 0, "Only these policies: vma-only, vma, entry", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct model_options *options = state->input;

	switch (key) {
	case 'p':
		options->policy_glob = arg;
		return 0;
	case ARGP_KEY_ARGS:
		options->workload_globs = state->argv + state->next;
		options->nr_workload_globs = state->argc - state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp model_argp = {
	.options = option_table,
	.parser = parse_option,
	.args_doc = "[WORKLOAD...]",
	.doc = "What each policy makes of the write bit (W) when a page migrates, and which faults the first write "
	       "after it meets.\vWithout WORKLOAD: a table of all. With it (a name or a glob): the reasoning, step "
	       "by step.",
};

static bool policy_chosen(const struct model_options *options, enum policy policy)
{
	return !options->policy_glob || !fnmatch(options->policy_glob, policy_name(policy), 0);
}

static bool any_policy_chosen(const struct model_options *options)
{
	enum policy policy;

	for (policy = 0; policy < NR_POLICIES; policy++)
		if (policy_chosen(options, policy))
			return true;
	return false;
}

static bool any_workload_matches(const char *glob)
{
	size_t i;

	for (i = 0; workloads[i]; i++)
		if (!fnmatch(glob, workloads[i]->name, 0))
			return true;
	return false;
}

static bool workload_chosen(const struct model_options *options, const struct workload *workload)
{
	int i;

	for (i = 0; i < options->nr_workload_globs; i++)
		if (!fnmatch(options->workload_globs[i], workload->name, 0))
			return true;
	return false;
}

static int check_choice(const struct model_options *options)
{
	int i;

	if (!any_policy_chosen(options))
		return complain("no policy matches '%s': there are vma-only, vma and entry", options->policy_glob);
	for (i = 0; i < options->nr_workload_globs; i++)
		if (!any_workload_matches(options->workload_globs[i]))
			return complain("no workload matches '%s': `wbit list` names them", options->workload_globs[i]);
	return STATUS_OK;
}

/* The PTE before the migration in a table's few columns. */
static void pte_words(const struct page_state *state, char *out, size_t size)
{
	snprintf(out, size, "%sW%s%s%s%s", state->pte_write ? "" : "!", state->exclusive ? ", exclusive" : "",
		 state->mapped_twice ? ", mapped twice" : "", state->uffd_wp ? ", uffd-wp" : "",
		 state->hint ? ", PROT_NONE" : "");
}

static void print_row(const struct model_options *options, const struct workload *workload)
{
	const struct page_state *state = &workload->state;
	enum fault_kind kind = FAULT_NONE;
	enum policy policy;
	char pte[64];

	pte_words(state, pte, sizeof(pte));
	printf("%-26s %-7s  %-26s", workload->name, state->vma_write ? "W" : "!W", pte);
	for (policy = 0; policy < NR_POLICIES; policy++) {
		const struct prediction p = model_predict(state, policy);

		if (!policy_chosen(options, policy))
			continue;
		printf(" %8u", p.faults);
		if (p.faults)
			kind = p.kind;
	}
	printf("  %s\n", fault_name(kind));
}

static void print_legend(void)
{
	puts("\n"
	     "default    the VMA's own protection, vm_page_prot\n"
	     "PTE        before the migration; W: the write bit is set, !W: it is not\n"
	     "figures    write-protection faults a page that the first write after the migration meets, where W comes\n"
	     "             vma-only  from the default alone (no kernel does so)\n"
	     "             vma       from the default, or from a writable migration entry (5.7 to 6.1, 6.4 and later)\n"
	     "             entry     from a writable migration entry, nothing else (6.2, 6.3, 6.1.13 and later 6.1)\n"
	     "           rows with the same figure under all three are the negative controls\n"
	     "fault      cow-reuse: the page is reused; cow-copy: it is copied; shared-reuse: W is granted unasked;\n"
	     "           page_mkwrite: the filesystem is asked first; userfault: delivered to the userfaultfd");
}

static void print_table(const struct model_options *options)
{
	enum policy policy;
	size_t i;

	printf("%-26s %-7s  %-26s", "workload", "default", "PTE");
	for (policy = 0; policy < NR_POLICIES; policy++)
		if (policy_chosen(options, policy))
			printf(" %8s", policy_name(policy));
	puts("  fault");
	for (i = 0; workloads[i]; i++)
		print_row(options, workloads[i]);
	print_legend();
}

static void print_indented(char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line)
			printf("    %s\n", line);
}

static void print_reasoning(const struct model_options *options, const struct workload *workload)
{
	enum policy policy;
	char text[2048];

	model_describe(&workload->state, text, sizeof(text));
	printf("%s\n  %s\n  %s\n", workload->name, workload->about, text);
	for (policy = 0; policy < NR_POLICIES; policy++) {
		const struct prediction p = model_predict(&workload->state, policy);

		if (!policy_chosen(options, policy))
			continue;
		printf("\n  %s: migration entry %s, then %s; write faults a page: %u (%s)\n", policy_name(policy),
		       entry_name(p.entry), p.w_after ? "W" : "!W", p.faults, fault_name(p.kind));
		model_story(&workload->state, policy, text, sizeof(text));
		print_indented(text);
	}
}

int cmd_model(int argc, char **argv)
{
	struct model_options options = { 0 };
	const char *gap = "";
	size_t i;

	if (parse_options(&model_argp, argc, argv, &options))
		return STATUS_USAGE;
	if (check_choice(&options))
		return STATUS_USAGE;
	if (!options.nr_workload_globs)
		print_table(&options);
	for (i = 0; workloads[i]; i++) {
		if (!workload_chosen(&options, workloads[i]))
			continue;
		fputs(gap, stdout);
		print_reasoning(&options, workloads[i]);
		gap = "\n";
	}
	return finish_stdout(STATUS_OK);
}
