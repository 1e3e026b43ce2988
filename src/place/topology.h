/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This machine as hwloc sees it: objects named by the user turned into nodes and CPUs, and the description that goes into the
 * records. Only the host's program has this layer: libhwloc cannot be linked into the guest's, which is static.
 *
 * All calls that can fail return 0 or -errno, with a line in `error` that says what to do.
 */
#ifndef WBIT_TOPOLOGY_H
#define WBIT_TOPOLOGY_H

#include <hwloc.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Loads the topology: of this machine, or the made-up one that HWLOC_SYNTHETIC or HWLOC_XMLFILE names. A text that hwloc does not
 * take is an error here: hwloc itself would go on with this machine's topology and say nothing; so is an HWLOC_COMPONENTS that hides
 * the nodes. To be given to
 * hwloc_topology_destroy().
 */
int place_load(hwloc_topology_t *topology, char *error, size_t size);

/* Is it this machine's? If not, `error` says which variable of the environment made it up. */
bool place_is_this_machine(hwloc_topology_t topology, char *error, size_t size);

/*
 * object: TYPE:INDEX[.TYPE:INDEX...], the type as hwloc_type_sscanf() takes it, the index logical (hwloc-calc(1)) and, behind a dot,
 * within the object before: numa:1, package:0, package:1.core:2. option names it in the error.
 *
 * The object's one local NUMA node, by OS index. Of several those without memory do not count, unless there are no others.
 */
int place_node(hwloc_topology_t topology, const char *option, const char *object, int *node, char *error, size_t size);

/* The object's first PU that is allowed (all of them where allowed is NULL), by OS index. */
int place_cpu(hwloc_topology_t topology, const char *option, const char *object, hwloc_const_bitmap_t allowed, int *cpu,
	      char *error, size_t size);

/*
 * The parts of an env line that hwloc tells (env.h): topology, memattrs, tools.hwloc, and why one of them is null. A new
 * object; NULL: out of memory.
 */
json_t *place_describe(hwloc_topology_t topology);

/*
 * lstopo's picture of this machine, as SVG, written to fd by lstopo itself, in at most limit_s seconds. Which program: the
 * first of lstopo-no-graphics and lstopo that PATH has. On error what was written is no picture.
 */
int place_picture(int fd, unsigned limit_s, char *error, size_t size);

#endif
