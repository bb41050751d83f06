// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/remote_file.h"

#include <errno.h>
#include <libeconf.h>
#include <libeconf_ext.h>
#include <stdlib.h>
#include <string.h>

/* One value, and where it stands. */
struct entry {
	const char *path;
	unsigned long long line;
	const char *value;
};

static int bad(const struct entry *entry, struct cx_error *err,
	       const char *what)
{
	return cx_fail(err, -EINVAL, "%s:%llu: %s", entry->path, entry->line,
		       what);
}

static int take_url(const struct entry *entry, struct cx_remote *remote,
		    struct cx_error *err)
{
	struct cx_url url;
	size_t size;
	int rc = cx_url_parse(entry->value, &url, err);

	if (rc)
		return cx_prefix(err, rc, "%s:%llu", entry->path, entry->line);
	size = strlen(entry->value);
	memcpy(remote->url, entry->value, size + 1);
	while (size > 1 && remote->url[size - 1] == '/')
		remote->url[--size] = '\0';
	return 0;
}

static int take_root(const struct entry *entry, struct cx_remote *remote,
		     struct cx_error *err)
{
	size_t size = strlen(entry->value);

	if (*entry->value != '/' || size >= sizeof(remote->root))
		return bad(entry, err, "root is the absolute path of a root.json");
	memcpy(remote->root, entry->value, size + 1);
	return 0;
}

static int take_channel(const struct entry *entry, struct cx_remote *remote,
			struct cx_error *err)
{
	if (!cx_channel_ok(entry->value))
		return bad(entry, err, "a channel is of [a-z0-9-], 32 at most");
	strcpy(remote->channel, entry->value);
	return 0;
}

static int take_hardware(const struct entry *entry, struct cx_remote *remote,
			 struct cx_error *err)
{
	if (*entry->value && !cx_channel_ok(entry->value))
		return bad(entry, err, "a hardware class is of [a-z0-9-], 32 at most");
	strcpy(remote->hardware, entry->value);
	return 0;
}

static int take_enabled(const struct entry *entry, struct cx_remote *remote,
			struct cx_error *err)
{
	remote->enabled = !strcmp(entry->value, "yes") ||
			  !strcmp(entry->value, "true") ||
			  !strcmp(entry->value, "1");
	if (!remote->enabled && strcmp(entry->value, "no") &&
	    strcmp(entry->value, "false") && strcmp(entry->value, "0"))
		return bad(entry, err, "enabled is yes or no");
	return 0;
}

static const struct {
	const char *key;
	int (*take)(const struct entry *entry, struct cx_remote *remote,
		    struct cx_error *err);
} keys[] = {
	{ "url", take_url },
	{ "root", take_root },
	{ "channel", take_channel },
	{ "hardware", take_hardware },
	{ "enabled", take_enabled },
};

static int take(const char *key, const struct entry *entry,
		struct cx_remote *remote, struct cx_error *err)
{
	size_t i;

	/* To the library a line without '=' continues the one before. */
	if (strchr(entry->value, '\n'))
		return bad(entry, err, "what follows is not of the form KEY = VALUE");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].key, key))
			return keys[i].take(entry, remote, err);
	return cx_fail(err, -EINVAL,
		       "%s:%llu: there is no key '%s': url, root, channel, hardware and enabled are known",
		       entry->path, entry->line, key);
}

static int take_key(econf_file *file, const char *path, const char *key,
		    struct cx_remote *remote, struct cx_error *err)
{
	struct entry entry = { .path = path };
	econf_ext_value *where = NULL;
	char *value = NULL;
	int rc;

	if (!econf_getExtValue(file, NULL, key, &where))
		entry.line = where->line_number;
	if (econf_getStringValue(file, NULL, key, &value) == ECONF_NOMEM)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	else {
		entry.value = value ? value : "";
		rc = take(key, &entry, remote, err);
	}
	econf_freeExtValue(where);
	free(value);
	return rc;
}

static int take_all(econf_file *file, const char *path,
		    struct cx_remote *remote, struct cx_error *err)
{
	char **names = NULL, **groups = NULL;
	size_t i, count = 0, group_count = 0;
	int rc = 0;

	if (!econf_getGroups(file, &group_count, &groups) && group_count)
		rc = cx_fail(err, -EINVAL,
			     "%s: there are no sections in here, such as [%s]",
			     path, groups[0]);
	econf_freeArray(groups);
	if (!rc && econf_getKeys(file, NULL, &count, &names))
		count = 0;
	for (i = 0; i < count && !rc; i++)
		rc = take_key(file, path, names[i], remote, err);
	econf_freeArray(names);
	if (!rc && !*remote->url)
		rc = cx_fail(err, -EINVAL, "%s: has no url", path);
	if (!rc && !*remote->root)
		rc = cx_fail(err, -EINVAL, "%s: has no root", path);
	return rc;
}

static int fail_read(econf_err why, const char *path, struct cx_error *err)
{
	uint64_t line = 0;
	char *file = NULL;

	if (why == ECONF_NOMEM)
		return cx_fail(err, -ENOMEM, "out of memory");
	econf_errLocation(&file, &line);
	free(file);
	return cx_fail(err, -EINVAL, "%s:%llu: %s", path,
		       (unsigned long long)line, econf_errString(why));
}

int cx_remote_file_read(const char *path, struct cx_remote *remote,
			struct cx_error *err)
{
	econf_file *file = NULL;
	econf_err why = econf_readFile(&file, path, "=", "#");
	int rc;

	*remote->url = *remote->root = *remote->hardware = '\0';
	strcpy(remote->channel, CX_CHANNEL_DEFAULT);
	remote->enabled = true;
	rc = why ? fail_read(why, path, err) : take_all(file, path, remote, err);
	econf_freeFile(file);
	return rc;
}
