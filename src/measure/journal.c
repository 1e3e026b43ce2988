// SPDX-License-Identifier: GPL-2.0-or-later
/* The journal of a run, and what other runs left. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journal_file.h"

static int say(char *text, size_t size, int err, const char *format, ...) __attribute__((format(printf, 4, 5)));

static int say(char *text, size_t size, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, size, format, args);
	va_end(args);
	return err;
}

/* ---- other runs' ---- */

static void tell_living(struct journals *found, const char *pid)
{
	if (!found->living++ && !found->dead && !found->bad)
		say(found->text, sizeof(found->text), 0, "another run of wbit (pid %s) has knobs of this kernel in its hands: "
		    "wait for its end", pid);
}

static void tell_dead(struct journals *found, const char *pid, const struct journal_text *text, bool restored)
{
	const struct saved_knob *first = text->saved.all;
	char others[40] = "";

	if (found->dead++ || found->bad)
		return;
	if (text->saved.nr > 1)
		say(others, sizeof(others), 0, ", and %u more", text->saved.nr - 1);
	if (!first)
		say(found->text, sizeof(found->text), 0, "a run that was killed (pid %s) %s a journal, and had changed "
		    "nothing", pid, restored ? "had left" : "left");
	else
		say(found->text, sizeof(found->text), 0, "a run that was killed (pid %s) had changed %s: it %s %s%s", pid,
		    first->path, restored ? "is put back to" : "is to be put back to", first->value, others);
}

static void tell_bad(struct journals *found, const char *root, const char *name, const struct journal_text *text, int err)
{
	if (found->bad++)
		return;
	if (err == -EBADMSG || err == -EPERM || !text->saved.nr)
		say(found->text, sizeof(found->text), 0, "%s" JOURNAL_FOLDER "/%s is not what wbit writes, and is not believed: "
		    "look at it, set the knobs yourself, and remove it", root, name);
	else
		say(found->text, sizeof(found->text), 0, "cannot put %s back to %s: %s", text->saved.all[0].path,
		    text->saved.all[0].value, strerror(-err));
}

/* Who wants to hear of each knob. */
struct listener {
	journals_tell *tell;	/* NULL: nobody */
	void *arg;
};

static void tell_knobs(const struct listener *to, const char *root, const struct journal_text *text)
{
	char path[PATH_MAX], now[KNOB_VALUE_MAX];
	const struct saved_knob *saved;
	unsigned i;

	for (i = 0; to->tell && i < text->saved.nr; i++) {
		saved = &text->saved.all[i];
		if (knob_path(root, saved->path, path) || knob_read(path, now, sizeof(now)))
			now[0] = '\0';
		if (strcmp(now, saved->value))
			to->tell(to->arg, saved->path, saved->value, now);
	}
}

static void look_at(const char *root, int folder, const char *name, bool restore, struct journals *found,
		    const struct listener *to)
{
	int file = journal_open_file(folder, name), err = file < 0 ? file : 0;
	const char *pid = name + strlen(JOURNAL_PREFIX);
	struct journal_text text = { 0 };

	if (err == -ENOENT)
		return;		/* removed meanwhile */
	if (!err && flock(file, LOCK_EX | LOCK_NB)) {
		tell_living(found, pid);
		close(file);
		return;
	}
	err = err ?: journal_read(file, &text);
	if (!err)
		tell_knobs(to, root, &text);
	if (!err && restore)
		err = journal_finish(root, folder, file, name);
	if (err)
		tell_bad(found, root, name, &text, err);
	else
		tell_dead(found, pid, &text, restore);
	journal_text_free(&text);
	if (file >= 0)
		close(file);
}

/* Only one process at a time looks, restores or begins: the folder's own lock is held. */
static int look_through(const char *root, int folder, bool restore, struct journals *found, const struct listener *to)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;

	if (!dir) {
		if (again >= 0)
			close(again);
		return say(found->text, sizeof(found->text), -EIO, "cannot look through %s" JOURNAL_FOLDER, root);
	}
	while ((entry = readdir(dir)))
		if (journal_is_name(entry->d_name))
			look_at(root, folder, entry->d_name, restore, found, to);
	closedir(dir);
	return 0;
}

static int open_locked(const char *root, bool create, char *error, size_t size)
{
	int folder = journal_open_folder(root, create);

	if (folder == -EPERM)
		return say(error, size, -EPERM, "%s" JOURNAL_FOLDER " is not wbit's own folder (of user %d, with mode 0700): "
			   "remove it", root, (int)geteuid());
	if (folder == -EACCES || folder == -EROFS)
		return say(error, size, folder, "cannot keep a journal of knobs in %s" JOURNAL_FOLDER ": %s: run as root, "
			   "with a /run that can be written", root, strerror(-folder));
	if (folder < 0)
		return say(error, size, folder, "%s" JOURNAL_FOLDER ": %s", root, strerror(-folder));
	if (flock(folder, LOCK_EX)) {
		close(folder);
		return say(error, size, -EIO, "cannot lock %s" JOURNAL_FOLDER, root);
	}
	return folder;
}

int journals_look_through(const char *root, bool restore, struct journals *found, journals_tell *tell, void *arg)
{
	const struct listener to = { tell, arg };
	int folder, err;

	*found = (struct journals){ 0 };
	folder = open_locked(root, false, found->text, sizeof(found->text));
	if (folder == -ENOENT) {
		found->text[0] = '\0';
		return 0;
	}
	if (folder < 0)
		return folder;
	err = look_through(root, folder, restore, found, &to);
	close(folder);
	return err;
}

int journals_look(const char *root, bool restore, struct journals *found)
{
	return journals_look_through(root, restore, found, NULL, NULL);
}

/* ---- this run's ---- */

void journal_init(struct journal *j, const char *root)
{
	*j = (struct journal){ .root = root, .folder = -1, .file = -1 };
}

void journal_leave(const struct journal *j)
{
	if (j->file >= 0)
		close(j->file);
	if (j->folder >= 0)
		close(j->folder);
}

static void forget(struct journal *j)
{
	journal_leave(j);
	free(j->saved.all);
	journal_init(j, j->root);
}

/* The file, locked before its first line, so that it is never taken for a dead run's. */
static int make_file(struct journal *j)
{
	int err;

	snprintf(j->name, sizeof(j->name), JOURNAL_PREFIX "%d", (int)getpid());
	j->file = openat(j->folder, j->name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (j->file < 0)
		return -errno;
	if (flock(j->file, LOCK_EX | LOCK_NB))
		err = -errno;
	else
		err = journal_write_line(j->file, JOURNAL_HEADER, j->name + strlen(JOURNAL_PREFIX));
	if (!err && fsync(j->folder))
		err = -errno;
	if (!err) {
		j->guard = guard_start(j);
		err = j->guard < 0 ? j->guard : 0;
	}
	if (err)
		unlinkat(j->folder, j->name, 0);
	return err;
}

int journal_begin(struct journal *j, char *error, size_t size)
{
	const struct listener nobody = { NULL, NULL };
	struct journals others = { 0 };
	int err;

	if (j->file >= 0)
		return 0;
	j->folder = open_locked(j->root, true, error, size);
	if (j->folder < 0)
		return j->folder;
	err = look_through(j->root, j->folder, false, &others, &nobody);
	if (!err && (others.bad || others.dead))
		err = say(error, size, -EEXIST, "%s (wbit doctor --restore)", others.text);
	else if (!err && others.living)
		err = say(error, size, -EBUSY, "%s", others.text);
	else if (!err && (err = make_file(j)))
		say(error, size, err, "cannot keep a journal of knobs in %s" JOURNAL_FOLDER ": %s", j->root, strerror(-err));
	if (err)
		forget(j);
	else
		flock(j->folder, LOCK_UN);
	return err;
}

int journal_note(struct journal *j, const char *knob, char *reason, size_t size)
{
	const struct knob_kind *kind = knob_kind(knob);
	char path[PATH_MAX], value[KNOB_VALUE_MAX];
	int err;

	if (!kind)
		return say(reason, size, -EINVAL, "%s is not a knob that wbit touches", knob);
	if (saved_find(&j->saved, knob))
		return 0;
	err = journal_begin(j, reason, size);
	if (err)
		return err;
	err = knob_path(j->root, knob, path) ?: knob_read(path, value, sizeof(value));
	if (err)
		return say(reason, size, err, "cannot read %s: %s", knob, strerror(-err));
	if (!knob_may_hold(kind, value))
		return say(reason, size, -EINVAL, "%s holds what wbit does not know, and so could not put back", knob);
	err = saved_add(&j->saved, kind, knob, value);
	if (!err && (err = journal_write_line(j->file, knob, value)))
		j->saved.nr--;
	return err ? say(reason, size, err, "cannot note the value of %s before changing it: %s", knob, strerror(-err)) : 0;
}

int journal_set(struct journal *j, const char *knob, const char *value, char *reason, size_t size)
{
	char path[PATH_MAX];
	int err = journal_note(j, knob, reason, size);

	if (err)
		return err;
	err = knob_path(j->root, knob, path) ?: knob_write(path, value);
	return err ? say(reason, size, err, "cannot set %s to %s: %s", knob, value, strerror(-err)) : 0;
}

static int can_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int journal_tune(struct journal *j, const char *knob, const char *value, char *reason, size_t size)
{
	char path[PATH_MAX], now[KNOB_VALUE_MAX];
	struct saved_knob *saved;
	int err = knob_path(j->root, knob, path) ?: can_write(path);

	if (err)
		return say(reason, size, err, "cannot set %s to %s: %s", knob, value, strerror(-err));
	err = journal_set(j, knob, value, reason, size);
	if (err)
		return err;
	saved = saved_find(&j->saved, knob);
	if (knob_read(path, now, sizeof(now)) || strcmp(now, value)) {
		saved_put_back(j->root, saved);
		return say(reason, size, -EIO, "%s does not take %s", knob, value);
	}
	snprintf(saved->between, sizeof(saved->between), "%s", value);
	return 0;
}

bool journal_tuned_away(const struct journal *j, const char *knob, const char *value)
{
	const struct saved_knob *saved = saved_find(&j->saved, knob);

	return saved && strcmp(saved->between, saved->value) && !strcmp(saved->value, value);
}

void journal_put_back(struct journal *j, const char *knob)
{
	const struct saved_knob *saved = saved_find(&j->saved, knob);
	char path[PATH_MAX];

	if (saved && !knob_path(j->root, knob, path))
		knob_write(path, saved->between);	/* journal_end() sees to what it held before the run, and tells */
}

int journal_end(struct journal *j, char *error, size_t size)
{
	int err;

	if (j->file < 0)
		return 0;
	err = journal_finish(j->root, j->folder, j->file, j->name);
	if (err)
		say(error, size, err, "what was changed could not be put back (%s): wbit doctor --restore", strerror(-err));
	guard_stop(j->guard);
	forget(j);
	return err;
}
