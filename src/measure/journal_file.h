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
	struct saved_knobs saved;	/* to be freed by journal_text_free() */
};

/* Beyond any machine: a governor for each CPU, and the others. */
#define SAVED_MAX (KNOB_CPU_MAX + 1 + NR_KNOBS)

/* One more, which its journal holds from then on. 0, -ENOMEM or -E2BIG. */
int saved_add(struct saved_knobs *saved, const struct knob_kind *kind, const char *path, const char *value);
struct saved_knob *saved_find(const struct saved_knobs *saved, const char *path);	/* NULL: it was not noted */

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
 * What it says. A last line that was not finished does not count: its knob was not changed yet. 0; -EBADMSG when
 * anything in it is not what wbit writes; else -errno: then there is nothing to free.
 */
int journal_read(int file, struct journal_text *text);
void journal_text_free(struct journal_text *text);

int journal_write_line(int file, const char *first, const char *second);	/* synced; 0 or -errno */

/* Sets the knob to what it held, and looks whether it took it; one that holds it is left alone. 0 or -errno. */
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
