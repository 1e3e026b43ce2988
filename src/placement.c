// SPDX-License-Identifier: GPL-2.0-or-later
/* Placement by hwloc, for the host's program. */
#include "placement.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "face.h"
#include "topology.h"

#define PICTURE_LIMIT_S 20
#define PICTURE_SUFFIX ".topology.svg"

/* The CPUs that this process may use; NULL: all, of a made-up machine. */
static hwloc_bitmap_t allowed_cpus(hwloc_topology_t topology)
{
	hwloc_bitmap_t allowed = hwloc_topology_is_thissystem(topology) ? hwloc_bitmap_alloc() : NULL;

	if (allowed && hwloc_get_cpubind(topology, allowed, HWLOC_CPUBIND_THREAD)) {
		hwloc_bitmap_free(allowed);
		allowed = NULL;
	}
	return allowed;
}

static int resolve(hwloc_topology_t topology, struct measure_options *options, char *error, size_t size)
{
	hwloc_bitmap_t allowed = allowed_cpus(topology);
	int err = 0;

	if (options->from)
		err = place_node(topology, "--from", options->from, &options->run.from, error, size);
	if (!err && options->to)
		err = place_node(topology, "--to", options->to, &options->run.to, error, size);
	if (!err && options->cpu)
		err = place_cpu(topology, "--cpu", options->cpu, allowed, &options->run.cpu, error, size);
	hwloc_bitmap_free(allowed);
	return err;
}

int placement_resolve(struct measure_options *options)
{
	hwloc_topology_t topology;
	char error[300];
	int err;

	if (!options->from && !options->to && !options->cpu)
		return STATUS_OK;
	if (place_load(&topology, error, sizeof(error)))
		return complain("%s", error);
	options->elsewhere = !hwloc_topology_is_thissystem(topology);
	err = resolve(topology, options, error, sizeof(error));
	hwloc_topology_destroy(topology);
	return err ? complain("%s", error) : STATUS_OK;
}

static void show_one(const char *option, const char *object, const char *what, int number)
{
	if (object)
		printf("%s: %s is %s %d\n", option, object, what, number);
}

void placement_show(const struct measure_options *options)
{
	show_one("--from", options->from, "node", options->run.from);
	show_one("--to", options->to, "node", options->run.to);
	show_one("--cpu", options->cpu, "CPU", options->run.cpu);
	if (options->elsewhere)
		printf("of the machine that hwloc is made to describe; what follows is of this one, without them\n");
}

int placement_check(void)
{
	hwloc_topology_t topology;
	char error[300];
	bool here;

	if (place_load(&topology, error, sizeof(error)))
		return complain("%s", error);
	here = place_is_this_machine(topology, error, sizeof(error));
	hwloc_topology_destroy(topology);
	return here ? STATUS_OK : complain("%s", error);
}

/* ---- the picture ---- */

/* Beside the records: FILE.topology.svg for FILE.jsonl. */
static int picture_path(const char *path, char out[PATH_MAX])
{
	size_t len = strlen(path), ending = strlen(".jsonl");

	if (len > ending && !strcmp(path + len - ending, ".jsonl") && path[len - ending - 1] != '/')
		len -= ending;
	return snprintf(out, PATH_MAX, "%.*s%s", (int)len, path, PICTURE_SUFFIX) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Whole or not at all. */
static int draw(const char *picture, bool force, char *reason, size_t size)
{
	int fd, err;

	if (force)
		unlink(picture);	/* what it names, be it a link or a pipe, is not to be written to */
	fd = open(picture, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0) {
		err = -errno;
		snprintf(reason, size, "it cannot be written: %s", strerror(errno));
		return err;
	}
	err = place_picture(fd, PICTURE_LIMIT_S, reason, size);
	if (close(fd) && !err) {
		err = -errno;
		snprintf(reason, size, "it cannot be written: %s", strerror(errno));
	}
	if (err)
		unlink(picture);
	return err;
}

/* The picture's name, without its folder, which is the records'. */
static void add_picture(json_t *host, const char *path, bool force)
{
	char picture[PATH_MAX], reason[200] = "the records do not go to a file that it could stand beside";
	const char *slash;
	struct stat st;
	int err = stat(path, &st) || !S_ISREG(st.st_mode) ? -EINVAL : 0;

	if (!err && picture_path(path, picture)) {
		err = -ENAMETOOLONG;
		snprintf(reason, sizeof(reason), "its name would be too long");
	}
	err = err ?: draw(picture, force, reason, sizeof(reason));
	if (err) {
		json_object_set_new(host, "topology_picture", json_null());
		json_object_set_new(json_object_get(host, "why"), "topology_picture", json_string(reason));
		return;
	}
	slash = strrchr(picture, '/');
	json_object_set_new(host, "topology_picture", record_text(slash ? slash + 1 : picture, PATH_MAX));
}

json_t *placement_describe(const char *path, bool force)
{
	hwloc_topology_t topology;
	char error[300];
	json_t *host;

	if (place_load(&topology, error, sizeof(error)))
		return json_pack("{s:{s:s, s:s, s:s}}", "why", "topology", error, "memattrs", error, "topology_picture", error);
	host = place_describe(topology);
	hwloc_topology_destroy(topology);
	if (host)
		add_picture(host, path, force);
	return host;
}
