// SPDX-License-Identifier: GPL-2.0-or-later
/* The diagnosis of the lab and of the programs that wbit starts; and what each command can measure here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "face.h"
#include "lab.h"
#include "plan.h"
#include "workloads.h"

/* ---- the lab ---- */

/* Further lines of an error show a guest's log. */
static const char *first_line(char *error)
{
	error[strcspn(error, "\n")] = '\0';
	return error;
}

/* A spare one that is not there is missed only where the others are, too. */
static void diagnose_lab_kernel(struct diagnosis *d, const struct lab_stock *stock)
{
	char error[LAB_ERROR_MAX], todo[200];
	struct lab_kernel kernel;
	int err = lab_kernel_find(stock->name, &kernel, error);

	snprintf(todo, sizeof(todo), "wbit lab fetch %s%s, or from a file: wbit lab run --kernel-deb FILE",
		 err == -EBADMSG ? "--update " : "", stock->name);
	if (!err)
		diagnosis_add(d, stock->name, MARK_OK, NULL, "in the cache: %s %s; for %s", kernel.package, kernel.version,
			      stock->columns);
	else if (err == -ENOENT)
		diagnosis_add(d, stock->name, stock->spare ? MARK_NOTE : MARK_ACT, stock->spare ? NULL : todo,
			      "not in the cache: %s; for %s%s", stock->source, stock->columns,
			      stock->spare ? "; taken where the others cannot be had" : "");
	else
		diagnosis_add(d, stock->name, MARK_ACT, todo, "%s", first_line(error));
	if (err && !stock->spare && !d->lab_lacking[0])
		snprintf(d->lab_lacking, sizeof(d->lab_lacking), "once %s is there: wbit lab fetch", stock->name);
}

static void diagnose_kvm(struct diagnosis *d)
{
	char error[LAB_ERROR_MAX];
	int err = lab_kvm_remembered(error);

	if (!err)
		diagnosis_add(d, "KVM", MARK_OK, NULL, "/dev/kvm boots guests, as the lab found earlier since the host's boot");
	else
		diagnosis_add(d, "KVM", MARK_NOTE, err == -ENOENT ? "wbit lab run --mode kvm tries it" : NULL,
			      "%s; the exact lab does not need it", first_line(error));
}

static bool in_path(const char *program)
{
	char *path = strdup(getenv("PATH") ?: ""), *at = path, *folder, name[PATH_MAX];
	bool found = false;

	while (!found && at && (folder = strsep(&at, ":"))) {
		snprintf(name, sizeof(name), "%s/%s", *folder ? folder : ".", program);
		found = !access(name, X_OK);
	}
	free(path);
	return found;
}

void diagnose_lab(struct diagnosis *d)
{
	char line[120], error[LAB_ERROR_MAX];
	int err = lab_qemu_version(line, sizeof(line), error), i;

	d->topic = "lab and programs";
	d->lab_works = !err;
	printable(err ? first_line(error) : "", d->lab_lacking, sizeof(d->lab_lacking));
	diagnosis_add(d, "QEMU", err ? MARK_ACT : MARK_OK, err == -ENOENT ?
		      "sudo apt-get install --no-install-recommends qemu-system-x86" : NULL, "%s",
		      err ? first_line(error) : line);
	for (i = 0; lab_stock_names[i]; i++)
		diagnose_lab_kernel(d, lab_stock_find(lab_stock_names[i]));
	diagnose_kvm(d);
	if (in_path("gnuplot"))
		diagnosis_add(d, "gnuplot", MARK_OK, NULL, "there, for wbit plot");
	else
		diagnosis_add(d, "gnuplot", MARK_ACT, "sudo apt-get install --no-install-recommends gnuplot-nox",
			      "not installed: no figures");
}

/* ---- what can be measured ---- */

/* Of what `wbit run` takes without further options. */
static unsigned count_cells(struct reach *r, const struct diagnosis *d, const struct trigger *trigger, enum source source)
{
	const struct run_options options = { .trigger_glob = trigger->name };
	const char *missing;
	unsigned i, n = 0;

	r->of = 0;
	for (i = 0; workloads[i]; i++) {
		if (!plan_has_cell(&options, workloads[i], trigger))
			continue;
		r->of++;
		missing = needs_missing(&d->probe->found, cell_needs(workloads[i], trigger, source));
		n += !missing;
		if (missing && !r->lacking[0])
			snprintf(r->lacking, sizeof(r->lacking), "%s", missing);
	}
	return n;
}

static void reach_by_trigger(struct diagnosis *d, unsigned i)
{
	struct reach *r = &d->reaches[d->nr_reaches++];
	enum policy policy = d->probe->facts.policy;

	if (i)
		snprintf(r->command, sizeof(r->command), "wbit run --trigger %s", triggers[i]->name);
	else
		snprintf(r->command, sizeof(r->command), "wbit run");
	if (!needs_missing(&d->probe->found, NEED_SWITCH)) {
		r->workloads = count_cells(r, d, triggers[i], SOURCE_SWITCH);
		snprintf(r->policies, sizeof(r->policies), "entry, vma and vma-only (policy switch)");
		return;
	}
	r->workloads = count_cells(r, d, triggers[i], SOURCE_NATIVE);
	if (policy == POLICY_UNKNOWN)
		r->emulated = -1;
	else if (policy == POLICY_VMA)
		r->emulated = count_cells(r, d, triggers[i], SOURCE_EMULATED);
	snprintf(r->policies, sizeof(r->policies), "%s", policy == POLICY_UNKNOWN ? "the kernel's own policy" :
		 policy_name(policy));
	if (r->emulated > 0)
		snprintf(r->policies, sizeof(r->policies), "%s, and %d under vma-only (emulated)", policy_name(policy),
			 r->emulated);
}

static void reach_by_lab(struct diagnosis *d)
{
	struct reach *r = &d->reaches[d->nr_reaches++];
	const struct lab_stock *stock;
	size_t at = 0;
	unsigned i;

	for (i = 0; workloads[i]; i++)
		r->of += !workloads[i]->extra;
	snprintf(r->command, sizeof(r->command), "wbit lab run");
	for (i = 0; lab_stock_names[i] && at < sizeof(r->policies); i++) {
		stock = lab_stock_find(lab_stock_names[i]);
		if (!stock->spare)
			at += snprintf(r->policies + at, sizeof(r->policies) - at, "%s%s on %s", at ? "; " : "",
				       stock->columns, stock->name);
	}
	snprintf(r->lacking, sizeof(r->lacking), "%s", d->lab_lacking);
	if (d->lab_works)
		r->workloads = r->emulated = r->of;
}

void diagnose_reach(struct diagnosis *d)
{
	unsigned i;

	for (i = 0; triggers[i] && d->nr_reaches + 1 < REACHES_MAX; i++)
		reach_by_trigger(d, i);
	reach_by_lab(d);
}
