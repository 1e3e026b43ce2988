// SPDX-License-Identifier: GPL-2.0-or-later
/* The diagnosis of the machine itself: kernel, nodes, features, privileges, noise. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <numa.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "face.h"
#include "journal.h"
#include "mapping.h"
#include "microarchitecture.h"

void diagnosis_add(struct diagnosis *d, const char *name, enum mark mark, const char *todo, const char *format, ...)
{
	struct finding *f = &d->findings[d->nr_findings];
	char text[sizeof(f->found)];
	va_list args;

	if (d->nr_findings == FINDINGS_MAX)
		return;
	d->nr_findings++;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	f->topic = d->topic;
	f->mark = mark;
	snprintf(f->name, sizeof(f->name), "%s", name);
	printable(text, f->found, sizeof(f->found));
	printable(todo ? todo : "", f->todo, sizeof(f->todo));
}

static bool is_root(void)
{
	return !geteuid();
}

/* ---- the kernel ---- */

static void diagnose_policy(struct diagnosis *d)
{
	const struct kernel_facts *facts = &d->probe->facts;

	if (facts->policy == POLICY_UNKNOWN)
		diagnosis_add(d, "policy", d->probe->trigger ? MARK_ACT : MARK_NOTE, d->probe->trigger ?
			      is_root() ? "wbit lab run" : "sudo wbit doctor" : NULL, "unknown: %s", facts->policy_reason);
	else
		diagnosis_add(d, "policy", MARK_OK, NULL, "%s, found by experiment (%s): %s", policy_name(facts->policy),
			      d->probe->trigger->name, facts->policy_reason);
}

static void diagnose_conditions(struct diagnosis *d)
{
	static const char *const words[] = { "leaves PTEs without W", "gives W back" };
	const char *missing = needs_missing(&d->probe->found, NEED_UFFD_WP);
	unsigned conditions = d->probe->facts.conditions;

	if (missing)
		diagnosis_add(d, "uffd-wp's end", MARK_NOTE, NULL, "not tried: %s", missing);
	else
		diagnosis_add(d, "uffd-wp's end", MARK_OK, NULL, "found by trying: unregistering %s, unprotecting %s",
			      words[!!(conditions & UNREGISTER_RESTORES_W)], words[!!(conditions & UNPROTECT_RESTORES_W)]);
}

static void diagnose_switch(struct diagnosis *d)
{
	const char *missing = needs_missing(&d->probe->found, NEED_SWITCH);
	char reason[200];
	enum policy now;

	if (missing)
		diagnosis_add(d, "policy switch", MARK_NOTE, NULL, "%s", missing);
	else if (policy_switch_look("", &now, reason, sizeof(reason)))
		diagnosis_add(d, "policy switch", MARK_NOTE, NULL, "%s", reason);
	else
		diagnosis_add(d, "policy switch", MARK_OK, NULL, "there, now at %s: wbit run sets each policy by it, and puts "
			      "it back", policy_name(now));
}

static void diagnose_left(struct diagnosis *d, const struct left *left)
{
	char name[120];
	unsigned i;

	for (i = 0; i < left->nr; i++)
		diagnosis_add(d, "changed knob", MARK_ACT, "sudo wbit doctor --restore", "%s: it was %s before the run, and is %s now",
			      left_name(left, i, name, sizeof(name)), left->knobs[i].before,
			      left->knobs[i].now[0] ? left->knobs[i].now : "not to be read");
	if (left->more)
		diagnosis_add(d, "changed knob", MARK_ACT, "sudo wbit doctor --restore", "and %u more", left->more);
}

/* What runs that were killed have left, guards and all. */
static void diagnose_journals(struct diagnosis *d)
{
	struct journals found;
	struct left left = { 0 };
	int err = journals_look_through("", false, &found, left_note, &left);

	if (err == -EACCES)
		diagnosis_add(d, "changed knobs", MARK_NOTE, is_root() ? NULL : "sudo wbit doctor", "%s", found.text);
	else if (err || found.bad)
		diagnosis_add(d, "changed knobs", MARK_ACT, "see what is there: sudo ls -la /run/wbit", "%s", found.text);
	else if (found.dead)
		diagnosis_add(d, "changed knobs", MARK_ACT, "sudo wbit doctor --restore", "%s", found.text);
	else if (found.living)
		diagnosis_add(d, "changed knobs", MARK_NOTE, NULL, "%s", found.text);
	else
		diagnosis_add(d, "changed knobs", MARK_OK, NULL, "none: no run has left one");
	diagnose_left(d, &left);
}

void diagnose_kernel(struct diagnosis *d)
{
	struct utsname name;

	d->topic = "kernel";
	uname(&name);
	diagnosis_add(d, "release", MARK_OK, NULL, "%s, %s", name.release, name.version);
	diagnose_policy(d);
	diagnose_conditions(d);
	diagnose_switch(d);
	diagnose_journals(d);
	if (platform_here() == PLATFORM_VM)
		diagnosis_add(d, "platform", MARK_NOTE, NULL, "vm: counts hold anywhere; times are this VM's, and what its "
			      "host does is not seen from here");
	else
		diagnosis_add(d, "platform", MARK_OK, NULL, "bare-metal");
}

/* ---- the machine ---- */

static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + len, size - len, format, args);
	va_end(args);
}

static void describe_node(char *text, size_t size, int node)
{
	char path[80], cpus[64] = "";

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/cpulist", node);
	knob_read(path, cpus, sizeof(cpus));
	append(text, size, "node %d: %lld MiB, %s%s", node, numa_node_size64(node, NULL) >> 20, cpus[0] ? "CPUs " : "no CPU",
	       cpus);
}

static void diagnose_nodes(struct diagnosis *d)
{
	const char *missing = needs_missing(&d->probe->found, NEED_TWO_NODES);
	int nodes[64], n = nodes_with_memory(nodes, 64), i, j;
	char text[300] = "";

	for (i = 0; i < n; i++) {
		append(text, sizeof(text), "%s", i ? "; " : "");
		describe_node(text, sizeof(text), nodes[i]);
	}
	for (i = 0; i < n; i++)
		for (j = i + 1; j < n; j++)
			append(text, sizeof(text), "; distance %d-%d: %d", nodes[i], nodes[j], numa_distance(nodes[i], nodes[j]));
	diagnosis_add(d, "nodes with memory", missing ? MARK_ACT : MARK_OK, missing ?
		      "sudo wbit run --trigger compaction, or a guest with two nodes: wbit lab run" : NULL,
		      "%s%s", n ? text : "no NUMA support", missing ? " (move_pages needs two)" : "");
}

/* What is either there or not; the reason why not comes from needs.c. */
static void diagnose_features(struct diagnosis *d)
{
	static const char other_kernel[] = "wbit lab run: Debian's kernels have it";
	static const struct {
		enum need need;
		const char *name, *there, *todo, *todo_as_root;
	} features[] = {
		{ NEED_COMPACTION, "compaction", "may be asked for, and frame numbers are visible",
		  "sudo wbit run --trigger compaction", "wbit lab run" },
		{ NEED_SECOND_CPU, "second CPU", "there, for handlers that run beside the migration",
		  "give this process, or this VM, a second CPU", "give this process, or this VM, a second CPU" },
		{ NEED_UFFD_WP, "userfaultfd-wp", "protects shmem too; wbit asks for user-mode faults only, which needs no "
		  "privilege", other_kernel, other_kernel },
		{ NEED_SOFT_DIRTY, "soft-dirty", "tracked; so vma-only can be emulated where the kernel's policy is vma",
		  other_kernel, other_kernel },
	};
	size_t i;

	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const char *missing = needs_missing(&d->probe->found, features[i].need);

		diagnosis_add(d, features[i].name, missing ? MARK_ACT : MARK_OK,
			      !missing ? NULL : is_root() ? features[i].todo_as_root : features[i].todo, "%s",
			      missing ? missing : features[i].there);
	}
}

static void diagnose_filesystem(struct diagnosis *d)
{
	char folder[PATH_MAX];

	if (filesystem_with_page_mkwrite(folder))
		diagnosis_add(d, "files", MARK_OK, NULL, "nameless ones in %.200s, on a filesystem with page_mkwrite", folder);
	else
		diagnosis_add(d, "files", MARK_ACT, "TMPDIR=FOLDER-ON-EXT4-OR-XFS wbit run", "%s",
			      needs_missing(&d->probe->found, NEED_FILESYSTEM));
}

static void diagnose_tracepoints(struct diagnosis *d)
{
	const char *missing = needs_missing(&d->probe->found, NEED_TRACING);

	if (missing)
		diagnosis_add(d, "tracepoints", MARK_ACT, is_root() ?
			      "mount -t tracefs tracefs /sys/kernel/tracing, or: wbit lab run" : "sudo wbit run", "%s", missing);
	else
		diagnosis_add(d, "tracepoints", MARK_OK, NULL, "migrate: and exceptions: counted through perf; tracefs %s",
			      d->tracefs_mounted ? "is mounted" : "is not mounted: wbit mounts it where only it sees it");
}

static int open_cycles(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_CPU_CYCLES, .size = sizeof(attr), .exclude_kernel = 1,
		.exclude_hv = 1,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Without the privilege to ask the kernel, sysfs tells. */
static void diagnose_pmu(struct diagnosis *d)
{
	int fd = open_cycles();
	glob_t devices;
	bool listed = !glob("/sys/bus/event_source/devices/cpu*", 0, NULL, &devices);

	if (listed)
		globfree(&devices);
	if (fd >= 0)
		diagnosis_add(d, "hardware PMU", MARK_OK, NULL, "cycles can be counted; groups for this CPU: %s (`wbit list`)",
			      microarchitecture_here());
	else if (listed)
		diagnosis_add(d, "hardware PMU", MARK_NOTE, is_root() ? NULL : "as root, or sudo sysctl kernel.perf_event_paranoid=2",
			      "there, but cycles cannot be counted: %s", strerror(-fd));
	else
		diagnosis_add(d, "hardware PMU", MARK_NOTE, NULL, "no PMU here: faults, software events, tracepoints and times only");
	if (fd >= 0)
		close(fd);
}

void diagnose_machine(struct diagnosis *d)
{
	d->topic = "machine";
	diagnose_nodes(d);
	diagnose_features(d);
	diagnose_filesystem(d);
	diagnose_tracepoints(d);
	diagnose_pmu(d);
}

/* ---- privileges ---- */

static void diagnose_paranoia(struct diagnosis *d)
{
	bool exempt = has_capability(CAP_PERFMON) || has_capability(CAP_SYS_ADMIN);
	char value[16];

	if (knob_read("/proc/sys/kernel/perf_event_paranoid", value, sizeof(value)))
		diagnosis_add(d, "perf_event_paranoid", MARK_ACT, "a kernel with CONFIG_PERF_EVENTS: wbit lab run",
			      "this kernel has no perf events");
	else if (exempt)
		diagnosis_add(d, "perf_event_paranoid", MARK_OK, NULL, "%s; does not hold for you", value);
	else if (atoi(value) <= 1)
		diagnosis_add(d, "perf_event_paranoid", MARK_OK, NULL, "%s: your own tracepoints may be counted", value);
	else
		diagnosis_add(d, "perf_event_paranoid", MARK_ACT, "sudo wbit run, or sudo sysctl kernel.perf_event_paranoid=1 "
			      "and a tracefs that you may read", "%s: tracepoints need 1 or less, or CAP_PERFMON", value);
}

void diagnose_privileges(struct diagnosis *d)
{
	static const struct {
		int capability;
		const char *name, *what;
	} capabilities[] = {
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "frame numbers in pagemap (compaction), tracefs where it is not mounted" },
		{ CAP_PERFMON, "CAP_PERFMON", "tracepoints, whatever perf_event_paranoid says (CAP_SYS_ADMIN does too)" },
		{ CAP_SYS_NICE, "CAP_SYS_NICE", "moving pages that another process maps too (anon-fork)" },
	};
	const char *todo = is_root() ? "start the container or service with this capability" : "sudo wbit run";
	size_t i;
	char value[16];

	d->topic = "privileges";
	diagnosis_add(d, "user", is_root() ? MARK_OK : MARK_NOTE, NULL, "%d%s", (int)geteuid(), is_root() ? " (root)" : "");
	for (i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		bool have = has_capability(capabilities[i].capability);

		diagnosis_add(d, capabilities[i].name, have ? MARK_OK : MARK_ACT, have ? NULL : todo, "%sfor %s",
			      have ? "there: " : "missing: ", capabilities[i].what);
	}
	diagnose_paranoia(d);
	if (!knob_read("/proc/sys/vm/unprivileged_userfaultfd", value, sizeof(value)))
		diagnosis_add(d, "uffd unprivileged", MARK_OK, NULL, "%s; does not matter: it is about faults in kernel mode", value);
}
