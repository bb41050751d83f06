// SPDX-License-Identifier: LGPL-2.1-or-later
/* Revocation lists: revocations/NUMBER.list, with leading zeros. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store.h"

#define FOLDER	"revocations"

char *cx_store_list_path(const struct cx_store *store, uint64_t number)
{
	char *path;

	return asprintf(&path, "%s/" FOLDER "/%020" PRIu64 ".list",
			store->path, number) < 0 ? NULL : path;
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
		rc = 0;
	} else if (!rc) {
		rc = cx_write_file(path, store->tmp, list->buf.data,
				   list->buf.size, 0600, err);
		rc = rc ? rc : 1;
	}
	free(path);
	return rc;
}

void cx_store_remove_list(const struct cx_store *store, uint64_t number)
{
	char file[32];
	int dir = openat(store->fd, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return;
	snprintf(file, sizeof(file), "%020" PRIu64 ".list", number);
	if (!unlinkat(dir, file, 0))
		fsync(dir);
	close(dir);
}

/* glob() sorts, and with leading zeros that is by number. */
int cx_store_lists(const struct cx_store *store, uint64_t **numbers,
		   size_t *count, struct cx_error *err)
{
	char pattern[PATH_MAX];
	uint64_t *list;
	glob_t found;
	size_t i;
	int rc;

	*numbers = NULL;
	*count = 0;
	snprintf(pattern, sizeof(pattern), "%s/" FOLDER "/*.list", store->path);
	rc = glob(pattern, 0, NULL, &found);
	if (rc == GLOB_NOMATCH)
		return 0;
	list = rc ? NULL : calloc(found.gl_pathc, sizeof(*list));
	if (list)
		*numbers = list;
	for (i = 0; list && i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;

		if (strspn(name, "0123456789") == 20)
			list[(*count)++] = strtoull(name, NULL, 10);
	}
	globfree(&found);
	return list ? 0 : cx_fail(err, -ENOMEM,
				  "%s/" FOLDER " cannot be listed: out of memory",
				  store->path);
}
