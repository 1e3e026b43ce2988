// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of records into a summary. What is wrong is told with file, line and column. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "summary.h"

__attribute__((format(printf, 3, 4))) static int fail(struct summary *summary, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(summary->error, sizeof(summary->error), format, args);
	va_end(args);
	return err;
}

/* One record of a file, and the file's name and the line into what is said of it. */
static int take_record(struct summary *summary, const struct record_reader *reader, const json_t *record,
		       const struct summary_watch *watch)
{
	char what[sizeof(summary->error)];
	int err;

	if (watch && watch->wanted && !watch->wanted(watch->arg, record))
		return 0;
	summary->error_key = NULL;
	err = summary_add(summary, record);
	if (!err)
		return watch ? watch->record(watch->arg, reader, record) : 0;
	snprintf(what, sizeof(what), "%s", summary->error);
	return fail(summary, err, "%.200s:%llu: %.250s (column %u)", reader->name, (unsigned long long)reader->line, what,
		    record_reader_column(reader, summary->error_key ? summary->error_key : ""));
}

int summary_add_file_watched(struct summary *summary, const char *path, const struct summary_watch *watch)
{
	struct record_reader reader;
	bool truncated = false;
	unsigned had_runs = summary->nr_runs;
	json_t *record;
	int err = record_reader_open(&reader, path);

	if (err)
		return fail(summary, err, "%s", reader.error);
	summary->error[0] = '\0';
	while ((err = record_reader_next(&reader, &record, &truncated)) > 0) {
		err = take_record(summary, &reader, record, watch);
		json_decref(record);
		if (err)
			goto out;
	}
	if (err)
		fail(summary, err, "%s", reader.error);
	else if (summary->nr_runs == had_runs)
		err = fail(summary, -ENODATA, "%.200s: no run in it", reader.name);
out:
	record_reader_close(&reader);
	return err;
}

int summary_add_file(struct summary *summary, const char *path)
{
	return summary_add_file_watched(summary, path, NULL);
}
