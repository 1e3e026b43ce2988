// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit compare: two files of records, or the kernels or the policies of one, against each other. */
#include <argp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "compare_face.h"
#include "face.h"

#define SIDES_MAX 64		/* runs or policies that are compared with the base */

enum by { BY_DEFAULT, BY_POLICY, BY_KERNEL, BY_RUN };

struct compare_options {
	const char *arguments[2];
	unsigned nr_arguments;
	enum by by;
	const char *base;	/* POLICY or POLICY:SOURCE */
	bool all;
	enum compare_format format;
	unsigned flags;		/* COMPARE_ALLOW_... */
	struct gate gates[GATES_MAX];
	unsigned nr_gates;
};

/* ---- options ---- */

enum { OPT_BY = 0x400, OPT_GATE, OPT_FORMAT, OPT_ALLOW_MIXED, OPT_CUT_OFF, OPT_BASE };

static const struct argp_option table[] = {
	{ "by", OPT_BY, "WHAT", 0, "policy: the policies of each run; kernel: the first kernel with each other; run: the first "
	  "run with each other (default: of two FILEs the runs of like kernels; of one its kernels, else policies)", 0 },
	{ "base", OPT_BASE, "POLICY[:SOURCE]", 0, "By policy: what the others are compared with (default: vma, else entry)", 0 },
	{ "all", 'a', NULL, 0, "What is equal, too, and how the runs differ", 0 },
	{ "gate", OPT_GATE, "SPEC", 0, "What may be worse: faults=N a page, migrate=P% or write=P%, migrate=N or write=N "
	  "instructions (or ns) a page; of a counter migrate.NAME or write.NAME, =P% or =N events a page; may be given several "
	  "times", 0 },
	{ "format", OPT_FORMAT, "FORMAT", 0, "table (default), markdown, latex (for booktabs), or json: JSON lines", 0 },
	{ "allow-mixed", OPT_ALLOW_MIXED, NULL, 0, "Compare the counts of sides whose clock, platform, nodes, CPU or QEMU "
	  "differ", 0 },
	{ "cut-off", OPT_CUT_OFF, NULL, 0, "Compare runs that were cut off", 0 },
	{ 0 }
};

static error_t parse_by(const char *text, enum by *by)
{
	static const char *const names[] = { [BY_POLICY] = "policy", [BY_KERNEL] = "kernel", [BY_RUN] = "run" };

	for (enum by i = BY_POLICY; i <= BY_RUN; i++)
		if (!strcmp(text, names[i])) {
			*by = i;
			return 0;
		}
	return usage_error("--by: '%.40s' is none of policy, kernel, run", text);
}

static error_t parse_format(const char *text, enum compare_format *format)
{
	static const char *const names[] = {
		[COMPARE_TABLE] = "table", [COMPARE_MARKDOWN] = "markdown", [COMPARE_LATEX] = "latex", [COMPARE_JSON] = "json",
	};

	for (enum compare_format i = COMPARE_TABLE; i <= COMPARE_JSON; i++)
		if (!strcmp(text, names[i])) {
			*format = i;
			return 0;
		}
	return usage_error("--format: '%.40s' is none of table, markdown, latex, json", text);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct compare_options *options = state->input;

	switch (key) {
	case OPT_BY: return parse_by(arg, &options->by);
	case OPT_BASE: options->base = arg; return 0;
	case 'a': options->all = true; return 0;
	case OPT_GATE: return parse_gate(arg, options->gates, &options->nr_gates);
	case OPT_FORMAT: return parse_format(arg, &options->format);
	case OPT_ALLOW_MIXED: options->flags |= COMPARE_ALLOW_MIXED; return 0;
	case OPT_CUT_OFF: options->flags |= COMPARE_ALLOW_CUT_OFF; return 0;
	case ARGP_KEY_ARG:
		if (options->nr_arguments == 2)
			return usage_error("compare takes one FILE, or two: BASE and NEW");
		options->arguments[options->nr_arguments++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		return usage_error("which records? Give BASE and NEW, or one FILE, as in results/local/");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "BASE NEW\nFILE",
	.doc = "Compares records cell by cell: outcomes, faults, W bits, instructions, times, counters.\v"
	       "Each FILE may be FILE:RUN, by the run's ID or its number in the file. Counts compare exactly. Instructions "
	       "compare by medians, and a difference that is no larger than the spread of a side's own trials is not called "
	       "one. Times (ns) have an interval and Holm's adjustment over the table: policies of a run by blocks, two runs by "
	       "trials, kernels by boots, six runs of each at least. "
	       "Counters: what twins counted (software events, tracepoints) exactly, what timed trials counted (hardware events) "
	       "as times.\n\nExit status: 0 compared, all gates passed; 1 a gate "
	       "tripped; 2 usage, or records that do not mix; 3 a gate is undecided: its cell is missing, broken or skipped, the "
	       "trials spread too widely or are too few, or few of them went alike; 77 nothing to compare.",
};

/* ---- one comparison ---- */

struct session {
	const struct compare_options *options;
	struct compare_input inputs[2];
	struct gate_count gates;
	unsigned compared;		/* comparisons printed */
	bool common;			/* a pair of which both sides ran */
};

static void note_common(struct session *s, const struct comparison *c)
{
	for (unsigned i = 0; i < c->nr_pairs && !s->common; i++)
		s->common = cell_ran(c->pairs[i].base) && cell_ran(c->pairs[i].new);
}

static int show(struct session *s, const struct comparison *c, const struct compare_view *view)
{
	int err;

	if (s->compared++ && view->format != COMPARE_JSON)
		fputc('\n', stdout);
	err = compare_print(stdout, c, view);
	err = err ?: compare_gates(stdout, c, view, &s->gates);
	note_common(s, c);
	return err ? complain("out of memory for the comparison") : STATUS_OK;
}

static int compare(struct session *s, const struct compare_input *base_input, const struct compare_side *base,
		   const struct compare_input *new_input, const struct compare_side *new)
{
	char base_name[PATH_MAX + 16], new_name[PATH_MAX + 16];
	const struct compare_view view = {
		.base_name = base_name,
		.new_name = new_name,
		.all = s->options->all,
		.format = s->options->format,
		.gates = s->options->gates,
		.nr_gates = s->options->nr_gates,
	};
	struct comparison c;
	int status;

	snprintf(base_name, sizeof(base_name), "%s:%u", base_input->path, base->run + 1);
	snprintf(new_name, sizeof(new_name), "%s:%u", new_input->path, new->run + 1);
	if (compare_make(&c, base, new, s->options->flags))
		status = complain("%s and %s: %s", base_name, new_name, c.error);
	else
		status = show(s, &c, &view);
	compare_free(&c);
	return status;
}

/* ---- what with what ---- */

struct run_ref {
	const struct compare_input *input;
	unsigned run;
};

/* refs has room for SIDES_MAX more. STATUS_USAGE after a complaint: what was left out would pass unseen. */
static int list_runs(const struct compare_input *input, struct run_ref *refs, unsigned *nr)
{
	const unsigned first = input->one_run ? input->run : 0;
	const unsigned end = input->one_run ? input->run + 1 : input->summary.nr_runs;

	if (end - first > SIDES_MAX)
		return complain("%s has %u runs, and %d are the most that are compared: say which one, as FILE:RUN", input->path,
				end, SIDES_MAX);
	for (unsigned i = first; i < end; i++)
		if (input->one_run || input->summary.runs[i].boots > 0)
			refs[(*nr)++] = (struct run_ref){ input, i };
	return STATUS_OK;
}

static const struct run_info *info(const struct run_ref *ref)
{
	return &ref->input->summary.runs[ref->run];
}

static int compare_runs(struct session *s, const struct run_ref *base, const struct run_ref *new)
{
	const struct compare_side a = { .summary = &base->input->summary, .run = base->run };
	const struct compare_side b = { .summary = &new->input->summary, .run = new->run };

	return compare(s, base->input, &a, new->input, &b);
}

/* The first with each other; by kernel, with those of another kernel. */
static int compare_with_first(struct session *s, const struct run_ref *refs, unsigned nr, bool kernels)
{
	int status = STATUS_OK;

	for (unsigned i = 1; i < nr && !status; i++)
		if (!kernels || !same_kernel(info(&refs[0]), info(&refs[i])))
			status = compare_runs(s, &refs[0], &refs[i]);
	return status;
}

static const char *kernel_label(const struct run_info *run)
{
	return run->name ? run->name : run->kernel;
}

/* The one run with this kernel. nr_found: how many there are. */
static const struct run_ref *find_kernel(const struct run_ref *refs, unsigned nr, const char *label, unsigned *nr_found)
{
	const struct run_ref *found = NULL;

	*nr_found = 0;
	for (unsigned i = 0; i < nr; i++)
		if (!strcmp(kernel_label(info(&refs[i])), label)) {
			found = &refs[i];
			(*nr_found)++;
		}
	return found;
}

/* Two files: their runs, where each has one; else the runs of like kernels, each of which a file must have once. */
static int compare_files(struct session *s, const struct run_ref *base, unsigned nr_base, const struct run_ref *new,
			 unsigned nr_new)
{
	int status = STATUS_OK;

	if (nr_base == 1 && nr_new == 1)
		return compare_runs(s, base, new);
	for (unsigned i = 0; i < nr_base && !status; i++) {
		const char *label = kernel_label(info(&base[i]));
		unsigned here, there;
		const struct run_ref *other = find_kernel(new, nr_new, label, &there);

		find_kernel(base, nr_base, label, &here);
		if (here > 1 || there > 1)
			return complain("%s has several runs of kernel %.40s: say which one, as FILE:RUN",
					(here > 1 ? base : new)->input->path, label);
		if (other) {
			status = compare_runs(s, &base[i], other);
		} else {
			warn_user("%s has no run of kernel %.40s", new->input->path, label);
			s->gates.undecided++;	/* all of its cells are missing */
		}
	}
	return status;
}

/* ---- policies ---- */

static bool is_side(const struct compare_side *side, const char *wanted)
{
	size_t len = strlen(side->policy);

	return !strncmp(wanted, side->policy, len) &&
	       (!wanted[len] || (wanted[len] == ':' && !strcmp(wanted + len + 1, side->source)));
}

static unsigned list_policies(const struct run_ref *ref, struct compare_side *sides)
{
	const struct summary *summary = &ref->input->summary;
	unsigned nr = 0;

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];
		unsigned known = 0;

		while (known < nr && (strcmp(sides[known].policy, cell->policy) ||
				      strcmp(sides[known].source, cell->source)))
			known++;
		if (cell->run == ref->run && known == nr && nr < SIDES_MAX)
			sides[nr++] = (struct compare_side){ summary, ref->run, cell->policy, cell->source };
	}
	return nr;
}

static unsigned choose_base(const struct compare_side *sides, unsigned nr, const char *wanted)
{
	const char *const order[] = { wanted ? wanted : "vma", wanted ? wanted : "entry" };

	for (unsigned k = 0; k < 2; k++)
		for (unsigned i = 0; i < nr; i++)
			if (is_side(&sides[i], order[k]))
				return i;
	return wanted ? nr : 0;
}

static int compare_policies(struct session *s, const struct run_ref *ref)
{
	struct compare_side sides[SIDES_MAX];
	unsigned nr = list_policies(ref, sides), base = choose_base(sides, nr, s->options->base);
	int status = STATUS_OK;

	if (nr && base == nr)
		return complain("%s:%u: no policy '%.40s' to be the base", ref->input->path, ref->run + 1,
				s->options->base);
	for (unsigned i = 0; i < nr && !status; i++)
		if (i != base)
			status = compare(s, ref->input, &sides[base], ref->input, &sides[i]);
	return status;
}

/* ---- the command ---- */

static bool several_kernels(const struct run_ref *refs, unsigned nr)
{
	for (unsigned i = 1; i < nr; i++)
		if (!same_kernel(info(&refs[0]), info(&refs[i])))
			return true;
	return false;
}

/* What is compared by kernel has a kernel's runs for its boots. */
static int settle(struct session *s, enum by *by)
{
	struct run_ref refs[SIDES_MAX];
	int status = STATUS_OK;
	unsigned nr = 0;

	*by = s->options->by;
	if (*by == BY_DEFAULT && s->options->nr_arguments == 1) {
		status = list_runs(&s->inputs[0], refs, &nr);
		if (status)
			return status;
		*by = several_kernels(refs, nr) && !s->options->base ? BY_KERNEL : BY_POLICY;
	}
	if (s->options->base && *by != BY_POLICY)
		return complain("--base names a policy: it goes with --by policy");
	for (unsigned i = 0; i < s->options->nr_arguments && !status && (*by == BY_DEFAULT || *by == BY_KERNEL); i++)
		status = compare_input_pool(&s->inputs[i]);
	return status;
}

static int compare_inputs(struct session *s)
{
	struct run_ref refs[2 * SIDES_MAX];
	unsigned nr_base = 0, nr;
	enum by by;
	int status = settle(s, &by) ?: list_runs(&s->inputs[0], refs, &nr_base);

	nr = nr_base;
	if (!status && s->options->nr_arguments == 2)
		status = list_runs(&s->inputs[1], refs, &nr);
	if (status)
		return status;
	if (by == BY_DEFAULT)
		return compare_files(s, refs, nr_base, refs + nr_base, nr - nr_base);
	if (by != BY_POLICY)
		return compare_with_first(s, refs, nr, by == BY_KERNEL);
	for (unsigned i = 0; i < nr && !status; i++)
		status = compare_policies(s, &refs[i]);
	return status;
}

static int conclude(struct session *s)
{
	const struct compare_view view = { .format = s->options->format, .nr_gates = s->options->nr_gates };

	if (!s->common)
		complain(s->compared ? "nothing to compare: no cell ran on both sides" :
				       "nothing to compare: there is one side only");
	return s->common ? compare_gates_status(stdout, &view, &s->gates) : STATUS_SKIPPED;
}

int cmd_compare(int argc, char **argv)
{
	struct compare_options options = { .by = BY_DEFAULT };
	struct session *s;
	int status = parse_options(&argp, argc, argv, &options);

	if (status)
		return status;
	if (options.nr_arguments == 2 && !strcmp(options.arguments[0], "-") && !strcmp(options.arguments[1], "-"))
		return complain("standard input can be one FILE only");
	s = calloc(1, sizeof(*s));
	if (!s)
		return complain("out of memory");
	s->options = &options;
	for (unsigned i = 0; i < options.nr_arguments && !status; i++)
		status = compare_input_read(&s->inputs[i], options.arguments[i]);
	status = status ?: compare_inputs(s) ?: conclude(s);
	for (unsigned i = 0; i < 2; i++)
		compare_input_free(&s->inputs[i]);
	free(s);
	return finish_stdout(status);
}
