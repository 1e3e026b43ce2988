// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit observe: all migrations of a live system, interval by interval. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "face.h"
#include "journal.h"
#include "mounts.h"
#include "observe_face.h"
#include "options.h"

enum { OPT_JSON = 0x400, OPT_TRIGGER, OPT_NO_PROBE, OPT_COUNTS, OPT_RING };

struct options {
	double interval_s, duration_s;	/* duration 0: no end */
	uint64_t count;			/* of intervals; 0: no end */
	uint64_t ring_kib;
	const char *trigger;
	bool json, no_probe, counts;
};

static const struct argp_option option_table[] = {
	{ "interval", 'i', "S", 0, "Seconds that a line stands for (default: 1)", 0 },
	{ "count", 'n', "N", 0, "End after N intervals (default: at Ctrl-C)", 0 },
	{ "duration", 'd', "S", 0, "End after S seconds", 0 },
	{ "json", OPT_JSON, NULL, 0, "JSON lines, for tools", 0 },
	{ "counts", OPT_COUNTS, NULL, 0, "Count entries by kind and restored PTEs by W, each for itself: nothing can be lost, but "
	  "which entry a PTE came from is not seen", 0 },
	{ "ring", OPT_RING, "KIB", 0, "Memory for each CPU's records, a power of two (default: 1024)", 0 },
	{ "trigger", OPT_TRIGGER, "NAME", 0, "What moves the few pages of wbit's own that show which entry is of which kind: "
	  "move_pages (default; needs two nodes), or compaction, which moves other processes' pages as well", 0 },
	{ "no-probe", OPT_NO_PROBE, NULL, 0, "Move no pages: entries are shown by the number of their swap type", 0 },
	{ 0 }
};

static error_t parse_seconds(const char *option, const char *text, double low, double *value)
{
	char *end;

	*value = strtod(text, &end);
	if (*text >= '0' && *text <= '9' && !*end && isfinite(*value) && *value >= low && *value <= 31536000)
		return 0;
	return usage_error("%s: '%.40s' is not a number of seconds from %g to 31536000", option, text, low);
}

static error_t parse_ring(const char *text, uint64_t *kib)
{
	error_t err = parse_number("--ring", text, 4, 1u << 20, kib);

	if (!err && *kib & (*kib - 1))
		err = usage_error("--ring: %" PRIu64 " is no power of two", *kib);
	return err;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'i': return parse_seconds("--interval", arg, 0.1, &options->interval_s);
	case 'd': return parse_seconds("--duration", arg, 0.1, &options->duration_s);
	case 'n': return parse_number("--count", arg, 1, INT64_MAX, &options->count);
	case OPT_JSON: options->json = true; return 0;
	case OPT_COUNTS: options->counts = true; return 0;
	case OPT_RING: return parse_ring(arg, &options->ring_kib);
	case OPT_NO_PROBE: options->no_probe = true; return 0;
	case OPT_TRIGGER:
		options->trigger = arg;
		if (!strcmp(arg, "move_pages") || !strcmp(arg, "compaction"))
			return 0;
		return usage_error("--trigger: '%.40s' is neither move_pages nor compaction", arg);
	case ARGP_KEY_ARG: return usage_error("'%.60s': `wbit observe` takes no argument; -i sets the interval, -n how many", arg);
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse,
	.doc = "Watch all migrations of this system, of whatever process and cause: restored PTEs by the kind of their migration "
	       "entry and by W after, interval by interval, and a summary. Needs root.\v"
	       "A read entry that came back with W is a write fault that `vma` saved, if the page is written again. What "
	       "tracepoints do not show is not guessed: whose page it is, whether its VMA's default is W, whether it is ever "
	       "written. Splits of huge pages restore PTEs as well, of pages that do not move; vmstat's columns count moved pages, "
	       "and restored PTEs are more where processes share a page, fewer where nobody maps it.\n"
	       "At the start some pages of wbit's own are moved to find out which entry is of which kind, and the kernel's policy. "
	       "Records that do not fit into a ring are lost; their number is told, and their interval has no figures.\n"
	       "Exit status: 0 at the end or after Ctrl-C, 2 usage or environment, 3 no interval was whole, 77 this kernel has no "
	       "such tracepoints.",
};

/* ---- what the kernel does ---- */

static void forget_kinds(struct observation *o, const char *reason)
{
	memset(&o->facts.types, -1, sizeof(o->facts.types));
	o->facts.policy = POLICY_UNKNOWN;
	snprintf(o->facts.policy_reason, sizeof(o->facts.policy_reason), "%.190s", reason);
}

static void learn_kinds(struct observation *o, const struct options *options)
{
	static char error[400];
	struct run_probe probe = { 0 };
	struct journals others;

	if (options->no_probe) {
		forget_kinds(o, "not tried (--no-probe)");
	} else if (run_probe(options->trigger, &stop, &probe, error, sizeof(error))) {
		forget_kinds(o, stop ? "interrupted" : error);
	} else {
		o->facts = probe.facts;
	}
	/* Another run sets its kernel's policy trial by trial; the kinds stay what they are. */
	if (!journals_look("", false, &others) && others.living) {
		o->facts.policy = POLICY_UNKNOWN;
		snprintf(o->facts.policy_reason, sizeof(o->facts.policy_reason), "%.190s", others.text);
	}
	o->options.types = o->facts.types;
	if (!observe_kinds_known(&o->facts.types))
		o->kinds_reason = o->facts.policy == POLICY_UNKNOWN ? o->facts.policy_reason : "not all three kinds were seen";
}

static void read_vmstat(struct vmstat *vm)
{
	FILE *f = fopen("/proc/vmstat", "re");
	unsigned long long value;
	char name[64];
	int i;

	for (i = 0; i < NR_VM; i++)
		vm->value[i] = NOT_MEASURED;
	while (f && fscanf(f, "%63s %llu", name, &value) == 2)
		for (i = 0; i < NR_VM; i++)
			if (!strcmp(name, vmstat_names[i]))
				vm->value[i] = value;
	if (f)
		fclose(f);
}

static void read_vmstat_at_end(void *vm)
{
	read_vmstat(vm);
}

static void vmstat_between(const struct vmstat *before, const struct vmstat *after, struct vmstat *between)
{
	int i;

	for (i = 0; i < NR_VM; i++)
		between->value[i] = after->value[i] == NOT_MEASURED || before->value[i] == NOT_MEASURED ? NOT_MEASURED :
				    after->value[i] - before->value[i];
}

/* ---- interval by interval ---- */

static void add_up(struct observation *o, const struct interval *i)
{
	int v;

	o->nr_intervals++;
	o->lost += i->counts.lost;
	if (!observe_is_whole(&i->counts))
		return;
	o->nr_whole++;
	observe_add(&o->total, &i->counts);
	for (v = 0; v < NR_VM; v++)
		o->vm_total.value[v] = i->vm.value[v] == NOT_MEASURED ? NOT_MEASURED : o->vm_total.value[v] + i->vm.value[v];
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int watch(struct observation *o, struct observer *observer, const struct options *options)
{
	uint64_t begin = observe_begin_ns(observer), own = clock_ns(CLOCK_PROCESS_CPUTIME_ID), until, end = UINT64_MAX;
	struct interval i = { 0 };
	struct vmstat before, after;
	const struct observe_end at_end = { read_vmstat_at_end, &after };
	int err = 0;

	if (options->duration_s > 0)
		end = begin + (uint64_t)(options->duration_s * 1e9);
	read_vmstat(&before);
	while (!err && !stop && !ferror(stdout) && (!options->count || i.number < options->count)) {
		i.start_ns = observe_begin_ns(observer) - begin;
		if (begin + i.start_ns >= end)
			break;
		until = least(end, begin + (i.number + 1) * o->interval_ns);
		/* After a loss an interval begins late, and one that would be over already is left out. */
		if (until <= begin + i.start_ns)
			until = begin + i.start_ns + o->interval_ns;
		err = observe_until(observer, until, &stop, &at_end, &i.counts);
		if (err)
			break;
		vmstat_between(&before, &after, &i.vm);
		before = after;
		i.number++;
		add_up(o, &i);
		(options->json ? observe_json_interval : observe_print_interval)(o, &i);
		fflush(stdout);
	}
	o->own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - own;
	return err;
}

static int observe(const struct options *options)
{
	struct observation o = { .interval_ns = options->interval_s * 1e9 };
	struct observer *observer;
	char error[400] = "";
	int err;

	o.options.counts = options->counts;
	o.options.ring_kib = options->ring_kib;
	mounts_prepare(KNOB_POLICY_NAME);
	/* Tried before any page is moved: without the privilege there is one answer, and it is this one. */
	err = observe_start(&o.options, &observer, error, sizeof(error));
	observe_free(observer);
	if (!err) {
		learn_kinds(&o, options);
		if (stop) {
			complain("interrupted before the first interval");
			return STATUS_INCONCLUSIVE;
		}
		err = observe_start(&o.options, &observer, error, sizeof(error));
	}
	if (err) {
		complain("%s", error);
		return err == -ENOENT ? STATUS_SKIPPED : STATUS_USAGE;
	}
	o.nr_cpus = observe_nr_cpus(observer);
	(options->json ? observe_json_head : observe_print_head)(&o);
	err = watch(&o, observer, options);
	observe_free(observer);
	if (err)
		return complain("cannot watch any more: %s", strerror(-err));
	(options->json ? observe_json_total : observe_print_summary)(&o);
	return finish_stdout(o.nr_whole ? STATUS_OK : STATUS_INCONCLUSIVE);
}

int cmd_observe(int argc, char **argv)
{
	struct options options = { .interval_s = 1, .ring_kib = 1024, .trigger = "move_pages" };

	if (parse_options(&argp, argc, argv, &options))
		return STATUS_USAGE;
	catch_signals();
	return observe(&options);
}
