// SPDX-License-Identifier: GPL-2.0-or-later
/* Files as a whole: opened, written, and their SHA-256 by libmd. */
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

int write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= n;
	}
	return 0;
}

static int hash_bytes(SHA2_CTX *context, int fd, int copy)
{
	uint8_t buffer[65536];
	int err = 0;

	while (!err) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		SHA256Update(context, buffer, n);
		if (copy >= 0)
			err = write_all(copy, buffer, n);
	}
	return err;
}

int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return S_ISDIR(st.st_mode) ? -EISDIR : -ENXIO;
}

const char *file_error(int err)
{
	return err == -ENXIO ? "not a file" : err == -EBADMSG ? "no text" : strerror(-err);
}

int hash_file(const char *path, int copy, char hex[HASH_TEXT])
{
	int fd = open_file(path), err;
	SHA2_CTX context;

	if (fd < 0)
		return fd;
	SHA256Init(&context);
	err = hash_bytes(&context, fd, copy);
	SHA256End(&context, hex);
	close(fd);
	return err;
}

void hash_text(const char *text, char hex[HASH_TEXT])
{
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)text, strlen(text));
	SHA256End(&context, hex);
}
