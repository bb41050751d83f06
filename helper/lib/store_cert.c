// SPDX-License-Identifier: LGPL-2.1-or-later
/* Trusted certificates: trusted/SHA-256.der. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/store.h"

#define SUFFIX ".der"

int cx_store_put_cert(const struct cx_store *store, const struct cx_buf *der,
		      struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char path[PATH_MAX], hex[2 * sizeof(digest) + 1];
	int rc;

	cx_sha256(der->data, der->size, digest);
	snprintf(path, sizeof(path), "%s/trusted/%s" SUFFIX, store->path,
		 cx_hex(digest, sizeof(digest), hex));
	if (!access(path, F_OK))
		return cx_sync_name(path, err);
	rc = cx_write_file(path, store->tmp, der->data, der->size, 0600, err);
	return rc ? rc : 1;
}

static int is_cert(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > strlen(SUFFIX) && entry->d_name[0] != '.' &&
	       !strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX);
}

int cx_store_each_cert(const struct cx_store *store,
		       void (*visit)(void *ctx, const char *path), void *ctx,
		       struct cx_error *err)
{
	char folder[PATH_MAX], path[PATH_MAX + sizeof((*(struct dirent *)0).d_name)];
	struct dirent **found;
	int i, count;

	snprintf(folder, sizeof(folder), "%s/trusted", store->path);
	count = scandir(folder, &found, is_cert, alphasort);
	if (count < 0)
		return errno == ENOENT ? 0 :
		       cx_fail(err, -errno, "%s: cannot be read: %s",
			       folder, strerror(errno));
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, found[i]->d_name);
		visit(ctx, path);
		free(found[i]);
	}
	free(found);
	return 0;
}
