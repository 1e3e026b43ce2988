// SPDX-License-Identifier: GPL-2.0-or-later
/* perf record up, perf record down, perf script through the fold. */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "face.h"
#include "plot_draw.h"
#include "profile.h"
#include "whole_file.h"

#define START_LIMIT_MS 30000	/* perf record looks at all the process maps first */
#define SAID_MAX (4u << 20)
#define SECOND_NS 1000000000u

/* ---- before anything is measured ---- */

/* As perf record will: of this process, user and kernel. NULL: it can be. */
static const char *why_no_cycles(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_CPU_CYCLES, .size = sizeof(attr), .disabled = 1,
		.sample_period = 100000000,
	};
	int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC), err = errno;

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	return err == EACCES || err == EPERM ? "no PMU for this user" : "no PMU";
}

static int look_for_perf(void)
{
	char *const argv[] = { "perf", "--version", NULL };
	volatile sig_atomic_t never = 0;
	struct perf perf = PERF_NONE;
	char why[300];
	int err = perf_read(&perf, argv, NULL, NULL, &never);

	if (err == -EIO)
		perf_why(&perf, why, sizeof(why));
	else if (err)
		perf_why_not_started(err, why, sizeof(why));
	perf_free(&perf);
	return err ? complain("%s", why) : STATUS_OK;
}

static int refuse(const char *path)
{
	return complain("%s is there already: choose another folder with -o, or --force to overwrite it", path);
}

int profile_prepare(struct profile *p)
{
	int status = look_for_perf();

	p->perf = (struct perf)PERF_NONE;
	if (status)
		return status;
	if (!p->event) {
		p->no_pmu = why_no_cycles();
		p->event = p->no_pmu ? "cpu-clock" : "cycles";
		p->hz = p->hz ? p->hz : PROFILE_HZ;
	}
	if (snprintf(p->data, PATH_MAX, "%s/perf.data", p->folder) >= PATH_MAX ||
	    snprintf(p->folded, PATH_MAX, "%s/%s.folded", p->folder, p->phase_name) >= PATH_MAX)
		return complain("%.60s...: the folder's name is too long", p->folder);
	if (!p->force && !access(p->data, F_OK))
		return refuse(p->data);
	if (!p->force && !access(p->folded, F_OK))
		return refuse(p->folded);
	return STATUS_OK;
}

/* ---- perf record ---- */

static int make_folder(struct profile *p, char *error, size_t size)
{
	int err;

	p->folder_made = access(p->folder, F_OK);
	err = plot_make_folders(p->folder);
	if (!err && unlink(p->data) && errno != ENOENT)	/* perf would keep it under another name */
		err = -errno;
	if (err) {
		snprintf(error, size, "%s: %s", p->folder, strerror(-err));
		p->folder_made = false;
	}
	return err;
}

static int start_record(struct profile *p)
{
	char pid[24], hz[24];
	/* The first event counts nothing: it is there for the records of forks and mappings, and is never switched off. */
	char *argv[] = { "perf", "record", "-D", "-1", "--control=" PERF_CONTROL, "-g", "--no-buildid-cache", "-o", p->data, "-p", pid,
			 "-e", "dummy:u", "-e", (char *)p->event, NULL, NULL, NULL };
	size_t nr = sizeof(argv) / sizeof(argv[0]) - 3;

	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(hz, sizeof(hz), "%u", p->hz);
	if (p->hz) {
		argv[nr] = "-F";
		argv[nr + 1] = hz;
	}
	return perf_start(&p->perf, argv, true);
}

/*
 * All events on, then off again all but the first: by its name, since a plain "disable" would also end the records of what forks. Was
 * the name understood? perf answers "ack" to any, so what it says elsewhere tells.
 */
static int switch_on(struct profile *p, const struct phase_gate *gate, char *error, size_t size)
{
	char sign[PROFILE_EVENT_MAX + 32], *said;
	bool understood;
	int err = gate_say(p->perf.control_fd, p->perf.ack_fd, "enable\n", START_LIMIT_MS) ?:
		  gate_say(p->perf.control_fd, p->perf.ack_fd, gate->disable, GATE_LIMIT_MS);

	if (err == -EPIPE || err == -ECONNRESET) {
		perf_end(&p->perf);
		perf_why(&p->perf, error, size);
		return -EIO;
	}
	if (err) {
		snprintf(error, size, "%s: %s", gate_why(err), strerror(-err));
		return -EIO;
	}
	said = perf_said(&p->perf, SAID_MAX);
	snprintf(sign, sizeof(sign), "Event %s disabled", p->event);
	understood = said && strstr(said, sign);
	free(said);
	if (understood)
		return 0;
	snprintf(error, size, "-e %s: perf record has no single event of this name here (`perf list`; without -e it is cycles, or "
		 "cpu-clock where there is no PMU)", p->event);
	return -EINVAL;
}

/* Where `address` is in its file, and in which: as the kernel says it in /proc/self/maps. 0 or -ENOENT. */
static int place_in_file(uint64_t address, uint64_t *offset, char file[PATH_MAX])
{
	unsigned long low, high, from;
	FILE *maps = fopen("/proc/self/maps", "re");
	char *line = NULL;
	size_t size = 0;
	int err = -ENOENT;

	while (maps && err && getline(&line, &size, maps) > 0) {
		if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %4095[^\n]", &low, &high, &from, file) != 4 || address < low ||
		    address >= high)
			continue;
		*offset = address - low + from;
		err = 0;
	}
	free(line);
	if (maps)
		fclose(maps);
	return err;
}

/* What was sampled in the gate is not of the phase. */
static struct fold *new_fold(void)
{
	static char file[PATH_MAX];
	struct fold_window windows[2] = { { 0 } };
	uint64_t offset;

	gate_text(&windows[0].low, &windows[0].high);
	if (place_in_file(windows[0].low, &offset, file))
		return fold_new(windows, 1);
	windows[1] = (struct fold_window){ file, offset, offset + windows[0].high - windows[0].low };
	return fold_new(windows, 2);
}

int profile_begin(void *arg, const struct repeat_cell *cell, struct phase_gate *gate, char *error, size_t size)
{
	struct profile *p = arg;
	int err = gate_init(gate, p->phase, p->event) ?: make_folder(p, error, size);

	(void)cell;
	if (err)
		return err;
	p->fold = new_fold();
	if (!p->fold || fold_pass_over(p->fold, getpid()))	/* wbit itself only waits */
		return -ENOMEM;
	err = start_record(p);
	if (err) {
		perf_why_not_started(err, error, size);
		return -EIO;
	}
	gate->control_fd = p->perf.control_fd;
	gate->ack_fd = p->perf.ack_fd;
	if (p->hz)
		gate->dither_tsc = gate_tsc_of_ns(SECOND_NS / p->hz);
	return switch_on(p, gate, error, size);
}

/* ---- its stacks ---- */

static int fold_text(void *arg, const char *data, size_t len)
{
	return fold_take(arg, data, len);
}

static const char *fold_why(int err)
{
	return err == -EPROTO ? "what `perf script` prints is not understood" :
	       err == -E2BIG ? "more different stacks than fit" : strerror(-err);
}

static int read_stacks(struct profile *p)
{
	char *const argv[] = { "perf", "script", "-i", p->data, "-F", "comm,pid,ip,sym,dso", "--no-inline", NULL };
	struct perf script = PERF_NONE;
	char why[300];
	int err;

	err = perf_read(&script, argv, fold_text, p->fold, &stop) ?: fold_end(p->fold);
	if (err == -EIO)
		complain("%s", perf_why(&script, why, sizeof(why)));
	else if (err == -ECANCELED)
		complain("interrupted");
	else if (err)
		complain("%s: %s", p->data, fold_why(err));
	perf_free(&script);
	return !err ? STATUS_OK : err == -ECANCELED ? STATUS_INCONCLUSIVE : STATUS_USAGE;
}

static int write_stacks(struct profile *p)
{
	struct whole_file whole;
	int status = whole_open(&whole, p->folded, p->force);

	if (!status)
		status = fold_write(p->fold, whole.file) ? complain("out of memory") : whole_commit(&whole);
	whole_drop(&whole);
	return status;
}

void profile_after(void *arg, pid_t child, bool fine)
{
	struct profile *p = arg;

	if (!fine && fold_pass_over(p->fold, child))
		p->forgot = true;
}

int profile_finish(struct profile *p)
{
	struct stat st;
	char why[300];
	int status;

	perf_end(&p->perf);
	if (p->forgot)
		return complain("out of memory");
	if (stat(p->data, &st) || !st.st_size)
		return complain("%s", perf_why(&p->perf, why, sizeof(why)));
	status = read_stacks(p);
	if (!status && !fold_samples(p->fold)) {
		complain("no sample fell into the phase: more --pages make it longer, more --runs or a longer --budget repeat it");
		return STATUS_INCONCLUSIVE;
	}
	return status ? status : write_stacks(p);
}

void profile_end(struct profile *p, bool whole)
{
	perf_free(&p->perf);
	fold_free(p->fold);
	p->fold = NULL;
	if (whole)
		return;
	if (p->folder_made) {
		unlink(p->data);
		rmdir(p->folder);
	}
}
