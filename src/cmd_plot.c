// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wbit plot: the figure of write faults per page, as SVG and PNG, from records.
 *
 * gnuplot runs commands that it finds in strings. So nothing from a record gets into its script, which is a fixed file:
 * all that varies goes through faults.dat (data/figure.h).
 */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "face.h"
#include "figure.h"
#include "grid.h"

#define GNUPLOT_LIMIT_S 60

static const char script_name[] = "faults.gp", data_name[] = "faults.dat";

static const struct figure_file {
	const char *name, *tail;	/* how a whole file ends */
	size_t tail_len;
} figure_files[] = {
	{ "faults.svg", "</svg>\n\n", 8 },
	{ "faults.png", "IEND\xae\x42\x60\x82", 8 },
};

#define NR_FIGURES (sizeof(figure_files) / sizeof(figure_files[0]))

struct plot_options {
	const char *folder;	/* NULL: beside the first file */
	char **files;
	unsigned nr_files;
};

static const struct argp_option plot_argp_options[] = {
	{ "output", 'o', "DIR", 0, "where the figures go (default: figures/ beside the first FILE)", 0 },
	{ 0 },
};

static error_t parse_plot(int key, char *arg, struct argp_state *state)
{
	struct plot_options *options = state->input;

	switch (key) {
	case 'o':
		if (!*arg)
			return usage_error("--output wants the name of a folder");
		options->folder = arg;
		return 0;
	case ARGP_KEY_ARGS:
		options->files = state->argv + state->next;
		options->nr_files = (unsigned)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		return usage_error("which records? Give one FILE or more, as in results/local/");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp plot_argp = {
	plot_argp_options, parse_plot, "FILE...",
	"Draws faults.svg and faults.png from records: write faults per page on the first write after a migration.",
	NULL, NULL, NULL
};

/* ---- the folder and gnuplot ---- */

static int make_folders(const char *folder)
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

static char *in_folder(const char *folder, const char *name, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		path[0] = '\0';	/* opens nothing */
	return path;
}

/* Copies the script, so that it stands beside its data. */
static int copy_script(const char *folder)
{
	char text[16384], path[PATH_MAX], source[PATH_MAX];
	FILE *file = fopen(in_folder(plots_folder(), script_name, source), "re");
	size_t len;
	int err;

	if (!file)
		return complain("%s: %s", source, strerror(errno));
	len = fread(text, 1, sizeof(text), file);
	err = ferror(file) || len == sizeof(text);
	fclose(file);
	if (err)
		return complain("%s: cannot read it whole", source);
	file = fopen(in_folder(folder, script_name, path), "we");
	if (!file)
		return complain("%s: %s", path, strerror(errno));
	err = fwrite(text, 1, len, file) != len;
	err |= fclose(file);
	return err ? complain("%s: %s", path, strerror(errno)) : 0;
}

static int save_data(const char *folder, const struct grid *grid)
{
	char path[PATH_MAX];
	FILE *file = fopen(in_folder(folder, data_name, path), "we");
	int err;

	if (!file)
		return complain("%s: %s", path, strerror(errno));
	figure_write_faults(file, grid);
	err = ferror(file);
	err |= fclose(file);
	return err ? complain("%s: %s", path, strerror(errno)) : 0;
}

static void become_gnuplot(const char *folder, int output)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || chdir(folder) || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		_exit(126);
	alarm(GNUPLOT_LIMIT_S);
	execlp("gnuplot", "gnuplot", "-d", script_name, (char *)NULL);	/* -d: no ~/.gnuplot */
	_exit(errno == ENOENT ? 127 : 126);
}

/* Runs gnuplot and keeps the beginning of what it says. Returns its wait status, or -errno. */
static int run_gnuplot(const char *folder, char *said, size_t size)
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
		become_gnuplot(folder, ends[1]);
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

/* gnuplot exits with 0 also when the disk is full: a figure is there when it has its end. */
static bool is_whole(const char *path, const struct figure_file *figure)
{
	char tail[16];
	FILE *file = fopen(path, "re");
	bool whole;

	if (!file)
		return false;
	whole = !fseek(file, -(long)figure->tail_len, SEEK_END) &&
		fread(tail, 1, figure->tail_len, file) == figure->tail_len &&
		!memcmp(tail, figure->tail, figure->tail_len);
	fclose(file);
	return whole;
}

static int draw(const char *folder)
{
	char path[PATH_MAX], said[400];
	int status;

	for (size_t i = 0; i < NR_FIGURES; i++)
		unlink(in_folder(folder, figure_files[i].name, path));
	status = run_gnuplot(folder, said, sizeof(said));
	if (status < 0)
		return complain("cannot start gnuplot: %s", strerror(-status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return complain("gnuplot is not installed: apt-get install --no-install-recommends gnuplot-nox");
	if (WIFSIGNALED(status))
		return complain("gnuplot ended by signal %d in %s", WTERMSIG(status), folder);
	if (WEXITSTATUS(status))
		return complain("gnuplot failed in %s: %s", folder, said + strspn(said, " \n"));
	for (size_t i = 0; i < NR_FIGURES; i++) {
		if (!is_whole(in_folder(folder, figure_files[i].name, path), &figure_files[i]))
			return complain("%s was not written whole: is the disk full?", path);
	}
	return 0;
}

/* ---- what to draw ---- */

static bool one_platform(const struct summary *summary)
{
	for (unsigned i = 1; i < summary->nr_cells; i++) {
		const char *first = summary->runs[summary->cells[0].run].platform;
		const char *other = summary->runs[summary->cells[i].run].platform;

		if (strcmp(first, other)) {
			complain("records of two platforms, %.20s and %.20s, do not mix: plot them apart", first, other);
			return false;
		}
	}
	return true;
}

/* The grid to draw: of the most pages. NULL after a complaint. */
static struct grid *choose_grid(const struct summary *summary)
{
	const struct cell *firsts[GRIDS_MAX], *chosen = NULL;
	unsigned nr = grid_firsts(summary, firsts), others = 0;
	struct grid *grid;

	for (unsigned i = 0; i < nr; i++) {
		if (strcmp(summary->runs[firsts[i]->run].clock, summary->runs[firsts[0]->run].clock)) {
			complain("records of two clocks, ns and insn, do not mix: plot them apart");
			return NULL;
		}

		if (!chosen || firsts[i]->pages > chosen->pages)
			chosen = firsts[i];
	}
	others = nr - !!chosen;
	grid = chosen ? grid_make(summary, chosen) : NULL;
	if (!grid)
		complain(chosen ? "out of memory for the figure" : "no trial in these records: nothing to draw");
	else if (others)
		warn_user("drawn: %" PRIu64 " pages by %.40s; %u other sizes or triggers are not", chosen->pages,
			  chosen->trigger, others);
	return grid;
}

static void default_folder(const char *file, char folder[PATH_MAX])
{
	const char *slash = strrchr(file, '/');

	if (snprintf(folder, PATH_MAX, "%.*sfigures", slash ? (int)(slash - file) + 1 : 0, file) >= PATH_MAX)
		folder[0] = '\0';
}

/* ---- from the working folder to where the user wants them ---- */

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

static const char *const all_files[] = { "faults.svg", "faults.png", "faults.dat", "faults.gp" };
#define NR_FILES (sizeof(all_files) / sizeof(all_files[0]))

/*
 * gnuplot works in a folder that nobody else can write to: in the user's own, someone who shares it could put another
 * script in its place.
 */
static int make_figures(const char *folder, const struct grid *grid)
{
	const char *base = getenv("TMPDIR");
	char work[PATH_MAX], path[PATH_MAX];
	int err;

	snprintf(work, sizeof(work), "%s/wbit-plot-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(work))
		return complain("%s: %s", work, strerror(errno));
	err = copy_script(work) ? STATUS_USAGE : 0;
	if (!err)
		err = save_data(work, grid);
	if (!err)
		err = draw(work);
	for (size_t i = 0; i < NR_FILES && !err; i++)
		err = move_in(work, folder, all_files[i]);
	for (size_t i = 0; i < NR_FILES; i++)
		unlink(in_folder(work, all_files[i], path));
	rmdir(work);
	return err;
}

/* ---- the command ---- */

static void warn_of_cut_off(const struct summary *summary)
{
	for (unsigned i = 0; i < summary->nr_runs; i++) {
		const struct run_info *run = &summary->runs[i];

		if (!run->ended)
			warn_user("run %.40s was cut off: %" PRIu64 " trials, no end line", run->id, run->tally.trials);
		else if (run->cut_short)
			warn_user("run %.40s is not whole: %.100s", run->id, run->cut_short);
	}
}

static int plot(const struct summary *summary, const char *folder)
{
	struct grid *grid = one_platform(summary) ? choose_grid(summary) : NULL;
	int err;

	if (!grid)
		return STATUS_USAGE;
	warn_of_cut_off(summary);
	err = make_folders(folder);
	err = err ? complain("%s: %s", folder, strerror(-err)) : make_figures(folder, grid);
	free(grid);
	if (err)
		return err;
	for (size_t i = 0; i < NR_FILES; i++)
		printf("%s/%s\n", folder, all_files[i]);
	return STATUS_OK;
}

int cmd_plot(int argc, char **argv)
{
	struct plot_options options = { 0 };
	char beside[PATH_MAX];
	struct summary summary;
	int status = STATUS_OK;

	if (parse_options(&plot_argp, argc, argv, &options))
		return STATUS_USAGE;
	default_folder(options.files[0], beside);
	summary_init(&summary);
	for (unsigned i = 0; i < options.nr_files && !status; i++) {
		if (summary_add_file(&summary, options.files[i]))
			status = complain("%s", summary.error);
	}
	summary_finish(&summary);
	if (!status)
		status = plot(&summary, options.folder ? options.folder : beside);
	summary_free(&summary);
	return finish_stdout(status);
}
