// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures of a bundle: `wbit plot` in a process of its own, whose words are caught. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bundle.h"
#include "face.h"

#define SAFE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static void become_plot(const struct bundle *bundle, int said)
{
	static char paths[BUNDLE_FILES_MAX][PATH_MAX], folder[PATH_MAX];
	char *argv[BUNDLE_FILES_MAX + 4] = { "wbit plot", "-o", folder };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), argc = 3;

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(said, 2) < 0)
		_exit(126);
	snprintf(folder, sizeof(folder), "%s/figures", bundle->work);
	for (unsigned i = 0; i < bundle->nr_records; i++) {
		snprintf(paths[i], PATH_MAX, "%s/records/%u.jsonl", bundle->work, i + 1);
		argv[argc++] = paths[i];
	}
	_exit(cmd_plot(argc, argv));
}

/* Keeps the last line, without "wbit: " before it. */
static void note_why(struct bundle *bundle, char *said)
{
	char *end = said + strlen(said), *line;

	while (end > said && end[-1] == '\n')
		*--end = '\0';
	line = strrchr(said, '\n');
	line = line ? line + 1 : said;
	line += strncmp(line, "wbit: ", 6) ? 0 : 6;
	printable(*line ? line : "`wbit plot` failed", bundle->no_figures, sizeof(bundle->no_figures));
}

static int is_member(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strlen(entry->d_name) < BUNDLE_NAME_MAX - 10 &&
	       strspn(entry->d_name, SAFE) == strlen(entry->d_name);
}

static int collect(struct bundle *bundle)
{
	char folder[PATH_MAX];
	struct dirent **entries;
	int nr, i;

	snprintf(folder, sizeof(folder), "%s/figures", bundle->work);
	nr = scandir(folder, &entries, is_member, alphasort);
	if (nr < 0)
		return complain("%s: %s", folder, strerror(errno));
	for (i = 0; i < nr; i++) {
		if (bundle->nr_members < BUNDLE_MEMBERS_MAX)
			snprintf(bundle->members[bundle->nr_members++], BUNDLE_NAME_MAX, "figures/%.60s",
				 entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return STATUS_OK;
}

/* All that the process says up to its end; what does not fit is read and dropped, so that it never waits. */
static void listen_to(int fd, char *said, size_t size)
{
	char block[512];
	size_t at = 0;
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0 || (n < 0 && errno == EINTR))
		for (ssize_t i = 0; i < n; i++)
			if (at + 1 < size)
				said[at++] = block[i];
	said[at] = '\0';
}

int bundle_draw(struct bundle *bundle)
{
	char said[4096];
	int ends[2], status = 0;
	pid_t pid;

	fflush(NULL);
	if (pipe2(ends, O_CLOEXEC))
		return complain("cannot start `wbit plot`: %s", strerror(errno));
	pid = fork();
	if (!pid)
		become_plot(bundle, ends[1]);
	close(ends[1]);
	if (pid > 0)
		listen_to(ends[0], said, sizeof(said));
	close(ends[0]);
	if (pid < 0)
		return complain("cannot start `wbit plot`: %s", strerror(errno));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return collect(bundle);
	note_why(bundle, said);
	warn_user("figures left out: %s", bundle->no_figures);
	return STATUS_OK;
}
