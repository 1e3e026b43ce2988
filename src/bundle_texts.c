// SPDX-License-Identifier: GPL-2.0-or-later
/* The texts of a bundle. All that came with a record is hostile: it comes out as printable ASCII, cut to its place. */
#include <errno.h>
#include <inttypes.h>
#include <sha2.h>
#include <string.h>

#include "bundle.h"
#include "face.h"

#define TEXT_MAX 512

int bundle_write_summary(struct bundle *bundle)
{
	FILE *file = bundle_add(bundle, "summary.txt");

	if (!file)
		return STATUS_USAGE;
	/* its status tells of the results, which is the table's to tell here, but for a complaint */
	if (table_print(file, &bundle->summary) == STATUS_USAGE) {
		fclose(file);
		return STATUS_USAGE;
	}
	return bundle_close(bundle, file);
}

int bundle_write_environment(struct bundle *bundle)
{
	FILE *file = bundle_add(bundle, "environment.txt");
	char key[TEXT_MAX], value[TEXT_MAX];

	for (unsigned i = 0; file && i < bundle->summary.nr_runs; i++) {
		const struct run_info *run = &bundle->summary.runs[i];

		fprintf(file, "%srun %s\n", i ? "\n" : "", printable(run->id, key, sizeof(key)));
		fprintf(file, "labels = %s\n", printable(run->labels ? run->labels : "", value, sizeof(value)));
		for (unsigned k = 0; k < run->environment.nr; k++)
			fprintf(file, "%s = %s\n", printable(run->environment.fields[k].key, key, sizeof(key)),
				printable(run->environment.fields[k].value, value, sizeof(value)));
	}
	return file ? bundle_close(bundle, file) : STATUS_USAGE;
}

/* A word as a shell takes it back: in single quotes, unless it needs none. */
static void print_word(FILE *file, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@";
	char text[TEXT_MAX];

	printable(word, text, sizeof(text));
	if (*text && strspn(text, plain) == strlen(text)) {
		fprintf(file, " %s", text);
		return;
	}
	fputs(" '", file);
	for (const char *c = text; *c; c++)
		fputs(*c == '\'' ? "'\\''" : (char[]){ *c, '\0' }, file);
	fputc('\'', file);
}

/* argv[0] names the command, too: "wbit lab run". */
static bool is_command(const char *word)
{
	return !strncmp(word, "wbit ", 5) && strspn(word, "abcdefghijklmnopqrstuvwxyz ") == strlen(word);
}

static void print_command(FILE *file, const json_t *argv)
{
	const char *text;
	const json_t *word;
	size_t i;

	if (!json_array_size(argv))
		fputs(" (its command line is not in the record)", file);
	json_array_foreach(argv, i, word) {
		text = json_is_string(word) ? json_string_value(word) : "?";
		if (!i && is_command(text))
			fprintf(file, " %.40s", text);
		else
			print_word(file, text);
	}
	fputc('\n', file);
}

static void print_run(FILE *file, const struct bundle *bundle, const struct run_info *run)
{
	const json_t *command = json_object_get(bundle->commands, run->id);
	char id[TEXT_MAX], kernel[TEXT_MAX], version[40];

	fprintf(file, "\n%s on Linux %s (%s), %" PRIu64 " trials, by wbit %s%s:\n   ", printable(run->id, id, sizeof(id)),
		printable(run->kernel, kernel, sizeof(kernel)), run->platform, run->tally.trials,
		printable(record_string(command, "wbit", "of a version that it does not tell"), version, sizeof(version)),
		run->ended && !run->cut_short ? "" : "; not whole");
	print_command(file, json_object_get(command, "argv"));
}

int bundle_write_readme(struct bundle *bundle)
{
	FILE *file = bundle_add(bundle, "README");

	if (!file)
		return STATUS_USAGE;
	fputs("Records of wbit, which measures what the write bit costs, bundled by wbit " WBIT_VERSION ".\n\n"
	      "    records/N.jsonl    one JSON object a line, as they were given\n"
	      "    summary.txt        the table of all of them\n"
	      "    environment.txt    what each run ran on\n", file);
	if (bundle->no_figures[0])
		fprintf(file, "    figures            left out: %s\n", bundle->no_figures);
	else
		fputs("    figures/           what `wbit plot` makes of them, with its scripts and data\n", file);
	fputs("    SHA256SUMS         hashes of all the others\n\n"
	      "To check the hashes, to make the figures again, and this archive, to the byte by the same versions of wbit, "
	      "gnuplot and zlib:\n\n"
	      "    sha256sum -c SHA256SUMS\n    wbit plot -o figures", file);
	for (unsigned i = 0; i < bundle->nr_records; i++)
		fprintf(file, " records/%u.jsonl", i + 1);
	fputs("\n    wbit bundle -o again.tar.gz", file);
	for (unsigned i = 0; i < bundle->nr_records; i++)
		fprintf(file, " records/%u.jsonl", i + 1);
	fputs("\n\nTo measure again, run by run:\n", file);
	for (unsigned i = 0; i < bundle->summary.nr_runs; i++)
		print_run(file, bundle, &bundle->summary.runs[i]);
	return bundle_close(bundle, file);
}

int bundle_write_hashes(struct bundle *bundle)
{
	unsigned nr = bundle->nr_members;
	FILE *file = bundle_add(bundle, "SHA256SUMS");
	char path[PATH_MAX], hex[SHA256_DIGEST_STRING_LENGTH];

	for (unsigned i = 0; file && i < nr; i++) {
		snprintf(path, sizeof(path), "%s/%s", bundle->work, bundle->members[i]);
		if (!SHA256File(path, hex)) {
			int err = errno;

			fclose(file);
			return complain("%s: %s", path, strerror(err));
		}
		fprintf(file, "%s  %s\n", hex, bundle->members[i]);
	}
	return file ? bundle_close(bundle, file) : STATUS_USAGE;
}
