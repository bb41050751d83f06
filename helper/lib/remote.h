/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where fixes come from: a file NAME.conf for each repository, of the form
 *
 *	url = https://fixes.example.org/cryptex
 *	root = /etc/cryptex/remotes.d/NAME.root.json
 *	channel = stable
 *	hardware = desktop
 *	enabled = yes
 *
 * in /etc/cryptex/remotes.d; below /run and /usr/lib as well, where a file counts
 * if none of its name comes before.  One that is empty takes the name away.
 */
#ifndef _CX_REMOTE_H
#define _CX_REMOTE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/release.h"

#define CX_URL_MAX	1000	/* bytes */
#define CX_ROOT_MAX	(512 << 10)	/* bytes of a root.json */

/**
 * struct cx_remote - one repository
 * @name: [a-z0-9-], 32 at most
 * @url: http://, https:// or file:///, without a slash at the end
 * @root: path of the root.json that is trusted from the start
 * @channel: see struct cx_machine
 * @hardware: see struct cx_machine
 * @file: where this was read
 * @enabled: it counts
 */
struct cx_remote {
	char name[CX_CHANNEL_MAX + 1];
	char url[CX_URL_MAX + 1];
	char root[PATH_MAX];
	char channel[CX_CHANNEL_MAX + 1];
	char hardware[CX_CHANNEL_MAX + 1];
	char file[PATH_MAX];
	bool enabled;
};

/**
 * struct cx_remotes - many of them
 * @list: @count remotes, sorted by name, on the heap
 * @count: how many
 */
struct cx_remotes {
	struct cx_remote *list;
	size_t count;
};

/**
 * cx_remote_name_ok - can a remote be called that?
 * @name: to be checked
 */
bool cx_remote_name_ok(const char *name);

/**
 * struct cx_url - what a URL says
 * @path: of a file:// URL, in the URL; NULL otherwise
 * @port: of another one
 */
struct cx_url {
	const char *path;
	uint16_t port;
};

/**
 * cx_url_parse - take apart what may stand as the URL of a remote
 * @text: the URL
 * @url: set on success
 * @err: filled on failure
 */
int cx_url_parse(const char *text, struct cx_url *url, struct cx_error *err);

/**
 * cx_remote_load - read one remote
 * @prefix: stands before /etc, /run and /usr/lib; empty but for tests
 * @name: its name
 * @remote: set on success
 * @err: filled on failure, with file and line; -ENOENT: there is none
 */
int cx_remote_load(const char *prefix, const char *name,
		   struct cx_remote *remote, struct cx_error *err);

/**
 * cx_remote_list - the names of all remotes
 * @prefix: see above
 * @remotes: set on success, with names alone; the caller frees it
 * @err: filled on failure
 */
int cx_remote_list(const char *prefix, struct cx_remotes *remotes,
		   struct cx_error *err);

/**
 * cx_remote_add - write a new remote, crash-safely
 * @prefix: see above
 * @remote: name, URL, channel and hardware, checked here; @root is the file to
 *	copy; on success @file and @root are set to what was written
 * @err: filled on failure, and then nothing is left; -EEXIST: there is one
 */
int cx_remote_add(const char *prefix, struct cx_remote *remote,
		  struct cx_error *err);

/**
 * cx_remote_remove - take a remote away, durably
 * @prefix: see above
 * @name: its name
 * @err: filled on failure; -ENOENT: there is none; -EROFS: it does not come from
 *	/etc
 */
int cx_remote_remove(const char *prefix, const char *name,
		     struct cx_error *err);

#endif /* _CX_REMOTE_H */
