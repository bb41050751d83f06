/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the last look into a repository found: remotes/NAME.json in the store, for
 * people.  What is fetched hangs on a new look.
 */
#ifndef _CX_REMOTE_KNOWN_H
#define _CX_REMOTE_KNOWN_H

#include "lib/release.h"
#include "lib/store.h"

#define CX_KNOWN_FOLDER	"remotes"	/* in the store */

/**
 * struct cx_known - what a repository had
 * @url: of the repository
 * @checked: when, in seconds since 1970 UTC
 * @list_number: of its revocation list; 0: none
 * @releases: @count releases, on the heap
 * @count: how many
 */
struct cx_known {
	char url[1001];
	int64_t checked;
	uint64_t list_number;
	struct cx_release *releases;
	size_t count;
};

/**
 * cx_known_add - append a release
 * @known: grows
 * @release: checked
 * @err: filled on failure; -E2BIG: there are too many
 */
int cx_known_add(struct cx_known *known, const struct cx_release *release,
		 struct cx_error *err);

/**
 * cx_known_save - write it, crash-safely
 * @store: an open store
 * @remote: name of the remote
 * @known: replaces what is there
 * @err: filled on failure
 */
int cx_known_save(const struct cx_store *store, const char *remote,
		  const struct cx_known *known, struct cx_error *err);

/**
 * cx_known_load - read it
 * @store: an open store
 * @remote: name of the remote
 * @known: set on success; the caller frees it
 * @err: filled on failure; -ENOENT: there was no look yet
 */
int cx_known_load(const struct cx_store *store, const char *remote,
		  struct cx_known *known, struct cx_error *err);

/**
 * cx_known_remove - forget it
 * @store: an open store
 * @remote: name of the remote
 */
void cx_known_remove(const struct cx_store *store, const char *remote);

/**
 * cx_known_free - free and empty it
 * @known: may be empty
 */
void cx_known_free(struct cx_known *known);

#endif /* _CX_REMOTE_KNOWN_H */
