// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of `wbit observe`, a line an interval, and its summary in words. */
#include <inttypes.h>
#include <string.h>

#include "face.h"
#include "observe_face.h"
#include "text.h"

#define HEAD_EVERY 20	/* lines, as vmstat does */

/* What a column shows of an interval; `arg` is its own. */
struct column {
	const char *over, *name;
	uint64_t (*value)(const struct observation *o, const struct interval *i, int arg);
	int arg;
};

static uint64_t whole(const struct interval *i, uint64_t value)
{
	return observe_is_whole(&i->counts) ? value : NOT_MEASURED;
}

static uint64_t restored(const struct observation *o, const struct interval *i, int level)
{
	(void)o;
	return whole(i, i->counts.level[level].restored);
}

static uint64_t with_w(const struct observation *o, const struct interval *i, int level)
{
	(void)o;
	return whole(i, i->counts.level[level].with_w);
}

static uint64_t untold(const struct observation *o, const struct interval *i, int level)
{
	return o->options.counts ? NOT_MEASURED : whole(i, i->counts.level[level].untold);
}

static uint64_t from(const struct observation *o, const struct interval *i, int kind_and_w)
{
	return observe_from(&i->counts, &o->options, PAIR_PTE, kind_and_w / 2, kind_and_w % 2);
}

static uint64_t entries(const struct observation *o, const struct interval *i, int kind)
{
	return observe_entries(&i->counts, &o->options, PAIR_PTE, kind);
}

static uint64_t entries_all(const struct observation *o, const struct interval *i, int level)
{
	(void)o;
	return whole(i, i->counts.entries_all[level]);
}

static uint64_t vm(const struct observation *o, const struct interval *i, int which)
{
	(void)o;
	return i->vm.value[which];
}

#define ENDING								\
	{ "huge", "PMDs", restored, PAIR_PMD },				\
	{ "vmstat", "moved", vm, VM_SUCCESS },				\
	{ "vmstat", "by NUMA", vm, VM_NUMA },				\
	{ NULL, NULL, NULL, 0 }

static const struct column by_pairs[] = {
	{ "PTEs", "restored", restored, PAIR_PTE },
	{ "read", "W", from, ENTRY_READ * 2 + 1 }, { "read", "!W", from, ENTRY_READ * 2 },
	{ "exclusive", "W", from, ENTRY_READ_EXCLUSIVE * 2 + 1 }, { "exclusive", "!W", from, ENTRY_READ_EXCLUSIVE * 2 },
	{ "write", "W", from, ENTRY_WRITE * 2 + 1 }, { "write", "!W", from, ENTRY_WRITE * 2 },
	{ "entry", "untold", untold, PAIR_PTE }, ENDING
};

static const struct column by_counts[] = {
	{ "PTEs", "restored", restored, PAIR_PTE }, { "PTEs", "W", with_w, PAIR_PTE },
	{ "entries", "all", entries_all, PAIR_PTE }, { "entries", "read", entries, ENTRY_READ },
	{ "entries", "exclusive", entries, ENTRY_READ_EXCLUSIVE }, { "entries", "write", entries, ENTRY_WRITE }, ENDING
};

/* Where kinds are not known: the types stand in the summary. */
static const struct column by_type[] = {
	{ "PTEs", "restored", restored, PAIR_PTE }, { "PTEs", "W", with_w, PAIR_PTE },
	{ "entries", "all", entries_all, PAIR_PTE }, { "entry", "untold", untold, PAIR_PTE }, ENDING
};

static const struct column *columns_of(const struct observation *o)
{
	return o->kinds_reason ? by_type : o->options.counts ? by_counts : by_pairs;
}

static void print_names(const struct observation *o)
{
	const struct column *columns = columns_of(o), *c;

	printf("%8s", "");
	for (c = columns; c->name; c++)
		printf("  %9s", c == columns || strcmp(c->over, c[-1].over) ? c->over : "");
	printf("\n%8s", "s");
	for (c = columns; c->name; c++)
		printf("  %9s", c->name);
	printf("\n");
}

void observe_print_head(const struct observation *o)
{
	char line[600];

	snprintf(line, sizeof(line), "policy of this kernel: %s (%s)", policy_name(o->facts.policy), o->facts.policy_reason);
	print_wrapped(stdout, 0, line);
	if (o->kinds_reason) {
		snprintf(line, sizeof(line), "kinds of entries are not known: %s", o->kinds_reason);
		print_wrapped(stdout, 0, line);
	}
	printf("watching %u CPUs; %s\n\n", o->nr_cpus,
	       o->options.counts ? "entries and restored PTEs are counted each for itself" :
	       o->kinds_reason ? "which type of entry a PTE came from stands in the summary" :
	       "restored PTEs by the kind of their entry, with W after and without");
}

void observe_print_interval(const struct observation *o, const struct interval *i)
{
	const struct column *c;
	char text[40];

	if ((i->number - 1) % HEAD_EVERY == 0)
		print_names(o);
	printf("%8.1f", (i->start_ns + i->counts.ns) / 1e9);
	for (c = columns_of(o); c->name; c++) {
		uint64_t value = c->value(o, i, c->arg);

		printf("  %9s", value == NOT_MEASURED ? "-" : text_count(value, text, sizeof(text)));
	}
	if (i->counts.lost)
		printf("  lost: %" PRIu64, i->counts.lost);
	printf("%s\n", i->counts.stopped ? "  a counter stopped" : "");
}

/* ---- the summary ---- */

static void say(const char *label, uint64_t value, const char *meaning)
{
	char text[40], line[400];

	printf("  %-44s %12s  ", label, value == NOT_MEASURED ? "-" : text_count(value, text, sizeof(text)));
	snprintf(line, sizeof(line), "%s", meaning);
	print_wrapped(stdout, 61, line);
}

static void say_kept(const struct observation *o, const struct observe_verdict *v)
{
	if (v->entry_kept != NOT_MEASURED)
		say("faults that `entry` kept", v->entry_kept,
		    o->facts.policy == POLICY_ENTRY ? "no read entry came back without W" :
		    "read entries without W after are of VMAs whose default has none");
	else
		say("faults that `entry` kept, at most", v->entry_kept_at_most,
		    "read entries without W after; the tracepoints do not show whether the VMA's default is W");
}

static void say_verdict(const struct observation *o)
{
	struct observe_verdict v;

	observe_judge(&o->total, &o->options, o->facts.policy, &v);
	say("faults that `vma` saved", v.vma_saved, "read entries with W after: if the pages are written again");
	say_kept(o, &v);
	say("exclusive pages that came back without W", v.exclusive_without_w,
	    "a write to one takes a fault that only reuses it, unless its VMA is read-only or uffd-wp wants the fault");
	say("writable entries that came back without W", v.write_without_w,
	    "as under `vma-only`; uffd-wp or a fork in flight can do it");
}

static void say_types(const struct observation *o, enum pair_level level)
{
	const struct pair_counts *c = &o->total.level[level];
	char label[60], meaning[100];
	int type;

	for (type = 0; type < NR_SWAP_TYPES; type++) {
		if (!c->entries[type] && !c->from[type][0] && !c->from[type][1])
			continue;
		snprintf(label, sizeof(label), "%s from entries of swap type %d", level == PAIR_PTE ? "PTEs" : "PMDs", type);
		snprintf(meaning, sizeof(meaning), "%" PRIu64 " with W after, %" PRIu64 " without", c->from[type][1],
			 c->from[type][0]);
		say(label, c->from[type][0] + c->from[type][1], meaning);
	}
}

static void say_pairs(const struct observation *o)
{
	const struct pair_counts *pte = &o->total.level[PAIR_PTE], *pmd = &o->total.level[PAIR_PMD];

	if (o->kinds_reason) {
		say_types(o, PAIR_PTE);
		say_types(o, PAIR_PMD);
	} else {
		say_verdict(o);
	}
	say("restored from an entry that cannot be told", pte->untold + pmd->untold,
	    "set before the beginning, copied by fork, or of several kinds at one address");
	say("entries that were unmapped meanwhile", pte->gone + pmd->gone, "nothing was restored from them");
}

static void say_entries(const struct observation *o)
{
	int kind;
	char label[60];

	for (kind = 0; kind < NR_ENTRY_KINDS && !o->kinds_reason; kind++) {
		snprintf(label, sizeof(label), "%s entries set", entry_name(kind));
		say(label, observe_entries(&o->total, &o->options, PAIR_PTE, kind) +
		    observe_entries(&o->total, &o->options, PAIR_PMD, kind), "");
	}
	printf("  --counts does not show which entry a PTE came from, nor what a policy saved.\n");
}

void observe_print_summary(const struct observation *o)
{
	const struct observe_counts *t = &o->total;
	char ptes[40], w[40], pmds[40];

	printf("\nin %.1f s, %" PRIu64 " of %" PRIu64 " intervals%s", t->ns / 1e9, o->nr_whole, o->nr_intervals,
	       o->nr_whole == o->nr_intervals ? "" :
	       "; the others have lost records or a counter that stopped, and count nowhere");
	if (o->lost)
		printf(" (%" PRIu64 " lost: a larger --ring, or --counts)", o->lost);
	printf("\n");
	printf("  observing took %.3f s of CPU time, beside what it adds to each migration\n", o->own_ns / 1e9);
	if (!o->nr_whole)
		return;
	printf("  %s PTEs were restored, %s of them with W; and %s PMDs\n",
	       text_count(t->level[PAIR_PTE].restored, ptes, sizeof(ptes)), text_count(t->level[PAIR_PTE].with_w, w, sizeof(w)),
	       text_count(t->level[PAIR_PMD].restored, pmds, sizeof(pmds)));
	if (o->options.counts)
		say_entries(o);
	else
		say_pairs(o);
}
