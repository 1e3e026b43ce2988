// SPDX-License-Identifier: GPL-2.0-or-later
/* What hwloc knows of this machine, for the env line. */
#include <errno.h>
#include <hwloc/memattrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology.h"

#define TOPOLOGY_MAX 4096	/* bytes of the synthetic text: hundreds of CPUs fit into one line of it */
#define CPUS_MAX 200
#define VALUES_MAX 512		/* of all memory attributes: an env line has a limit */

/* Bandwidths are in MiB/s, latencies in ns: hwloc/memattrs.h. What kernels have of them comes from the firmware's HMAT. */
static const struct {
	hwloc_memattr_id_t id;
	const char *key;
} attributes[] = {
	{ HWLOC_MEMATTR_ID_BANDWIDTH, "bandwidth_mib_per_s" },
	{ HWLOC_MEMATTR_ID_READ_BANDWIDTH, "read_bandwidth_mib_per_s" },
	{ HWLOC_MEMATTR_ID_WRITE_BANDWIDTH, "write_bandwidth_mib_per_s" },
	{ HWLOC_MEMATTR_ID_LATENCY, "latency_ns" },
	{ HWLOC_MEMATTR_ID_READ_LATENCY, "read_latency_ns" },
	{ HWLOC_MEMATTR_ID_WRITE_LATENCY, "write_latency_ns" },
};

static void set_or_why(json_t *host, json_t *why, const char *key, json_t *value, const char *reason)
{
	json_object_set_new(host, key, value ? value : json_null());
	if (!value)
		json_object_set_new(why, key, json_string(reason));
}

static json_t *synthetic(hwloc_topology_t topology)
{
	char text[TOPOLOGY_MAX];
	int len = hwloc_topology_export_synthetic(topology, text, sizeof(text), 0);

	return len > 0 && len < (int)sizeof(text) ? json_string(text) : NULL;
}

static void add_value(json_t *list, const char *key, hwloc_obj_t node, const struct hwloc_location *from, hwloc_uint64_t value)
{
	char cpus[CPUS_MAX] = "";

	if (json_array_size(list) >= VALUES_MAX)
		return;
	if (from->type == HWLOC_LOCATION_TYPE_CPUSET)
		hwloc_bitmap_list_snprintf(cpus, sizeof(cpus), from->location.cpuset);
	else if (from->location.object->cpuset)
		hwloc_bitmap_list_snprintf(cpus, sizeof(cpus), from->location.object->cpuset);
	json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:I}", "node", (int)node->os_index, "from_cpus", cpus,
					      "attribute", key, "value", (json_int_t)value));
}

/* One attribute of one node, as seen from each group of CPUs that it is known for. */
static void add_attribute(hwloc_topology_t topology, json_t *list, unsigned attribute, hwloc_obj_t node)
{
	hwloc_memattr_id_t id = attributes[attribute].id;
	struct hwloc_location *from;
	hwloc_uint64_t *values;
	unsigned nr = 0, i;

	if (hwloc_memattr_get_initiators(topology, id, node, 0, &nr, NULL, NULL) || !nr)
		return;
	from = calloc(nr, sizeof(*from));
	values = calloc(nr, sizeof(*values));
	if (from && values && !hwloc_memattr_get_initiators(topology, id, node, 0, &nr, from, values))
		for (i = 0; i < nr; i++)
			add_value(list, attributes[attribute].key, node, &from[i], values[i]);
	free(from);
	free(values);
}

static json_t *memory_attributes(hwloc_topology_t topology)
{
	json_t *list = json_array();
	hwloc_obj_t node = NULL;
	unsigned i;

	while ((node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)))
		for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
			add_attribute(topology, list, i, node);
	if (json_array_size(list))
		return list;
	json_decref(list);
	return NULL;
}

/* Of the library that runs, not of the header: its loading notes it; else that of its interface, which changes less often. */
static json_t *version(hwloc_topology_t topology)
{
	const char *noted = hwloc_obj_get_info_by_name(hwloc_get_root_obj(topology), "hwlocVersion");

	return noted ? json_string(noted) : json_sprintf("API 0x%x", hwloc_get_api_version());
}

json_t *place_describe(hwloc_topology_t topology)
{
	json_t *host = json_object(), *why = json_object();

	set_or_why(host, why, "topology", synthetic(topology), "hwloc has no synthetic text for a topology that is not symmetric");
	set_or_why(host, why, "memattrs", memory_attributes(topology),
		   "hwloc knows neither bandwidths nor latencies here: the firmware has no HMAT, or the kernel does not show it");
	json_object_set_new(host, "tools", json_pack("{s:o}", "hwloc", version(topology)));
	json_object_set_new(host, "why", why);
	return host;
}
