/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What shall be mounted where, and which generation shall be active: state.json
 * in the store.  It is the wish that the boot step fulfils; what is really in
 * force only the kernel says.
 */
#ifndef _CX_STATE_H
#define _CX_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"

#define CX_STATE_FILE		"state.json"
#define CX_STATE_VERSION	1

/**
 * struct cx_state_entry - one cryptex that is mounted
 * @name: the cryptex
 * @base: label of its base
 * @active: label of the generation to activate
 * @mountpoint: absolute path, on the heap
 * @graft: the dynamic linker is told of it
 */
struct cx_state_entry {
	char name[CRYPTEX_LABEL_SIZE];
	char base[CRYPTEX_LABEL_SIZE];
	char active[CRYPTEX_LABEL_SIZE];
	char *mountpoint;
	bool graft;
};

/**
 * struct cx_state - all cryptexes of a store
 * @entries: @count of them, sorted by name, on the heap
 * @count: how many
 */
struct cx_state {
	struct cx_state_entry *entries;
	size_t count;
};

/**
 * cx_state_load - read the state of a store
 * @dir: the store
 * @state: set on success; the caller frees it; empty if there is no file
 * @err: filled on failure, with the file and the remedy
 *
 * Return: 0; -EBADMSG for a file that is damaged; -EPROTONOSUPPORT for one of
 * another version; or what reading gave.
 */
int cx_state_load(const char *dir, struct cx_state *state, struct cx_error *err);

/**
 * cx_state_free - free a state and empty it
 * @state: may be empty
 */
void cx_state_free(struct cx_state *state);

/**
 * cx_state_find - find a cryptex
 * @state: the state
 * @name: the cryptex
 *
 * Return: the entry, which @state owns, or NULL.
 */
struct cx_state_entry *cx_state_find(const struct cx_state *state,
				     const char *name);

/**
 * cx_state_set - add a cryptex, or replace what is there for its name
 * @state: the state
 * @entry: copied, its mountpoint too
 * @err: filled on failure, and then @state is as it was
 */
int cx_state_set(struct cx_state *state, const struct cx_state_entry *entry,
		 struct cx_error *err);

/**
 * cx_state_remove - forget a cryptex
 * @state: the state
 * @name: the cryptex; one that is not there is no error
 */
void cx_state_remove(struct cx_state *state, const char *name);

/**
 * cx_state_sync - make sure that the state that is there survives a power cut
 * @dir: the store
 * @err: filled on failure
 *
 * Who wrote it has perhaps not lived to sync it.
 */
int cx_state_sync(const char *dir, struct cx_error *err);

/**
 * cx_state_save - make a state the one in force
 * @dir: the store
 * @state: what to write
 * @err: filled on failure, and then the state that was there counts
 */
int cx_state_save(const char *dir, const struct cx_state *state,
		  struct cx_error *err);

/**
 * cx_state_prepare - write the state to disk, not yet under its name
 * @dir: the store
 * @state: what to write
 * @out: set on success; cx_output_commit() makes it the state in force,
 *	cx_output_abort() leaves nothing
 * @err: filled on failure
 *
 * Everything that can fail for lack of space or memory fails here, before the
 * kernel is asked to switch.
 */
int cx_state_prepare(const char *dir, const struct cx_state *state,
		     struct cx_output *out, struct cx_error *err);

/**
 * cx_mountpoint_ok - is this a path that a cryptex may be mounted at?
 * @path: to be checked
 *
 * It must be absolute and plain, without "." and "..", and hold nothing that
 * ld.so.conf would take for syntax.
 */
bool cx_mountpoint_ok(const char *path);

#endif /* _CX_STATE_H */
