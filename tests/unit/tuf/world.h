/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A repository, a server that serves it, and a client's folder. */
#ifndef _TUF_WORLD_H
#define _TUF_WORLD_H

#include <stdint.h>

#include "lib/http.h"
#include "lib/tuf/client.h"
#include "repo.h"
#include "server.h"

/**
 * struct world - all parties of an update
 * @repo: the publisher
 * @server: the mirror
 * @dir: the client's folder
 * @dirfd: the same, open
 * @now: the client's time, or 0 for the clock's
 * @err: of the last call
 * @out: a file for a download, empty at first
 */
struct world {
	struct repo repo;
	struct server server;
	char dir[64];
	int dirfd;
	time_t now;
	struct cx_error err;
	int out;
};

/* cmocka's setup and teardown; the client has the first root. */
int world_make(void **state);
int world_free(void **state);

/* A whole update over HTTP, and if @target is not NULL, its download into @out. */
int world_update(struct world *world, const char *target);

/* A client over the plain folder; the caller closes it. */
struct cx_tuf *world_open_dir(struct world *world);

/* A search; what it finds has to be of this @role. */
int world_find(struct world *world, struct cx_tuf *tuf, const char *name,
	       const char *role);

/* The digest of the client's files: their names and contents; but for @except. */
void world_state(const struct world *world, const char *except,
		 char hex[129]);

/* The version of a file of the client's, or 0. */
long long world_version(const struct world *world, const char *file);

uint64_t world_out_size(const struct world *world);

#endif /* _TUF_WORLD_H */
