// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/reasons.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl/json.h"
#include "ctl/text.h"

typedef void (*visitor)(void *ctx, const struct cx_item *item,
			const char *reason);

/* A store that cannot be read has been told of by the caller's other work. */
static void each(const struct cx_store *store,
		 const struct cx_withdrawals *found, const char *name,
		 visitor visit, void *ctx)
{
	struct cx_items items;
	size_t i;

	if (!found->count || cx_store_seals(store, name, &items, NULL))
		return;
	for (i = 0; i < items.count; i++) {
		const char *reason = cx_withdrawals_reason(found,
							   &items.list[i]);

		if (reason)
			visit(ctx, &items.list[i], reason);
	}
	cx_items_free(&items);
}

static void print(void *ctx, const struct cx_item *item, const char *reason)
{
	char *clean = ctl_clean_copy(reason);

	(void)ctx;
	printf("%s@%s was withdrawn by its publisher: %s\n", item->name,
	       item->label, clean);
	free(clean);
}

static void append(void *ctx, const struct cx_item *item, const char *reason)
{
	json_array_append_new(ctx, json_pack("{s:s, s:o}", "generation",
					     item->label, "reason",
					     ctl_json_text(reason)));
}

void ctl_print_reasons(const struct cx_store *store,
		       const struct cx_withdrawals *found, const char *name)
{
	each(store, found, name, print, NULL);
}

json_t *ctl_json_reasons(const struct cx_store *store,
			 const struct cx_withdrawals *found, const char *name)
{
	json_t *array = json_array();

	each(store, found, name, append, array);
	return array;
}
