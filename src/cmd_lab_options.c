// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of wbit lab run. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_lab.h"
#include "compare_face.h"
#include "face.h"
#include "matrix.h"
#include "room.h"

#define KERNEL_BYTES (UINT64_C(192) << 20)	/* what the guest's kernel and programs take of a node of 1 GiB */
#define KERNEL_PART 32				/* and of what it is larger: above all its struct pages */
#define MEMORY_BYTES_MAX (UINT64_C(1) << 40)

enum { OPT_MODE = 0x300, OPT_KEEP, OPT_APPEND, OPT_BOOT_LIMIT, OPT_KERNEL_DEB, OPT_PATCH, OPT_JOBS, OPT_BISECT, OPT_BASELINE,
       OPT_GATE, OPT_MEMORY, OPT_CPUS };

static const struct argp_option table[] = {
	{ "mode", OPT_MODE, "MODE", 0, "exact: one CPU whose clock counts instructions, the same figures each time "
	  "(default); smp: two CPUs or more that take turns, and the same clock, about the same figures; tcg: two CPUs, counts "
	  "only; kvm: where a guest boots with it", 4 },
	{ "cpus", OPT_CPUS, "N", 0, "CPUs of --mode smp (default: as many as the most --threads and one more)", 4 },
	{ "kernel-deb", OPT_KERNEL_DEB, "FILE", 0, "A Debian or Ubuntu kernel package as one more KERNEL; may be given "
	  "several times", 4 },
	{ "patch", OPT_PATCH, "FILE", 0, "Measure the one KERNEL, a source tree or a built one, without and with this patch",
	  4 },
	{ "jobs", OPT_JOBS, "N", 0, "When a tree is built: compile N files at a time (default: one a CPU)", 4 },
	{ "allow-root-build", OPT_ALLOW_ROOT, NULL, 0, "Run a foreign tree's Makefiles although this is root", 4 },
	{ "append", OPT_APPEND, "TEXT", 0, "More of the kernel's command line", 4 },
	{ "boot-limit", OPT_BOOT_LIMIT, "S", 0, "Seconds until a guest's first record (default: 120)", 4 },
	{ "bisect", OPT_BISECT, NULL, 0, "For `git bisect run`: measure the one KERNEL, with the patch if there is one, with the "
	  "cells of the baseline, and end with 0: good, 1: bad, 125: cannot be told (it does not build or boot, or a gate is "
	  "undecided), 128: the host's set-up is broken", 4 },
	{ "baseline", OPT_BASELINE, "FILE", 0, "With --bisect: records of a good kernel, FILE or FILE:RUN", 4 },
	{ "gate", OPT_GATE, "SPEC", 0, "With --bisect: what may be worse, as `wbit compare --help` has it; may be given several "
	  "times", 4 },
	{ "memory", OPT_MEMORY, "SIZE", 0, "Memory of a guest, half on each node, with K, M or G behind it (default: 2G); larger "
	  "--pages need more", 4 },
	{ "keep", OPT_KEEP, NULL, 0, "Keep the guests' folders: image, log, records", 4 },
	{ 0 }
};

/* A number of bytes with K, M or G behind it, in steps that both nodes have whole megabytes of. */
static error_t parse_memory(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	uint64_t number;
	unsigned shift;

	errno = 0;
	number = strtoull(text, &end, 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (!isdigit((unsigned char)*text) || !unit || end[1] || errno)
		return usage_error("--memory: '%.40s' is no size: a number with K, M or G behind it, for example 8G", text);
	shift = 10 * (unit - units + 1);
	*bytes = number <= MEMORY_BYTES_MAX >> shift ? number << shift : UINT64_MAX;
	if (*bytes < LAB_MEMORY_BYTES / 2 || *bytes > MEMORY_BYTES_MAX || *bytes % LAB_MEMORY_STEP)
		return usage_error("--memory: '%.40s' is not from 1G to 1024G in steps of 2M", text);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct lab_run_options *options = state->input;
	uint64_t number;
	error_t err;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->measure;
		return 0;
	case OPT_MODE:
		return parse_mode(arg, &options->mode);
	case OPT_CPUS:
		err = parse_number("--cpus", arg, 2, LAB_CPUS_MAX, &number);
		options->cpus = number;
		return err;
	case OPT_MEMORY:
		return parse_memory(arg, &options->memory_bytes);
	case OPT_KEEP:
		options->keep = true;
		return 0;
	case OPT_APPEND:
		options->append = arg;
		return 0;
	case OPT_BOOT_LIMIT:
		err = parse_number("--boot-limit", arg, 1, 86400, &number);
		options->boot_limit_s = number;
		return err;
	case OPT_KERNEL_DEB:
		if (options->nr_choices == LAB_KERNELS_MAX)
			return usage_error("more than %d kernels", LAB_KERNELS_MAX);
		options->choices[options->nr_choices++] = (struct lab_choice){ arg, LAB_KIND_DEB };
		return 0;
	case OPT_PATCH:
		if (options->patch)
			return usage_error("--patch: one is enough");
		options->patch = arg;
		return 0;
	case OPT_JOBS:
		err = parse_number("--jobs", arg, 1, 4096, &number);
		options->build.jobs = number;
		return err;
	case OPT_ALLOW_ROOT:
		options->build.allow_root = true;
		return 0;
	case OPT_BISECT:
		return 0;	/* bisect_asked() has seen it */
	case OPT_BASELINE:
		options->baseline = arg;
		return 0;
	case OPT_GATE:
		return parse_gate(arg, options->gates, &options->nr_gates);
	case ARGP_KEY_ARG:
		return parse_kernel(arg, options->choices, &options->nr_choices);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &measure_argp, 0, NULL, 0 }, { 0 } };
const struct argp lab_run_argp = {
	.options = table,
	.parser = parse,
	.args_doc = "[KERNEL...]",
	.doc = "Measure in guests with two NUMA nodes, one for each KERNEL (default: the stock ones): a name, or the path of "
	       "an image (bzImage), a package (.deb) or a source tree, which is built.\v"
	       "A stock kernel that is not in the cache is fetched by apt first. Node 0 has the CPU; in the exact mode node 1 "
	       "has memory only. Two KERNELs or more are compared, the first with each other one; in the exact mode then at "
	       "64 and 256 pages, so that the cost of a page and that of a call are told apart.\n\nExit status: 0 fine; 1 a "
	       "result is bad; 2 usage or environment; 3 interrupted or inconclusive; 77 nothing could run. With --bisect "
	       "git's.",
	.children = children,
};

static int check_patch(const struct lab_run_options *options)
{
	enum lab_kind kind = options->choices[0].kind;

	if (!options->patch || (options->nr_choices == 1 && (kind == LAB_KIND_BUILT || kind == LAB_KIND_TREE)))
		return STATUS_OK;
	return complain("--patch takes one KERNEL that is built from source: a source tree, switch-6.12, plain-6.12, ...");
}

static int check_cpus(const struct lab_run_options *options)
{
	unsigned cpus = options->mode == LAB_EXACT ? 1 : options->mode == LAB_SMP && options->cpus ? options->cpus : 2;

	if (options->cpus && options->mode != LAB_SMP)
		return complain("--cpus goes with --mode smp");
	if (options->measure.run.cpu >= (int)cpus)
		return complain("--cpu: the guest has %s in this mode", cpus == 1 ? "CPU 0 alone" : "no such CPU");
	return STATUS_OK;
}

/* Who would know the guest's objects has not booted yet. */
static int check_places(const struct measure_options *options)
{
	const char *object = options->from ?: options->to ?: options->cpu;

	if (!object)
		return STATUS_OK;
	return complain("'%.40s': a guest's nodes and CPUs go by number alone; objects of hwloc's are for `wbit run`", object);
}

uint64_t lab_memory_here(void)
{
	uint64_t bytes = memory_available();

	return bytes > LAB_SPARE_BYTES ? (bytes - LAB_SPARE_BYTES) / LAB_MEMORY_STEP * LAB_MEMORY_STEP : 0;
}

static uint64_t memory_of(const struct lab_run_options *options)
{
	return options->memory_bytes ? options->memory_bytes : LAB_MEMORY_BYTES;
}

static struct room room_in_guest(uint64_t memory)
{
	uint64_t node = memory / LAB_NODES, usual = LAB_MEMORY_BYTES / LAB_NODES;
	uint64_t kernel = KERNEL_BYTES + (node > usual ? (node - usual) / KERNEL_PART : 0);

	return (struct room){ LAB_NODES * (node - kernel), node - kernel, node - kernel, UINT64_MAX, true };
}

static int check_cell(const struct lab_run_options *options, const struct workload *w, const struct trigger *t,
		      uint64_t pages)
{
	const struct room room = room_in_guest(memory_of(options));
	uint64_t most = room_for(&room, w, t, &w->state, NULL);

	if (entries_of(w, pages) <= most)
		return STATUS_OK;
	return complain("--pages: %" PRIu64 " pages of %s do not fit the guest's nodes of %" PRIu64 " MiB: at most %" PRIu64
			" do, or give the guest more --memory", pages, w->name, memory_of(options) / LAB_NODES >> 20,
			base_pages_of(w, most));
}

/* What the guest would refuse after its boot. */
static int check_fit(const struct lab_run_options *options)
{
	const struct run_options *run = &options->measure.run;
	unsigned s, w, t;

	for (s = 0; s < run->nr_sizes; s++)
		for (w = 0; run->workloads[w]; w++)
			for (t = 0; triggers[t]; t++)
				if (plan_has_cell(run, run->workloads[w], triggers[t]) &&
				    check_cell(options, run->workloads[w], triggers[t], run->pages[s]))
					return STATUS_USAGE;
	if (run->from > 1 || run->to > 1)
		return complain("--%s: the guest has nodes 0 and 1", run->from > 1 ? "from" : "to");
	return STATUS_OK;
}

/* One guest at least, with room to spare for QEMU and the rest of this machine. */
static int check_memory(const struct lab_run_options *options)
{
	uint64_t most = lab_memory_here();

	if (!options->memory_bytes || options->memory_bytes <= most)
		return STATUS_OK;
	return complain("--memory: a guest of %" PRIu64 " MiB does not fit the %" PRIu64 " MiB that are free here: at most %"
			PRIu64 "M does", options->memory_bytes >> 20, (most + LAB_SPARE_BYTES) >> 20, most >> 20);
}

int lab_run_check(const struct lab_run_options *options)
{
	return measure_options_check(&options->measure) ?: check_places(&options->measure) ?: check_memory(options) ?: check_fit(options) ?: check_cpus(options) ?:
	       check_patch(options);
}
