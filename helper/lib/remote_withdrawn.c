// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/remote_withdrawn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/remote_known.h"

static int add(struct cx_withdrawals *found, const struct cx_release *release,
	       struct cx_error *err)
{
	struct cx_withdrawal *list = reallocarray(found->list, found->count + 1,
						  sizeof(*list));

	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	found->list = list;
	list += found->count++;
	list->item = release->item;
	strcpy(list->reason, release->reason);
	return 0;
}

static int add_all(struct cx_withdrawals *found, const struct cx_known *known,
		   struct cx_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < known->count && !rc; i++)
		if (known->releases[i].withdrawn && *known->releases[i].reason)
			rc = add(found, &known->releases[i], err);
	return rc;
}

/* @file: NAME.json; anything else is none of ours. */
static int look_into(const struct cx_store *store, char *file,
		     struct cx_withdrawals *found, struct cx_error *err)
{
	char *dot = strrchr(file, '.');
	struct cx_known known;
	int rc;

	if (!dot || strcmp(dot, ".json"))
		return 0;
	*dot = '\0';
	if (cx_known_load(store, file, &known, NULL))
		return 0;
	rc = add_all(found, &known, err);
	cx_known_free(&known);
	return rc;
}

static int look_through(const struct cx_store *store, const char *path,
			struct cx_withdrawals *found, struct cx_error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc;

	if (!dir)
		return errno == ENOENT ? 0 :
		       cx_fail(err, -errno, "%s: cannot be read: %s", path,
			       strerror(errno));
	while ((rc = cx_next_entry(dir, path, &entry, err)) == 1) {
		rc = look_into(store, entry->d_name, found, err);
		if (rc)
			break;
	}
	closedir(dir);
	return rc;
}

int cx_withdrawals_load(const struct cx_store *store,
			struct cx_withdrawals *found, struct cx_error *err)
{
	char *path;
	int rc;

	*found = (struct cx_withdrawals){ 0 };
	if (asprintf(&path, "%s/" CX_KNOWN_FOLDER, store->path) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = look_through(store, path, found, err);
	free(path);
	return rc;
}

const char *cx_withdrawals_reason(const struct cx_withdrawals *found,
				  const struct cx_item *item)
{
	size_t i;

	for (i = 0; i < found->count; i++)
		if (!strcmp(found->list[i].item.name, item->name) &&
		    !strcmp(found->list[i].item.label, item->label))
			return found->list[i].reason;
	return NULL;
}

void cx_withdrawals_free(struct cx_withdrawals *found)
{
	free(found->list);
	*found = (struct cx_withdrawals){ 0 };
}
