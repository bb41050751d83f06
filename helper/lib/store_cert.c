// SPDX-License-Identifier: LGPL-2.1-or-later
/* Trusted certificates: trusted/SHA-256.der. */
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/store.h"

int cx_store_put_cert(const struct cx_store *store, const struct cx_buf *der,
		      struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char path[PATH_MAX], hex[2 * sizeof(digest) + 1];
	int rc;

	cx_sha256(der->data, der->size, digest);
	snprintf(path, sizeof(path), "%s/trusted/%s.der", store->path,
		 cx_hex(digest, sizeof(digest), hex));
	if (!access(path, F_OK))
		return 0;
	rc = cx_write_file(path, store->tmp, der->data, der->size, 0600, err);
	return rc ? rc : 1;
}

void cx_store_each_cert(const struct cx_store *store,
			void (*visit)(void *ctx, const char *path), void *ctx)
{
	char pattern[PATH_MAX];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/trusted/*.der", store->path);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		visit(ctx, found.gl_pathv[i]);
	globfree(&found);
}
