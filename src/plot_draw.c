// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gnuplot runs commands that it finds in strings. So nothing from a record gets into its scripts, which are fixed files:
 * all that varies goes through NAME.dat (data/figure.h). It works in a folder that nobody else can write to: in the
 * user's own, someone who shares it could put another script in its place.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "face.h"
#include "plot_draw.h"

#define GNUPLOT_LIMIT_S 60
#define SCRIPT_MAX 16384
#define FILES_MAX 8

const struct plot_format plot_formats[NR_PLOT_FORMATS] = {
	{ "svg", "</svg>\n\n", 8 },
	{ "png", "IEND\xae\x42\x60\x82", 8 },
	{ "pdf", "%%EOF\n", 6 },
};

/* What belongs to a figure: the pictures first. */
struct file_list {
	char names[FILES_MAX][32];
	const struct plot_format *formats[FILES_MAX];	/* NULL: no picture */
	unsigned nr;
};

static void list_file(struct file_list *list, const char *name, const char *ending, const struct plot_format *format)
{
	snprintf(list->names[list->nr], sizeof(list->names[0]), "%s.%s", name, ending);
	list->formats[list->nr++] = format;
}

static void list_files(struct file_list *list, const char *name, const bool wanted[NR_PLOT_FORMATS])
{
	list->nr = 0;
	for (unsigned i = 0; i < NR_PLOT_FORMATS; i++) {
		if (wanted[i])
			list_file(list, name, plot_formats[i].name, &plot_formats[i]);
	}
	list_file(list, name, "dat", NULL);
	list_file(list, name, "gp", NULL);
	list_file(list, "style", "gp", NULL);
	if (!strcmp(name, "write") || !strcmp(name, "migrate"))
		list_file(list, "cdf", "gp", NULL);
}

static char *in_folder(const char *folder, const char *name, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		path[0] = '\0';	/* opens nothing */
	return path;
}

int plot_make_folders(const char *folder)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/", folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* Copies a script, so that it stands beside its data. */
static int copy_script(const char *folder, const char *name)
{
	char text[SCRIPT_MAX], source[PATH_MAX], path[PATH_MAX];
	FILE *file = fopen(in_folder(plots_folder(), name, source), "re");
	size_t len;
	int err;

	if (!file)
		return complain("%s: %s", source, strerror(errno));
	len = fread(text, 1, sizeof(text), file);
	err = ferror(file) || len == sizeof(text);
	fclose(file);
	if (err)
		return complain("%s: cannot read it whole", source);
	file = fopen(in_folder(folder, name, path), "we");
	if (!file)
		return complain("%s: %s", path, strerror(errno));
	err = fwrite(text, 1, len, file) != len;
	err |= fclose(file);
	return err ? complain("%s: %s", path, strerror(errno)) : 0;
}

static int save_data(const char *folder, const struct figure *figure, const struct figure_input *input)
{
	char name[32], path[PATH_MAX];
	FILE *file;
	int err;

	snprintf(name, sizeof(name), "%s.dat", figure->name);
	file = fopen(in_folder(folder, name, path), "we");
	if (!file)
		return complain("%s: %s", path, strerror(errno));
	figure->write(file, input);
	err = ferror(file);
	err |= fclose(file);
	return err ? complain("%s: %s", path, strerror(errno)) : 0;
}

static void become_gnuplot(const char *folder, const char *script, int output)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || chdir(folder) || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(126);
	alarm(GNUPLOT_LIMIT_S);
	execlp("gnuplot", "gnuplot", "-d", script, (char *)NULL);	/* -d: no ~/.gnuplot */
	_exit(errno == ENOENT ? 127 : 126);
}

/* Runs gnuplot and keeps the beginning of what it says. Returns its wait status, or -errno. */
static int run_gnuplot(const char *folder, const char *script, char *said, size_t size)
{
	size_t at = 0;
	ssize_t n;
	char more[512];
	int ends[2], status = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		become_gnuplot(folder, script, ends[1]);
	close(ends[1]);
	while (pid > 0 && ((n = read(ends[0], more, sizeof(more))) > 0 || (n < 0 && errno == EINTR))) {
		size_t take = n < 0 ? 0 : (size_t)n < size - 1 - at ? (size_t)n : size - 1 - at;

		memcpy(said + at, more, take);
		at += take;
	}
	said[at] = '\0';
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -EAGAIN : status;
}

/* gnuplot exits with 0 also when the disk is full: a picture is there when it has its end. */
static bool is_whole(const char *path, const struct plot_format *format)
{
	char tail[16];
	FILE *file = fopen(path, "re");
	bool whole;

	if (!file)
		return false;
	whole = !fseek(file, -(long)format->tail_len, SEEK_END) &&
		fread(tail, 1, format->tail_len, file) == format->tail_len &&
		!memcmp(tail, format->tail, format->tail_len);
	fclose(file);
	return whole;
}

/*
 * A PDF holds the moment at which it was made. Another date of the same length takes its place, so that equal data give
 * equal files. What is not found stays.
 */
static void fix_date(const char *path)
{
	static const char key[] = "/CreationDate (D:", date[] = "20000101000000Z";
	char tail[4096];
	const char *at;
	size_t len;
	FILE *file = fopen(path, "r+e");

	if (!file)
		return;
	if (!fseek(file, 0, SEEK_END) && ftell(file) >= (long)sizeof(tail) && !fseek(file, -(long)sizeof(tail), SEEK_END)) {
		long start = ftell(file);

		len = fread(tail, 1, sizeof(tail), file);
		at = memmem(tail, len, key, sizeof(key) - 1);
		if (at && at + sizeof(key) + sizeof(date) < tail + len &&
		    !fseek(file, start + (at - tail) + (long)sizeof(key) - 1, SEEK_SET))
			fputs(date, file);
	}
	fclose(file);	/* a disk that is full: is_whole() looks afterwards */
}

static int draw(const char *folder, const char *script, const struct file_list *list)
{
	char path[PATH_MAX], said[400];
	int status = run_gnuplot(folder, script, said, sizeof(said));

	if (status < 0)
		return complain("cannot start gnuplot: %s", strerror(-status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return complain("gnuplot is not installed: apt-get install --no-install-recommends gnuplot-nox");
	if (WIFSIGNALED(status))
		return complain("gnuplot ended by signal %d in %s", WTERMSIG(status), folder);
	if (WEXITSTATUS(status))
		return complain("gnuplot failed in %s: %s", folder, said + strspn(said, " \n"));
	for (unsigned i = 0; i < list->nr; i++) {
		if (list->formats[i] && !strcmp(list->formats[i]->name, "pdf"))
			fix_date(in_folder(folder, list->names[i], path));
		if (list->formats[i] && !is_whole(in_folder(folder, list->names[i], path), list->formats[i]))
			return complain("%s was not written whole: is the disk full?", path);
	}
	return 0;
}

/* Under another name first: whoever looks sees the old file or the new one, whole. Links are not followed. */
static int move_in(const char *work, const char *folder, const char *name)
{
	char from[PATH_MAX], to[PATH_MAX], whole[PATH_MAX];
	char bytes[65536];
	size_t n;
	FILE *in = fopen(in_folder(work, name, from), "re"), *out = NULL;
	int fd = -1, err;

	if (in && snprintf(to, sizeof(to), "%s/.%s-XXXXXX", folder, name) < (int)sizeof(to))
		fd = mkostemp(to, O_CLOEXEC);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	err = !out;
	while (!err && (n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		err = fwrite(bytes, 1, n, out) != n;
	err = err || ferror(in) || fflush(out) || fchmod(fd, 0644) || rename(to, in_folder(folder, name, whole));
	err = err ? complain("%s/%s: %s", folder, name, strerror(errno)) : 0;
	if (err && fd >= 0)
		unlink(to);
	if (out)
		fclose(out);
	if (in)
		fclose(in);
	return err;
}

static int draw_in(const char *work, const struct figure *figure, const struct figure_input *input,
		   const struct file_list *list)
{
	char script[32];
	int err = 0;

	snprintf(script, sizeof(script), "%s.gp", figure->name);
	for (unsigned i = 0; i < list->nr && !err; i++) {
		if (strstr(list->names[i], ".gp"))
			err = copy_script(work, list->names[i]);
	}
	err = err ? err : save_data(work, figure, input);
	return err ? err : draw(work, script, list);
}

int plot_draw(const struct figure *figure, const struct figure_input *input, const bool wanted[NR_PLOT_FORMATS],
	      const char *folder)
{
	const char *base = getenv("TMPDIR");
	char work[PATH_MAX], path[PATH_MAX];
	struct file_list list;
	int err;

	list_files(&list, figure->name, wanted);
	snprintf(work, sizeof(work), "%s/wbit-plot-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(work))
		return complain("%s: %s", work, strerror(errno));
	err = draw_in(work, figure, input, &list);
	for (unsigned i = 0; i < list.nr && !err; i++)
		err = move_in(work, folder, list.names[i]);
	for (unsigned i = 0; i < list.nr; i++)
		unlink(in_folder(work, list.names[i], path));
	rmdir(work);
	return err;
}
