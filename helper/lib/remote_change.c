// SPDX-License-Identifier: LGPL-2.1-or-later
/* Adding and removing remotes: the file counts, and its root comes first and goes
 * last, so no file is ever without one. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/remote.h"

#define FOLDER "/etc/cryptex/remotes.d"

static int fail_path(const char *path, struct cx_error *err)
{
	if (errno == EACCES || errno == EPERM)
		return cx_fail(err, -EPERM, "%s: needs root", path);
	return cx_fail(err, -errno, "%s: %s", path, strerror(errno));
}

static int make_folders(const char *prefix, struct cx_error *err)
{
	static const char *const parts[] = { "/etc", "/etc/cryptex", FOLDER };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", prefix, parts[i]);
		if (mkdir(path, 0755) && errno != EEXIST)
			return fail_path(path, err);
	}
	return 0;
}

/* The fetcher looks at it closely; this tells at once that it is another file. */
static int check_root(const char *path, const struct cx_buf *buf,
		      struct cx_error *err)
{
	json_error_t why;
	json_t *root = json_loadb(buf->data, buf->size, JSON_REJECT_DUPLICATES,
				  &why);
	const char *type = json_string_value(json_object_get(
			json_object_get(root, "signed"), "_type"));
	int rc = 0;

	if (!root)
		rc = cx_fail(err, -EBADMSG, "%s:%d: is no JSON: %s", path,
			     why.line, why.text);
	else if (!type || strcmp(type, "root"))
		rc = cx_fail(err, -EBADMSG,
			     "%s: is not the root metadata of a repository", path);
	json_decref(root);
	return rc;
}

static int check(const char *prefix, const struct cx_remote *remote,
		 struct cx_error *err)
{
	struct cx_remote there;
	struct cx_url url;
	int rc;

	if (!cx_remote_name_ok(remote->name))
		return cx_fail(err, -EINVAL,
			       "'%s' is no name of a remote: [a-z0-9-], 32 at most",
			       remote->name);
	rc = cx_url_parse(remote->url, &url, err);
	if (rc)
		return rc;
	if (!cx_channel_ok(remote->channel))
		return cx_fail(err, -EINVAL,
			       "'%s' is no channel: [a-z0-9-], 32 at most",
			       remote->channel);
	if (*remote->hardware && !cx_channel_ok(remote->hardware))
		return cx_fail(err, -EINVAL,
			       "'%s' is no hardware class: [a-z0-9-], 32 at most",
			       remote->hardware);
	rc = cx_remote_load(prefix, remote->name, &there, NULL);
	return rc == -ENOENT ? 0 :
	       cx_fail(err, -EEXIST,
		       "there is a remote %s (%s): `cryptexctl remote remove %s` first",
		       remote->name, there.file, remote->name);
}

static int write_file(const struct cx_remote *remote, struct cx_error *err)
{
	char *text;
	int rc, size;

	size = asprintf(&text, "url = %s\nroot = %s\nchannel = %s\n%s%s%senabled = yes\n",
			remote->url, remote->root, remote->channel,
			*remote->hardware ? "hardware = " : "",
			remote->hardware, *remote->hardware ? "\n" : "");
	if (size < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = cx_write_file(remote->file, NULL, text, size, 0644, err);
	free(text);
	return rc;
}

int cx_remote_add(const char *prefix, struct cx_remote *remote,
		  struct cx_error *err)
{
	char given[PATH_MAX];
	struct cx_buf buf;
	int rc = check(prefix, remote, err);

	if (!rc)
		rc = cx_read_file(remote->root, CX_ROOT_MAX, &buf, err);
	if (rc)
		return rc;
	strcpy(given, remote->root);
	if (snprintf(remote->root, sizeof(remote->root), "%s%s/%s.root.json",
		     prefix, FOLDER, remote->name) >= (int)sizeof(remote->root) ||
	    snprintf(remote->file, sizeof(remote->file), "%s%s/%s.conf",
		     prefix, FOLDER, remote->name) >= (int)sizeof(remote->file))
		rc = cx_fail(err, -ENAMETOOLONG, "%s: is too long", prefix);
	if (!rc)
		rc = check_root(given, &buf, err);
	if (!rc)
		rc = make_folders(prefix, err);
	if (!rc)
		rc = cx_write_file(remote->root, NULL, buf.data, buf.size, 0644,
				   err);
	if (!rc) {
		rc = write_file(remote, err);
		if (rc)
			unlink(remote->root);
	}
	cx_buf_free(&buf);
	return rc;
}

int cx_remote_remove(const char *prefix, const char *name,
		     struct cx_error *err)
{
	char folder[PATH_MAX], path[PATH_MAX + 64];
	struct cx_remote remote;
	int rc;

	if (!cx_remote_name_ok(name))
		return cx_fail(err, -EINVAL, "'%s' is no name of a remote", name);
	snprintf(folder, sizeof(folder), "%s%s", prefix, FOLDER);
	snprintf(path, sizeof(path), "%s/%s.conf", folder, name);
	if (unlink(path)) {
		if (errno != ENOENT && errno != ENOTDIR)
			return fail_path(path, err);
		rc = cx_remote_load(prefix, name, &remote, err);
		return rc ? rc :
		       cx_fail(err, -EROFS, "%s is not this machine's own: an empty file %s takes it away",
			       remote.file, path);
	}
	rc = cx_sync_name(path, err);
	snprintf(path, sizeof(path), "%s/%s.root.json", folder, name);
	unlink(path);
	return rc;
}
