// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `wbit model`: the oracle on its own. A table over all workloads, or the reasoning about some. Nothing is measured and
 * nothing of this machine is looked at: what stands here holds for the states that the workloads declare.
 */
#include <argp.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "face.h"
#include "globs.h"
#include "matrix.h"
#include "workloads.h"

struct model_options {
	const char *policy_glob;	/* GLOB[,GLOB...]; NULL: all but the bug */
	char **workload_globs;
	int nr_workload_globs;		/* 0: the table */
};

static const struct argp_option option_table[] = {
	{ "policy", 'p', "GLOB", 0, "Only these policies: vma-only, vma, entry, upgrade (default: these), and vma-unsafe, only by its "
	  "full name", 0 },
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

/* As in a run (plan.h), but nothing is measured here, so `upgrade` is shown unasked. */
static bool policy_chosen(const struct model_options *options, enum policy policy)
{
	if (policy == POLICY_VMA_UNSAFE)
		return options->policy_glob && glob_list_names(options->policy_glob, policy_name(policy));
	return glob_list_has(options->policy_glob, policy_name(policy));
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
		return complain("no policy matches '%s': there are vma-only, vma, entry, upgrade, and by its full name vma-unsafe",
				options->policy_glob);
	for (i = 0; i < options->nr_workload_globs; i++)
		if (!any_workload_matches(options->workload_globs[i]))
			return complain("no workload matches '%s': `wbit list` names them", options->workload_globs[i]);
	return STATUS_OK;
}

/* A workload's cell by its default trigger: the state that migrates, and the condition that makes it this one. */
struct cell_model {
	const struct workload *workload;
	const struct trigger *trigger;
	const char *condition;		/* NULL: the state without any */
	struct page_state state;
};

/* The number-th of a workload's cells: without a condition, then with each that makes another state. False: no more. */
static bool nth_cell(const struct workload *workload, unsigned number, struct cell_model *cell)
{
	const unsigned conditions[] = { ALWAYS, workload->where.kernel, HINT_KEEPS_W };

	*cell = (struct cell_model){ .workload = workload, .trigger = default_trigger(workload) };
	for (unsigned i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		cell->condition = cell_condition(workload, cell->trigger, conditions[i]);
		cell->state = cell_state(workload, cell->trigger, conditions[i]);
		if ((!i || cell->condition) && !number--)
			return true;
	}
	return false;
}

/* The PTE before the migration in a table's few columns. */
static void pte_words(const struct page_state *state, char *out, size_t size)
{
	static const char *const mapped[] = { [MAPPED_BY_PMD] = "PMD ", [MAPPED_BY_HUGETLB] = "hugetlb " };
	const char *size_word = mapped[state->mapped_by];

	snprintf(out, size, "%s%sW%s%s%s%s%s%s%s", size_word ? size_word : "", state->pte_write ? "" : "!",
		 state->exclusive ? ", exclusive" : "", state->mapped_twice ? ", mapped twice" : "",
		 state->dirty ? ", dirty" : "", state->tracked ? ", tracked" : "",
		 !state->uffd_wp ? "" : state->uffd_async ? ", uffd-async" : ", uffd-wp",
		 state->hint ? ", PROT_NONE" : "", state->racing ? ", racing" : "");
}

static const char *faults_word(const struct prediction *p)
{
	return p->some ? "some" : p->faults ? "1" : "0";
}

static int column_width(enum policy policy)
{
	return policy == POLICY_VMA_UNSAFE ? 10 : 8;
}

static void print_row(const struct model_options *options, const struct cell_model *cell)
{
	enum fault_kind kind = FAULT_NONE;
	enum policy policy;
	char pte[80];

	pte_words(&cell->state, pte, sizeof(pte));
	if (cell->condition)
		printf("  %-31s %-25s", cell->condition, pte);
	else
		printf("%-25s %-7s %-25s", cell->workload->name, cell->state.vma_write ? "W" : "!W", pte);
	for (policy = 0; policy < NR_POLICIES; policy++) {
		const struct prediction p = model_predict(&cell->state, policy);

		if (!policy_chosen(options, policy))
			continue;
		printf(" %*s", column_width(policy), faults_word(&p));
		if (p.faults)
			kind = p.kind;
	}
	printf("  %s\n", fault_name(kind));
}

static void print_legend(const struct model_options *options)
{
	puts("\n"
	     "indented   the state on kernels of which that is true; the default is the one above\n"
	     "default    the VMA's own protection, vm_page_prot\n"
	     "PTE        before the migration; W: the write bit is set, !W: it is not; PMD, hugetlb: of 2 MiB\n"
	     "             tracked: by soft-dirty, until the next write; uffd-async: uffd-wp that the kernel resolves itself\n"
	     "             PROT_NONE: by NUMA balancing, the trigger of these rows (all others: move_pages)\n"
	     "             racing: mprotect() runs beside the migration, and some of the pages lose W\n"
	     "figures    write-protection faults a page that the first write after the migration meets, where W comes\n"
	     "             vma-only  from the default alone (no kernel does so)\n"
	     "             vma       from the default, or from a writable migration entry (5.7 to 6.1, 6.4 and later)\n"
	     "             entry     from a writable migration entry, nothing else (6.2, 6.3, 6.1.13 and later 6.1)\n"
	     "             upgrade   as vma, and where can_change_pte_writable() finds it safe (no kernel does so)");
	if (policy_chosen(options, POLICY_VMA_UNSAFE))
		puts("             vma-unsafe  as vma: what ought to be. The bug (5.19 to 6.2) gives uffd-wp pages W; that must FAIL");
	puts("           rows with the same figure under all of them are the negative controls\n"
	     "fault      cow-reuse: the page is reused; cow-copy: it is copied; shared-reuse: W is granted unasked;\n"
	     "           page_mkwrite: the filesystem is asked first; userfault: delivered to the userfaultfd; of 2 MiB each:\n"
	     "           pmd-reuse: the huge page is reused; pmd-remap: it is mapped anew; hugetlb-wp: hugetlb's own");
}

static void print_table(const struct model_options *options)
{
	struct cell_model cell;
	enum policy policy;
	unsigned i, n;

	printf("%-25s %-7s %-25s", "workload", "default", "PTE");
	for (policy = 0; policy < NR_POLICIES; policy++)
		if (policy_chosen(options, policy))
			printf(" %*s", column_width(policy), policy_name(policy));
	puts("  fault");
	for (i = 0; workloads[i]; i++)
		for (n = 0; nth_cell(workloads[i], n, &cell); n++)
			print_row(options, &cell);
	print_legend(options);
}

static void print_indented(char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line)
			printf("    %s\n", line);
}

static void print_policies(const struct model_options *options, const struct cell_model *cell)
{
	const char *unit = cell->state.mapped_by == MAPPED_BY_PTE ? "page" : "huge page";
	enum policy policy;
	char text[2048];

	for (policy = 0; policy < NR_POLICIES; policy++) {
		const struct prediction p = model_predict(&cell->state, policy);

		if (!policy_chosen(options, policy))
			continue;
		printf("%s  %s: migration entry %s, then %s; write faults a %s: %s (%s)\n", cell->condition ? "  " : "\n",
		       policy_name(policy), entry_name(p.entry), !p.w_after ? "!W" : p.some ? "W or !W" : "W", unit,
		       faults_word(&p), fault_name(p.kind));
		if (cell->condition)	/* what differs is the state: the steps are the same */
			continue;
		model_story(&cell->state, policy, text, sizeof(text));
		print_indented(text);
	}
}

static void print_reasoning(const struct model_options *options, const struct workload *workload)
{
	struct cell_model cell;
	char text[256];
	unsigned n;

	printf("%s\n  %s\n", workload->name, workload->about);
	for (n = 0; nth_cell(workload, n, &cell); n++) {
		model_describe(&cell.state, text, sizeof(text));
		if (cell.condition)
			printf("\n  %s: on kernels of which that is true\n    %s\n", cell.condition, text);
		else
			printf("  %s\n  migrated by %s\n", text, cell.trigger->name);
		print_policies(options, &cell);
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
