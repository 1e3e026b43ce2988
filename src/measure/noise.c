// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings from /proc and /sys that are known to disturb times, one line of a table each; and three that take counting. */
#include <fnmatch.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "knobs.h"
#include "noise.h"

#define CPU_FOLDER "/sys/devices/system/cpu"
#define AS_ROOT "sudo tee >/dev/null "

const struct noise_setting noise_settings[NR_NOISE_SETTINGS] = {
	{ .name = "CPU governor", .paths = CPU_FOLDER "/cpu*/cpufreq/scaling_governor", .quiet = "performance",
	  .tuned = "performance", .meaning = "the frequency follows the load",
	  .how = "echo performance | " AS_ROOT CPU_FOLDER "/cpu*/cpufreq/scaling_governor" },
	{ .name = "turbo", .paths = CPU_FOLDER "/intel_pstate/no_turbo", .quiet = "1", .tuned = "1",
	  .meaning = "no_turbo: the frequency follows heat and load", .how = "echo 1 | " AS_ROOT CPU_FOLDER "/intel_pstate/no_turbo" },
	/* That of the whole machine sets each policy's (drivers/cpufreq/cpufreq.c cpufreq_boost_trigger_state()). */
	{ .name = "turbo", .paths = CPU_FOLDER "/cpufreq/boost", .quiet = "0", .tuned = "0",
	  .finer = CPU_FOLDER "/cpufreq/policy*/boost", .meaning = "boost: the frequency follows heat and load",
	  .how = "echo 0 | " AS_ROOT CPU_FOLDER "/cpufreq/boost" },
	{ .name = "SMT", .paths = CPU_FOLDER "/smt/active", .quiet = "0", .meaning = "active: a sibling shares the core",
	  .how = "echo off | " AS_ROOT CPU_FOLDER "/smt/control" },
	{ .name = "NUMA balancing", .paths = "/proc/sys/kernel/numa_balancing", .quiet = "0", .tuned = "0",
	  .meaning = "migrates pages of its own accord", .how = "sudo sysctl kernel.numa_balancing=0" },
	{ .name = "KSM", .paths = "/sys/kernel/mm/ksm/run", .quiet = "[02]", .tuned = "0",
	  .meaning = "merges pages in the background", .how = "echo 0 | " AS_ROOT "/sys/kernel/mm/ksm/run" },
	{ .name = "NMI watchdog", .paths = "/proc/sys/kernel/nmi_watchdog", .quiet = "0", .tuned = "0",
	  .meaning = "takes a hardware counter and interrupts", .how = "sudo sysctl kernel.nmi_watchdog=0" },
	/*
	 * PR_SET_THP_DISABLE in the trials holds for shmem too: mm/shmem.c shmem_is_huge(), shmem_allowable_huge_orders(). And
	 * khugepaged passes over such a process (mm/khugepaged.c, by hugepage_vma_check(), thp_vma_allowable_order()).
	 */
	{ .name = "THP", .paths = "/sys/kernel/mm/transparent_hugepage/enabled", .quiet = "*" },
	{ .name = "THP of shmem", .paths = "/sys/kernel/mm/transparent_hugepage/shmem_enabled", .quiet = "*" },
};

/* How many files there are, and the value of the first one, or of the first that disturbs; *loud: how many do. */
static size_t read_all(const struct noise_setting *s, char *value, size_t size, size_t *loud)
{
	size_t i, nr = 0;
	char one[64];
	glob_t files;

	*loud = 0;
	if (glob(s->paths, 0, NULL, &files))
		return 0;
	for (i = 0; i < files.gl_pathc; i++) {
		bool disturbs;

		if (knob_read(files.gl_pathv[i], one, sizeof(one)))
			continue;
		disturbs = fnmatch(s->quiet, one, FNM_EXTMATCH);
		if (!nr++ || (disturbs && !*loud))
			snprintf(value, size, "%s", one);
		*loud += disturbs;
	}
	globfree(&files);
	return nr;
}

static void look_at(const struct noise_setting *s, struct noise *n)
{
	char value[64] = "";
	size_t loud, nr = read_all(s, value, sizeof(value), &loud);

	*n = (struct noise){ s->name, loud ? NOISE_LOUD : NOISE_QUIET, "", loud ? s->how : NULL, s->tuned };
	if (!nr) {
		n->level = NOISE_ABSENT;
		snprintf(n->found, sizeof(n->found), "nothing to set here");
	} else if (loud && nr > 1) {
		snprintf(n->found, sizeof(n->found), "%s on %zu of %zu CPUs: %s", value, loud, nr, s->meaning);
	} else if (loud) {
		snprintf(n->found, sizeof(n->found), "%s: %s", value, s->meaning);
	} else {
		snprintf(n->found, sizeof(n->found), "%s%s", value,
			 s->meaning ? "" : ": does not matter, trials switch it off for themselves");
	}
}

static void look_at_isolation(struct noise *n)
{
	char cpus[64] = "";

	*n = (struct noise){ .name = "isolated CPUs" };
	if (!knob_read(CPU_FOLDER "/isolated", cpus, sizeof(cpus)) && cpus[0]) {
		snprintf(n->found, sizeof(n->found), "%s", cpus);
		n->how = "taskset -c CPU wbit run";
	} else {
		n->level = NOISE_ABSENT;
		snprintf(n->found, sizeof(n->found), "none: other tasks may run on the measuring CPU");
		n->how = "for less jitter, boot with isolcpus=CPU, then: taskset -c CPU wbit run";
	}
}

static size_t lines_that_begin(const glob_t *files, const char *word)
{
	size_t i, nr = 0;
	char text[64];

	for (i = 0; i < files->gl_pathc; i++)
		nr += !knob_read(files->gl_pathv[i], text, sizeof(text)) && !strncmp(text, word, strlen(word));
	return nr;
}

/* Each fault enters the kernel, so what is done at the entry is a part of its time. */
static void look_at_mitigations(struct noise *n)
{
	char meltdown[64] = "unknown";
	glob_t files;

	*n = (struct noise){ .name = "mitigations", .level = NOISE_ABSENT, .found = "not told by this kernel" };
	if (glob(CPU_FOLDER "/vulnerabilities/*", 0, NULL, &files))
		return;
	knob_read(CPU_FOLDER "/vulnerabilities/meltdown", meltdown, sizeof(meltdown));
	snprintf(n->found, sizeof(n->found), "%zu in force, %zu vulnerable without; meltdown: %s; compare figures only where "
		 "they are the same", lines_that_begin(&files, "Mitigation"), lines_that_begin(&files, "Vulnerable"), meltdown);
	globfree(&files);
}

static void look_at_load(struct noise *n)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	double load = 0;

	*n = (struct noise){ .name = "load" };
	if (getloadavg(&load, 1) != 1) {
		n->level = NOISE_ABSENT;
		snprintf(n->found, sizeof(n->found), "not told by this kernel");
		return;
	}
	snprintf(n->found, sizeof(n->found), "%.2f in the last minute on %ld CPUs", load, cpus);
	if (load >= 0.5) {
		n->level = NOISE_LOUD;
		n->how = "stop what else runs here (top shows it)";
	}
}

size_t noise_look(struct noise noises[NR_NOISES])
{
	size_t i, n = 0;

	_Static_assert(NR_NOISE_SETTINGS + 4 <= NR_NOISES, "noises");
	for (i = 0; i < NR_NOISE_SETTINGS; i++) {
		look_at(&noise_settings[i], &noises[n]);
		if (!n || strcmp(noises[n].name, noises[n - 1].name))
			n++;
		else if (noises[n].level != NOISE_ABSENT)
			noises[n - 1] = noises[n];	/* two drivers, two files for one thing */
	}
	noise_look_at_siblings(&noises[n++]);
	look_at_isolation(&noises[n++]);
	look_at_mitigations(&noises[n++]);
	look_at_load(&noises[n++]);
	return n;
}
