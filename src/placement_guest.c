// SPDX-License-Identifier: GPL-2.0-or-later
/* The guest's program is static, and libhwloc is not to be had so: numbers only, and nothing to tell. */
#include "face.h"
#include "placement.h"

int placement_resolve(struct measure_options *options)
{
	return options->from || options->to || options->cpu ? complain("nodes and CPUs of a guest go by number alone") : STATUS_OK;
}

void placement_show(const struct measure_options *options)
{
	(void)options;
}

int placement_check(void)
{
	return STATUS_OK;
}

json_t *placement_describe(const char *path, bool force)
{
	(void)path;
	(void)force;
	return NULL;
}
