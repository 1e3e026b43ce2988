// SPDX-License-Identifier: GPL-2.0-or-later
/* Migration from node to node, of one workload, a matrix a series: plots/nodes.gp. */
#include <math.h>
#include <string.h>

#include "figure_sheet.h"
#include "text.h"

#define NODES_DRAWN_MAX 16

static const struct cell *cell_of(const struct figure_input *input, unsigned pair)
{
	return &input->grid->summary->cells[input->gather->pairs[pair].cell];
}

/* The same workload's, policy's and run's: in one cell, or where the run is by pairs in one each. */
static unsigned pairs_like(const struct figure_input *input, const struct cell *cell)
{
	unsigned nr = 0;

	for (unsigned i = 0; i < input->gather->nr_pairs; i++)
		nr += cell_is_elsewhere(cell_of(input, i), cell);
	return nr;
}

/* The workload with the most pairs of nodes under one policy, the first of several. */
static const struct cell *richest(const struct figure_input *input, unsigned *nr_pairs)
{
	const struct grid *grid = input->grid;
	const struct cell *best = NULL;

	*nr_pairs = 0;
	for (unsigned i = 0; i < input->gather->nr_pairs; i++) {
		const struct cell *cell = cell_of(input, i);
		unsigned nr;

		if (cell->pages != grid->like->pages || cell->page_bytes != grid->like->page_bytes ||
		    cell_compare_ways_anywhere(cell, grid->like) || (best && cell_is_elsewhere(cell, best)))
			continue;
		nr = pairs_like(input, cell);
		if (nr > *nr_pairs) {
			*nr_pairs = nr;
			best = cell;
		}
	}
	return best;
}

const char *nodes_missing(const struct figure_input *input)
{
	unsigned nr_pairs;

	if (!input->gather->nr_pairs)
		return sheet_untimed(input);
	richest(input, &nr_pairs);
	return nr_pairs > 1 ? NULL : "only one pair of nodes was measured";
}

/* The nodes that occur, ascending, at most NODES_DRAWN_MAX; *left: how many more there are. */
static unsigned find_nodes(const struct gather *gather, unsigned nodes[NODES_DRAWN_MAX], unsigned *left)
{
	bool occurs[GATHER_NODES_MAX] = { false };
	unsigned nr = 0;

	for (unsigned i = 0; i < gather->nr_pairs; i++)
		occurs[gather->pairs[i].from] = occurs[gather->pairs[i].to] = true;
	*left = 0;
	for (unsigned i = 0; i < GATHER_NODES_MAX; i++) {
		if (occurs[i] && nr < NODES_DRAWN_MAX)
			nodes[nr++] = i;
		else
			*left += occurs[i];
	}
	return nr;
}

static const struct spread *pair_in(const struct figure_input *input, const struct cell *cell, unsigned from, unsigned to)
{
	for (unsigned i = 0; i < input->gather->nr_pairs; i++) {
		const struct node_pair *pair = &input->gather->pairs[i];

		if (pair->from == (int)from && pair->to == (int)to && cell_is_elsewhere(cell_of(input, i), cell))
			return &pair->migrate;
	}
	return NULL;
}

/* x, y, median, its text, half the range in per cent; one line a pair of nodes. */
static void write_matrix(FILE *out, const struct sheet *sheet, const struct cell *cell, const unsigned *nodes, unsigned nr)
{
	for (unsigned from = 0; from < nr; from++) {
		for (unsigned to = 0; to < nr; to++) {
			const struct spread *spread = !cell ? NULL : pair_in(sheet->input, cell, nodes[from], nodes[to]);
			char text[32] = "", range[32] = "";
			double half;

			if (spread && spread->n) {
				text_count((uint64_t)(spread->median + 0.5), text, sizeof(text));
				half = 50 * (spread->max - spread->min) / spread->median;
				snprintf(range, sizeof(range), "+-%.*f %%", half < 99.95 ? 1 : 0, half);
			}
			fprintf(out, "%u\t%u", to, from);
			sheet_number(out, *text ? spread->median : NAN);
			fprintf(out, "\t%s\t%s\n", *text ? text : "-", *text ? range : "-");
		}
	}
}

static unsigned row_of(const struct sheet *sheet, const struct cell *cell)
{
	unsigned row = 0;

	while (row < sheet->nr_rows && strcmp(sheet->grid->workloads[sheet->rows[row]], cell->workload))
		row++;
	return row;
}

void nodes_write(FILE *out, const struct figure_input *input)
{
	unsigned nodes[NODES_DRAWN_MAX], left, nr_pairs, nr = find_nodes(input->gather, nodes, &left);
	const struct cell *cell = richest(input, &nr_pairs);
	char more[64], name[LABEL_MAX];
	struct sheet sheet;
	unsigned row;

	sheet_init(&sheet, input, sheet_migrates, SHEET_ROWS_MAX);
	sheet.anywhere = true;
	sheet_note_measured(&sheet, NULL);
	sheet_note_kernels(&sheet);
	row = row_of(&sheet, cell);
	sheet_note(&sheet, "Workload %s. ", sheet_plain(cell->workload, name, sizeof(name)));
	sheet_note(&sheet, "Medians of the timed trials, the call's fixed cost included; +-: half of their range. Empty: not "
		   "measured. ");
	if (left)
		sheet_note(&sheet, "%u more nodes are not drawn. ", left);
	snprintf(more, sizeof(more), "\t%u", nr);
	sheet_write_head(out, &sheet, "Migrating a page from node to node", more);
	fputs("\n\n", out);
	for (unsigned i = 0; i < nr; i++)
		fprintf(out, "%u\t%u\n", i, nodes[i]);
	for (unsigned k = 0; k < sheet.nr_series; k++) {
		fputs("\n\n", out);
		write_matrix(out, &sheet, row < sheet.nr_rows ? sheet_cell(&sheet, row, k) : NULL, nodes, nr);
	}
}
