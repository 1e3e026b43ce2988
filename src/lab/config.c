// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration: all that a fragment asks for on top of nothing, and whether it holds. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "building.h"

#define CONFIG_MAX (2u << 20)
#define FRAGMENT "fragment"
#define BASE_FULL "CONFIG_BASE_FULL"
#define BASE_SMALL "CONFIG_BASE_SMALL"
#define SWITCH_OPTION "CONFIG_MIGRATE_RESTORE_POLICY"

/* "CONFIG_X=y" or "# CONFIG_X is not set": the length of the name, and where it begins. 0: another line. */
static size_t option_name(const char *line, const char **name)
{
	*name = line + (line[0] == '#' && line[1] == ' ' ? 2 : 0);
	if (strncmp(*name, "CONFIG_", 7))
		return 0;
	return strspn(*name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}

static bool names_option(const char *part, const char *name, size_t len)
{
	const char *line, *other;

	for (line = part; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (option_name(line, &other) == len && !strncmp(other, name, len))
			return true;
	return false;
}

/* An option has one line, since all that are asked for must hold: that of the later part. */
static void drop_overridden(char *text, const char *part)
{
	char *line, *next, *to = text;
	const char *name;
	size_t len;

	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		len = option_name(line, &name);
		if (len && names_option(part, name, len))
			continue;
		memmove(to, line, next - line);
		to += next - line;
	}
	*to = '\0';
}

static char *read_part(const char *files, const char *name, char *error)
{
	char path[PATH_MAX], *part;

	snprintf(path, sizeof(path), "%s/configs/%s", files, name);
	part = read_text_file(path, CONFIG_MAX);
	if (!part)
		lab_fail(error, -EIO, "%s: %s", path, file_error(-errno));
	return part;
}

char *lab_fragment(const char *files, bool patched, bool lean, char *error)
{
	const char *const names[] = { "lab.config", patched ? "switch.config" : NULL, lean ? "lean.config" : NULL };
	char *text = NULL, *part, *whole;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!names[i])
			continue;
		part = read_part(files, names[i], error);
		if (!part) {
			free(text);
			return NULL;
		}
		if (text)
			drop_overridden(text, part);
		if (asprintf(&whole, "%s%s", text ?: "", part) < 0)
			whole = NULL;
		free(text);
		free(part);
		text = whole;
		if (!text) {
			lab_fail(error, -ENOMEM, "out of memory");
			return NULL;
		}
	}
	return text;
}

static bool wants_off(const char *name, size_t len)
{
	return !strncmp(name + len, " is not set", 11) || !strncmp(name + len, "=n", 2);
}

/* The line of the configuration that sets the option, behind its name: "=y"; NULL: it is off or unknown. */
static const char *setting(const char *config, const char *name, size_t len)
{
	const char *line;

	for (line = config; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (!strncmp(line, name, len) && line[len] == '=')
			return line + len;
	return NULL;
}

/* Since 6.10 there is only the other half of the choice, which 6.1 writes as a number. */
static bool is_full_sized(const char *config)
{
	const char *small = setting(config, BASE_SMALL, strlen(BASE_SMALL));

	return !small || !strncmp(small, "=0\n", 3);
}

static bool holds(const char *config, const char *name, size_t len)
{
	const char *set = setting(config, name, len);

	if (len == strlen(BASE_FULL) && !strncmp(name, BASE_FULL "=y", len + 2))
		return is_full_sized(config);

	if (wants_off(name, len))
		return !set;
	return set && strcspn(set, "\n") == strcspn(name + len, "\n") &&
	       !strncmp(set, name + len, strcspn(set, "\n"));
}

unsigned config_missing(const char *fragment, const char *config, bool with_switch, char *names, size_t size)
{
	const char *line, *name;
	unsigned missing = 0;
	size_t len, at = 0;

	names[0] = '\0';
	for (line = fragment; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		len = option_name(line, &name);
		if (!len || holds(config, name, len) || (!with_switch && !strncmp(name, SWITCH_OPTION, len)))
			continue;
		if (at < size)
			at += snprintf(names + at, size - at, "%s%.*s", missing ? ", " : "", (int)len, name);
		missing++;
	}
	return missing;
}

static int write_fragment(const char *path, const char *fragment, char *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int err = fd < 0 ? -errno : write_all(fd, fragment, strlen(fragment));

	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	return err ? lab_fail(error, err, "%s: %s", path, strerror(-err)) : 0;
}

static int check(const char *src, const char *fragment, bool strict, const char *called,
		 const struct build_watch *watch, char *error)
{
	char path[PATH_MAX], names[600];
	unsigned missing;
	char *config;

	snprintf(path, sizeof(path), "%s/.config", src);
	config = read_text_file(path, CONFIG_MAX);
	if (!config)
		return lab_fail(error, -ENOEXEC, "%s does not build: configure leaves no .config (%s)", called,
				strerror(errno));
	missing = config_missing(fragment, config, strict, names, sizeof(names));
	free(config);
	if (missing && strict)
		return lab_fail(error, -ENOEXEC, "%s does not build: its configuration does not take %s", called, names);
	if (missing)
		watch_warn(watch, "%s does not have all options that the workloads need, so some may be skipped: %s", called,
			   names);
	return 0;
}

int config_make(const struct tree *tree, const char *called, const char *fragment, bool strict,
		const struct build_watch *watch, char *error)
{
	char path[PATH_MAX], all[PATH_MAX + 40];
	char *argv[] = { "make", all, "allnoconfig", NULL };
	const struct make_job job = { tree->src, tree->log, "configure", called, argv, watch, 0, false };
	struct make_report report;
	int err = tree_path(tree, FRAGMENT, path, error);

	watch_step(watch, "%s: configuring", called);
	snprintf(all, sizeof(all), "KCONFIG_ALLCONFIG=%s", path);
	return err ?: write_fragment(path, fragment, error) ?: make_run(&job, &report, error) ?:
	       check(tree->src, fragment, strict, called, watch, error);
}
