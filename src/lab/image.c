// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's initramfs: a newc archive of our own init, the static guest program and what they need, written by
 * libarchive without root. Names, order, owners and times are fixed, so equal programs and arguments give equal bytes.
 */
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "internal.h"

bool elf_is_static(const char *path)
{
	Elf64_Ehdr header;
	Elf64_Phdr program;
	bool good = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC), i;

	if (fd < 0)
		return false;
	if (pread(fd, &header, sizeof(header), 0) == sizeof(header) && !memcmp(header.e_ident, ELFMAG, SELFMAG) &&
	    header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_machine == EM_X86_64 &&
	    header.e_phentsize == sizeof(program))
		good = true;
	for (i = 0; good && i < header.e_phnum; i++)
		good = pread(fd, &program, sizeof(program), header.e_phoff + i * sizeof(program)) == sizeof(program) &&
		       program.p_type != PT_INTERP;
	close(fd);
	return good;
}

static int find_sibling(char *out, const char *folder, const char *name, const char *suffix, char *error)
{
	if (snprintf(out, PATH_MAX, "%s%s%s", folder, name, suffix) >= PATH_MAX)
		return lab_fail(error, -ENAMETOOLONG, "%s: name too long", folder);
	if (access(out, R_OK))
		return lab_fail(error, -ENOENT, "%s%s is not in %s, where this program looks for it: build it with cmake, or "
				"install it", name, suffix, folder);
	if (!elf_is_static(out))
		return lab_fail(error, -ENOEXEC, "%s is no static program for x86-64: it cannot run in the guest", out);
	return 0;
}

int image_programs_find(struct image_programs *programs, enum image_kind kind, char *error)
{
	static const char *const busyboxes[] = { "/bin/busybox", "/usr/bin/busybox" };
	char folder[PATH_MAX], name[256];
	size_t i;
	int err;

	memset(programs, 0, sizeof(*programs));
	err = program_guest_folder(folder, name, sizeof(name));
	if (err)
		return lab_fail(error, err, "/proc/self/exe: %s", strerror(-err));
	err = find_sibling(programs->init, folder, "wbit", "-init", error);
	if (!err && kind != IMAGE_PROBE)
		err = find_sibling(programs->guest, folder, name, "-guest", error);
	if (err || (kind != IMAGE_SHELL && kind != IMAGE_SCRIPT))
		return err;
	for (i = 0; i < 2 && !programs->busybox[0]; i++)
		if (elf_is_static(busyboxes[i]))
			strcpy(programs->busybox, busyboxes[i]);
	return programs->busybox[0] ? 0 : lab_fail(error, -ENOENT, "a shell in the guest takes a static busybox: "
						   "install the package busybox-static");
}

/* One entry, under way; data comes after it. */
static int add(struct archive *a, const char *name, mode_t mode, dev_t device, size_t size)
{
	struct archive_entry *entry = archive_entry_new();
	int status;

	if (!entry)
		return -ENOMEM;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_nlink(entry, S_ISDIR(mode) ? 2 : 1);
	archive_entry_set_size(entry, size);
	if (device) {
		archive_entry_set_rdevmajor(entry, major(device));
		archive_entry_set_rdevminor(entry, minor(device));
	}
	status = archive_write_header(a, entry);
	archive_entry_free(entry);
	return status == ARCHIVE_OK ? 0 : -EIO;
}

static int add_bytes(struct archive *a, const char *name, mode_t mode, const void *data, size_t size)
{
	int err = add(a, name, S_IFREG | mode, 0, size);

	if (!err && size && archive_write_data(a, data, size) != (la_ssize_t)size)
		err = -EIO;
	return err;
}

static int add_file(struct archive *a, const char *name, mode_t mode, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;
	char *data = NULL;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (st.st_size > GUEST_FILE_MAX)
		err = -EFBIG;
	else if (!(data = malloc(st.st_size + 1)))	/* a user's file may be empty */
		err = -ENOMEM;
	else
		err = pread(fd, data, st.st_size, 0) == st.st_size ? 0 : -EIO;
	if (!err)
		err = add_bytes(a, name, mode, data, st.st_size);
	free(data);
	close(fd);
	return err;
}

/* What there is before any program: init's own stdin, stdout and stderr are /dev/console. */
static int add_tree(struct archive *a)
{
	static const char *const folders[] = { "bin", "dev", "mnt", "proc", "run", "sys", "tmp" };
	static const struct {
		const char *name;
		unsigned major, minor;
	} nodes[] = {
		{ "dev/console", 5, 1 },	/* Documentation/admin-guide/devices.txt */
		{ "dev/null", 1, 3 },
		{ "dev/ttyS0", 4, 64 },
		{ "dev/ttyS1", 4, 65 },
	};
	size_t i;
	int err = 0;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]) && !err; i++)
		err = add(a, folders[i], S_IFDIR | 0755, 0, 0);
	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]) && !err; i++)
		err = add(a, nodes[i].name, S_IFCHR | 0600, makedev(nodes[i].major, nodes[i].minor), 0);
	return err;
}

/* The kernel takes a folder that is there already as it is. */
static int add_with_folders(struct archive *a, const struct guest_file *file)
{
	char path[PATH_MAX];
	char *slash = path;
	int err = 0;

	snprintf(path, sizeof(path), "%s", file->to + 1);
	while (!err && (slash = strchr(slash, '/'))) {
		*slash = '\0';
		err = add(a, path, S_IFDIR | 0755, 0, 0);
		*slash++ = '/';
	}
	return err ?: add_file(a, path, 0755, file->from);
}

/* /args: each argument with its NUL. */
static int add_args(struct archive *a, char *const args[])
{
	size_t size = 0, i;
	char *text, *at;
	int err;

	for (i = 0; args && args[i]; i++)
		size += strlen(args[i]) + 1;
	at = text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	for (i = 0; args && args[i]; i++)
		at = stpcpy(at, args[i]) + 1;
	err = add_bytes(a, "args", 0644, text, size);
	free(text);
	return err;
}

static int add_all(struct archive *a, const struct image_programs *programs, enum image_kind kind, char *const args[])
{
	int err = add_tree(a) ?: add_file(a, "init", 0755, programs->init);
	unsigned i;

	if (!err && kind != IMAGE_PROBE)
		err = add_file(a, "wbit", 0755, programs->guest) ?: add_args(a, args);
	if (!err && programs->busybox[0])
		err = add_file(a, "bin/busybox", 0755, programs->busybox);
	if (!err && kind == IMAGE_SCRIPT)
		err = add_file(a, "script", 0755, programs->script);
	for (i = 0; programs->files && i < programs->files->nr && !err; i++)
		err = add_with_folders(a, &programs->files->files[i]);
	if (!err && programs->disk[0])
		err = add_file(a, "disk", 0644, programs->disk);
	if (!err && programs->module[0])
		err = add_file(a, "brd.ko", 0644, programs->module);
	return err;
}

int image_write(const char *path, const struct image_programs *programs, enum image_kind kind, char *const args[],
		char *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err;
	struct archive *a = archive_write_new();

	if (fd < 0 || !a) {
		err = a ? -errno : -ENOMEM;
		goto out;
	}
	err = archive_write_set_format_cpio_newc(a) == ARCHIVE_OK && archive_write_open_fd(a, fd) == ARCHIVE_OK ?
	      add_all(a, programs, kind, args) : -EIO;
	if (archive_write_close(a) != ARCHIVE_OK && !err)
		err = -EIO;
out:
	if (err)
		lab_fail(error, err, "the guest's image: %s", a && archive_error_string(a) ?
			 archive_error_string(a) : strerror(-err));
	if (a)
		archive_write_free(a);
	if (fd >= 0)
		close(fd);
	return err;
}
