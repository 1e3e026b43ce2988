// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernels that are named by a path: what the file or folder is, by what it holds, and a bare image's way into the cache. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "building.h"

#define HEAD_BYTES 0x210

/* Documentation/arch/x86/boot.rst: the boot sector's mark at 0x1fe, the header's at 0x202. */
static bool is_image(const unsigned char *head, ssize_t n)
{
	return n >= HEAD_BYTES && head[0x1fe] == 0x55 && head[0x1ff] == 0xaa && !memcmp(head + 0x202, "HdrS", 4);
}

static bool is_package(const unsigned char *head, ssize_t n)
{
	return n >= 8 && !memcmp(head, "!<arch>\n", 8);
}

/* Any subsystem has a Makefile and a Kconfig; only the top says which version it is. */
static bool is_tree(const char *path)
{
	char name[PATH_MAX], text[4096];
	ssize_t n = -1;
	int fd;

	if (snprintf(name, sizeof(name), "%s/Kconfig", path) >= (int)sizeof(name) || access(name, R_OK))
		return false;
	snprintf(name, sizeof(name), "%s/Makefile", path);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "PATCHLEVEL =");
}

static int unknown_name(const char *text, char *error)
{
	char known[300];
	size_t at = 0;
	int i;

	for (i = 0; lab_stock_names[i]; i++)
		at += snprintf(known + at, sizeof(known) - at, "%s, ", lab_stock_names[i]);
	for (i = 0; lab_builts[i].name; i++)
		at += snprintf(known + at, sizeof(known) - at, "%s%s", i ? ", " : "", lab_builts[i].name);
	return lab_fail(error, -EINVAL, "unknown kernel '%.60s': there are %s; or the path of an image (bzImage), a .deb or a "
			"source tree", text, known);
}

int lab_kernel_kind(const char *text, enum lab_kind *kind, char *error)
{
	unsigned char head[HEAD_BYTES];
	struct stat st;
	ssize_t n;
	int fd;

	*kind = lab_built_find(text) ? LAB_KIND_BUILT : LAB_KIND_STOCK;
	if (lab_built_find(text) || lab_stock_find(text))
		return 0;
	if (stat(text, &st))
		return strchr(text, '/') ? lab_fail(error, -EINVAL, "%s: %s", text, strerror(errno)) :
					   unknown_name(text, error);
	*kind = LAB_KIND_TREE;
	if (S_ISDIR(st.st_mode))
		return is_tree(text) ? 0 : lab_fail(error, -EINVAL, "%s is no kernel source tree: it has no Kconfig beside a "
						    "Makefile that names a kernel version", text);
	if (!S_ISREG(st.st_mode))
		return lab_fail(error, -EINVAL, "%s is neither a file nor a folder", text);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, head, sizeof(head));
	if (n < 0)
		lab_fail(error, -EINVAL, "%s: %s", text, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -EINVAL;
	*kind = is_image(head, n) ? LAB_KIND_IMAGE : LAB_KIND_DEB;
	return is_image(head, n) || is_package(head, n) ? 0 :
	       lab_fail(error, -EINVAL, "%s is neither a kernel image (bzImage) nor a package (.deb)", text);
}

void kernel_name_of_path(const char *path, char *name, size_t size)
{
	const char *start = path + (strlen(path) < size ? 0 : strlen(path) - size + 1);
	const char *slash = start == path ? NULL : strchr(start, '/');
	size_t i;

	snprintf(name, size, "%s", slash && slash[1] ? slash + 1 : start);
	for (i = 0; name[i]; i++)
		if (name[i] <= ' ' || name[i] > '~')
			name[i] = '?';
}

int lab_kernel_from_image(const char *path, struct lab_kernel *kernel, char *error)
{
	char sha256[HASH_TEXT], key[CACHE_KEY_MAX], name[sizeof(kernel->name)];
	struct cache cache;
	int err = hash_file(path, -1, sha256);

	if (err)
		return lab_fail(error, err == -ENOENT ? -EINVAL : err, "%s: %s", path, strerror(-err));
	kernel_name_of_path(path, name, sizeof(name));
	snprintf(key, sizeof(key), "image-%.40s", sha256);
	err = cache_open(&cache, error);
	if (err)
		return err;
	err = cache_find(&cache, key, kernel, error);
	if (err == -ENOENT || err == -EBADMSG || (!err && strcmp(kernel->name, name)))
		err = cache_store(&cache, key, name, path, NULL, NULL, NULL, error) ?: cache_find(&cache, key, kernel, error);
	if (!err && strcmp(kernel->vmlinuz_sha256, sha256))
		err = lab_fail(error, -EBADMSG, "%s changes while it is read", path);
	return err;
}
