// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wbit list: what there is to choose from, and which of it can run here. Nothing is tried that others would notice: the
 * kernel's own policy takes an experiment, which is `wbit doctor`'s.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "face.h"
#include "knobs.h"
#include "lab.h"
#include "mounts.h"
#include "plan.h"
#include "workloads.h"

#define NAME_WIDTH 26
#define MARK_WIDTH 12
#define NOTES_MAX 16

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)state;
	return key == ARGP_KEY_ARG ? usage_error("'%.60s': `wbit list` takes no argument", arg) : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.parser = parse,
	.doc = "Workloads, policies, sources, triggers and kernels that there are, and whether they can be had here.\v"
	       "A figure in brackets points to the reason why not, below the lists. A workload has a column for each trigger.",
};

/* Reasons, each once, in the order in which they come up. */
struct notes {
	const char *text[NOTES_MAX];
	unsigned nr;
};

static unsigned note(struct notes *notes, const char *text)
{
	unsigned i;

	for (i = 0; i < notes->nr; i++)
		if (!strcmp(notes->text[i], text))
			return i + 1;
	if (i < NOTES_MAX)
		notes->text[notes->nr++] = text;
	return i + 1;
}

/* Notes of all that cells lack, in the order of the needs, so that each mark's figures ascend. */
static void note_cells(struct notes *notes, const struct needs_found *found)
{
	unsigned w, i, bit, used = 0;

	for (w = 0; workloads[w]; w++)
		for (i = 0; triggers[i]; i++)
			used |= cell_needs(workloads[w], triggers[i], SOURCE_EMULATED);
	for (bit = 0; bit < NR_NEEDS; bit++)
		if (needs_missing(found, used & 1u << bit))
			note(notes, needs_missing(found, 1u << bit));
}

/* "yes", or the notes of all that is missing: "[1,2]". */
static void print_mark(struct notes *notes, const struct needs_found *found, unsigned needs)
{
	char mark[40] = "yes";
	unsigned bit;
	int len = 0;

	for (bit = 0; bit < NR_NEEDS; bit++) {
		const char *missing = needs_missing(found, needs & 1u << bit);

		if (missing)
			len += snprintf(mark + len, sizeof(mark) - len, "%s%u", len ? "," : "[", note(notes, missing));
	}
	if (len)
		snprintf(mark + len, sizeof(mark) - len, "]");
	printf("%-*s ", MARK_WIDTH - 1, mark);
}

static void print_noted(struct notes *notes, const char *text)
{
	char mark[16];

	snprintf(mark, sizeof(mark), "[%u]", note(notes, text));
	printf("%-*s", MARK_WIDTH, mark);
}

static void print_name(const char *name)
{
	printf("  %-*s", NAME_WIDTH, name);
}

static void print_heading(const char *what, const char *mark)
{
	printf("\n%-*s%s\n", NAME_WIDTH + 2, what, mark);
}

static void list_workloads(struct notes *notes, const struct needs_found *found)
{
	unsigned w, i, nr = 0;

	printf("%-*s", NAME_WIDTH + 2, "workloads");
	for (; triggers[nr]; nr++)
		printf("%-*s", MARK_WIDTH, triggers[nr]->name);
	printf("what they are\n");
	for (w = 0; workloads[w]; w++) {
		print_name(workloads[w]->name);
		for (i = 0; i < nr; i++)
			print_mark(notes, found, cell_needs(workloads[w], triggers[i], SOURCE_NATIVE));
		print_wrapped(stdout, NAME_WIDTH + 2 + nr * MARK_WIDTH, workloads[w]->about);
	}
}

static void list_triggers(struct notes *notes, const struct needs_found *found)
{
	unsigned i;

	print_heading("triggers", "here");
	for (i = 0; triggers[i]; i++) {
		print_name(triggers[i]->name);
		print_mark(notes, found, triggers[i]->needs);
		print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, triggers[i]->about);
	}
}

static void list_policies(struct notes *notes, const struct needs_found *found)
{
	static const char *const about[NR_POLICIES] = {
		[POLICY_VMA_ONLY] = "W from vma->vm_page_prot alone (no kernel does it unasked; emulated where it is `vma`)",
		[POLICY_VMA] = "W from vma->vm_page_prot, and from a writable entry (5.7 to 6.1, 6.4 to today)",
		[POLICY_ENTRY] = "W if and only if the entry is writable (6.2, 6.3; LTS 6.1.13 and later)",
	};
	unsigned i;

	print_heading("policies", "here");
	for (i = 0; i < NR_POLICIES; i++) {
		print_name(policy_name(i));
		if (!needs_missing(found, NEED_SWITCH | NEED_TRACING))
			print_mark(notes, found, 0);
		else
			print_noted(notes, "which policy this kernel has takes an experiment: `wbit doctor`; `wbit lab run` "
				    "shows all");
		print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, about[i]);
	}
}

static void list_sources(struct notes *notes, const struct needs_found *found)
{
	print_heading("sources of a policy", "here");
	print_name(source_name(SOURCE_NATIVE));
	print_mark(notes, found, NEED_TRACING);
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "the kernel does it");
	print_name(source_name(SOURCE_EMULATED));
	print_mark(notes, found, NEED_TRACING | NEED_SOFT_DIRTY);
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "vma-only on a `vma` kernel: W is dropped after the migration");
	print_name(source_name(SOURCE_SWITCH));
	print_mark(notes, found, NEED_TRACING | NEED_SWITCH);
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "a patched kernel is told which policy to follow");
	print_heading("counters", "here");
	print_name("hardware");
	print_noted(notes, "not in this version of wbit");
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "cycles, TLB misses and the like: no counter can be chosen yet");
}

static void list_built(void)
{
	char error[LAB_ERROR_MAX], text[400];
	const struct lab_built *built;
	struct lab_kernel kernel;
	int err;

	for (built = lab_builts; built->name; built++) {
		err = lab_kernel_find(built->name, &kernel, error);
		print_name(built->name);
		printf("%-*s", MARK_WIDTH, err ? "not yet" : "yes");
		if (err)
			snprintf(text, sizeof(text), "%s: Debian's linux-source-%s%s: `wbit lab build %s`", built->columns,
				 built->series, built->patched ? " and kernel/patches" : "", built->name);
		else
			snprintf(text, sizeof(text), "%s: %s", built->columns, kernel.built.source);
		print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, text);
	}
}

static void list_kernels(void)
{
	char error[LAB_ERROR_MAX], text[400];
	const struct lab_stock *stock;
	struct lab_kernel kernel;
	unsigned i;
	int err;

	print_heading("kernels of the lab", "in the cache");
	for (i = 0; lab_stock_names[i]; i++) {
		stock = lab_stock_find(lab_stock_names[i]);
		err = lab_kernel_find(stock->name, &kernel, error);
		print_name(stock->name);
		printf("%-*s", MARK_WIDTH, err ? "not yet" : "yes");
		if (err)
			snprintf(text, sizeof(text), "%s: %s: `wbit lab fetch %s%s`", stock->columns, stock->source,
				 err == -EBADMSG ? "--update " : "", stock->name);
		else
			snprintf(text, sizeof(text), "%s: %s %s", stock->columns, kernel.package, kernel.version);
		print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, text);
	}
	list_built();
	print_name("a path");
	printf("%-*s", MARK_WIDTH, "-");
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "of an image (bzImage), a package (.deb) or a source tree: "
		      "`wbit lab run PATH`");
}

static void print_notes(const struct notes *notes)
{
	unsigned i;

	printf("\n");
	for (i = 0; i < notes->nr; i++) {
		printf("[%u]%*s", i + 1, i < 9 ? 2 : 1, "");
		print_wrapped(stdout, 5, notes->text[i]);
	}
}

int cmd_list(int argc, char **argv)
{
	struct notes notes = { 0 };
	struct needs_found found;

	if (parse_options(&argp, argc, argv, NULL))
		return STATUS_USAGE;
	mounts_prepare(KNOB_POLICY_NAME);
	needs_look(&found, false);
	note_cells(&notes, &found);
	list_workloads(&notes, &found);
	list_triggers(&notes, &found);
	list_policies(&notes, &found);
	list_sources(&notes, &found);
	list_kernels();
	print_notes(&notes);
	return finish_stdout(STATUS_OK);
}
