// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/remote_file.h"

#define FOLDER	"/cryptex/remotes.d"
#define SUFFIX	".conf"

/* The first one that has a file of a name counts. */
static const char *const layers[] = {
	"/etc" FOLDER, "/run" FOLDER, "/usr/lib" FOLDER,
};

#define LAYERS (sizeof(layers) / sizeof(layers[0]))

bool cx_remote_name_ok(const char *name)
{
	return cx_channel_ok(name) && *name != '-';
}

static int fail_url(const char *text, struct cx_error *err)
{
	return cx_fail(err, -EINVAL,
		       "'%s' is no URL of a repository: http://HOST/PATH, https://HOST/PATH or file:///PATH",
		       text);
}

/* HOST, HOST:PORT or [V6]:PORT, then nothing or a path */
static int parse_host(const char *text, const char *rest, struct cx_url *url,
		      struct cx_error *err)
{
	size_t host = strcspn(rest, "/");
	const char *colon = memrchr(rest, ':', host), *end;
	const char *bracket = memrchr(rest, ']', host);
	unsigned long port;

	if (!host || *rest == ':')
		return fail_url(text, err);
	if (!colon || (bracket && colon < bracket))
		return 0;
	port = strtoul(colon + 1, (char **)&end, 10);
	if (colon[1] < '0' || colon[1] > '9' || end != rest + host || !port ||
	    port > 65535)
		return fail_url(text, err);
	url->port = port;
	return 0;
}

/* Names and passwords in URLs end up in logs, and '?' and '#' would swallow the
 * names that are appended. */
int cx_url_parse(const char *text, struct cx_url *url, struct cx_error *err)
{
	const char *c;

	*url = (struct cx_url){ 0 };
	for (c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f ||
		    strchr("?#@\\\"'<>{}|^`", *c))
			return fail_url(text, err);
	if (c - text > CX_URL_MAX)
		return cx_fail(err, -EINVAL, "a URL has at most %d bytes",
			       CX_URL_MAX);
	if (!strncmp(text, "file:///", 8)) {
		url->path = text + 7;
		return strchr(text, '%') ? fail_url(text, err) : 0;
	}
	if (!strncmp(text, "https://", 8)) {
		url->port = 443;
		return parse_host(text, text + 8, url, err);
	}
	if (!strncmp(text, "http://", 7)) {
		url->port = 80;
		return parse_host(text, text + 7, url, err);
	}
	return fail_url(text, err);
}

/* Who can change it can choose where root fetches from. */
static int check_owner(const char *path, const struct stat *st,
		       struct cx_error *err)
{
	if (st->st_uid && st->st_uid != geteuid())
		return cx_fail(err, -EACCES, "%s belongs to user %u: give it to root",
			       path, st->st_uid);
	if (st->st_mode & 022)
		return cx_fail(err, -EACCES,
			       "others can change %s: chmod go-w %s", path, path);
	return 0;
}

int cx_remote_load(const char *prefix, const char *name,
		   struct cx_remote *remote, struct cx_error *err)
{
	struct stat st;
	size_t i;
	int rc;

	if (!cx_remote_name_ok(name))
		return cx_fail(err, -EINVAL, "'%s' is no name of a remote", name);
	*remote = (struct cx_remote){ 0 };
	strcpy(remote->name, name);
	for (i = 0; i < LAYERS; i++) {
		snprintf(remote->file, sizeof(remote->file), "%s%s/%s" SUFFIX,
			 prefix, layers[i], name);
		if (!stat(remote->file, &st))
			break;
		if (errno != ENOENT && errno != ENOTDIR)
			return cx_fail(err, -errno, "%s: %s", remote->file,
				       strerror(errno));
	}
	if (i == LAYERS || !S_ISREG(st.st_mode) || !st.st_size)
		return cx_fail(err, -ENOENT,
			       "there is no remote %s: `cryptexctl remote list` shows those there are",
			       name);
	rc = check_owner(remote->file, &st, err);
	return rc ? rc : cx_remote_file_read(remote->file, remote, err);
}

static int add_name(struct cx_remotes *remotes, const char *name,
		    struct cx_error *err)
{
	struct cx_remote *list;
	size_t i;

	for (i = 0; i < remotes->count; i++)
		if (!strcmp(remotes->list[i].name, name))
			return 0;
	list = reallocarray(remotes->list, remotes->count + 1, sizeof(*list));
	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	remotes->list = list;
	list += remotes->count++;
	*list = (struct cx_remote){ 0 };
	strcpy(list->name, name);
	return 0;
}

/* NAME.conf; anything else is none of ours. */
static int add_file(struct cx_remotes *remotes, char *file, struct cx_error *err)
{
	char *dot = strrchr(file, '.');

	if (!dot || strcmp(dot, SUFFIX))
		return 0;
	*dot = '\0';
	return cx_remote_name_ok(file) ? add_name(remotes, file, err) : 0;
}

static int list_layer(const char *path, struct cx_remotes *remotes,
		      struct cx_error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc;

	if (!dir && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!dir)
		return cx_fail(err, -errno, "%s: %s", path, strerror(errno));
	while ((rc = cx_next_entry(dir, path, &entry, err)) == 1) {
		rc = add_file(remotes, entry->d_name, err);
		if (rc)
			break;
	}
	closedir(dir);
	return rc;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct cx_remote *)a)->name,
		      ((const struct cx_remote *)b)->name);
}

int cx_remote_list(const char *prefix, struct cx_remotes *remotes,
		   struct cx_error *err)
{
	char path[PATH_MAX];
	size_t i;
	int rc = 0;

	*remotes = (struct cx_remotes){ 0 };
	for (i = 0; i < LAYERS && !rc; i++) {
		snprintf(path, sizeof(path), "%s%s", prefix, layers[i]);
		rc = list_layer(path, remotes, err);
	}
	if (rc) {
		free(remotes->list);
		*remotes = (struct cx_remotes){ 0 };
	} else if (remotes->count) {
		qsort(remotes->list, remotes->count, sizeof(*remotes->list),
		      compare);
	}
	return rc;
}
