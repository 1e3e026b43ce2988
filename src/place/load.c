// SPDX-License-Identifier: GPL-2.0-or-later
/* The topology, and whether it is this machine's. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place_fail.h"
#include "topology.h"

/* What makes hwloc describe another machine than this one, hwloc's manual, "Environment Variables". */
static const char *const makes_up[] = { "HWLOC_SYNTHETIC", "HWLOC_XMLFILE", "HWLOC_FSROOT", "HWLOC_CPUID_PATH" };

int place_fail(char *error, size_t size, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return err;
}

/* The first of them that is set; NULL: none. */
static const char *made_up_by(void)
{
	unsigned i;

	for (i = 0; i < sizeof(makes_up) / sizeof(makes_up[0]); i++)
		if (getenv(makes_up[i]) && *getenv(makes_up[i]))
			return makes_up[i];
	return NULL;
}

static int check_taken(hwloc_topology_t topology, char *error, size_t size)
{
	const char *variable = made_up_by();

	if (!variable || !hwloc_topology_is_thissystem(topology))
		return 0;
	return place_fail(error, size, -EINVAL, "%s is set, and hwloc shows this machine all the same: it does not take '%.60s'; "
			  "correct it or unset it", variable, getenv(variable));
}

/*
 * Without the component that reads /sys, hwloc counts the CPUs and takes all memory for one node, of this system. A kernel without
 * NUMA looks the same, and there it is true.
 */
static int check_seen(hwloc_topology_t topology, char *error, size_t size)
{
	const char *components = getenv("HWLOC_COMPONENTS");

	if (!components || !hwloc_topology_is_thissystem(topology) || hwloc_topology_get_support(topology)->discovery->numa)
		return 0;
	return place_fail(error, size, -EINVAL, "HWLOC_COMPONENTS is set to '%.60s', and hwloc sees no nodes of this machine: unset it",
			  components);
}

int place_load(hwloc_topology_t *topology, char *error, size_t size)
{
	int err;

	if (hwloc_topology_init(topology))
		return place_fail(error, size, -ENOMEM, "no memory for hwloc's topology");
	if (hwloc_topology_load(*topology)) {
		err = errno ? -errno : -EINVAL;
		hwloc_topology_destroy(*topology);
		return place_fail(error, size, err, "hwloc cannot tell this machine's topology: %s%s%s", strerror(-err),
				  made_up_by() ? "; set in the environment: " : "", made_up_by() ?: "");
	}
	err = check_taken(*topology, error, size) ?: check_seen(*topology, error, size);
	if (err)
		hwloc_topology_destroy(*topology);
	return err;
}

bool place_is_this_machine(hwloc_topology_t topology, char *error, size_t size)
{
	if (hwloc_topology_is_thissystem(topology))
		return true;
	place_fail(error, size, 0, "%s is set: hwloc describes another machine than this one, which is for tests and --dry-run: "
		   "unset it to measure", made_up_by() ?: "HWLOC_THISSYSTEM");
	return false;
}
