// SPDX-License-Identifier: GPL-2.0-or-later
/* A comparison as a table for a page: Markdown (pipes), or LaTeX (a tabular of booktabs, nothing else needed). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "compare_face.h"
#include "face.h"

#define TEXT_MAX 200
#define ESCAPED_MAX (20 * TEXT_MAX)	/* the longest escape, \textasciicircum{}, has 19 */
#define COLUMNS 8

/* What a character becomes; NULL: itself. '[' and '*' would be arguments of the \\ that ends the row before. */
static const char *latex_escape(char c)
{
	switch (c) {
	case '\\': return "\\textbackslash{}";
	case '^': return "\\textasciicircum{}";
	case '~': return "\\textasciitilde{}";
	case '<': return "\\textless{}";
	case '>': return "\\textgreater{}";
	case '|': return "\\textbar{}";
	case '"': return "\\char34{}";	/* \textquotedbl takes T1 */
	case '`': return "{`}";
	case '\'': return "{'}";
	case '-': return "{-}";
	case '[': return "{[}";
	case ']': return "{]}";
	case '*': return "{*}";
	case '{': return "\\{";
	case '}': return "\\}";
	case '$': return "\\$";
	case '&': return "\\&";
	case '#': return "\\#";
	case '%': return "\\%";
	case '_': return "\\_";
	default: return NULL;
	}
}

/* Markup, HTML, entities, and what a forge turns into links (@user, #1, https://, www.). */
static const char *markdown_escape(const char *text, const char *at)
{
	static const char *const escapes[] = {
		"\\\\", "\\`", "\\*", "\\_", "\\{", "\\}", "\\[", "\\]", "\\(", "\\)", "\\#", "\\!", "\\|", "\\~",
	};

	switch (*at) {
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '&': return "&amp;";
	case '@': return "&#64;";
	case ':': return at[1] == '/' ? "&#58;" : NULL;
	case '.': return at - text >= 3 && !strncasecmp(at - 3, "www", 3) ? "&#46;" : NULL;
	default: break;
	}
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (escapes[i][1] == *at)
			return escapes[i];
	return NULL;
}

char *compare_escape(enum compare_format format, const char *text, char *out, size_t size)
{
	char clean[2 * TEXT_MAX];
	size_t at = 0;

	printable(text, clean, sizeof(clean));
	out[0] = '\0';
	for (const char *c = clean; *c; c++) {
		const char plain[2] = { *c, '\0' };
		const char *escape = format == COMPARE_LATEX ? latex_escape(*c) : markdown_escape(clean, c);
		size_t len = strlen(escape ? escape : plain);

		if (at + len >= size)
			break;
		memcpy(out + at, escape ? escape : plain, len + 1);
		at += len;
	}
	return out;
}

struct markup {
	FILE *out;
	const struct comparison *comparison;
	const struct compare_view *view;
	unsigned rows;
};

static void put_text(const struct markup *m, const char *text)
{
	char escaped[ESCAPED_MAX];

	fputs(compare_escape(m->view->format, text, escaped, sizeof(escaped)), m->out);
}

static void put_row(const struct markup *m, const char *const texts[], unsigned nr)
{
	bool latex = m->view->format == COMPARE_LATEX;

	for (unsigned i = 0; i < nr; i++) {
		fputs(latex ? (i ? " & " : "") : "| ", m->out);
		put_text(m, texts[i]);
		fputs(latex ? "" : " ", m->out);
	}
	fputs(latex ? " \\\\\n" : "|\n", m->out);
}

/* A paragraph; in LaTeX a comment, which leaves the tabular alone wherever it is read in. */
static void put_note(const struct markup *m, const char *text)
{
	if (!*text)
		return;
	fputs(m->view->format == COMPARE_LATEX ? "% " : "\n", m->out);
	put_text(m, text);
	fputc('\n', m->out);
}

static void put_side(const struct markup *m, const char *label, const char *name, const struct compare_side *side)
{
	const struct run_info *run = &side->summary->runs[side->run];
	char text[TEXT_MAX], boots[20] = "";

	if (run->boots > 1)
		snprintf(boots, sizeof(boots), ", %u boots", run->boots);
	snprintf(text, sizeof(text), "%s: %.50s, %.30s%s%.20s%s%.30s%s%.40s%s", label, name, side->policy ? side->policy : "",
		 side->policy ? " " : "", side->policy ? side->source : "", side->policy ? ", " : "",
		 run->name ? run->name : "", run->name ? ", " : "", run->kernel, boots);
	put_note(m, text);
}

/* With --all a column more: what times rest on. */
static unsigned columns(const struct markup *m)
{
	return m->view->all && m->comparison->timings ? COLUMNS + 1 : COLUMNS;
}

static void put_head(const struct markup *m)
{
	const char *const heads[COLUMNS + 1] = {
		"workload", "cell", "figure, size", "base", "new", "change", m->comparison->timings ? "95 % interval" : "spread",
		"verdict", "evidence",
	};
	unsigned nr = columns(m);

	if (m->view->format == COMPARE_LATEX) {
		fprintf(m->out, "\\begin{tabular}{lllrrrrl%s}\n\\toprule\n", nr > COLUMNS ? "l" : "");
		put_row(m, heads, nr);
		fputs("\\midrule\n", m->out);
		return;
	}
	fputc('\n', m->out);
	put_row(m, heads, nr);
	fprintf(m->out, "|---|---|---|--:|--:|--:|--:|---|%s\n", nr > COLUMNS ? "---|" : "");
}

static int see_line(void *arg, const struct difference *line, bool explained)
{
	struct markup *m = arg;
	char cell[TEXT_MAX], figure[TEXT_MAX], base[TEXT_MAX], new[TEXT_MAX], change[TEXT_MAX], interval[TEXT_MAX];
	char verdict[TEXT_MAX], evidence[2 * TEXT_MAX] = "";

	if (!compare_is_shown(m->view, line, explained))
		return 0;
	if (!m->rows++)
		put_head(m);
	compare_cell_text(m->comparison, line->cell, line->new_cell, cell, sizeof(cell));
	if (line->timing)
		compare_evidence_text(m->comparison, line, evidence, sizeof(evidence));
	put_row(m, (const char *const[COLUMNS + 1]){
		line->cell->workload, cell, compare_figure_text(line, figure, sizeof(figure)),
		compare_reading_text(line, &line->base, base, sizeof(base)),
		compare_reading_text(line, &line->new, new, sizeof(new)),
		compare_effect_text(line, change, sizeof(change)),
		compare_interval_text(line, interval, sizeof(interval)),
		compare_verdict_text(line, verdict, sizeof(verdict)), evidence }, columns(m));
	return 0;
}

int compare_markup_print(FILE *out, const struct comparison *c, const struct compare_view *view)
{
	struct markup m = { .out = out, .comparison = c, .view = view };
	struct compare_tally tally;
	char text[3 * TEXT_MAX];
	int err;

	put_side(&m, "base", view->base_name, &c->base);
	put_side(&m, "new", view->new_name, &c->new);
	err = compare_walk(c, see_line, &m) ?: compare_count(c, &tally);
	if (err)
		return err;
	if (m.rows && view->format == COMPARE_LATEX)
		fputs("\\bottomrule\n\\end{tabular}\n", out);
	snprintf(text, sizeof(text), "%s a page; cells: %u differ, %u inconclusive, %u within the spread, %u equal; in base only "
		 "%u, in new only %u", c->exact ? "instructions" : c->counts_only ? "counts" : c->insn ? "instructions of CPUs that take turns" : "ns", tally.differ,
		 tally.inconclusive, tally.within, tally.equal, c->nr_base_only, c->nr_new_only);
	put_note(&m, text);
	if (c->timings)
		put_note(&m, compare_unit_text(c));
	put_note(&m, compare_times_text(c, &tally, text, sizeof(text)));
	return 0;
}
