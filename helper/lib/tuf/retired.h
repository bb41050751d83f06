/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that were trusted once.
 *
 * They serve one purpose: to tell a person that what was refused is signed by a key
 * that its publisher has withdrawn, and not by any stranger's.  Nothing is accepted or
 * refused because of them.
 */
#ifndef _CX_TUF_RETIRED_H
#define _CX_TUF_RETIRED_H

#include <stdbool.h>

#include "lib/tuf/envelope.h"
#include "lib/tuf/metadata.h"

/**
 * cx_tuf_retire - remember the keys that a new root does not have any more
 * @dirfd: the local folder
 * @old: the former root
 * @new: the root that replaces it
 *
 * Where that fails, a later message is less exact; so failure is not told.
 */
void cx_tuf_retire(int dirfd, const struct cx_tuf_root *old,
		   const struct cx_tuf_root *new);

/**
 * cx_tuf_retire_delegated - remember the keys that new targets do not delegate to
 * @dirfd: the local folder
 * @old: "delegations" of the former targets; may be NULL
 * @new: the targets that replace them
 *
 * As with cx_tuf_retire(), failure is not told.
 */
void cx_tuf_retire_delegated(int dirfd, const json_t *old,
			     const struct cx_tuf_targets *new);

/**
 * cx_tuf_retired_has_signed - is this signed by a key that was withdrawn
 * @dirfd: the local folder
 * @role: who should have signed; keys that it has again do not count
 * @envelope: the metadata
 * @id: set to the key's id if so
 */
bool cx_tuf_retired_has_signed(int dirfd, const struct cx_tuf_role *role,
			       const struct cx_tuf_envelope *envelope,
			       char id[CX_TUF_KEYID_LEN + 1]);

#endif /* _CX_TUF_RETIRED_H */
