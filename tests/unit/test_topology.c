// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects by their names, and a machine's description, on made-up machines. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <hwloc/memattrs.h>

#include "topology.h"

static char error[300];

/*
 * A machine by its synthetic text. hwloc takes a bad one for none at all and goes on with the real machine: so a test of that
 * would pass on some machines and fail on others.
 */
static hwloc_topology_t made_up(const char *text)
{
	hwloc_topology_t topology;

	assert_int_equal(hwloc_topology_init(&topology), 0);
	if (hwloc_topology_set_synthetic(topology, text))
		fail_msg("hwloc does not take '%s'", text);
	assert_int_equal(hwloc_topology_load(topology), 0);
	assert_false(hwloc_topology_is_thissystem(topology));
	error[0] = '\0';
	return topology;
}

static int node_of(hwloc_topology_t topology, const char *object)
{
	int node = -1, err = place_node(topology, "--from", object, &node, error, sizeof(error));

	return err ? err : node;
}

static int cpu_of(hwloc_topology_t topology, const char *object, hwloc_const_bitmap_t allowed)
{
	int cpu = -1, err = place_cpu(topology, "--cpu", object, allowed, &cpu, error, sizeof(error));

	return err ? err : cpu;
}

static void refused(int answer, const char *says)
{
	assert_int_equal(answer, -EINVAL);
	assert_string_equal(error, says);
}

#define FOUR "pack:2 [numa] [numa] l3:2 core:2 pu:2"	/* two packages with two nodes each, 16 CPUs */

static void objects_have_the_nodes_that_hwloc_calc_gives_them(void **state)
{
	hwloc_topology_t t = made_up("pack:4 [numa] core:2 pu:2");

	(void)state;
	assert_int_equal(node_of(t, "numa:1"), 1);
	assert_int_equal(node_of(t, "node:3"), 3);
	assert_int_equal(node_of(t, "NUMANode:2"), 2);
	assert_int_equal(node_of(t, "package:2"), 2);
	assert_int_equal(node_of(t, "core:3"), 1);
	assert_int_equal(node_of(t, "pu:15"), 3);
	assert_int_equal(node_of(t, "package:3.numa:0"), 3);
	hwloc_topology_destroy(t);
}

static void indices_are_logical_and_answers_are_the_systems(void **state)
{
	hwloc_topology_t t = made_up("pack:2 [numa(indexes=0,2)] core:2 pu:1(indexes=0,2,1,3)");

	(void)state;
	assert_int_equal(node_of(t, "numa:1"), 2);
	assert_int_equal(node_of(t, "package:1"), 2);
	assert_int_equal(cpu_of(t, "pu:2", NULL), 1);
	assert_int_equal(cpu_of(t, "package:0.core:1", NULL), 2);
	hwloc_topology_destroy(t);
}

static void an_object_with_two_nodes_is_refused_and_they_are_listed(void **state)
{
	hwloc_topology_t t = made_up(FOUR);

	(void)state;
	refused(node_of(t, "package:1"), "--from: 'package:1': it has more than one NUMA node: choose one of 2, 3");
	refused(node_of(t, "machine:0"), "--from: 'machine:0': it has more than one NUMA node: choose one of 0, 1, 2, 3");
	assert_int_equal(node_of(t, "package:1.numa:1"), 3);
	hwloc_topology_destroy(t);
}

static void a_node_without_memory_does_not_count_beside_one_that_has_some(void **state)
{
	hwloc_topology_t t = made_up("pack:2 [numa(memory=1GB)] [numa(memory=0)] core:2 pu:1");

	(void)state;
	assert_int_equal(node_of(t, "package:1"), 2);
	assert_int_equal(node_of(t, "numa:3"), 3);	/* named itself: that it has no memory is told later */
	hwloc_topology_destroy(t);
}

static void inside_an_object_counting_starts_anew(void **state)
{
	hwloc_topology_t t = made_up(FOUR);

	(void)state;
	assert_int_equal(cpu_of(t, "package:1.core:2", NULL), 12);
	assert_int_equal(cpu_of(t, "package:1.l3:1.core:0.pu:1", NULL), 13);
	assert_int_equal(cpu_of(t, "L3:3", NULL), 12);
	assert_int_equal(cpu_of(t, "core:3", NULL), 6);
	refused(cpu_of(t, "package:1.core:4", NULL), "--cpu: 'package:1.core:4': there are only core:0 to core:3 inside it");
	refused(cpu_of(t, "core:0.package:0", NULL), "--cpu: 'core:0.package:0': there is no package inside it");
	hwloc_topology_destroy(t);
}

static void of_an_object_the_first_cpu_that_may_be_used_is_taken(void **state)
{
	hwloc_topology_t t = made_up(FOUR);
	hwloc_bitmap_t allowed = hwloc_bitmap_alloc();

	(void)state;
	hwloc_bitmap_set_range(allowed, 3, 9);
	assert_int_equal(cpu_of(t, "package:0", allowed), 3);
	assert_int_equal(cpu_of(t, "numa:2", allowed), 8);
	refused(cpu_of(t, "core:0", allowed), "--cpu: 'core:0': it has no CPU that this process may use");
	hwloc_bitmap_free(allowed);
	hwloc_topology_destroy(t);
}

static void what_is_no_object_here_is_told_with_what_there_is(void **state)
{
	hwloc_topology_t t = made_up("pack:1 [numa] core:2 pu:1");

	(void)state;
	refused(node_of(t, "numa:1"), "--from: 'numa:1': there is only numa:0 here");
	refused(node_of(t, "core:2"), "--from: 'core:2': there are only core:0 to core:1 here");
	refused(node_of(t, "l3:0"), "--from: 'l3:0': there is no L3Cache here (`lstopo` shows what there is)");
	refused(node_of(t, "sokket:0"), "--from: 'sokket:0': hwloc has no 'sokket' that pages or CPUs belong to: try numa, package, l3, "
		"core or pu");
	refused(node_of(t, "pci:0"), "--from: 'pci:0': hwloc has no 'pci' that pages or CPUs belong to: try numa, package, l3, "
		"core or pu");
	hwloc_topology_destroy(t);
	t = made_up("group:2 group:2 [numa] core:2 pu:1");
	refused(node_of(t, "group:0"), "--from: 'group:0': there are several levels of Group here: name something inside it");
	hwloc_topology_destroy(t);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const bad[] = { "numa", "numa:", ":1", "numa:x", "numa:1x", "numa:-1", "numa:all", "numa:0-1", "numa:9999999999",
					   "package:0.", ".numa:0", "package:0..numa:0", "" };
	hwloc_topology_t t = made_up(FOUR);
	char says[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(says, sizeof(says), "--from: '%s': not TYPE:INDEX, for example numa:1, package:0 or package:1.core:2", bad[i]);
		refused(node_of(t, bad[i]), says);
	}
	refused(node_of(t, "packagepackagepackagepackagepackage:0"),
		"--from: 'packagepackagepackagepackagepackage:0': no type has so long a name");
	hwloc_topology_destroy(t);
}

/* ---- the description ---- */

static void a_symmetric_machine_is_described_by_its_text(void **state)
{
	hwloc_topology_t t = made_up("pack:2 [numa(memory=4096)] core:2 pu:1");
	json_t *host = place_describe(t);
	json_t *why = json_object_get(host, "why");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(host, "topology")), "Package:2 [NUMANode(memory=4096)] Core:2 PU:1");
	assert_null(json_object_get(why, "topology"));
	assert_true(json_is_null(json_object_get(host, "memattrs")));
	assert_non_null(strstr(json_string_value(json_object_get(why, "memattrs")), "HMAT"));
	assert_true(json_string_length(json_object_get(json_object_get(host, "tools"), "hwloc")) > 0);
	json_decref(host);
	hwloc_topology_destroy(t);
}

/* CPUs 0 to 2 of four: one package is left with two, and the other with one. */
static void a_machine_that_is_not_symmetric_has_no_text_but_a_reason(void **state)
{
	hwloc_topology_t t = made_up("pack:2 [numa] core:2 pu:1");
	hwloc_bitmap_t three = hwloc_bitmap_alloc();
	json_t *host;

	(void)state;
	hwloc_bitmap_set_range(three, 0, 2);
	assert_int_equal(hwloc_topology_restrict(t, three, 0), 0);
	host = place_describe(t);
	assert_true(json_is_null(json_object_get(host, "topology")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(host, "why"), "topology")),
			    "hwloc has no synthetic text for a topology that is not symmetric");
	json_decref(host);
	hwloc_bitmap_free(three);
	hwloc_topology_destroy(t);
}

static void set_value(hwloc_topology_t t, hwloc_memattr_id_t id, unsigned node, unsigned from, hwloc_uint64_t value)
{
	hwloc_obj_t target = hwloc_get_obj_by_type(t, HWLOC_OBJ_NUMANODE, node);
	struct hwloc_location location = { .type = HWLOC_LOCATION_TYPE_CPUSET };

	location.location.cpuset = hwloc_get_obj_by_type(t, HWLOC_OBJ_PACKAGE, from)->cpuset;
	assert_int_equal(hwloc_memattr_set_value(t, id, target, &location, 0, value), 0);
}

static void memory_attributes_stand_by_node_and_by_where_they_are_seen_from(void **state)
{
	hwloc_topology_t t = made_up("pack:2 [numa] core:2 pu:1");
	json_t *host, *list, *wanted;

	(void)state;
	set_value(t, HWLOC_MEMATTR_ID_BANDWIDTH, 0, 0, 90000);
	set_value(t, HWLOC_MEMATTR_ID_LATENCY, 0, 0, 81);
	set_value(t, HWLOC_MEMATTR_ID_LATENCY, 0, 1, 139);
	host = place_describe(t);
	list = json_object_get(host, "memattrs");
	assert_int_equal(json_array_size(list), 3);
	wanted = json_pack("{s:i, s:s, s:s, s:i}", "node", 0, "from_cpus", "0-1", "attribute", "bandwidth_mib_per_s", "value", 90000);
	assert_true(json_equal(json_array_get(list, 0), wanted));
	json_decref(wanted);
	assert_string_equal(json_string_value(json_object_get(json_array_get(list, 2), "from_cpus")), "2-3");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 2), "value")), 139);
	assert_null(json_object_get(json_object_get(host, "why"), "memattrs"));
	json_decref(host);
	hwloc_topology_destroy(t);
}

/* ---- the environment's machine ---- */

static void a_machine_of_the_environment_is_not_this_one(void **state)
{
	hwloc_topology_t t;

	(void)state;
	setenv("HWLOC_SYNTHETIC", "pack:3 [numa] pu:2", 1);
	assert_int_equal(place_load(&t, error, sizeof(error)), 0);
	assert_int_equal(hwloc_get_nbobjs_by_type(t, HWLOC_OBJ_NUMANODE), 3);
	assert_false(place_is_this_machine(t, error, sizeof(error)));
	assert_string_equal(error, "HWLOC_SYNTHETIC is set: hwloc describes another machine than this one, which is for tests and "
			    "--dry-run: unset it to measure");
	hwloc_topology_destroy(t);
	unsetenv("HWLOC_SYNTHETIC");
	assert_int_equal(place_load(&t, error, sizeof(error)), 0);
	assert_true(place_is_this_machine(t, error, sizeof(error)));
	hwloc_topology_destroy(t);
}

static void a_text_that_hwloc_does_not_take_is_an_error(void **state)
{
	hwloc_topology_t t;

	(void)state;
	setenv("HWLOC_SYNTHETIC", "junk:2", 1);
	refused(place_load(&t, error, sizeof(error)), "HWLOC_SYNTHETIC is set, and hwloc shows this machine all the same: it does not "
		"take 'junk:2'; correct it or unset it");
	unsetenv("HWLOC_SYNTHETIC");
	setenv("HWLOC_XMLFILE", "/nonexistent.xml", 1);
	refused(place_load(&t, error, sizeof(error)), "HWLOC_XMLFILE is set, and hwloc shows this machine all the same: it does not "
		"take '/nonexistent.xml'; correct it or unset it");
	unsetenv("HWLOC_XMLFILE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_have_the_nodes_that_hwloc_calc_gives_them),
		cmocka_unit_test(indices_are_logical_and_answers_are_the_systems),
		cmocka_unit_test(an_object_with_two_nodes_is_refused_and_they_are_listed),
		cmocka_unit_test(a_node_without_memory_does_not_count_beside_one_that_has_some),
		cmocka_unit_test(inside_an_object_counting_starts_anew),
		cmocka_unit_test(of_an_object_the_first_cpu_that_may_be_used_is_taken),
		cmocka_unit_test(what_is_no_object_here_is_told_with_what_there_is),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(a_symmetric_machine_is_described_by_its_text),
		cmocka_unit_test(a_machine_that_is_not_symmetric_has_no_text_but_a_reason),
		cmocka_unit_test(memory_attributes_stand_by_node_and_by_where_they_are_seen_from),
		cmocka_unit_test(a_machine_of_the_environment_is_not_this_one),
		cmocka_unit_test(a_text_that_hwloc_does_not_take_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
