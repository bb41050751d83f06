/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cryptex-fetch: the one process that speaks to the network.
 *
 * cryptexctl starts it in a sandbox (lib/sandbox.h) and asks by messages
 * (lib/channel.h).  It downloads, verifies metadata, and chooses on which way an
 * object is fetched; what it hands over is opened, measured and verified by others.
 */
#ifndef _FETCH_H
#define _FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/channel.h"
#include "lib/sandbox.h"
#include "lib/tuf/client.h"

/* The program's descriptors */
#define FETCH_SOCK	(CX_SANDBOX_FIRST_FD + 0)
#define FETCH_SPOOL	(CX_SANDBOX_FIRST_FD + 1)
#define FETCH_ROOT	(CX_SANDBOX_FIRST_FD + 2)
#define FETCH_FOLDER	(CX_SANDBOX_FIRST_FD + 3)	/* of file:// only */

/* Beyond this an index is not read: 20,000 objects with some deltas each. */
#define FETCH_INDEX_MAX	(4 << 20)

struct index;
struct session;

/**
 * struct place - a folder of the repository, as a transport
 * @session: whose
 * @prefix: what stands before each name
 */
struct place {
	struct session *session;
	const char *prefix;
};

/**
 * struct session - one repository, while it is asked
 * @base: reads below the repository
 * @http: behind @base, or NULL
 * @places: see fetch_transport()
 * @metadata: descriptor of the folder of local metadata
 * @parts: descriptor of the folder of unfinished downloads
 * @tuf: after REFRESH
 * @index: where the objects of the last seal are
 * @have: objects of the store, sorted by digest once GO came
 * @have_count: how many
 * @want: objects that are missing
 * @want_count: how many
 * @fetched: bytes that came for the current answer
 * @done: bytes of files that are complete, for the progress
 * @total: bytes that are to come
 * @told: when progress was told last, in milliseconds
 * @unanswered: files that were handed over and are not judged yet
 * @silent: progress that was told since the last answer
 */
struct session {
	struct cx_tuf_transport base;
	struct cx_http *http;
	struct place places[3];
	int metadata;
	int parts;
	struct cx_tuf *tuf;
	struct index *index;
	struct cx_object *have;
	size_t have_count;
	struct cx_object *want;
	size_t want_count;
	uint64_t fetched;
	uint64_t done;
	uint64_t total;
	int64_t told;
	size_t unanswered;
	size_t silent;
};

/**
 * enum place_of - the folders of a repository
 * @PLACE_METADATA: "metadata/"
 * @PLACE_TARGETS: "targets/"
 * @PLACE_OBJECTS: "", for "objects/" and "deltas/"
 */
enum place_of {
	PLACE_METADATA,
	PLACE_TARGETS,
	PLACE_OBJECTS,
};

/**
 * fetch_transport - how files of a folder of the repository are read
 * @session: whose; counts what comes
 * @place: the folder
 */
struct cx_tuf_transport fetch_transport(struct session *session,
					enum place_of place);

/**
 * fetch_progress - a cx_fetch_watch: tell how far it is, now and then
 * @arg: the session
 * @fetched: bytes of the running call
 *
 * Return: 0, or -EPIPE once nobody listens.
 */
int fetch_progress(void *arg, uint64_t fetched);

/**
 * fetch_refresh - answer REFRESH
 * @session: the session
 * @request: the message
 * @err: filled on failure
 */
int fetch_refresh(struct session *session,
		  const struct cx_message_refresh *request,
		  struct cx_error *err);

/**
 * fetch_seal - answer SEAL
 * @session: the session, refreshed
 * @item: the generation
 * @err: filled on failure
 */
int fetch_seal(struct session *session, const struct cx_item *item,
	       struct cx_error *err);

/**
 * fetch_batch - note a batch of digests
 * @list: of the session
 * @count: likewise
 * @batch: the message
 * @err: filled on failure
 */
int fetch_batch(struct cx_object **list, size_t *count,
		const struct cx_message_batch *batch, struct cx_error *err);

/**
 * fetch_objects - answer GO
 * @session: the session, with an index
 * @err: filled on failure
 */
int fetch_objects(struct session *session, struct cx_error *err);

/**
 * fetch_note - tell people what is not the end
 * @rc: a negative errno
 * @why: the sentence
 */
void fetch_note(int rc, const struct cx_error *why);

/**
 * fetch_part - open an unfinished download
 * @session: the session
 * @name: of the file in the folder of parts
 * @size: set to what it holds already
 * @err: filled on failure
 *
 * Return: a descriptor for reading and writing, or a negative errno.
 */
int fetch_part(const struct session *session, const char *name, uint64_t *size,
	       struct cx_error *err);

#endif /* _FETCH_H */
