// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects by their names: TYPE:INDEX[.TYPE:INDEX...], as hwloc-calc(1) has them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place_fail.h"
#include "topology.h"

#define STEP_MAX 32		/* bytes of one TYPE:INDEX */
#define DIGITS_MAX 9

struct lookup {
	hwloc_topology_t topology;
	const char *option, *object;	/* for messages */
	char *error;
	size_t size;
};

#define lookup_fail(l, format, ...) \
	place_fail((l)->error, (l)->size, -EINVAL, "%s: '%.60s': " format, (l)->option, (l)->object, __VA_ARGS__)

/* The level that a type stands for. Types without a place of their own (I/O, Misc) are none. */
static int level_of(const struct lookup *l, const char *type, int *level)
{
	union hwloc_obj_attr_u attr;
	hwloc_obj_type_t kind;

	if (hwloc_type_sscanf(type, &kind, &attr, sizeof(attr)) || hwloc_obj_type_is_io(kind) || kind == HWLOC_OBJ_MISC)
		return lookup_fail(l, "hwloc has no '%.30s' that pages or CPUs belong to: try numa, package, l3, core or pu", type);
	*level = hwloc_get_type_depth(l->topology, kind);
	if (*level == HWLOC_TYPE_DEPTH_UNKNOWN)
		return lookup_fail(l, "there is no %s here (`lstopo` shows what there is)", hwloc_obj_type_string(kind));
	if (*level == HWLOC_TYPE_DEPTH_MULTIPLE)
		return lookup_fail(l, "there are several levels of %s here: name something inside it", hwloc_obj_type_string(kind));
	return 0;
}

/* As hwloc-calc has it: what has a CPU or a node, and none outside. parent NULL: everything is. */
static bool is_inside(hwloc_obj_t parent, hwloc_obj_t o)
{
	if (!parent)
		return true;
	return (!hwloc_bitmap_iszero(o->cpuset) || !hwloc_bitmap_iszero(o->nodeset)) &&
	       hwloc_bitmap_isincluded(o->cpuset, parent->cpuset) && hwloc_bitmap_isincluded(o->nodeset, parent->nodeset);
}

/* The index-th of a level inside the parent; NULL, with how many there are. */
static hwloc_obj_t nth_inside(hwloc_topology_t topology, int level, hwloc_obj_t parent, unsigned index, unsigned *nr)
{
	hwloc_obj_t o = NULL;

	*nr = 0;
	while ((o = hwloc_get_next_obj_by_depth(topology, level, o)))
		if (is_inside(parent, o) && (*nr)++ == index)
			return o;
	return NULL;
}

/* One TYPE:INDEX; text is cut in two. */
static int step(const struct lookup *l, char *text, hwloc_obj_t parent, hwloc_obj_t *found)
{
	char *index = strchr(text, ':');
	unsigned nr;
	int level = HWLOC_TYPE_DEPTH_UNKNOWN, err;

	if (!index || index == text || !isdigit((unsigned char)index[1]) || strlen(index + 1) > DIGITS_MAX ||
	    strspn(index + 1, "0123456789") != strlen(index + 1))
		return lookup_fail(l, "not TYPE:INDEX, for example numa:1, package:0 or package:1.core:2%s", "");
	*index++ = '\0';
	err = level_of(l, text, &level);
	if (err)
		return err;
	*found = nth_inside(l->topology, level, parent, (unsigned)atoi(index), &nr);
	if (*found)
		return 0;
	if (!nr)
		return lookup_fail(l, "there is no %s%s", text, parent ? " inside it" : " here");
	if (nr == 1)
		return lookup_fail(l, "there is only %s:0%s", text, parent ? " inside it" : " here");
	return lookup_fail(l, "there are only %s:0 to %s:%u%s", text, text, nr - 1, parent ? " inside it" : " here");
}

static int find(const struct lookup *l, hwloc_obj_t *found)
{
	char *copy = strdup(l->object), *at = copy, *text;
	hwloc_obj_t parent = NULL;
	int err = copy ? 0 : -ENOMEM;

	if (err)
		return place_fail(l->error, l->size, err, "out of memory");
	while (!err && (text = strsep(&at, "."))) {
		err = strlen(text) < STEP_MAX ? step(l, text, parent, found) : lookup_fail(l, "no type has so long a name%s", "");
		parent = *found;
	}
	free(copy);
	return err;
}

/* "0, 1, 2", as far as it fits. */
static const char *list_nodes(hwloc_topology_t topology, hwloc_const_bitmap_t nodes, bool memory, char *text, size_t size)
{
	hwloc_obj_t o = NULL;
	size_t at = 0;

	text[0] = '\0';
	while ((o = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, o)))
		if (hwloc_bitmap_isset(nodes, o->os_index) && (!memory || o->attr->numanode.local_memory) && at < size)
			at += (size_t)snprintf(text + at, size - at, "%s%u", at ? ", " : "", o->os_index);
	return text;
}

int place_node(hwloc_topology_t topology, const char *option, const char *object, int *node, char *error, size_t size)
{
	const struct lookup l = { topology, option, object, error, size };
	unsigned nr[2] = { 0 }, memory, last[2] = { 0 };
	hwloc_obj_t found = NULL, o = NULL;
	char text[100];
	int err = find(&l, &found);

	if (err)
		return err;
	while ((o = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, o))) {
		if (!hwloc_bitmap_isset(found->nodeset, o->os_index))
			continue;
		for (memory = 0; memory <= (o->attr->numanode.local_memory > 0); memory++) {
			nr[memory]++;
			last[memory] = o->os_index;
		}
	}
	memory = nr[1] > 0;
	if (!nr[0])
		return lookup_fail(&l, "it has no NUMA node%s", "");
	if (nr[memory] > 1)
		return lookup_fail(&l, "it has more than one NUMA node: choose one of %s",
				   list_nodes(topology, found->nodeset, memory, text, sizeof(text)));
	*node = (int)last[memory];
	return 0;
}

int place_cpu(hwloc_topology_t topology, const char *option, const char *object, hwloc_const_bitmap_t allowed, int *cpu,
	      char *error, size_t size)
{
	const struct lookup l = { topology, option, object, error, size };
	hwloc_obj_t found = NULL, pu = NULL;
	int err = find(&l, &found);

	if (err)
		return err;
	while ((pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu))) {
		if (!hwloc_bitmap_isset(found->cpuset, pu->os_index) || (allowed && !hwloc_bitmap_isset(allowed, pu->os_index)))
			continue;
		*cpu = (int)pu->os_index;
		return 0;
	}
	return lookup_fail(&l, "it has no CPU%s", hwloc_bitmap_iszero(found->cpuset) ? "" : " that this process may use");
}
