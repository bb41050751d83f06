// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/state.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#define STATE_MAX	(1 << 20)	/* bytes of the file */

bool cx_mountpoint_ok(const char *path)
{
	size_t len = strlen(path);
	const char *part;

	if (path[0] != '/' || len < 2 || len >= PATH_MAX - 512 ||
	    path[len - 1] == '/')
		return false;
	for (part = path; *part; part++)
		if ((unsigned char)*part <= 0x20 || strchr("\x7f#=:,\\*?[", *part))
			return false;
	for (part = path; part; part = strchr(part, '/')) {
		size_t part_len = strcspn(++part, "/");

		if (!part_len || !strncmp(part, ".", part_len) ||
		    (part_len == 2 && !strncmp(part, "..", 2)))
			return false;
	}
	return true;
}

static int damaged(const char *path, struct cx_error *err, const char *what)
{
	return cx_fail(err, -EBADMSG,
		       "%s: %s: remove it and mount the cryptexes again",
		       path, what);
}

/* Copy a string that @ok accepts from @object to @to. */
static bool take_word(const json_t *object, const char *key, char *to,
		      bool (*ok)(const char *))
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text || !ok(text))
		return false;
	snprintf(to, CRYPTEX_LABEL_SIZE, "%s", text);
	return true;
}

static int take_entry(struct cx_state *state, const char *path,
		      const char *name, const json_t *object,
		      struct cx_error *err)
{
	const json_t *graft = json_object_get(object, "graft");
	const char *mountpoint =
		json_string_value(json_object_get(object, "mountpoint"));
	struct cx_state_entry entry = { .graft = !json_is_false(graft) };

	if (!cryptex_name_ok(name))
		return damaged(path, err, "it holds a malformed cryptex name");
	snprintf(entry.name, sizeof(entry.name), "%s", name);
	if (!take_word(object, "base", entry.base, cryptex_label_ok) ||
	    !take_word(object, "active", entry.active, cryptex_label_ok))
		return damaged(path, err, "it holds a malformed version label");
	if (!mountpoint || !cx_mountpoint_ok(mountpoint))
		return damaged(path, err, "it holds a malformed mountpoint");
	entry.mountpoint = (char *)mountpoint;
	return cx_state_set(state, &entry, err);
}

static int take_all(struct cx_state *state, const char *path, json_t *root,
		    struct cx_error *err)
{
	json_t *all = json_object_get(root, "cryptexes"), *object;
	json_t *version = json_object_get(root, "version");
	const char *name;
	int rc = 0;

	if (!json_is_integer(version))
		return damaged(path, err, "it has no version");
	if (json_integer_value(version) != CX_STATE_VERSION)
		return cx_fail(err, -EPROTONOSUPPORT,
			       "%s: its version is %lld, this program knows %d: use the cryptexctl that wrote it",
			       path, (long long)json_integer_value(version),
			       CX_STATE_VERSION);
	if (!json_is_object(all))
		return damaged(path, err, "it lists no cryptexes");
	json_object_foreach(all, name, object) {
		rc = take_entry(state, path, name, object, err);
		if (rc)
			break;
	}
	return rc;
}

static int parse(const struct cx_buf *buf, const char *path,
		 struct cx_state *state, struct cx_error *err)
{
	json_error_t fault;
	json_t *root = json_loadb(buf->data, buf->size, JSON_REJECT_DUPLICATES,
				  &fault);
	int rc;

	if (!root)
		return cx_fail(err, -EBADMSG,
			       "%s: line %d: %s: remove it and mount the cryptexes again",
			       path, fault.line, fault.text);
	rc = take_all(state, path, root, err);
	json_decref(root);
	if (rc)
		cx_state_free(state);
	return rc;
}

int cx_state_load(const char *dir, struct cx_state *state, struct cx_error *err)
{
	char path[PATH_MAX];
	struct cx_buf buf;
	int rc;

	memset(state, 0, sizeof(*state));
	snprintf(path, sizeof(path), "%s/" CX_STATE_FILE, dir);
	rc = cx_read_file(path, STATE_MAX, &buf, err);
	if (rc == -ENOENT)
		return 0;
	if (rc == -ENODATA)
		return damaged(path, err, "it is empty");
	if (rc)
		return rc;
	rc = parse(&buf, path, state, err);
	cx_buf_free(&buf);
	return rc;
}

void cx_state_free(struct cx_state *state)
{
	while (state->count)
		free(state->entries[--state->count].mountpoint);
	free(state->entries);
	state->entries = NULL;
}

struct cx_state_entry *cx_state_find(const struct cx_state *state,
				     const char *name)
{
	size_t i;

	for (i = 0; i < state->count; i++)
		if (!strcmp(state->entries[i].name, name))
			return &state->entries[i];
	return NULL;
}

/* Open a gap for @name at its sorted place. */
static struct cx_state_entry *insert(struct cx_state *state, const char *name)
{
	struct cx_state_entry *entries =
		reallocarray(state->entries, state->count + 1, sizeof(*entries));
	size_t i = 0;

	if (!entries)
		return NULL;
	state->entries = entries;
	while (i < state->count && strcmp(entries[i].name, name) < 0)
		i++;
	memmove(&entries[i + 1], &entries[i],
		(state->count++ - i) * sizeof(*entries));
	memset(&entries[i], 0, sizeof(*entries));
	return &entries[i];
}

int cx_state_set(struct cx_state *state, const struct cx_state_entry *entry,
		 struct cx_error *err)
{
	struct cx_state_entry *old = cx_state_find(state, entry->name);
	char *mountpoint = strdup(entry->mountpoint);

	if (mountpoint && !old)
		old = insert(state, entry->name);
	if (!mountpoint || !old) {
		free(mountpoint);
		return cx_fail(err, -ENOMEM, "out of memory");
	}
	free(old->mountpoint);
	*old = *entry;
	old->mountpoint = mountpoint;
	return 0;
}

void cx_state_remove(struct cx_state *state, const char *name)
{
	struct cx_state_entry *entry = cx_state_find(state, name);

	if (!entry)
		return;
	free(entry->mountpoint);
	memmove(entry, entry + 1,
		(&state->entries[state->count] - (entry + 1)) * sizeof(*entry));
	state->count--;
}

static char *format(const struct cx_state *state)
{
	json_t *all = json_object(), *root;
	char *text;
	size_t i;

	for (i = 0; i < state->count; i++) {
		const struct cx_state_entry *e = &state->entries[i];

		json_object_set_new(all, e->name,
				    json_pack("{s:s, s:s, s:s, s:b}",
					      "mountpoint", e->mountpoint,
					      "base", e->base,
					      "active", e->active,
					      "graft", e->graft));
	}
	root = json_pack("{s:i, s:o}", "version", CX_STATE_VERSION,
			 "cryptexes", all);
	/* A member that could not be made is missing: then write nothing. */
	text = json_object_size(all) == state->count ?
	       json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
	json_decref(root);
	return text;
}

static int write_out(struct cx_output *out, const char *path, const char *text,
		     struct cx_error *err)
{
	int rc = cx_write_all(out->fd, text, strlen(text), path, err);

	if (!rc)
		rc = cx_write_all(out->fd, "\n", 1, path, err);
	if (!rc && fsync(out->fd))
		rc = cx_fail(err, -errno, "%s: cannot be synced: %s", path,
			     strerror(errno));
	return rc;
}

int cx_state_sync(const char *dir, struct cx_error *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" CX_STATE_FILE, dir);
	return cx_sync_name(path, err);
}

int cx_state_prepare(const char *dir, const struct cx_state *state,
		     struct cx_output *out, struct cx_error *err)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	char *text = format(state);
	int rc;

	if (!text)
		return cx_fail(err, -ENOMEM,
			       "the state cannot be written as JSON");
	snprintf(path, sizeof(path), "%s/" CX_STATE_FILE, dir);
	snprintf(tmp, sizeof(tmp), "%s/tmp", dir);
	rc = cx_output_open(out, path, tmp, 0600, err);
	if (!rc) {
		rc = write_out(out, path, text, err);
		if (rc)
			cx_output_abort(out);
	}
	free(text);
	return rc;
}

int cx_state_save(const char *dir, const struct cx_state *state,
		  struct cx_error *err)
{
	struct cx_output out;
	int rc = cx_state_prepare(dir, state, &out, err);

	return rc ? rc : cx_output_commit(&out, err);
}
