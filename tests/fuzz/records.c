// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzed: all that wbit does with the text of a record file: reader, summary, grids, figures, comparisons, exports. The
 * input is a file's content. What a run found is kept by libFuzzer as crash-*: give it to this program as its argument.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compare.h"
#include "export.h"
#include "summary.h"
#include "text.h"

void fuzz_draw(const char *path, FILE *out);	/* draw.c */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;

static int see(void *arg, const struct difference *line, bool explained)
{
	char text[64];
	double percent;

	(void)arg;
	(void)explained;
	if (difference_percent(line, &percent))
		text_decimal(percent, true, text, sizeof(text));
	text_decimal(line->change, true, text, sizeof(text));
	fputs(text, nowhere);
	return 0;
}

static void compare(const struct summary *summary, unsigned base, unsigned new)
{
	const struct compare_side a = { .summary = summary, .run = base }, b = { .summary = summary, .run = new };
	struct comparison c;
	struct compare_tally tally;

	if (!compare_make(&c, &a, &b, COMPARE_ALLOW_MIXED | COMPARE_ALLOW_CUT_OFF)) {
		compare_walk(&c, see, NULL);
		compare_count(&c, &tally);
		compare_needs_rep_caveat(&c);
	}
	compare_free(&c);
}

static void use(const struct summary *summary)
{
	struct environment_walk walk = { 0, 0 };
	const char *base, *new;
	char text[128];

	for (unsigned i = 0; i < summary->nr_cells; i++) {
		const struct cell *cell = &summary->cells[i];

		text_spread(&cell->migrate, text, sizeof(text));
		text_per_page(cell->faults_min, cell->faults_max, cell->pages, text, sizeof(text));
		text_bytes(cell->page_bytes, text, sizeof(text));
	}
	if (!summary->nr_runs)
		return;
	compare(summary, 0, 0);
	compare(summary, 0, summary->nr_runs - 1);
	while (environment_difference(&summary->runs[0].environment, &summary->runs[summary->nr_runs - 1].environment,
				      &walk, &base, &new))
		;
}

struct taking {
	struct summary summary;
	struct gobench gobench;
};

static int take(void *arg, const struct record_reader *reader, const json_t *record)
{
	struct taking *taking = arg;

	(void)reader;
	return gobench_record(&taking->gobench, &taking->summary, record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taking taking;
	const struct summary_watch watch = { NULL, take, &taking };
	char path[64], error[200];
	int fd = memfd_create("records", MFD_CLOEXEC);

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	if (fd < 0 || !nowhere || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	summary_init(&taking.summary);
	gobench_begin(&taking.gobench, nowhere);
	summary_add_file_watched(&taking.summary, path, &watch);	/* what came before an error is used all the same */
	summary_finish(&taking.summary);
	use(&taking.summary);
	openmetrics_write(nowhere, &taking.summary, error, sizeof(error));
	gobench_end(&taking.gobench);
	summary_free(&taking.summary);
	fuzz_draw(path, nowhere);
	close(fd);
	return 0;
}
