// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/remote_known.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/release_json.h"

#define VERSION		1
#define FILE_MAX	(64 << 20)	/* bytes of the file */
#define RELEASES_MAX	4000	/* 18 KB each */

static char *path_of(const struct cx_store *store, const char *remote)
{
	char *path;

	return asprintf(&path, "%s/" CX_KNOWN_FOLDER "/%s.json", store->path,
			remote) < 0 ? NULL : path;
}

int cx_known_add(struct cx_known *known, const struct cx_release *release,
		 struct cx_error *err)
{
	struct cx_release *grown;

	if (known->count >= RELEASES_MAX)
		return cx_fail(err, -E2BIG,
			       "the repository has more than %d releases",
			       RELEASES_MAX);
	/* Room doubles: a record is large. */
	if (!(known->count & (known->count - 1))) {
		grown = reallocarray(known->releases,
				     known->count ? known->count * 2 : 1,
				     sizeof(*grown));
		if (!grown)
			return cx_fail(err, -ENOMEM, "out of memory");
		known->releases = grown;
	}
	known->releases[known->count++] = *release;
	return 0;
}

static json_t *one_json(const struct cx_release *release)
{
	json_t *json = cx_release_to_json(release);

	if (json && json_object_set_new(json, "length",
			json_integer(release->seal_size))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static char *format(const struct cx_known *known)
{
	json_t *list = json_array(), *root;
	char *text = NULL, when[32];
	int rc = 0;
	size_t i;

	for (i = 0; i < known->count && !rc; i++)
		rc = json_array_append_new(list, one_json(&known->releases[i]));
	root = json_pack("{s:i, s:s, s:s, s:I, s:o}", "version", VERSION,
			 "url", known->url,
			 "checked", cx_time_format(known->checked, when),
			 "list_number", (json_int_t)known->list_number,
			 "releases", list);
	if (!rc && root)
		text = json_dumps(root, JSON_SORT_KEYS | JSON_INDENT(1));
	json_decref(root);
	return text;
}

int cx_known_save(const struct cx_store *store, const char *remote,
		  const struct cx_known *known, struct cx_error *err)
{
	char *path = path_of(store, remote), *text = format(known);
	int rc = 0;

	if (!path || !text)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	else if (mkdirat(store->fd, CX_KNOWN_FOLDER, 0700) && errno != EEXIST)
		rc = cx_fail(err, -errno, "%s/" CX_KNOWN_FOLDER ": %s", store->path,
			     strerror(errno));
	if (!rc)
		rc = cx_write_file(path, store->tmp, text, strlen(text), 0600,
				   err);
	free(text);
	free(path);
	return rc;
}

static int take_release(struct cx_known *known, const json_t *json,
			struct cx_error *err)
{
	struct cx_release *release = malloc(sizeof(*release));
	int rc;

	if (!release)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = cx_release_from_json(json,
		json_integer_value(json_object_get(json, "length")), release,
		err);
	if (!rc)
		rc = cx_known_add(known, release, err);
	free(release);
	return rc;
}

static int take(struct cx_known *known, const json_t *root,
		struct cx_error *err)
{
	const json_t *list = json_object_get(root, "releases"), *one;
	const char *url = json_string_value(json_object_get(root, "url"));
	const char *when = json_string_value(json_object_get(root, "checked"));
	size_t i;
	int rc = 0;

	if (json_integer_value(json_object_get(root, "version")) != VERSION ||
	    !url || strlen(url) >= sizeof(known->url) || !when ||
	    !cx_time_parse(when, &known->checked))
		return cx_fail(err, -EBADMSG, "a member is missing");
	strcpy(known->url, url);
	known->list_number = json_integer_value(
		json_object_get(root, "list_number"));
	json_array_foreach(list, i, one)
		if (!rc)
			rc = take_release(known, one, err);
	return rc;
}

static int parse(const char *path, const struct cx_buf *buf,
		 struct cx_known *known, struct cx_error *err)
{
	json_error_t why;
	json_t *root = json_loadb(buf->data, buf->size, JSON_REJECT_DUPLICATES,
				  &why);
	int rc = root ? take(known, root, err) :
			cx_fail(err, -EBADMSG, "%s", why.text);

	json_decref(root);
	if (!rc)
		return 0;
	cx_known_free(known);
	return cx_prefix(err, rc, "%s: is damaged: `cryptexctl check` writes it anew",
			 path);
}

int cx_known_load(const struct cx_store *store, const char *remote,
		  struct cx_known *known, struct cx_error *err)
{
	char *path = path_of(store, remote);
	struct cx_buf buf;
	int rc;

	*known = (struct cx_known){ 0 };
	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = cx_read_file(path, FILE_MAX, &buf, err);
	if (!rc) {
		rc = parse(path, &buf, known, err);
		cx_buf_free(&buf);
	}
	free(path);
	return rc;
}

void cx_known_remove(const struct cx_store *store, const char *remote)
{
	char *path = path_of(store, remote);

	if (path)
		unlink(path);
	free(path);
}

void cx_known_free(struct cx_known *known)
{
	free(known->releases);
	*known = (struct cx_known){ 0 };
}
