// SPDX-License-Identifier: GPL-2.0-or-later
/* The env line's list of counters. */
#include <stdio.h>

#include "env.h"

static json_t *hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? record_text(text, RECORD_LINE_MAX) : json_null();
}

static json_t *describe(const struct counted *c)
{
	bool counts = !c->why[0] && c->overhead != NOT_MEASURED;
	json_t *object = json_pack("{s:o, s:o, s:I, s:o}", "name", record_text(c->name, COUNTER_NAME_MAX), "event",
				   record_text(c->event, COUNTER_EVENT_MAX), "type", (json_int_t)c->attr.type, "config",
				   hex(c->attr.config));

	if (c->attr.config1)
		json_object_set_new(object, "config1", hex(c->attr.config1));
	if (c->attr.config2)
		json_object_set_new(object, "config2", hex(c->attr.config2));
	json_object_set_new(object, "set", json_integer(c->set));
	json_object_set_new(object, "kind", json_string(counter_kind_name(c->kind)));
	json_object_set_new(object, "overhead", counts ? json_integer((json_int_t)c->overhead) : json_null());
	json_object_set_new(object, "why", text_or_null(c->why));
	return object;
}

json_t *env_counters(const struct counters *counters)
{
	json_t *list = json_array();
	unsigned i;

	for (i = 0; i < counters->nr; i++)
		json_array_append_new(list, describe(&counters->all[i]));
	return list;
}
