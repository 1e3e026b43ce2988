// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest's folder, wbit-XXXXXX below TMPDIR or /tmp: its kernel, its image, and what QEMU writes. It belongs to a process
 * that holds a lock on the file `owner` in it; the kernel drops that lock however the process ends, so a folder whose lock
 * can be had was left by one that was killed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "run.h"

#define ARGS_MAX 128
#define PREFIX "wbit-"
#define OWNER "owner"

int folder_path(const struct guest_folder *folder, const char *file, char *path, char *error)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder->path, file) < PATH_MAX)
		return 0;
	return lab_fail(error, -ENAMETOOLONG, "%s: name too long", folder->path);
}

/* ---- making, keeping and removing it ---- */

/*
 * Names prove nothing in a shared folder: it must be a real folder, of this user and of nobody else's access, with an owner
 * file that nobody holds. A folder whose owner file is not there yet is left alone.
 */
static void remove_if_left(int base, const char *name)
{
	int folder = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), owner = -1;
	struct stat st;

	if (folder < 0)
		return;
	if (!fstat(folder, &st) && st.st_uid == geteuid() && (st.st_mode & 07777) == 0700)
		owner = openat(folder, OWNER, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (owner >= 0 && !flock(owner, LOCK_EX | LOCK_NB)) {
		cache_empty(folder);
		unlinkat(base, name, AT_REMOVEDIR);
	}
	if (owner >= 0)
		close(owner);
	close(folder);
}

static void remove_left_overs(const char *path)
{
	DIR *base = opendir(path);
	struct dirent *entry;

	while (base && (entry = readdir(base)))
		if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)) && strlen(entry->d_name) == strlen(PREFIX "XXXXXX"))
			remove_if_left(dirfd(base), entry->d_name);
	if (base)
		closedir(base);
}

/* The owner file appears with its lock held: a name of its own until then. */
static int take_ownership(struct guest_folder *folder, char *error)
{
	char early[PATH_MAX], path[PATH_MAX];
	int err = folder_path(folder, OWNER ".new", early, error) ?: folder_path(folder, OWNER, path, error);

	if (err)
		return err;
	folder->lock = open(early, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (folder->lock < 0 || flock(folder->lock, LOCK_EX) || rename(early, path))
		return lab_fail(error, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

int folder_make(struct guest_folder *folder, char *error)
{
	const char *base = getenv("TMPDIR");

	folder->lock = -1;
	folder->path[0] = '\0';
	if (!base || base[0] != '/')
		base = "/tmp";
	remove_left_overs(base);
	if (snprintf(folder->path, sizeof(folder->path), "%s/" PREFIX "XXXXXX", base) >= (int)sizeof(folder->path)) {
		folder->path[0] = '\0';
		return lab_fail(error, -ENAMETOOLONG, "TMPDIR: name too long");
	}
	if (!mkdtemp(folder->path)) {
		folder->path[0] = '\0';
		return lab_fail(error, -errno, "a folder in %s: %s", base, strerror(errno));
	}
	return take_ownership(folder, error);
}

void folder_keep(struct guest_folder *folder)
{
	char path[PATH_MAX], error[LAB_ERROR_MAX];

	if (!folder_path(folder, OWNER, path, error))
		unlink(path);
}

void folder_remove(struct guest_folder *folder)
{
	if (folder->path[0])
		cache_discard(folder->path);
	folder->path[0] = '\0';
	if (folder->lock >= 0)
		close(folder->lock);
	folder->lock = -1;
}

/* ---- what is put into it ---- */

/* A copy of its own: the cache may change while the guest starts, and QEMU must get what the record names. */
static int copy_checked(const struct guest_folder *folder, const char *name, const char *from, const char *sha256,
			char *error)
{
	char path[PATH_MAX], hex[HASH_TEXT];
	int err = folder_path(folder, name, path, error), fd;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : hash_file(from, fd, hex);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (err)
		return lab_fail(error, err, "copying %s to %s: %s", from, folder->path, strerror(-err));
	if (strcmp(hex, sha256))
		return lab_fail(error, -EBADMSG, "%s changed since it was checked", from);
	return 0;
}

enum platform lab_platform(enum lab_mode mode)
{
	static const enum platform platforms[] = {
		[LAB_EXACT] = PLATFORM_LAB_EXACT, [LAB_TCG] = PLATFORM_LAB_TCG, [LAB_KVM] = PLATFORM_LAB_KVM,
		[LAB_SMP] = PLATFORM_LAB_SMP,
	};

	return platforms[mode];
}

/* The filesystem and the module that carries it; a kernel that has brd built in needs no module. */
static int add_disk(const struct guest_folder *folder, const struct guest_config *config,
		    struct image_programs *programs, char *error)
{
	const struct lab_kernel *kernel = config->kernel;
	int err = disk_write(folder->path, disk_size_for(config->region_bytes), error) ?:
		  folder_path(folder, "disk", programs->disk, error);

	if (err || !kernel->brd[0])
		return err;
	return copy_checked(folder, "brd.ko", kernel->brd, kernel->brd_sha256, error) ?:
	       folder_path(folder, "brd.ko", programs->module, error);
}

/* `wbit run` with the caller's arguments, its records to the second serial port. */
static int pack_image(const struct guest_folder *folder, const struct guest_config *config, enum image_kind kind,
		      char *error)
{
	const char *args[ARGS_MAX] = { "run" };
	struct image_programs programs;
	char path[PATH_MAX], platform[64];
	size_t n = 1;
	int err;

	while (config->guest_argv && config->guest_argv[n - 1]) {
		if (n == ARGS_MAX - 5)
			return lab_fail(error, -E2BIG, "too many arguments for the guest");
		args[n] = config->guest_argv[n - 1];
		n++;
	}
	snprintf(platform, sizeof(platform), "--platform=%s", platform_name(lab_platform(config->mode)));
	args[n++] = platform;
	args[n++] = "--output=/dev/ttyS1";
	args[n++] = "--force";
	args[n++] = "--quiet";
	args[n] = NULL;
	if (kind != IMAGE_RUN)
		args[0] = NULL;
	err = image_programs_find(&programs, kind, error) ?: folder_path(folder, "initrd", path, error);
	programs.script = config->script;
	programs.files = config->files;
	if (!err && kind != IMAGE_PROBE)
		err = add_disk(folder, config, &programs, error);
	return err ?: image_write(path, &programs, kind, (char *const *)args, error);
}

int folder_fill(const struct guest_folder *folder, const struct guest_config *config, enum image_kind kind, char *error)
{
	return copy_checked(folder, "vmlinuz", config->kernel->vmlinuz, config->kernel->vmlinuz_sha256, error) ?:
	       pack_image(folder, config, kind, error);
}
