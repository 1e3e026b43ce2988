// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of `wbit observe --json`: one that says what is watched, one an interval, one for the whole. */
#include <jansson.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "face.h"
#include "observe_face.h"
#include "record.h"

const char *const vmstat_names[NR_VM] = {
	[VM_SUCCESS] = "pgmigrate_success", [VM_FAIL] = "pgmigrate_fail", [VM_NUMA] = "numa_pages_migrated",
	[VM_THP] = "thp_migration_success",
};

static const char *const kind_keys[NR_ENTRY_KINDS] = {
	[ENTRY_READ] = "read", [ENTRY_READ_EXCLUSIVE] = "read_exclusive", [ENTRY_WRITE] = "write",
};

static json_t *number(uint64_t value)
{
	return value == NOT_MEASURED ? json_null() : json_integer(value);
}

/* Takes the line. */
static void put(json_t *line)
{
	json_dumpf(line, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	printf("\n");
	fflush(stdout);
	json_decref(line);
}

void observe_json_head(const struct observation *o)
{
	json_t *types = json_object();
	struct utsname name;
	int kind;

	for (kind = 0; kind < NR_ENTRY_KINDS; kind++)
		json_object_set_new(types, kind_keys[kind], o->facts.types.type[kind] < 0 ? json_null() :
				    json_integer(o->facts.types.type[kind]));
	uname(&name);
	put(json_pack("{ss si ss ss ss ss so so si sI sb}", "type", "observe", "schema", RECORD_SCHEMA, "wbit", WBIT_VERSION,
		      "kernel", name.release, "policy", policy_name(o->facts.policy), "policy_evidence", o->facts.policy_reason,
		      "swap_types", types, "kinds_unknown", o->kinds_reason ? record_text(o->kinds_reason, 200) : json_null(),
		      "cpus", o->nr_cpus, "interval_ns", (json_int_t)o->interval_ns, "pairs", !o->options.counts));
}

/* By kind, or by swap type where the kinds are not known. */
static json_t *pairs(const struct observation *o, const struct pair_counts *c)
{
	json_t *all = json_object();
	char key[8];
	int type, i, n = o->kinds_reason ? NR_SWAP_TYPES : NR_ENTRY_KINDS;

	for (i = 0; i < n; i++) {
		type = o->kinds_reason ? i : o->options.types.type[i];
		if (o->kinds_reason && !c->entries[type] && !c->from[type][0] && !c->from[type][1])
			continue;
		snprintf(key, sizeof(key), "%d", type);
		json_object_set_new(all, o->kinds_reason ? key : kind_keys[i],
				    json_pack("{sI sI sI}", "entries", (json_int_t)c->entries[type], "w",
					      (json_int_t)c->from[type][1], "no_w", (json_int_t)c->from[type][0]));
	}
	return all;
}

static json_t *entries(const struct observation *o, const struct pair_counts *c)
{
	json_t *all = json_object();
	int kind;

	for (kind = 0; kind < NR_ENTRY_KINDS && !o->kinds_reason; kind++)
		json_object_set_new(all, kind_keys[kind], json_pack("{sI}", "entries",
				    (json_int_t)c->entries[o->options.types.type[kind]]));
	return all;
}

static json_t *level(const struct observation *o, const struct observe_counts *counts, enum pair_level which)
{
	const struct pair_counts *c = &counts->level[which];
	json_t *l;

	if (!observe_is_whole(counts))
		return json_null();
	l = json_pack("{sI sI sI}", "entries", (json_int_t)counts->entries_all[which], "restored", (json_int_t)c->restored,
		      "w_after", (json_int_t)c->with_w);
	json_object_set_new(l, o->kinds_reason ? "from_type" : "from", o->options.counts ? entries(o, c) : pairs(o, c));
	json_object_set_new(l, "untold", number(o->options.counts ? NOT_MEASURED : c->untold));
	json_object_set_new(l, "gone", number(o->options.counts ? NOT_MEASURED : c->gone));
	return l;
}

static json_t *why(const struct observation *o, const struct observe_counts *counts, const struct observe_verdict *v)
{
	json_t *all = json_object();
	const char *reason = counts->stopped ? "a counter did not run all the time" :
			     counts->lost ? "records were lost: a larger --ring, or --counts" :
			     o->kinds_reason ? o->kinds_reason : o->options.counts ? "--counts has no pairs" : NULL;

	if (reason)
		json_object_set_new(all, "*", record_text(reason, 200));
	else if (v->entry_kept == NOT_MEASURED)
		json_object_set_new(all, "entry_kept",
				    json_string("the tracepoints do not show whether the VMA's default is W"));
	return all;
}

/* Adds what an interval and the whole have in common. */
static void add_counts(json_t *line, const struct observation *o, const struct observe_counts *counts, const struct vmstat *vm)
{
	struct observe_verdict v;
	json_t *vmstat = json_object();
	int i;

	observe_judge(counts, &o->options, o->facts.policy, &v);
	for (i = 0; i < NR_VM; i++)
		json_object_set_new(vmstat, vmstat_names[i], number(vm->value[i]));
	json_object_set_new(line, "length_ns", json_integer(counts->ns));
	json_object_set_new(line, "pte", level(o, counts, PAIR_PTE));
	json_object_set_new(line, "pmd", level(o, counts, PAIR_PMD));
	json_object_set_new(line, "vma_saved", number(v.vma_saved));
	json_object_set_new(line, "entry_kept", number(v.entry_kept));
	json_object_set_new(line, "entry_kept_at_most", number(v.entry_kept_at_most));
	json_object_set_new(line, "exclusive_without_w", number(v.exclusive_without_w));
	json_object_set_new(line, "write_without_w", number(v.write_without_w));
	json_object_set_new(line, "vmstat", vmstat);
	json_object_set_new(line, "why", why(o, counts, &v));
}

void observe_json_interval(const struct observation *o, const struct interval *i)
{
	json_t *line = json_pack("{ss sI sI sI}", "type", "interval", "number", (json_int_t)i->number, "start_ns",
				 (json_int_t)i->start_ns, "lost", (json_int_t)i->counts.lost);

	add_counts(line, o, &i->counts, &i->vm);
	put(line);
}

void observe_json_total(const struct observation *o)
{
	json_t *line = json_pack("{ss sI sI sI sI}", "type", "total", "intervals", (json_int_t)o->nr_intervals, "intervals_whole",
				 (json_int_t)o->nr_whole, "lost", (json_int_t)o->lost, "own_cpu_ns", (json_int_t)o->own_ns);
	struct observe_counts none = { .lost = o->lost, .stopped = !o->lost };

	add_counts(line, o, o->nr_whole ? &o->total : &none, &o->vm_total);
	put(line);
}
