// SPDX-License-Identifier: GPL-2.0-or-later
/* wbit doctor: this machine, for someone who wants to measure on it. */
#include <argp.h>
#include <jansson.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "face.h"
#include "journal.h"
#include "mounts.h"

enum { OPT_JSON = 0x100, OPT_NO_PROBE, OPT_RESTORE };

struct doctor_options {
	bool json, no_probe, restore;
};

static const struct argp_option option_table[] = {
	{ "json", OPT_JSON, NULL, 0, "One JSON object, for tools", 0 },
	{ "no-probe", OPT_NO_PROBE, NULL, 0, "Leave out the experiment that finds the kernel's policy", 0 },
	{ "restore", OPT_RESTORE, NULL, 0, "Put back the knobs that a killed run left changed, and do nothing else", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor_options *options = state->input;

	switch (key) {
	case OPT_JSON: options->json = true; return 0;
	case OPT_NO_PROBE: options->no_probe = true; return 0;
	case OPT_RESTORE: options->restore = true; return 0;
	case ARGP_KEY_ARG: return usage_error("'%.60s': `wbit doctor` takes no argument", arg);
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse,
	.doc = "This machine, for someone who wants to measure on it: what its kernel does, what is missing and how to get it, "
	       "what disturbs, and what can be measured.\vWithout --restore nothing is changed: no setting, and no mount that "
	       "others see. The "
	       "kernel's policy is found by an experiment of about a second: pages of wbit's own are migrated, by move_pages "
	       "where there are two nodes, else (as root) by compaction, which moves other processes' pages too and slows the "
	       "whole system for some 100 ms a few times. --no-probe leaves it out.\n"
	       "Marks: ok; ! something can be done, what follows \"->\" says what; - not here, or just to be known. What is "
	       "missing is no error: the exit status is 0.",
};

/* What only a machine unlike the authors' can show. */
static const char *const never_seen[] = {
	"wbit run by move_pages on two real nodes: only guests with two nodes were there",
	"wbit lab run --mode kvm booting a guest: it was only seen to refuse",
	"hardware counters: there was no PMU, so that only software events and tracepoints were ever counted",
	"wbit profile by cycles: without a PMU it was cpu-clock that was sampled",
	"wbit run --tune setting a CPU governor or turbo: no machine had one; files that imitate them are set in a test",
	"Debian 13 and Ubuntu: only their package lists, imitated in a test",
	NULL
};

/* ---- looking ---- */

static void look(struct run_probe *probe, bool experiment)
{
	const char *why_not = experiment ? NULL : "not tried (--no-probe)";
	struct journals others;
	char error[400] = "";

	/* Under another run the policy changes from trial to trial, and the experiment would disturb it. */
	if (!why_not && !journals_look("", false, &others) && others.living)
		why_not = others.text;
	if (!why_not && !run_probe("*", &stop, probe, error, sizeof(error)))
		return;
	probe->trigger = NULL;
	probe->facts.policy = POLICY_UNKNOWN;
	snprintf(probe->facts.policy_reason, sizeof(probe->facts.policy_reason), "%.190s",
		 why_not ? why_not : error);
	mounts_prepare(KNOB_POLICY_NAME);
	needs_look(&probe->found, false);
	probe->facts.conditions = conditions_look(&probe->found);
}

static void diagnose(struct diagnosis *d)
{
	diagnose_kernel(d);
	diagnose_machine(d);
	diagnose_privileges(d);
	diagnose_lab(d);
	diagnose_noise(d);
	diagnose_reach(d);
}

/* ---- telling ---- */

static const char *const mark_words[] = { [MARK_OK] = "ok", [MARK_ACT] = "!", [MARK_NOTE] = "-" };

static void print_finding(const struct finding *f)
{
	const int column = 27;

	printf("  %-2s  %-*s ", mark_words[f->mark], column - 7, f->name);
	print_wrapped(stdout, column, f->found);
	if (f->todo[0]) {
		printf("%*s-> ", column, "");
		print_wrapped(stdout, column + 3, f->todo);
	}
}

static void describe_reach(const struct reach *r, char *text, size_t size)
{
	const char *reason = r->lacking[0] ? ": " : "";

	if (!r->workloads)
		snprintf(text, size, "none of %u workloads%s%s", r->of, reason, r->lacking);
	else
		snprintf(text, size, "%u of %u workloads under %s%s%s%s", r->workloads, r->of, r->policies,
			 *reason && r->workloads < r->of ? "; the others" : "", reason, r->lacking);
}

static void print_table(const struct diagnosis *d)
{
	const char *topic = "";
	char text[400];
	size_t i;

	for (i = 0; i < d->nr_findings; i++) {
		if (strcmp(topic, d->findings[i].topic))
			printf("%s%s\n", i ? "\n" : "", d->findings[i].topic);
		topic = d->findings[i].topic;
		print_finding(&d->findings[i]);
	}
	printf("\nwhat can be measured here\n");
	for (i = 0; i < d->nr_reaches; i++) {
		describe_reach(&d->reaches[i], text, sizeof(text));
		printf("  %-2s  %-32s ", mark_words[d->reaches[i].workloads ? MARK_OK : MARK_NOTE], d->reaches[i].command);
		print_wrapped(stdout, 39, text);
	}
	printf("\nnever seen to run by the authors\n");
	for (i = 0; never_seen[i]; i++) {
		printf("  -   ");
		print_wrapped(stdout, 6, never_seen[i]);
	}
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *findings_json(const struct diagnosis *d)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < d->nr_findings; i++) {
		const struct finding *f = &d->findings[i];

		json_array_append_new(list, json_pack("{ss ss ss ss so}", "topic", f->topic, "name", f->name, "mark",
						      mark_words[f->mark], "found", f->found, "todo", text_or_null(f->todo)));
	}
	return list;
}

static json_t *reaches_json(const struct diagnosis *d)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < d->nr_reaches; i++) {
		const struct reach *r = &d->reaches[i];

		json_array_append_new(list, json_pack("{ss si si ss so so}", "command", r->command, "workloads", r->workloads,
						      "of", r->of, "policies", r->policies, "emulated",
						      r->emulated < 0 ? json_null() : json_integer(r->emulated), "lacking",
						      text_or_null(r->lacking)));
	}
	return list;
}

static void print_json(const struct diagnosis *d)
{
	const struct kernel_facts *facts = &d->probe->facts;
	json_t *never = json_array(), *all;
	struct utsname name;
	size_t i;

	uname(&name);
	for (i = 0; never_seen[i]; i++)
		json_array_append_new(never, json_string(never_seen[i]));
	all = json_pack("{ss ss ss ss ss sb sb so so so}", "wbit", WBIT_VERSION, "kernel", name.release, "platform",
			platform_name(platform_here()), "policy", policy_name(facts->policy), "policy_evidence",
			facts->policy_reason, "unregister_restores_w", !!(facts->conditions & UNREGISTER_RESTORES_W),
			"unprotect_restores_w", !!(facts->conditions & UNPROTECT_RESTORES_W), "findings", findings_json(d),
			"can_measure", reaches_json(d), "never_seen", never);
	json_dumpf(all, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	printf("\n");
	json_decref(all);
}

/* What is left of dead runs. Nothing to do is fine, too. */
static int restore(void)
{
	struct journals found;
	struct left left = { 0 };
	char name[120];
	unsigned i;
	int err;

	mounts_prepare(KNOB_POLICY_NAME);
	err = journals_look_through("", true, &found, left_note, &left);
	if (err || found.bad)
		return complain("%s", found.text);
	printf("%s\n", found.text[0] ? found.text : "no run has left a knob changed");
	for (i = 0; i < left.nr; i++)
		printf("  %s: %s -> %s\n", left_name(&left, i, name, sizeof(name)), left.knobs[i].now[0] ? left.knobs[i].now : "?",
		       left.knobs[i].before);
	if (left.more)
		printf("  and %u more\n", left.more);
	return finish_stdout(STATUS_OK);
}

int cmd_doctor(int argc, char **argv)
{
	static struct diagnosis diagnosis;
	struct doctor_options options = { 0 };
	struct run_probe probe = { 0 };

	if (parse_options(&argp, argc, argv, &options))
		return STATUS_USAGE;
	if (options.restore)
		return restore();
	diagnosis.tracefs_mounted = !access("/sys/kernel/tracing/events", F_OK);
	diagnosis.probe = &probe;
	look(&probe, !options.no_probe);
	diagnose(&diagnosis);
	if (options.json)
		print_json(&diagnosis);
	else
		print_table(&diagnosis);
	return finish_stdout(STATUS_OK);
}
