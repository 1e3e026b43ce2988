/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The journal of knobs: what they held before a run changed them. One file a run, /run/wbit/knobs-PID, in a folder that is
 * its user's own (0700); a line is there, and synced, before the knob is changed. It is removed once all is put back.
 *
 * A run that ends puts its knobs back itself. When it dies (SIGSEGV, kill -9) its guard does, a process of its own that
 * waits for that. When the guard is killed as well the file stays, and journals_restore() finishes it. A journal is
 * locked as long as its run or guard lives, and one that is locked is never touched.
 *
 * The file is hostile input: only knobs on knobs.c's list, at values that they may hold, are ever put back from it; one
 * that holds anything else is left as it is, and nothing in it is believed.
 */
#ifndef WBIT_JOURNAL_H
#define WBIT_JOURNAL_H

#include <sys/types.h>

#include "knobs.h"

struct saved_knob {
	const struct knob_kind *kind;
	char path[KNOB_PATH_MAX];
	char value[KNOB_VALUE_MAX];	/* that it held before the run */
	char between[KNOB_VALUE_MAX];	/* that it goes back to after each cell: the same, or what --tune set. Not in the file */
};

struct saved_knobs {
	unsigned nr;
	struct saved_knob *all;		/* in the order in which they were noted */
};

struct journal {
	const char *root;	/* "": this machine; a test's folder stands before all paths, of knobs too */
	int folder, file;	/* -1: not begun */
	char name[32];
	pid_t guard;
	struct saved_knobs saved;
};

void journal_init(struct journal *j, const char *root);

/*
 * Makes the file and starts the guard; journal_set() does it by itself. 0; -EBUSY: another run has knobs in its hands;
 * -EEXIST: a dead run's journal is there; else -errno; with one line in `error`.
 */
int journal_begin(struct journal *j, char *error, size_t size);

/* In a child of the run: closes what it shares of the journal, so that its lock ends with the run and the guard. */
void journal_leave(const struct journal *j);

/* Notes what the knob holds, once, and sets it. 0, or -errno with a reason; -EINVAL: not a knob that wbit touches. */
int journal_note(struct journal *j, const char *path, char *reason, size_t size);
int journal_set(struct journal *j, const char *path, const char *value, char *reason, size_t size);

/*
 * The same for all of the run: the value is what journal_put_back() leaves. -EIO: the knob did not take it, and holds again what
 * it did. Where the knob cannot be opened for writing nothing is noted.
 */
int journal_tune(struct journal *j, const char *path, const char *value, char *reason, size_t size);

/* Did the knob hold this value before journal_tune() set it to another? */
bool journal_tuned_away(const struct journal *j, const char *path, const char *value);

/* Sets a knob to what was noted of it, or what it was tuned to; nothing when nothing was. The note stays. */
void journal_put_back(struct journal *j, const char *path);

/* Puts everything back, looks whether it is, and removes the file. -errno: something is not back; the file stays. */
int journal_end(struct journal *j, char *error, size_t size);

/* What lies in the folder. Texts are printable, a line each. */
struct journals {
	unsigned living, dead, bad;	/* bad: not to be believed, or not to be put back */
	char text[300];			/* of the worst of them; "" when there is none */
};

/*
 * Looks, and puts back what dead runs left when `restore` is true: `dead` then counts what was put back. 0 (also when
 * there is no folder); -EACCES: not for this user; -EPERM: the folder is not what wbit makes; with a line in text.
 */
int journals_look(const char *root, bool restore, struct journals *found);

/*
 * The same, and tells of each knob that dead runs left at another value than it had: what it held before the run, and what it
 * holds now ("": it cannot be read). The strings are gone after the call.
 */
typedef void journals_tell(void *arg, const char *path, const char *before, const char *now);
int journals_look_through(const char *root, bool restore, struct journals *found, journals_tell *tell, void *arg);

#endif
