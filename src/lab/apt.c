// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packages by apt, without root: its lists say which there are, `apt-get download` fetches one. Nothing is installed, and
 * the lists are not refreshed here (that takes root).
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

bool apt_newest(const char *listing, const char *pattern, const char *below, char *out, size_t size)
{
	regex_t regex;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	out[0] = '\0';
	while (*listing) {
		size_t len = strcspn(listing, "\n"), name_len = strcspn(listing, " \n");
		char name[128];

		if (name_len < sizeof(name) && name_len < size) {
			memcpy(name, listing, name_len);
			name[name_len] = '\0';
			if (!regexec(&regex, name, 0, NULL, 0) && (!below || strverscmp(name, below) < 0) &&
			    strverscmp(name, out) > 0)
				strcpy(out, name);
		}
		listing += len;
		listing += *listing == '\n';
	}
	regfree(&regex);
	return out[0] != '\0';
}

bool apt_value(const char *line, const char *key, char *out, size_t size)
{
	size_t key_len = strlen(key), len;

	if (strncmp(line, key, key_len) || line[key_len] != ':')
		return false;
	line += key_len + 1;
	line += strspn(line, " ");
	len = strcspn(line, "\n");
	if (len >= size)
		return false;
	memcpy(out, line, len);
	out[len] = '\0';
	return true;
}

static bool is_sha256(const char *text)
{
	return strlen(text) == HASH_TEXT - 1 && strspn(text, "0123456789abcdef") == HASH_TEXT - 1;
}

bool apt_paragraph(const char *show, struct apt_package *package)
{
	while (*show) {
		memset(package, 0, sizeof(*package));
		while (*show && *show != '\n') {
			apt_value(show, "Package", package->name, sizeof(package->name));
			apt_value(show, "Version", package->version, sizeof(package->version));
			apt_value(show, "SHA256", package->sha256, sizeof(package->sha256));
			show += strcspn(show, "\n");
			show += *show == '\n';
		}
		if (package->name[0] && package->version[0] && is_sha256(package->sha256))
			return true;
		show += strspn(show, "\n");
	}
	return false;
}

static int run_apt(char *const argv[], const char *folder, const volatile sig_atomic_t *stop,
		   struct child_output *output, char *error)
{
	int err = child_run_until(argv, folder, stop, output);

	if (err == -ENOENT)
		return lab_fail(error, -ENOSYS, "there is no %s on this system: the stock kernels come as Debian "
				"packages", argv[0]);
	if (stop && *stop)
		return lab_fail(error, -ECANCELED, "interrupted");
	if (err)
		return lab_fail(error, err, "%s: %s", argv[0], strerror(-err));
	if (output->status)
		return lab_fail(error, -EIO, "%s %s: %s", argv[0], argv[1],
				output->complaint[0] ? output->complaint : "it failed without a word");
	return 0;
}

int apt_find(const char *pattern, struct apt_package *package, char *error)
{
	char *search[] = { "apt-cache", "search", "--names-only", (char *)pattern, NULL };
	char name[128], below[128];
	char *show[] = { "apt-cache", "show", name, NULL };
	struct child_output listing = { 0 }, details = { 0 };
	bool found = false, bounded = false;
	int err;

	err = run_apt(search, NULL, NULL, &listing, error);
	while (!err && !found && apt_newest(listing.text, pattern, bounded ? below : NULL, name, sizeof(name))) {
		err = run_apt(show, NULL, NULL, &details, error);
		found = !err && apt_paragraph(details.text, package);
		child_output_free(&details);
		strcpy(below, name);
		bounded = true;
	}
	child_output_free(&listing);
	child_output_free(&details);
	if (!err && !found)
		err = lab_fail(error, -ENOENT, "apt's lists have no such package");
	return err;
}

/* The one file in the folder that ends in ".deb". */
static int find_deb(const char *folder, char *path)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int err = -ENOENT;

	if (!dir)
		return -errno;
	while (err && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && !strcmp(dot, ".deb"))
			err = snprintf(path, PATH_MAX, "%s/%s", folder, entry->d_name) >= PATH_MAX ? -ENAMETOOLONG : 0;
	}
	closedir(dir);
	return err;
}

int apt_download(const struct apt_package *package, const char *folder, const volatile sig_atomic_t *stop, char *path,
		 char *error)
{
	char wanted[sizeof(package->name) + sizeof(package->version) + 1];
	/* as root apt would fetch as the user _apt, who may not write into our folder */
	char *option = geteuid() ? "-q" : "-oAPT::Sandbox::User=root";
	char *argv[] = { "apt-get", "download", "-q", option, wanted, NULL };
	struct child_output output;
	char hex[HASH_TEXT];
	int err;

	snprintf(wanted, sizeof(wanted), "%s=%s", package->name, package->version);
	err = run_apt(argv, folder, stop, &output, error);
	child_output_free(&output);
	if (err)
		return err;
	err = find_deb(folder, path) ?: hash_file(path, -1, hex);
	if (err)
		return lab_fail(error, err, "apt-get download left no package: %s", strerror(-err));
	if (strcmp(hex, package->sha256))
		return lab_fail(error, -EBADMSG, "%s is not what apt announced (its SHA-256 is %s)", wanted, hex);
	return 0;
}
