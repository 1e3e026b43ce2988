// SPDX-License-Identifier: GPL-2.0-or-later
/* Which cells of two sides belong together, and whether the sides may be compared at all. */
#include "compare.h"
#include "compare_lines.h"
#include "compare_times.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static int fail(struct comparison *c, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->error, sizeof(c->error), format, args);
	va_end(args);
	return err;
}

static const struct run_info *run_of(const struct compare_side *side)
{
	return &side->summary->runs[side->run];
}

/* ---- may they be compared? ---- */

static bool same_value(const struct run_info *a, const struct run_info *b, const char *key)
{
	const char *left = environment_value(&a->environment, key), *right = environment_value(&b->environment, key);

	return left == right || (left && right && !strcmp(left, right));
}

bool same_kernel(const struct run_info *a, const struct run_info *b)
{
	if (environment_value(&a->environment, "kernel_sha256") && environment_value(&b->environment, "kernel_sha256"))
		return same_value(a, b, "kernel_sha256");
	return !strcmp(a->kernel, b->kernel) && same_value(a, b, "kernel_version") &&
	       same_value(a, b, "kernel_config_hash");
}

/* The machine that instructions are counted on: what it offers decides which instructions a kernel picks. */
static const char *const machine_keys[] = { "cpu", "cpu_flags", "microcode", "tools.qemu", "tools.qemu_cpu",
					    "tools.qemu_machine" };

static int check_mix(struct comparison *c, const struct run_info *a, const struct run_info *b)
{
	static const char hint[] = "--allow-mixed compares their counts alone";

	if (strcmp(a->clock, b->clock))
		return fail(c, -EXDEV, "the clocks differ, %.10s and %.10s: %s", a->clock, b->clock, hint);
	if (strcmp(a->platform, b->platform))
		return fail(c, -EXDEV, "the platforms differ, %.20s and %.20s: %s", a->platform, b->platform, hint);
	if (a->by_pairs != b->by_pairs)
		return fail(c, -EXDEV, "one side was measured with --pairs, and the other without: no cell of one is a cell of the other");
	if (!a->by_pairs && a->from >= 0 && b->from >= 0 && (a->from != b->from || a->to != b->to))
		return fail(c, -EXDEV, "the nodes differ, %d to %d and %d to %d: %s", a->from, a->to, b->from, b->to,
			    hint);
	if (!c->insn && !same_value(a, b, "cpu"))
		return fail(c, -EXDEV, "times do not compare: the CPU differs: %s", hint);
	for (size_t i = 0; c->insn && i < sizeof(machine_keys) / sizeof(machine_keys[0]); i++) {
		const char *key = machine_keys[i];
		const char *left = environment_value(&a->environment, key);
		const char *right = environment_value(&b->environment, key);

		if (!same_value(a, b, key))
			return fail(c, -EXDEV, "instructions do not compare: %s differs, %.100s and %.100s: %s", key,
				    left ? left : "none", right ? right : "none", hint);
	}
	return 0;
}

static int check_whole(struct comparison *c, const struct run_info *run)
{
	if (!run->ended)
		return fail(c, -EPIPE, "run %.40s was cut off: --cut-off compares what there is of it", run->id);
	if (run->cut_short)
		return fail(c, -EPIPE, "run %.40s is not whole (%.100s): --cut-off compares what there is of it", run->id,
			    run->cut_short);
	return 0;
}

static int check_sides(struct comparison *c, unsigned flags)
{
	const struct run_info *a = run_of(&c->base), *b = run_of(&c->new);
	int err = 0;

	c->insn = !strcmp(a->clock, "insn") && !strcmp(b->clock, "insn");
	c->exact = c->insn && strcmp(a->platform, "lab-smp") && strcmp(b->platform, "lab-smp");
	if (!(flags & COMPARE_ALLOW_CUT_OFF))
		err = check_whole(c, a) ?: check_whole(c, b);
	if (err)
		return err;
	err = check_mix(c, a, b);
	if (err && flags & COMPARE_ALLOW_MIXED) {
		c->counts_only = true;
		c->exact = c->insn = false;
		c->error[0] = '\0';
		err = 0;
	}
	return err;
}

bool compare_needs_rep_caveat(const struct comparison *c)
{
	const char *a = run_of(&c->base)->kernel, *b = run_of(&c->new)->kernel;
	size_t dot = strcspn(a, "."), len = dot + (a[dot] == '.');

	len += strspn(a + len, "0123456789");
	return c->insn && (strncmp(a, b, len) || (b[len] >= '0' && b[len] <= '9'));
}

/* ---- which belong together? ---- */

enum { SOURCE_COUNTS = 1, POLICY_COUNTS = 2, PAGE_BYTES_COUNT = 4 };

/* By what cells belong together, the number of pages last: those of a group stand side by side. */
static int compare_keys(const struct cell *a, const struct cell *b, unsigned what)
{
	int order = strcmp(a->workload, b->workload) ?: cell_compare_ways(a, b);

	if (!order && what & SOURCE_COUNTS)
		order = strcmp(a->source, b->source);
	if (!order && what & POLICY_COUNTS)
		order = strcmp(a->policy, b->policy);
	if (!order && what & PAGE_BYTES_COUNT)
		order = (a->page_bytes > b->page_bytes) - (a->page_bytes < b->page_bytes);
	return order;
}

static int compare_cells(const void *left, const void *right, void *what)
{
	const struct cell *a = *(const struct cell *const *)left, *b = *(const struct cell *const *)right;

	return compare_keys(a, b, *(const unsigned *)what) ?: (a->pages > b->pages) - (a->pages < b->pages);
}

/* The side's cells; NULL: out of memory. */
static const struct cell **cells_of(const struct compare_side *side, unsigned *nr)
{
	const struct summary *summary = side->summary;
	const struct cell **cells = calloc(summary->nr_cells + 1, sizeof(*cells));

	*nr = 0;
	for (unsigned i = 0; cells && i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		if (cell->run == side->run && (!side->policy || (!strcmp(cell->policy, side->policy) &&
								 !strcmp(cell->source, side->source))))
			cells[(*nr)++] = cell;
	}
	return cells;
}

static bool is_native(const struct cell *cell)
{
	return !strcmp(cell->source, "native");
}

static bool any_like(const struct cell *base, const struct cell *new)
{
	(void)base;
	(void)new;
	return true;
}

static bool both_native(const struct cell *base, const struct cell *new)
{
	return is_native(base) && is_native(new);
}

/* What the kernel does by itself, and what another does as it was told. */
static bool native_and_switch(const struct cell *base, const struct cell *new)
{
	return is_native(base) != is_native(new) && strcmp(base->source, "emulated") && strcmp(new->source, "emulated");
}

/* Moves what both lists have into the pairs; what is left stays, closed up. Returns how many pairs that made. */
static unsigned match(struct comparison *c, unsigned what, bool (*accept)(const struct cell *base, const struct cell *new))
{
	unsigned i = 0, k = 0, left = 0, right = 0, had = c->nr_pairs;

	qsort_r(c->base_only, c->nr_base_only, sizeof(c->base_only[0]), compare_cells, &what);
	qsort_r(c->new_only, c->nr_new_only, sizeof(c->new_only[0]), compare_cells, &what);
	while (i < c->nr_base_only && k < c->nr_new_only) {
		const struct cell *base = c->base_only[i], *new = c->new_only[k];
		int side = compare_cells(&base, &new, &what);

		if (!side && accept(base, new)) {
			c->pairs[c->nr_pairs++] = (struct compare_pair){ .base = base, .new = new };
			i++;
			k++;
			continue;
		}
		if (side <= 0)
			c->base_only[left++] = c->base_only[i++];
		if (side >= 0)
			c->new_only[right++] = c->new_only[k++];
	}
	while (i < c->nr_base_only)
		c->base_only[left++] = c->base_only[i++];
	while (k < c->nr_new_only)
		c->new_only[right++] = c->new_only[k++];
	c->nr_base_only = left;
	c->nr_new_only = right;
	return c->nr_pairs - had;
}

static int compare_pairs(const void *left, const void *right, void *arg)
{
	const struct compare_pair *a = left, *b = right;

	return compare_cells(&a->base, &b->base, arg) ?: compare_cells(&a->new, &b->new, arg);
}

/* A group stands where its first cell stood in the records. */
static const struct cell *first_cell(const struct compare_group *group)
{
	const struct cell *first = group->pairs[0].base;

	for (unsigned i = 1; i < group->nr_pairs; i++) {
		if (group->pairs[i].base < first)
			first = group->pairs[i].base;
	}
	return first;
}

static int compare_groups(const void *left, const void *right)
{
	const struct cell *a = first_cell(left), *b = first_cell(right);

	return (a > b) - (a < b);
}

static int make_groups(struct comparison *c, unsigned what)
{
	struct compare_group *group = NULL;

	qsort_r(c->pairs, c->nr_pairs, sizeof(c->pairs[0]), compare_pairs, &what);
	c->groups = calloc(c->nr_pairs + 1, sizeof(*c->groups));
	if (!c->groups)
		return -ENOMEM;
	for (unsigned i = 0; i < c->nr_pairs; i++) {
		const struct compare_pair *pair = &c->pairs[i];

		if (!group || compare_keys(pair[-1].base, pair->base, what) ||
		    compare_keys(pair[-1].new, pair->new, what)) {
			group = &c->groups[c->nr_groups++];
			group->pairs = pair;
		}
		group->nr_pairs++;
	}
	qsort(c->groups, c->nr_groups, sizeof(c->groups[0]), compare_groups);
	return 0;
}

static int by_place(const void *left, const void *right)
{
	const struct cell *a = *(const struct cell *const *)left, *b = *(const struct cell *const *)right;

	return (a > b) - (a < b);
}

/* What has no partner, but would have one if the page size did not count: the sides have different page sizes. */
static int check_page_sizes(struct comparison *c, unsigned what, unsigned flags)
{
	unsigned i = 0, k = 0;

	what &= ~(unsigned)PAGE_BYTES_COUNT;
	qsort_r(c->base_only, c->nr_base_only, sizeof(c->base_only[0]), compare_cells, &what);
	qsort_r(c->new_only, c->nr_new_only, sizeof(c->new_only[0]), compare_cells, &what);
	while (!(flags & COMPARE_ALLOW_MIXED) && i < c->nr_base_only && k < c->nr_new_only) {
		int side = compare_cells(&c->base_only[i], &c->new_only[k], &what);

		if (!side && c->base_only[i]->page_bytes != c->new_only[k]->page_bytes)
			return fail(c, -EXDEV, "the page sizes differ, %llu and %llu bytes (%.40s): --allow-mixed leaves "
				    "such cells out", (unsigned long long)c->base_only[i]->page_bytes,
				    (unsigned long long)c->new_only[k]->page_bytes, c->base_only[i]->workload);
		i += side <= 0;
		k += side >= 0;
	}
	qsort(c->base_only, c->nr_base_only, sizeof(c->base_only[0]), by_place);
	qsort(c->new_only, c->nr_new_only, sizeof(c->new_only[0]), by_place);
	return 0;
}

int compare_make(struct comparison *c, const struct compare_side *base, const struct compare_side *new, unsigned flags)
{
	const unsigned what = base->policy ? PAGE_BYTES_COUNT : SOURCE_COUNTS | POLICY_COUNTS | PAGE_BYTES_COUNT;
	int err;

	*c = (struct comparison){ .base = *base, .new = *new };
	err = check_sides(c, flags);
	if (err)
		return err;
	c->base_only = cells_of(base, &c->nr_base_only);
	c->new_only = cells_of(new, &c->nr_new_only);
	c->pairs = c->base_only ? calloc(c->nr_base_only + 1, sizeof(*c->pairs)) : NULL;
	if (!c->base_only || !c->new_only || !c->pairs)
		return fail(c, -ENOMEM, "out of memory for the comparison");
	match(c, what, any_like);
	if (!base->policy) {
		match(c, SOURCE_COUNTS | PAGE_BYTES_COUNT, both_native);
		c->sources_differ = match(c, POLICY_COUNTS | PAGE_BYTES_COUNT, native_and_switch);
	}
	if (make_groups(c, what) || compare_match_counters(c) || compare_times(c))
		return fail(c, -ENOMEM, "out of memory for the comparison");
	return check_page_sizes(c, what, flags);
}

void compare_free(struct comparison *c)
{
	for (unsigned i = 0; c->pairs && i < c->nr_pairs; i++)
		free(c->pairs[i].counters);
	free(c->groups);
	free(c->pairs);
	free(c->timings);
	free(c->base_only);
	free(c->new_only);
	memset(c, 0, sizeof(*c));
}
