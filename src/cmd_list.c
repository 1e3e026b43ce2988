// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wbit list: what there is to choose from, and which of it can run here. Nothing is tried that others would notice: the
 * kernel's own policy takes an experiment, which is `wbit doctor`'s.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "counter_groups.h"
#include "face.h"
#include "journal.h"
#include "knobs.h"
#include "lab.h"
#include "matrix.h"
#include "microarchitecture.h"
#include "mounts.h"
#include "options.h"
#include "plan.h"
#include "workloads.h"

#define NAME_WIDTH 26
#define MARK_WIDTH 12
#define CELL_WIDTH 15		/* the longest trigger's name and a space: six beside a workload's are 118 columns */
#define NOTES_MAX 40
#define NOTE_MAX 200

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)state;
	return key == ARGP_KEY_ARG ? usage_error("'%.60s': `wbit list` takes no argument", arg) : ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.parser = parse,
	.doc = "Workloads, policies, sources, triggers, counters and kernels that there are, and whether they can be had here.\v"
	       "A figure in brackets points to the reason why not, below the lists; a letter to why a trigger makes no sense of a "
	       "workload.",
};

/* Reasons, each once, in the order in which they come up. */
struct notes {
	char text[NOTES_MAX][NOTE_MAX];
	unsigned nr;
};

static unsigned note(struct notes *notes, const char *text)
{
	unsigned i;

	for (i = 0; i < notes->nr; i++)
		if (!strcmp(notes->text[i], text))
			return i + 1;
	if (i < NOTES_MAX)
		snprintf(notes->text[notes->nr++], NOTE_MAX, "%s", text);
	return i + 1;
}

/* Notes of all that cells lack, in the order of the needs, so that each mark's figures ascend. */
static void note_cells(struct notes *notes, const struct needs_found *found)
{
	unsigned w, i, bit, used = 0;

	for (w = 0; workloads[w]; w++)
		for (i = 0; triggers[i]; i++)
			if (!cell_barred(workloads[w], triggers[i]))
				used |= cell_needs(workloads[w], triggers[i], SOURCE_EMULATED);
	for (bit = 0; bit < NR_NEEDS; bit++)
		if (needs_missing(found, used & 1u << bit))
			note(notes, needs_missing(found, 1u << bit));
}

/* A host's knobs are left alone, so what wants one at a value runs only where it stands there already. */
static bool knob_is_off(const struct knob *knobs, char *reason, size_t size)
{
	struct journal journal;

	journal_init(&journal, "");
	return knobs_set(knobs, false, &journal, reason, size);
}

/* "yes", or the notes of all that is missing: "[1,2]". The knobs: of a trigger and a workload, NULL for none. */
static const char *mark(struct notes *notes, const struct needs_found *found, unsigned needs, const struct knob *trigger_knobs,
			const struct knob *knobs)
{
	static char text[80];
	char reason[NOTE_MAX];
	unsigned bit;
	int len = 0;

	for (bit = 0; bit < NR_NEEDS; bit++) {
		const char *missing = needs_missing(found, needs & 1u << bit);

		if (missing)
			len += snprintf(text + len, sizeof(text) - len, ",%u", note(notes, missing));
	}
	if (!len && ((trigger_knobs && knob_is_off(trigger_knobs, reason, sizeof(reason))) ||
		     (knobs && knob_is_off(knobs, reason, sizeof(reason)))))
		len = snprintf(text, sizeof(text), ",%u", note(notes, reason));
	if (!len)
		return "yes";
	text[0] = '[';
	snprintf(text + len, sizeof(text) - len, "]");
	return text;
}

static void print_mark(struct notes *notes, const struct needs_found *found, unsigned needs, const struct knob *knobs)
{
	printf("%-*s ", MARK_WIDTH - 1, mark(notes, found, needs, knobs, NULL));
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

static void list_workloads(bool extra)
{
	unsigned w;

	for (w = 0; workloads[w]; w++) {
		if (workloads[w]->extra != extra)
			continue;
		print_name(workloads[w]->name);
		print_wrapped(stdout, NAME_WIDTH + 2, workloads[w]->about);
	}
}

/* A letter for each reason why triggers make no sense of workloads. */
static const char *cell_mark(struct notes *bars, struct notes *notes, const struct needs_found *found,
			     const struct workload *w, const struct trigger *t)
{
	static char text[8];
	const char *barred = cell_barred(w, t);

	if (!barred)
		return mark(notes, found, cell_needs(w, t, SOURCE_NATIVE), t->knobs, w->knobs);
	snprintf(text, sizeof(text), "(%c)", (char)('a' + note(bars, barred) - 1));
	return text;
}

static void list_cells(struct notes *bars, struct notes *notes, const struct needs_found *found, const char *heading, bool extra)
{
	unsigned w, i;

	printf("\n%-*s", NAME_WIDTH + 2, heading);
	for (i = 0; triggers[i]; i++)
		printf("%-*s", triggers[i + 1] ? CELL_WIDTH : 0, triggers[i]->name);
	printf("\n");
	for (w = 0; workloads[w]; w++) {
		if (workloads[w]->extra != extra)
			continue;
		print_name(workloads[w]->name);
		for (i = 0; triggers[i]; i++)
			printf("%-*s", triggers[i + 1] ? CELL_WIDTH : 0, cell_mark(bars, notes, found, workloads[w], triggers[i]));
		printf("\n");
	}
}

static void list_triggers(struct notes *notes, const struct needs_found *found)
{
	unsigned i;

	print_heading("triggers", "here");
	for (i = 0; triggers[i]; i++) {
		print_name(triggers[i]->name);
		print_mark(notes, found, triggers[i]->needs, triggers[i]->knobs);
		print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, triggers[i]->about);
	}
}

static void list_policies(struct notes *notes, const struct needs_found *found)
{
	static const char *const about[NR_POLICIES] = {
		[POLICY_VMA_ONLY] = "W from vma->vm_page_prot alone (no kernel does it unasked; emulated where it is `vma`)",
		[POLICY_VMA] = "W from vma->vm_page_prot, and from a writable entry (5.7 to 6.1, 6.4 to today)",
		[POLICY_ENTRY] = "W if and only if the entry is writable (6.2, 6.3; LTS 6.1.13 and later)",
		[POLICY_UPGRADE] = "as vma, and W where can_change_pte_writable() finds it safe (no kernel does it unasked): with -p",
		[POLICY_VMA_UNSAFE] = "a bug on purpose: uffd-wp pages of shared memory come back with W, their events are lost "
				      "(5.19 to 6.2); its cells must FAIL: with -p, by its full name",
	};
	unsigned i;

	print_heading("policies", "here");
	for (i = 0; i < NR_POLICIES; i++) {
		print_name(policy_name(i));
		if (!needs_missing(found, NEED_SWITCH | NEED_TRACING))
			print_mark(notes, found, 0, NULL);
		else
			print_noted(notes, "which policy this kernel has takes an experiment: `wbit doctor`; `wbit lab run "
				    "switch-6.12` shows all");
		print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, about[i]);
	}
}

static void list_sources(struct notes *notes, const struct needs_found *found)
{
	print_heading("sources of a policy", "here");
	print_name(source_name(SOURCE_NATIVE));
	print_mark(notes, found, NEED_TRACING, NULL);
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "the kernel does it");
	print_name(source_name(SOURCE_EMULATED));
	print_mark(notes, found, NEED_TRACING | NEED_SOFT_DIRTY, NULL);
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "vma-only on a `vma` kernel: W is dropped after the migration");
	print_name(source_name(SOURCE_SWITCH));
	print_mark(notes, found, NEED_TRACING | NEED_SWITCH, NULL);
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "a patched kernel is told which policy to follow");
}

/* The reasons of all that cannot be counted: "[1,2]", or "yes". */
static const char *counters_mark(struct notes *notes, const struct counters *counters)
{
	static char text[40];
	bool used[NOTES_MAX + 2] = { false };
	unsigned i, n;
	int len = 0;

	for (i = 0; i < counters->nr; i++) {
		n = counters->all[i].why[0] ? note(notes, counters->all[i].why) : 0;
		if (n && !used[n] && len < (int)sizeof(text) - 8)
			len += snprintf(text + len, sizeof(text) - len, "%c%u", len ? ',' : '[', n);
		used[n] = true;
	}
	return len ? strcat(text, "]") : "yes";
}

/* Their names, :u and :k as one. */
static void counters_names(const struct counters *counters, char *text, size_t size)
{
	size_t at = 0, len;
	unsigned i;

	text[0] = '\0';
	for (i = 0; i < counters->nr && at < size; i++) {
		const char *name = counters->all[i].name, *last = i ? counters->all[i - 1].name : "";

		len = strlen(name);
		if (len > 2 && !strcmp(name + len - 2, ":k") && strlen(last) == len && !strncmp(last, name, len - 1))
			continue;
		if (len > 2 && !strcmp(name + len - 2, ":u"))
			len -= 2;
		at += snprintf(text + at, size - at, "%s%.*s", at ? ", " : "", (int)len, name);
	}
}

static void list_group(struct notes *notes, const struct events_group *group, struct counters *counters)
{
	char text[2000], error[400];
	unsigned i;

	counters_init(counters, &perf_calls_kernel);
	print_name(group->name);
	for (i = 0; i < group->nr_lines; i++)
		if (counters_add(counters, group->lines[i].set, error, sizeof(error))) {
			print_noted(notes, "its file has an event that libpfm4 does not know: `wbit run --counters` says which");
			print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, group->lines[i].set);
			return;
		}
	counters_try(counters, CLOCK_NS);
	counters_names(counters, text, sizeof(text));
	printf("%-*s ", MARK_WIDTH - 1, counters_mark(notes, counters));
	print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, text);
}

static void list_counters(struct notes *notes)
{
	struct counters *counters = malloc(sizeof(*counters));
	struct events_groups groups;
	char error[NOTE_MAX], heading[40];
	unsigned i;

	snprintf(heading, sizeof(heading), "counters, %s", microarchitecture_here());
	print_heading(heading, "here");
	if (read_counter_groups(&groups, error, sizeof(error))) {
		print_name("groups");
		print_noted(notes, error);
		print_wrapped(stdout, NAME_WIDTH + 2 + MARK_WIDTH, "cannot be read");
	}
	for (i = 0; i < groups.nr && counters; i++)
		list_group(notes, &groups.groups[i], counters);
	groups_free(&groups);
	free(counters);
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

static void print_notes(const struct notes *notes, const struct notes *bars)
{
	unsigned i;

	printf("\n");
	for (i = 0; i < notes->nr; i++) {
		printf("[%u]%*s", i + 1, i < 9 ? 2 : 1, "");
		print_wrapped(stdout, 5, notes->text[i]);
	}
	for (i = 0; i < bars->nr; i++) {
		printf("(%c)  ", 'a' + i);
		print_wrapped(stdout, 5, bars->text[i]);
	}
}

int cmd_list(int argc, char **argv)
{
	static struct notes notes, bars;
	struct needs_found found;

	if (parse_options(&argp, argc, argv, NULL))
		return STATUS_USAGE;
	mounts_prepare(KNOB_POLICY_NAME);
	needs_look(&found, false);
	note_cells(&notes, &found);
	printf("%-*s%s\n", NAME_WIDTH + 2, "workloads", "what they are");
	list_workloads(false);
	print_heading("more workloads", "measured with --all, or by name");
	list_workloads(true);
	list_cells(&bars, &notes, &found, "workloads here, by trigger", false);
	list_cells(&bars, &notes, &found, "more workloads", true);
	list_triggers(&notes, &found);
	list_policies(&notes, &found);
	list_sources(&notes, &found);
	list_counters(&notes);
	list_kernels();
	print_notes(&notes, &bars);
	return finish_stdout(STATUS_OK);
}
