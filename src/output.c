// SPDX-License-Identifier: GPL-2.0-or-later
/* The record file of a run: its name, and how it is opened without overwriting anything. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "face.h"
#include "options.h"

#define DEFAULT_FOLDER "results/local"

void make_run_id(char *out)
{
	time_t now = time(NULL);
	uint16_t digits = getpid();
	char stamp[20];

	/* Without entropy yet (early in a guest) the process ID has to do. */
	if (getrandom(&digits, sizeof(digits), GRND_NONBLOCK) < 0)
		digits = getpid();
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", gmtime(&now));
	snprintf(out, 32, "%s-%04x", stamp, digits);
}

static int make_default_folder(void)
{
	if (mkdir("results", 0777) && errno != EEXIST)
		return -errno;
	return mkdir(DEFAULT_FOLDER, 0777) && errno != EEXIST ? -errno : 0;
}

static int refuse_to_overwrite(const char *path)
{
	return complain("%s is there already: choose another file, or --force to overwrite it", path);
}

int check_output(const struct measure_options *options)
{
	struct stat st;

	if (!options->output || !strcmp(options->output, "-") || options->force || stat(options->output, &st) ||
	    !S_ISREG(st.st_mode))
		return STATUS_OK;
	return refuse_to_overwrite(options->output);
}

FILE *open_output(const struct measure_options *options, const char *run_id, char *path_out)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (options->force ? 0 : O_EXCL), fd, err;
	FILE *file;

	if (options->output && !strcmp(options->output, "-")) {
		snprintf(path_out, PATH_MAX, "-");
		return stdout;
	}
	if (options->output) {
		snprintf(path_out, PATH_MAX, "%s", options->output);
	} else {
		snprintf(path_out, PATH_MAX, "%s/%s.jsonl", DEFAULT_FOLDER, run_id);
		err = make_default_folder();
		if (err) {
			complain("cannot create %s: %s (use -o FILE)", DEFAULT_FOLDER, strerror(-err));
			return NULL;
		}
	}
	/* A terminal, a pipe or /dev/full is there already and nothing is lost by writing to it. */
	fd = open(path_out, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0) {
		struct stat st;

		if (!fstat(fd, &st) && S_ISREG(st.st_mode)) {
			close(fd);
			fd = -1;
			errno = 0;
		} else {
			fcntl(fd, F_SETFL, 0);
		}
	}
	if (fd < 0 && errno != EISDIR)
		fd = open(path_out, flags, 0666);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file && errno == EEXIST)
		refuse_to_overwrite(path_out);
	else if (!file)
		complain("cannot write %s: %s", path_out, strerror(errno));
	return file;
}

void end_output_here(FILE *file)
{
	struct stat st;
	long at = ftell(file);

	/* Where it cannot be cut (a full disk never stands in the way) the old lines follow, and the reader refuses them. */
	if (at > 0 && !fstat(fileno(file), &st) && S_ISREG(st.st_mode) && st.st_size > at && ftruncate(fileno(file), at))
		warn_user("cannot cut the old end off: %s", strerror(errno));
}
