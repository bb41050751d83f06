/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is here: the side of an update that a release is compared with. */
#ifndef _CX_OPS_UPDATE_LOCAL_H
#define _CX_OPS_UPDATE_LOCAL_H

#include "lib/ops_update.h"
#include "lib/remote.h"

/**
 * struct cx_local - this machine
 * @listing: every generation
 * @state: what is mounted, where there is no module
 * @has_kernel: the module is there
 * @id: the machine id
 * @now: seconds since 1970 UTC
 */
struct cx_local {
	struct cx_listing listing;
	struct cx_state state;
	bool has_kernel;
	char id[CX_MACHINE_ID_SIZE];
	int64_t now;
};

/**
 * cx_local_load - look at this machine
 * @ops: needs STORE, TRUST, KERNEL_IF
 * @local: set on success; the caller frees it
 * @err: filled on failure
 */
int cx_local_load(struct cx_ops *ops, struct cx_local *local,
		  struct cx_error *err);

/**
 * cx_local_free - free it
 * @local: may be empty
 */
void cx_local_free(struct cx_local *local);

/**
 * cx_local_base - the base of a cryptex that is mounted
 * @local: the machine
 * @name: the cryptex; NULL for any
 * @after: look behind this one; NULL for the first
 *
 * Return: the base, or NULL.
 */
const struct cx_listed *cx_local_base(const struct cx_local *local,
				      const char *name,
				      const struct cx_listed *after);

/**
 * cx_local_find - the generation that a release is
 * @local: the machine
 * @release: the release
 *
 * Return: the generation, if it is here, or NULL.
 */
const struct cx_listed *cx_local_find(const struct cx_local *local,
				      const struct cx_release *release);

/**
 * cx_local_newest - the newest patch that can be activated
 * @local: the machine
 * @base: of its cryptex
 *
 * Return: the generation, @base if there is no patch.
 */
const struct cx_listed *cx_local_newest(const struct cx_local *local,
					const struct cx_listed *base);

/**
 * cx_local_machine - what releases of a remote are compared with
 * @local: the machine
 * @base: of the cryptex
 * @remote: says channel and hardware
 */
struct cx_machine cx_local_machine(const struct cx_local *local,
				   const struct cx_listed *base,
				   const struct cx_remote *remote);

/**
 * cx_listed_release - as much of a release as a generation tells
 * @listed: the generation
 *
 * For cx_release_newer().
 */
struct cx_release cx_listed_release(const struct cx_listed *listed);

#endif /* _CX_OPS_UPDATE_LOCAL_H */
