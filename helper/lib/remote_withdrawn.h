/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What publishers took back and say why, as far as the last checks tell. */
#ifndef _CX_REMOTE_WITHDRAWN_H
#define _CX_REMOTE_WITHDRAWN_H

#include "lib/release.h"
#include "lib/store.h"

/**
 * struct cx_withdrawal - a release that was taken back
 * @item: the release
 * @reason: why, one line
 */
struct cx_withdrawal {
	struct cx_item item;
	char reason[CX_RELEASE_REASON_MAX + 1];
};

/**
 * struct cx_withdrawals - those of all remotes
 * @list: @count of them, on the heap
 * @count: how many
 */
struct cx_withdrawals {
	struct cx_withdrawal *list;
	size_t count;
};

/**
 * cx_withdrawals_load - look through what is known of every remote
 * @store: an open store
 * @found: set, on failure to what was found until then; the caller frees it
 * @err: filled on failure
 *
 * A remote that was never checked, or of which what is known is damaged, has none:
 * the next check tells that.
 *
 * Return: 0 or a negative errno.
 */
int cx_withdrawals_load(const struct cx_store *store,
			struct cx_withdrawals *found, struct cx_error *err);

/**
 * cx_withdrawals_reason - why a generation was taken back
 * @found: the withdrawals
 * @item: the generation
 *
 * Return: the reason, which @found owns, or NULL.
 */
const char *cx_withdrawals_reason(const struct cx_withdrawals *found,
				  const struct cx_item *item);

/**
 * cx_withdrawals_free - free and empty them
 * @found: may be empty
 */
void cx_withdrawals_free(struct cx_withdrawals *found);

#endif /* _CX_REMOTE_WITHDRAWN_H */
