/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal's folder and files (journal.h), for those who write, guard and finish them. */
#ifndef WBIT_JOURNAL_FILE_H
#define WBIT_JOURNAL_FILE_H

#include "journal.h"

#define JOURNAL_FOLDER "/run/wbit"
#define JOURNAL_PREFIX "knobs-"	/* then the pid of the run, as after the header */
#define JOURNAL_HEADER "wbit-knobs-1"

struct journal_text {
	unsigned long pid;	/* of the run; 0: none was written yet */
	unsigned nr;
	struct saved_knob saved[NR_KNOBS];
};

/*
 * The folder, 0700 and this user's own, a descriptor to close; made when `create` is true. -ENOENT: there is none; -EPERM:
 * it is someone else's, open to others, or no folder; else -errno.
 */
int journal_open_folder(const char *root, bool create);

/* Is this the name of a journal? Others in the folder are none of ours. */
bool journal_is_name(const char *name);

/* A file of it, with the same checks, to read and write. A descriptor to close, or -errno. */
int journal_open_file(int folder, const char *name);

/*
 * What it says. A last line that was not finished does not count: its knob was not changed yet. 0, or -EBADMSG when
 * anything in it is not what wbit writes.
 */
int journal_read(int file, struct journal_text *text);

int journal_write_line(int file, const char *first, const char *second);	/* synced; 0 or -errno */

/* Sets the knob to what it held, and looks whether it took it. 0 or -errno. */
int saved_put_back(const char *root, const struct saved_knob *saved);

/*
 * Puts back what the file says, the last first, then empties and removes it. All is tried; 0, or the first -errno: then
 * the file stays. On -EBADMSG nothing was touched.
 */
int journal_finish(const char *root, int folder, int file, const char *name);

/* The process that does that when this one has died. Its pid, or -errno. */
pid_t guard_start(const struct journal *j);
void guard_stop(pid_t guard);

#endif
