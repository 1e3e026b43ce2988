/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workloads and triggers of the real lists by their names. To be included after cmocka.h. */
#ifndef WBIT_TEST_NAMED_H
#define WBIT_TEST_NAMED_H

#include <string.h>

#include "trigger.h"
#include "workloads.h"

__attribute__((unused)) static const struct workload *workload_named(const char *name)
{
	unsigned i;

	for (i = 0; workloads[i]; i++)
		if (!strcmp(workloads[i]->name, name))
			return workloads[i];
	fail_msg("no workload %s", name);
	return NULL;
}

__attribute__((unused)) static const struct trigger *trigger_named(const char *name)
{
	unsigned i;

	for (i = 0; triggers[i]; i++)
		if (!strcmp(triggers[i]->name, name))
			return triggers[i];
	fail_msg("no trigger %s", name);
	return NULL;
}

#endif
