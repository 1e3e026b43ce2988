// SPDX-License-Identifier: GPL-2.0-or-later
/* The crosscheck's line. */
#include <inttypes.h>
#include <string.h>

#include "crosscheck_text.h"
#include "face.h"
#include "reader.h"

void crosscheck_tally_add(struct crosscheck_tally *tally, const json_t *record)
{
	uint64_t faults = record_count(record, "crosscheck.faults"), expected = record_count(record, "crosscheck.expected");
	const char *why = json_string_value(json_object_get(json_object_get(record, "why"), "crosscheck.faults"));

	if (!json_object_get(record, "crosscheck"))
		return;
	if (faults != NOT_MEASURED && expected != NOT_MEASURED)
		*(faults == expected ? &tally->equal : &tally->other) += 1;
	else if (!tally->none++)
		snprintf(tally->why, sizeof(tally->why), "%s", why ? why : record_string(record, "reason", "wbit's own count is missing"));
}

void crosscheck_print(FILE *out, const struct crosscheck_tally *tally)
{
	char text[400];

	if (!tally->equal && !tally->other && !tally->none)
		return;
	snprintf(text, sizeof(text), "by perf trace and perf stat %" PRIu64 " counts are wbit's own, %" PRIu64 " are not", tally->equal,
		 tally->other);
	if (tally->none)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "; %" PRIu64 " unavailable: %s", tally->none, tally->why);
	fprintf(out, "crosscheck: ");
	print_wrapped(out, 12, text);
}
