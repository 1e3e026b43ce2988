// SPDX-License-Identifier: GPL-2.0-or-later
/* SHA-256 of files, by libmd. */
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <string.h>
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

int hash_file(const char *path, int copy, char hex[HASH_TEXT])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	SHA2_CTX context;

	if (fd < 0)
		return -errno;
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
