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

/* One file, or one for each CPU. */
static const struct setting {
	const char *name, *paths;	/* a glob */
	const char *quiet;		/* pattern of the values that do not disturb, as fnmatch(3) has it with FNM_EXTMATCH */
	const char *meaning;		/* what a value that disturbs does */
	const char *how;
} settings[] = {
	{ "CPU governor", CPU_FOLDER "/cpu[0-9]*/cpufreq/scaling_governor", "performance", "the frequency follows the load",
	  "echo performance | " AS_ROOT CPU_FOLDER "/cpu*/cpufreq/scaling_governor" },
	{ "turbo", CPU_FOLDER "/intel_pstate/no_turbo", "1", "no_turbo: the frequency follows heat and load",
	  "echo 1 | " AS_ROOT CPU_FOLDER "/intel_pstate/no_turbo" },
	{ "turbo", CPU_FOLDER "/cpufreq/boost", "0", "boost: the frequency follows heat and load",
	  "echo 0 | " AS_ROOT CPU_FOLDER "/cpufreq/boost" },
	{ "SMT", CPU_FOLDER "/smt/active", "0", "active: a sibling shares the core",
	  "echo off | " AS_ROOT CPU_FOLDER "/smt/control" },
	{ "NUMA balancing", "/proc/sys/kernel/numa_balancing", "0", "migrates pages of its own accord",
	  "sudo sysctl kernel.numa_balancing=0" },
	{ "KSM", "/sys/kernel/mm/ksm/run", "[02]", "merges pages in the background",
	  "echo 0 | " AS_ROOT "/sys/kernel/mm/ksm/run" },
	{ "NMI watchdog", "/proc/sys/kernel/nmi_watchdog", "0", "takes a hardware counter and interrupts",
	  "sudo sysctl kernel.nmi_watchdog=0" },
	/* PR_SET_THP_DISABLE in the trials holds for shmem too: mm/shmem.c shmem_is_huge(), shmem_allowable_huge_orders() */
	{ "THP", "/sys/kernel/mm/transparent_hugepage/enabled", "*", NULL, NULL },
	{ "THP of shmem", "/sys/kernel/mm/transparent_hugepage/shmem_enabled", "*", NULL, NULL },
};

/* How many files there are, and the value of the first one, or of the first that disturbs; *loud: how many do. */
static size_t read_all(const struct setting *s, char *value, size_t size, size_t *loud)
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

static void look_at(const struct setting *s, struct noise *n)
{
	char value[64] = "";
	size_t loud, nr = read_all(s, value, sizeof(value), &loud);

	*n = (struct noise){ s->name, loud ? NOISE_LOUD : NOISE_QUIET, "", loud ? s->how : NULL };
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

	*n = (struct noise){ "isolated CPUs", NOISE_QUIET, "", NULL };
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

	*n = (struct noise){ "mitigations", NOISE_ABSENT, "not told by this kernel", NULL };
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

	*n = (struct noise){ "load", NOISE_QUIET, "", NULL };
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
	const size_t nr = sizeof(settings) / sizeof(settings[0]);
	size_t i, n = 0;

	_Static_assert(sizeof(settings) / sizeof(settings[0]) + 3 <= NR_NOISES, "noises");
	for (i = 0; i < nr; i++) {
		look_at(&settings[i], &noises[n]);
		if (!n || strcmp(noises[n].name, noises[n - 1].name))
			n++;
		else if (noises[n].level != NOISE_ABSENT)
			noises[n - 1] = noises[n];	/* two drivers, two files for one thing */
	}
	look_at_isolation(&noises[n++]);
	look_at_mitigations(&noises[n++]);
	look_at_load(&noises[n++]);
	return n;
}
