// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of runs by pairs of nodes: node by node matrices of what a page's migration and first write take, behind the tables, which
 * have the same figures with their ranges. From the node on the left to the one above.
 */
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "summary.h"
#include "text.h"

#define NODES_MAX 64
#define ACROSS 10		/* nodes side by side; further ones go below */
#define LEFT_WIDTH 26
#define NUMBER_WIDTH 9
#define MATRICES_MAX 256	/* each takes a look at all cells */

/* Cells that differ in nothing but their nodes. */
struct matrix {
	const struct cell **cells;
	unsigned nr_cells;
	int nodes[NODES_MAX];		/* ascending */
	unsigned nr_nodes;
	bool cut;
};

static int compare_nodes(const void *left, const void *right)
{
	return *(const int *)left - *(const int *)right;
}

static void note_node(struct matrix *m, int node)
{
	for (unsigned i = 0; i < m->nr_nodes; i++) {
		if (m->nodes[i] == node)
			return;
	}
	if (m->nr_nodes == NODES_MAX)
		m->cut = true;
	else
		m->nodes[m->nr_nodes++] = node;
}

/* From the first of them on; `done` marks those that have been taken. */
static void gather(const struct summary *summary, unsigned first, bool *done, struct matrix *m)
{
	m->nr_cells = m->nr_nodes = 0;
	m->cut = false;
	for (unsigned i = first; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		if (done[i] || !cell->of_pair || !cell_is_elsewhere(cell, &summary->cells[first]))
			continue;
		done[i] = true;
		m->cells[m->nr_cells++] = cell;
		note_node(m, cell->from);
		note_node(m, cell->to);
	}
	qsort(m->nodes, m->nr_nodes, sizeof(m->nodes[0]), compare_nodes);
}

static const struct spread *migrate_of(const struct cell *cell)
{
	return &cell->migrate;
}

static const struct spread *write_of(const struct cell *cell)
{
	return &cell->write;
}

static bool any_of(const struct matrix *m, const struct spread *(*of)(const struct cell *cell))
{
	for (unsigned i = 0; i < m->nr_cells; i++) {
		if (of(m->cells[i])->n)
			return true;
	}
	return false;
}

static void print_number(FILE *out, const struct matrix *m, const struct spread *(*of)(const struct cell *cell), int from, int to)
{
	struct spread middle = { 0 };
	char text[32];

	for (unsigned i = 0; i < m->nr_cells; i++) {
		if (m->cells[i]->from == from && m->cells[i]->to == to)
			middle = *of(m->cells[i]);
	}
	middle.min = middle.max = middle.median;	/* the median alone: the ranges are in the tables */
	fprintf(out, " %*s", NUMBER_WIDTH, text_spread(&middle, text, sizeof(text)));
}

static void print_matrix(FILE *out, const struct matrix *m, const char *name, const struct spread *(*of)(const struct cell *cell))
{
	char left[64];

	if (!any_of(m, of))
		return;
	for (unsigned first = 0; first < m->nr_nodes; first += ACROSS) {
		unsigned last = first + ACROSS < m->nr_nodes ? first + ACROSS : m->nr_nodes;

		snprintf(left, sizeof(left), "  %-8s from node, to:", name);
		fprintf(out, "%-*s", LEFT_WIDTH, left);
		for (unsigned to = first; to < last; to++)
			fprintf(out, " %*d", NUMBER_WIDTH, m->nodes[to]);
		fputc('\n', out);
		for (unsigned from = 0; from < m->nr_nodes; from++) {
			fprintf(out, "%*d", LEFT_WIDTH, m->nodes[from]);
			for (unsigned to = first; to < last; to++)
				print_number(out, m, of, m->nodes[from], m->nodes[to]);
			fputc('\n', out);
		}
	}
}

static void print_head(FILE *out, const struct summary *summary, const struct matrix *m)
{
	const struct run_info *run = &summary->runs[m->cells[0]->run];
	struct cell anywhere = *m->cells[0];
	char line[200], clean[121], way[120], pages[32], bytes[32], number[16] = "";

	anywhere.of_pair = false;
	if (summary->nr_runs > 1)
		snprintf(number, sizeof(number), " #%u", anywhere.run + 1);
	snprintf(line, sizeof(line), "%.40s, %.20s %s%s, %s page%s of %s by %.60s, %s a page", anywhere.workload, anywhere.policy,
		 anywhere.source, number, text_count(anywhere.pages, pages, sizeof(pages)), anywhere.pages == 1 ? "" : "s",
		 text_bytes(anywhere.page_bytes, bytes, sizeof(bytes)), cell_way(&anywhere, way, sizeof(way)),
		 strcmp(run->clock, "insn") ? "ns" : "instructions");
	printable(line, clean, sizeof(clean));
	for (char *c = clean; *c; c++) {
		if (*c & 0x80)
			*c = '?';
	}
	fprintf(out, "\n%s\n", clean);
}

void table_pairs(FILE *out, const struct summary *summary)
{
	bool *done = calloc(summary->nr_cells + 1, sizeof(*done));
	struct matrix m = { .cells = calloc(summary->nr_cells + 1, sizeof(*m.cells)) };
	unsigned nr = 0;

	for (unsigned i = 0; done && m.cells && i < summary->nr_cells; i++) {
		if (done[i] || !summary->cells[i].of_pair)
			continue;
		if (nr == MATRICES_MAX) {
			fputs("\n(further matrices are not shown)\n", out);
			break;
		}
		gather(summary, i, done, &m);
		if (!any_of(&m, migrate_of) && !any_of(&m, write_of))
			continue;
		if (!nr++)
			fputs("\nFrom node to node: medians, the call's fixed cost included\n", out);
		print_head(out, summary, &m);
		print_matrix(out, &m, "migrate", migrate_of);
		print_matrix(out, &m, "write", write_of);
		if (m.cut)
			fprintf(out, "  (more than %d nodes: the others are not shown)\n", NODES_MAX);
	}
	free(done);
	free(m.cells);
}
