// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines into a file: each flushed as it is written, none longer than a reader takes. */
#include <errno.h>
#include <stdlib.h>

#include "reader.h"
#include "record.h"
#include "record_room.h"

#define LINE_FLAGS (JSON_COMPACT | JSON_ENSURE_ASCII)

static int keep_error(struct record_sink *sink, int err)
{
	if (err && !sink->error)
		sink->error = err;
	return err;
}

/* Writes text[0..len), its newline included. */
static int write_line(struct record_sink *sink, const char *text, size_t len)
{
	if (sink->error)
		return sink->error;
	errno = 0;
	if (fwrite(text, 1, len, sink->file) == len && !fflush(sink->file))
		return 0;
	return keep_error(sink, errno ? -errno : -EIO);
}

int record_write_object(struct record_sink *sink, const json_t *object)
{
	size_t len = json_dumpb(object, NULL, 0, LINE_FLAGS);
	char *text;
	int err;

	if (sink->error)
		return sink->error;
	if (!len || len > READER_LINE_MAX)
		return keep_error(sink, len ? -EMSGSIZE : -EINVAL);
	text = malloc(len + 1);
	if (!text)
		return keep_error(sink, -ENOMEM);
	json_dumpb(object, text, len, LINE_FLAGS);
	text[len] = '\n';
	err = write_line(sink, text, len + 1);
	free(text);
	if (!err && sink->seen)
		sink->seen(sink->seen_arg, object);
	return err;
}

int record_write_env(struct record_sink *sink, json_t *env)
{
	json_t *object = json_pack("{s:s, s:i, s:o}", "type", "env", "schema", RECORD_SCHEMA,
				   "run", record_text(sink->run, RECORD_LINE_MAX));
	int err = -ENOMEM;

	if (object && !json_object_update_missing(object, env))
		err = record_write_object(sink, object);
	json_decref(object);
	json_decref(env);
	return keep_error(sink, err);
}

int record_write_trial(struct record_sink *sink, const struct trial_record *r)
{
	/* From a line as it is to the shortest that says the same; nearly always the first one fits. */
	static const struct record_room tries[] = {
		{ 64, REASON_MAX, false }, { 3, REASON_MAX, false }, { 2, REASON_MAX, false }, { 1, REASON_MAX, false },
		{ 1, 48, false }, { 0, 24, false }, { 0, 24, true }
	};
	char text[RECORD_LINE_MAX];
	json_t *object = NULL;
	size_t len = 0;
	int err;

	if (!r->workload || !r->policy || !r->trigger)
		return keep_error(sink, -EINVAL);
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		json_decref(object);
		object = record_trial_json(r, sink->run, &tries[i]);
		if (!object)
			return keep_error(sink, -ENOMEM);
		len = json_dumpb(object, text, sizeof(text) - 1, LINE_FLAGS);
		if (len && len < sizeof(text))
			break;
	}
	err = !len || len >= sizeof(text) ? keep_error(sink, -EMSGSIZE) : 0;
	if (!err) {
		text[len] = '\n';
		err = write_line(sink, text, len + 1);
	}
	if (!err && sink->seen)
		sink->seen(sink->seen_arg, object);
	json_decref(object);
	if (err)
		return err;
	sink->tally.trials++;
	if ((unsigned)r->outcome < NR_OUTCOMES)
		sink->tally.by_outcome[r->outcome]++;
	return 0;
}

int record_write_end(struct record_sink *sink, const char *cut_short)
{
	json_t *end = json_pack("{s:s, s:o, s:I}", "type", "end", "run", record_text(sink->run, RECORD_LINE_MAX),
				"trials", (json_int_t)sink->tally.trials);
	int err = -ENOMEM;

	if (end) {
		for (unsigned i = 0; i < NR_OUTCOMES; i++) {
			/* a key has underscores where a value has dashes */
			const char *key = i == OUTCOME_STATE_NOT_REACHED ? "state_not_reached" : outcome_name(i);

			json_object_set_new(end, key, json_integer((json_int_t)sink->tally.by_outcome[i]));
		}
		if (cut_short)
			json_object_set_new(end, "cut_short", record_text(cut_short, REASON_MAX));
		err = record_write_object(sink, end);
	}
	json_decref(end);
	return keep_error(sink, err);
}
