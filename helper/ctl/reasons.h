/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why generations that are here were taken back by their publishers. */
#ifndef _CTL_REASONS_H
#define _CTL_REASONS_H

#include <jansson.h>

#include "lib/remote_withdrawn.h"
#include "lib/store.h"

/**
 * ctl_print_reasons - a line for each generation of a cryptex that was taken back
 * @store: a store; nothing is printed if it is not open
 * @found: its withdrawals
 * @name: the cryptex
 */
void ctl_print_reasons(const struct cx_store *store,
		       const struct cx_withdrawals *found, const char *name);

/**
 * ctl_json_reasons - the same as an array
 * @store: a store, which may not be open
 * @found: its withdrawals
 * @name: the cryptex
 */
json_t *ctl_json_reasons(const struct cx_store *store,
			 const struct cx_withdrawals *found, const char *name);

#endif /* _CTL_REASONS_H */
