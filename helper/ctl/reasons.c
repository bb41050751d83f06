// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/reasons.h"

#include <stdio.h>

#include "ctl/json.h"
#include "ctl/text.h"
#include "lib/ops_update.h"

typedef void (*visitor)(void *ctx, const struct cx_item *item, char *reason);

/* A store that cannot be read has been told of by the caller's other work. */
static void each(const struct cx_store *store, const char *name, visitor visit,
		 void *ctx)
{
	char reason[CX_RELEASE_REASON_MAX + 1];
	struct cx_items items;
	size_t i;

	if (store->fd < 0 || cx_store_seals(store, name, &items, NULL))
		return;
	for (i = 0; i < items.count; i++)
		if (cx_withdrawal_reason(store, &items.list[i], reason))
			visit(ctx, &items.list[i], reason);
	cx_items_free(&items);
}

static void print(void *ctx, const struct cx_item *item, char *reason)
{
	(void)ctx;
	printf("%s@%s was withdrawn by its publisher: %s\n", item->name,
	       item->label, ctl_clean(reason));
}

static void append(void *ctx, const struct cx_item *item, char *reason)
{
	json_array_append_new(ctx, json_pack("{s:s, s:o}", "generation",
					     item->label, "reason",
					     ctl_json_text(reason)));
}

void ctl_print_reasons(const struct cx_store *store, const char *name)
{
	each(store, name, print, NULL);
}

json_t *ctl_json_reasons(const struct cx_store *store, const char *name)
{
	json_t *array = json_array();

	each(store, name, append, array);
	return array;
}
