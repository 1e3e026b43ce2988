// SPDX-License-Identifier: GPL-2.0-or-later
/* The diagnosis of what disturbs, of what `run --tune` would do about it, and of what a tuned run that was killed has left. */
#include <ctype.h>
#include <string.h>

#include "doctor.h"
#include "face.h"
#include "noise.h"

/* ---- noise ---- */

/* "CPU governor, KSM": those that --tune knows and that are at this level. */
static void names_of(const struct noise *noises, size_t nr, enum noise_level level, char *out, size_t size)
{
	size_t i, len = 0;

	snprintf(out, size, "none");
	for (i = 0; i < nr && len < size; i++)
		if (noises[i].tuned && noises[i].level == level)
			len += snprintf(out + len, size - len, "%s%s", len ? ", " : "", noises[i].name);
}

static void diagnose_tuning(struct diagnosis *d, const struct noise *noises, size_t nr)
{
	char loud[120], quiet[120];

	names_of(noises, nr, NOISE_LOUD, loud, sizeof(loud));
	names_of(noises, nr, NOISE_QUIET, quiet, sizeof(quiet));
	diagnosis_add(d, "wbit run --tune", strcmp(loud, "none") ? MARK_ACT : MARK_NOTE, strcmp(loud, "none") ? "sudo wbit run --tune" :
		      NULL, "would set for its length: %s; is right already: %s; it never touches SMT, mitigations, huge pages or "
		      "which CPUs are online", loud, quiet);
}

void diagnose_noise(struct diagnosis *d)
{
	static const enum mark marks[] = { [NOISE_QUIET] = MARK_OK, [NOISE_LOUD] = MARK_ACT, [NOISE_ABSENT] = MARK_NOTE };
	struct noise noises[NR_NOISES];
	size_t i, nr = noise_look(noises);

	d->topic = "noise (for times; counts and the exact lab do not depend on it)";
	for (i = 0; i < nr; i++)
		diagnosis_add(d, noises[i].name, marks[noises[i].level], noises[i].how, "%s", noises[i].found);
	diagnose_tuning(d, noises, nr);
}

/* ---- what was left changed ---- */

/* The path with '*' for a CPU's number, where it has one. */
static bool for_all_cpus(const char *path, char *out, size_t size)
{
	static const char before[] = "/sys/devices/system/cpu/cpu";
	const char *number = path + strlen(before), *after = number;

	if (strncmp(path, before, strlen(before)) || !isdigit((unsigned char)*number)) {
		snprintf(out, size, "%s", path);
		return false;
	}
	while (isdigit((unsigned char)*after))
		after++;
	snprintf(out, size, "%s*%s", before, after);
	return true;
}

void left_note(void *arg, const char *path, const char *before, const char *now)
{
	struct left *left = arg;
	char knob[sizeof(left->knobs[0].knob)], clean_before[40], clean_now[40];
	bool each_cpu = for_all_cpus(path, knob, sizeof(knob));
	unsigned i;

	printable(before, clean_before, sizeof(clean_before));
	printable(now, clean_now, sizeof(clean_now));
	for (i = 0; i < left->nr; i++)
		if (!strcmp(left->knobs[i].knob, knob) && !strcmp(left->knobs[i].before, clean_before) &&
		    !strcmp(left->knobs[i].now, clean_now))
			break;
	if (i == LEFT_MAX) {
		left->more++;
		return;
	}
	if (i == left->nr) {
		left->nr++;
		memcpy(left->knobs[i].knob, knob, sizeof(knob));
		memcpy(left->knobs[i].before, clean_before, sizeof(clean_before));
		memcpy(left->knobs[i].now, clean_now, sizeof(clean_now));
	}
	left->knobs[i].cpus += each_cpu;
}

const char *left_name(const struct left *left, unsigned i, char *out, size_t size)
{
	if (left->knobs[i].cpus)
		snprintf(out, size, "%s on %u CPUs", left->knobs[i].knob, left->knobs[i].cpus);
	else
		snprintf(out, size, "%s", left->knobs[i].knob);
	return out;
}
