// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does KVM boot a guest here? /dev/kvm may open, make a VM and a vCPU, and still never run one: only a boot tells. The
 * answer holds for one boot of one host kernel and is kept in the cache as long.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "internal.h"

#define PROBE_LIMIT_S 8

/* "RELEASE BOOT_ID" */
static void describe_host(char *out, size_t size)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	char boot_id[64] = "";
	struct utsname host;

	if (fd >= 0) {
		ssize_t n = read(fd, boot_id, sizeof(boot_id) - 1);

		boot_id[n > 0 ? n : 0] = '\0';
		boot_id[strcspn(boot_id, "\n")] = '\0';
		close(fd);
	}
	uname(&host);
	snprintf(out, size, "%s %s", host.release, boot_id);
}

/* What was found before, for this host: 0, -ENOTSUP with why in error, or -ENOENT. */
static int recall(const char *path, const char *host, char *error)
{
	json_t *answer = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	const char *for_host = json_string_value(json_object_get(answer, "host"));
	const char *why = json_string_value(json_object_get(answer, "why"));
	int err = -ENOENT;

	if (for_host && !strcmp(for_host, host) && why)
		err = why[0] ? lab_fail(error, -ENOTSUP, "%.200s (found earlier since the host's boot)", why) : 0;
	json_decref(answer);
	return err;
}

/* Best effort: without it the next probe takes its seconds again. */
static void remember(const char *path, const char *host, const char *why)
{
	char tmp[PATH_MAX];
	json_t *answer = json_pack("{ss ss}", "host", host, "why", why);
	int fd = -1;

	if (answer && snprintf(tmp, sizeof(tmp), "%s.tmp-XXXXXX", path) < (int)sizeof(tmp))
		fd = mkostemp(tmp, O_CLOEXEC);
	if (fd >= 0) {
		bool good = !json_dumpfd(answer, fd, JSON_INDENT(2));

		if (close(fd) || !good || rename(tmp, path))
			unlink(tmp);
	}
	json_decref(answer);
}

static int probe(const struct lab_kernel *kernel, const volatile sig_atomic_t *stop, char *error)
{
	const struct guest_config config = { .kernel = kernel, .mode = LAB_KVM, .total_limit_s = PROBE_LIMIT_S };
	const struct guest_lines lines = { 0 };
	struct guest *guest;
	char why[LAB_ERROR_MAX];
	int err = guest_start_kind(&config, IMAGE_PROBE, &guest, error);

	if (err)
		return err;
	err = guest_consume(guest, &lines, stop, why);
	guest_free(guest);
	if (err == -ECANCELED)
		return lab_fail(error, err, "interrupted while it was tried whether KVM boots a guest");
	why[strcspn(why, "\n")] = '\0';
	return err ? lab_fail(error, -ENOTSUP, "/dev/kvm opens, but no guest boots with it: %.200s", why) : 0;
}

/* The file of answers (PATH_MAX bytes) and the host as it names it; 0 or -errno. */
static int find_answers(char *path, char *host, size_t host_size, char *error)
{
	struct cache cache;
	int err = cache_open(&cache, error);

	if (err)
		return err;
	snprintf(path, PATH_MAX, "%s/kvm.json", cache.path);
	describe_host(host, host_size);
	return 0;
}

int lab_kvm_remembered(char *error)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC), err;
	char path[PATH_MAX], host[256];

	if (fd < 0)
		return lab_fail(error, -ENOTSUP, "/dev/kvm: %s%s", strerror(errno),
				errno == EACCES ? " (its group is usually kvm)" : "");
	close(fd);
	err = find_answers(path, host, sizeof(host), error) ?: recall(path, host, error);
	return err == -ENOENT ? lab_fail(error, err, "/dev/kvm opens; not tried yet whether a guest boots") : err;
}

int lab_kvm_works(const struct lab_kernel *kernel, const volatile sig_atomic_t *stop, char *error)
{
	char path[PATH_MAX], host[256];
	int err = lab_kvm_remembered(error);

	if (err != -ENOENT)
		return err;
	err = find_answers(path, host, sizeof(host), error);
	if (err)
		return err;
	err = probe(kernel, stop, error);
	if (!err || err == -ENOTSUP)
		remember(path, host, err ? error : "");
	return err;
}
