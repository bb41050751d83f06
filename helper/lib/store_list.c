// SPDX-License-Identifier: LGPL-2.1-or-later
/* Revocation lists: revocations/NUMBER.list, with leading zeros. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store.h"

#define FOLDER	"revocations"
#define DIGITS	20	/* of a number in a name */
#define SUFFIX	".list"

char *cx_store_list_path(const struct cx_store *store, uint64_t number)
{
	char *path;

	return asprintf(&path, "%s/" FOLDER "/%0*" PRIu64 SUFFIX,
			store->path, DIGITS, number) < 0 ? NULL : path;
}

/* A store of an earlier time has no such folder. */
static int make_folder(const struct cx_store *store, struct cx_error *err)
{
	if (!mkdirat(store->fd, FOLDER, 0700)) {
		if (!fsync(store->fd))
			return 0;
	} else if (errno == EEXIST) {
		return 0;
	}
	return cx_fail(err, -errno, "%s/" FOLDER " cannot be made: %s",
		       store->path, strerror(errno));
}

/* Return: 1 if @path holds @list, 0 if it holds none that is whole, or a
 * negative errno. */
static int is_there(const char *path, const struct cx_list *list,
		    struct cx_error *err)
{
	struct cx_list old;
	int rc = cx_list_load(path, NULL, &old, err);

	if (rc == -ENOMEM || rc == -EIO || rc == -EACCES)
		return rc;
	/* None, or a damaged one that the new one repairs. */
	if (rc)
		return 0;
	if (old.view.signed_size == list->view.signed_size &&
	    !memcmp(old.buf.data, list->buf.data, old.view.signed_size))
		rc = 1;
	else
		rc = cx_fail(err, -EEXIST,
			     "another list with the number %" PRIu64 " is in the store already: %s",
			     cx_list_number(list), path);
	cx_list_free(&old);
	return rc;
}

int cx_store_put_list(const struct cx_store *store, const struct cx_list *list,
		      struct cx_error *err)
{
	char *path = cx_store_list_path(store, cx_list_number(list));
	int rc = make_folder(store, err);

	if (!path && !rc)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	if (!rc)
		rc = is_there(path, list, err);
	if (rc == 1) {
		rc = cx_sync_name(path, err);
	} else if (!rc) {
		rc = cx_write_file(path, store->tmp, list->buf.data,
				   list->buf.size, 0600, err);
		rc = rc ? rc : 1;
	}
	free(path);
	return rc;
}

int cx_store_remove_list(const struct cx_store *store, uint64_t number,
			 struct cx_error *err)
{
	char *path = cx_store_list_path(store, number);
	int rc = 0;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (unlink(path) && errno != ENOENT)
		rc = cx_fail(err, -errno, "%s: cannot be removed: %s", path,
			     strerror(errno));
	else
		rc = cx_sync_name(path, err);
	free(path);
	return rc;
}

static int is_list(const struct dirent *entry)
{
	return strspn(entry->d_name, "0123456789") == DIGITS &&
	       !strcmp(entry->d_name + DIGITS, SUFFIX);
}

/* With leading zeros, the order of the names is that of the numbers. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int cx_store_lists(const struct cx_store *store, uint64_t **numbers,
		   size_t *count, struct cx_error *err)
{
	char folder[PATH_MAX];
	struct dirent **found;
	int i, n;

	*numbers = NULL;
	*count = 0;
	snprintf(folder, sizeof(folder), "%s/" FOLDER, store->path);
	n = scandir(folder, &found, is_list, by_name);
	if (n < 0)
		return errno == ENOENT ? 0 :
		       cx_fail(err, -errno, "%s: cannot be read: %s", folder,
			       strerror(errno));
	*numbers = calloc(n + 1, sizeof(**numbers));
	for (i = 0; i < n; i++) {
		if (*numbers)
			(*numbers)[(*count)++] = strtoull(found[i]->d_name, NULL, 10);
		free(found[i]);
	}
	free(found);
	return *numbers ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}
