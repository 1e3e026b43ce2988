// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit plot: figures from records. What each shows: doc/figures.md. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "plot_draw.h"

#define FIGURES_MAX 16

enum { KEY_FORMAT = 256, KEY_WIDTH, KEY_PAGES };	/* without a short form */

struct plot_options {
	const char *folder;	/* NULL: beside the first file */
	bool chosen[FIGURES_MAX], any_chosen;	/* by index into figures */
	bool formats[NR_PLOT_FORMATS];
	bool two_columns;
	uint64_t pages;		/* 0: the largest size */
	char **files;
	unsigned nr_files;
};

static const struct argp_option plot_argp_options[] = {
	{ "output", 'o', "DIR", 0, "where the figures go (default: figures/ beside the first FILE)", 0 },
	{ "figure", 'f', "LIST", 0, "which figures, by name (default: all that the records have figures for)", 0 },
	{ "format", KEY_FORMAT, "LIST", 0, "svg, png (300 dpi), pdf (default: svg,png)", 0 },
	{ "width", KEY_WIDTH, "COLUMNS", 0, "of a paper: one (88 mm) or two (180 mm, the default)", 0 },
	{ "pages", KEY_PAGES, "N", 0, "the number of pages to show where a figure shows one (default: the largest measured)", 0 },
	{ 0 },
};

/* The index of a word in a list by commas, by name(i); -1: none of `nr` has it. */
static int index_of(const char *word, size_t len, const char *(*name)(unsigned i), unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		if (strlen(name(i)) == len && !memcmp(name(i), word, len))
			return (int)i;
	}
	return -1;
}

static const char *figure_at(unsigned i)
{
	return figures[i].name;
}

static const char *format_at(unsigned i)
{
	return plot_formats[i].name;
}

static unsigned nr_figures(void)
{
	unsigned nr = 0;

	while (figures[nr].name)
		nr++;
	return nr;
}

/* Marks what a list by commas names. EINVAL after a complaint. */
static error_t mark(const char *option, const char *list, const char *(*name)(unsigned i), unsigned nr, bool *marks)
{
	char known[200] = "";

	memset(marks, 0, nr * sizeof(*marks));
	for (unsigned i = 0; i < nr; i++) {
		strcat(known, i ? ", " : "");
		strcat(known, name(i));
	}
	for (const char *word = list;; word++) {
		size_t len = strcspn(word, ",");
		int i = index_of(word, len, name, nr);

		if (i < 0)
			return usage_error("%s: '%.*s' is none of %s", option, (int)(len < 40 ? len : 40), word, known);
		marks[i] = true;
		word += len;
		if (!*word)
			return 0;
	}
}

static error_t take_width(const char *arg, bool *two_columns)
{
	*two_columns = !strcmp(arg, "two");
	if (!*two_columns && strcmp(arg, "one"))
		return usage_error("--width: '%.40s' is neither one nor two", arg);
	return 0;
}

static error_t take_pages(const char *arg, uint64_t *pages)
{
	char *end;

	errno = 0;
	*pages = strtoull(arg, &end, 10);
	if (errno || *end || *arg < '1' || *arg > '9')
		return usage_error("--pages: '%.40s' is no number of pages", arg);
	return 0;
}

static error_t parse_plot(int key, char *arg, struct argp_state *state)
{
	struct plot_options *options = state->input;

	switch (key) {
	case 'o':
		if (!*arg)
			return usage_error("--output wants the name of a folder");
		options->folder = arg;
		return 0;
	case 'f':
		options->any_chosen = true;
		return mark("--figure", arg, figure_at, nr_figures(), options->chosen);
	case KEY_FORMAT:
		return mark("--format", arg, format_at, NR_PLOT_FORMATS, options->formats);
	case KEY_WIDTH:
		return take_width(arg, &options->two_columns);
	case KEY_PAGES:
		return take_pages(arg, &options->pages);
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->nr_files = (unsigned)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		return usage_error("which records? Give one FILE or more, as in results/local/");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Lists the figures at the end of --help, from their table. */
static char *help_filter(int key, const char *text, void *input)
{
	char *list = NULL;
	size_t size;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&list, &size);
	if (!out)
		return (char *)text;
	fputs("Figures:\n", out);
	for (unsigned i = 0; figures[i].name; i++)
		fprintf(out, "  %-10s%s\n", figures[i].name, figures[i].about);
	fclose(out);
	return list;
}

static const struct argp plot_argp = {
	plot_argp_options, parse_plot, "FILE...",
	"Draws figures from records, each with the .gp and .dat that it was made of.", NULL, help_filter, NULL
};

/* ---- what to draw ---- */

static bool one_platform(const struct summary *summary)
{
	for (unsigned i = 1; i < summary->nr_cells; i++) {
		const char *first = summary->runs[summary->cells[0].run].platform;
		const char *other = summary->runs[summary->cells[i].run].platform;

		if (strcmp(first, other)) {
			complain("records of two platforms, %.20s and %.20s, do not mix: plot them apart", first, other);
			return false;
		}
	}
	return true;
}

/* The grid to draw: of the most pages, or of those that were asked for. NULL after a complaint. */
static struct grid *choose_grid(const struct summary *summary, uint64_t pages)
{
	const struct cell *firsts[GRIDS_MAX], *chosen = NULL;
	unsigned nr = grid_firsts(summary, firsts), others = 0, pairs = 0;
	struct grid *grid;

	for (unsigned i = 0; i < nr; i++) {
		if (strcmp(summary->runs[firsts[i]->run].clock, summary->runs[firsts[0]->run].clock)) {
			complain("records of two clocks, ns and insn, do not mix: plot them apart");
			return NULL;
		}
		if (pages ? firsts[i]->pages == pages && !chosen : !chosen || firsts[i]->pages > chosen->pages)
			chosen = firsts[i];
	}
	if (nr && !chosen) {
		complain("no trial of %" PRIu64 " pages in these records", pages);
		return NULL;
	}
	for (unsigned i = 0; i < nr; i++) {
		if (cell_compare_ways_anywhere(firsts[i], chosen) || firsts[i]->page_bytes != chosen->page_bytes)
			others++;
		else
			pairs += cell_compare_ways(firsts[i], chosen) && firsts[i]->pages == chosen->pages;
	}
	grid = chosen ? grid_make(summary, chosen) : NULL;
	if (!grid)
		complain(chosen ? "out of memory for the figure" : "no trial in these records: nothing to draw");
	else if (others)
		warn_user("drawn: what %.40s migrated, pages of %" PRIu64 " bytes; %u other triggers or page sizes are not",
			  chosen->trigger, chosen->page_bytes, others);
	if (grid && pairs)
		warn_user("drawn: what went from node %d to %d; %u other pair%s of nodes in the figure nodes alone",
			  chosen->from, chosen->to, pairs, pairs == 1 ? "" : "s");
	return grid;
}

static void default_folder(const char *file, char folder[PATH_MAX])
{
	const char *slash = strrchr(file, '/');

	if (snprintf(folder, PATH_MAX, "%.*sfigures", slash ? (int)(slash - file) + 1 : 0, file) >= PATH_MAX)
		folder[0] = '\0';
}

static void warn_of_cut_off(const struct summary *summary)
{
	for (unsigned i = 0; i < summary->nr_runs; i++) {
		const struct run_info *run = &summary->runs[i];

		if (!run->ended)
			warn_user("run %.40s was cut off: %" PRIu64 " trials, no end line", run->id, run->tally.trials);
		else if (run->cut_short)
			warn_user("run %.40s is not whole: %.100s", run->id, run->cut_short);
	}
}

/* Clears what was not asked for, or cannot be had. A figure that was asked for by name and cannot be had is an error. */
static int choose_figures(struct plot_options *options, const struct figure_input *input)
{
	for (unsigned i = 0; figures[i].name; i++) {
		const char *missing = figures[i].missing(input);

		if (missing && options->any_chosen && options->chosen[i])
			return complain("figure %s: %s", figures[i].name, missing);
		options->chosen[i] = !missing && (!options->any_chosen || options->chosen[i]);
	}
	return 0;
}

static int draw_all(const struct plot_options *options, const struct figure_input *input, const char *folder)
{
	int err = plot_make_folders(folder);

	if (err)
		return complain("%s: %s", folder, strerror(-err));
	for (unsigned i = 0; figures[i].name && !err; i++)
		err = options->chosen[i] ? plot_draw(&figures[i], input, options->formats, folder) : 0;
	if (err)
		return err;
	for (unsigned i = 0; figures[i].name; i++) {
		for (unsigned k = 0; k < NR_PLOT_FORMATS && options->chosen[i]; k++) {
			if (options->formats[k])
				printf("%s/%s.%s\n", folder, figures[i].name, plot_formats[k].name);
		}
	}
	return STATUS_OK;
}

static int plot(struct plot_options *options, const struct summary *summary, const struct gather *gather,
		const char *folder)
{
	struct figure_input input = { .gather = gather, .two_columns = options->two_columns };
	struct grid *grid = one_platform(summary) ? choose_grid(summary, options->pages) : NULL;
	char formats[16] = "";
	int err;

	if (!grid)
		return STATUS_USAGE;
	for (unsigned k = 0; k < NR_PLOT_FORMATS; k++) {
		if (options->formats[k])
			sprintf(formats + strlen(formats), "%s%s", *formats ? " " : "", plot_formats[k].name);
	}
	input.grid = grid;
	input.formats = formats;
	warn_of_cut_off(summary);
	err = choose_figures(options, &input);
	err = err ? err : draw_all(options, &input, folder);
	free(grid);
	return err;
}

int cmd_plot(int argc, char **argv)
{
	struct plot_options options = { .formats = { true, true, false }, .two_columns = true };
	struct gather gather = { 0 };
	char beside[PATH_MAX];
	struct summary summary;
	int status = STATUS_OK;

	if (parse_options(&plot_argp, argc, argv, &options))
		return STATUS_USAGE;
	default_folder(options.files[0], beside);
	summary_init(&summary);
	summary.watch = gather_trial;
	summary.watch_arg = &gather;
	for (unsigned i = 0; i < options.nr_files && !status; i++) {
		if (summary_add_file(&summary, options.files[i]))
			status = complain("%s", summary.error);
	}
	summary_finish(&summary);
	gather_finish(&gather);
	if (!status)
		status = plot(&options, &summary, &gather, options.folder ? options.folder : beside);
	gather_free(&gather);
	summary_free(&summary);
	return finish_stdout(status);
}
