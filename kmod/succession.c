// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which generation takes over when the active one may not go on.
 */
#include <linux/list.h>
#include <linux/minmax.h>

#include <cryptex/revocation.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "revoke.h"
#include "succession.h"
#include "why.h"

static bool may_be_active(const struct cx_generation *gen, u32 floor)
{
	return !gen->revoked && !gen->hit &&
	       cx_generation_security_epoch(gen) >= floor;
}

/* The base, or else the newest generation that may be active, or NULL. */
static struct cx_generation *best(const struct cx_cryptex *cx, u32 floor)
{
	struct cx_generation *gen, *found = NULL;

	if (may_be_active(cx->base, floor))
		return cx->base;
	list_for_each_entry(gen, &cx->generations, link)
		if (may_be_active(gen, floor))
			found = gen;
	return found;
}

/*
 * What takes over from the active generation, or NULL.  One below the floor
 * stays if there is no better one; a revoked one gives way even to one below it.
 */
static struct cx_generation *successor(const struct cx_cryptex *cx, u32 floor)
{
	const struct cx_generation *active = cx_tenure_of(cx)->gen;
	struct cx_generation *gen;

	if (may_be_active(active, floor))
		return NULL;
	gen = best(cx, floor);
	if (gen || may_be_active(active, 0))
		return gen;
	return best(cx, 0);
}

/**
 * cx_succession_prepare - find what takes over from what a list hits
 * @added: the list, which is not in force yet; what it hits is marked
 * @set: to which the successors are added, as by cx_epoch_prepare()
 * @why: set on failure
 *
 * Context: cx_lock held.
 * Return: 0 or -%ENOMEM.
 */
int cx_succession_prepare(const struct cryptex_revocation *added,
			  struct list_head *set, struct cx_why *why)
{
	const struct cx_cryptex *cx;

	list_for_each_entry(cx, &cx_cryptexes, link) {
		u32 floor = max(cryptex_revocation_floor_of(added, cx->name),
				cx_revoke_floor(cx->name));
		struct cx_generation *gen = successor(cx, floor);

		if (gen && cx_epoch_prepare(set, gen))
			return cx_refuse(why, -ENOMEM, "out of memory");
	}
	return 0;
}
