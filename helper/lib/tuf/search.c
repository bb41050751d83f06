// SPDX-License-Identifier: LGPL-2.1-or-later
/* Section 5.6.7 of the specification: a target through delegations. */
#include "lib/tuf/client_state.h"

#include <errno.h>
#include <string.h>

#include "lib/tuf/limits.h"

/**
 * struct search - one search, depth first
 * @tuf: the client
 * @path: of the target that is wanted
 * @visited: names of roles
 * @count: of @visited
 * @found: the target, or NULL
 */
struct search {
	struct cx_tuf *tuf;
	const char *path;
	const char *visited[CX_TUF_VISITS_MAX];
	size_t count;
	const struct cx_tuf_target *found;
};

/* What a visit leads to: the next delegation, or the end of the search */
enum { NEXT, END };

static int load_delegated(struct cx_tuf *tuf,
			  const struct cx_tuf_delegation *by,
			  const struct cx_tuf_targets **targets,
			  struct cx_error *err)
{
	struct cx_tuf_targets *t;
	size_t i;
	int ret;

	for (i = 0; i < tuf->loaded_count; i++) {
		if (tuf->loaded[i].by == by) {
			*targets = tuf->loaded[i].targets;
			return 0;
		}
	}
	if (i == CX_TUF_LOADED_MAX)
		return cx_fail(err, -EFBIG,
			       "more than %d delegated roles are in use, which is more than is taken",
			       CX_TUF_LOADED_MAX);
	ret = cx_tuf_load_targets(tuf, &by->role, &t, err);
	if (ret)
		return ret;
	tuf->loaded[tuf->loaded_count++] = (struct cx_tuf_loaded){ by, t };
	*targets = t;
	return 0;
}

static bool was_visited(const struct search *search, const char *name)
{
	size_t i;

	for (i = 0; i < search->count; i++)
		if (!strcmp(search->visited[i], name))
			return true;
	return false;
}

static int visit(struct search *search, const struct cx_tuf_targets *targets,
		 int depth, struct cx_error *err);

static int follow(struct search *search, const struct cx_tuf_delegation *by,
		  int depth, struct cx_error *err)
{
	const struct cx_tuf_targets *targets;
	int ret;

	if (was_visited(search, by->role.name))
		return NEXT;
	if (search->count == CX_TUF_VISITS_MAX || depth == CX_TUF_CHAIN_MAX)
		return cx_fail(err, -ENOENT,
			       "the target '%.100s' is not found in %d roles, or %d deep: its publisher delegates too much",
			       search->path, CX_TUF_VISITS_MAX,
			       CX_TUF_CHAIN_MAX);
	search->visited[search->count++] = by->role.name;
	ret = load_delegated(search->tuf, by, &targets, err);
	return ret ? ret : visit(search, targets, depth + 1, err);
}

/* A terminating delegation ends the search, whatever comes of it. */
static int visit(struct search *search, const struct cx_tuf_targets *targets,
		 int depth, struct cx_error *err)
{
	size_t i;
	int ret;

	search->found = cx_tuf_targets_find(targets, search->path);
	if (search->found)
		return END;
	for (i = 0; i < targets->delegation_count; i++) {
		const struct cx_tuf_delegation *by = &targets->delegations[i];

		if (!cx_tuf_delegation_covers(by, search->path))
			continue;
		ret = follow(search, by, depth, err);
		if (ret != NEXT)
			return ret;
		if (by->terminating)
			return END;
	}
	return NEXT;
}

int cx_tuf_find(struct cx_tuf *tuf, const char *name,
		const struct cx_tuf_target **target, struct cx_error *err)
{
	struct search search = { .tuf = tuf, .path = name };
	int ret;

	if (!tuf->top)
		return cx_fail(err, -EINVAL,
			       "targets are searched before an update");
	ret = visit(&search, tuf->top, 0, err);
	if (ret < 0)
		return ret;
	if (!search.found)
		return cx_fail(err, -ENOENT,
			       "the repository has no target '%.100s'", name);
	*target = search.found;
	return 0;
}

/**
 * struct walk - a walk over all roles
 * @tuf: the client
 * @fn: called for each target
 * @arg: given to @fn
 * @ret: the first error of a role that could not be had
 * @err: for @ret
 */
struct walk {
	struct cx_tuf *tuf;
	cx_tuf_target_fn fn;
	void *arg;
	int ret;
	struct cx_error *err;
};

/* The roles that lead to one, by which a circle shows */
struct chain {
	const struct chain *up;
	const char *name;
	int depth;
};

static bool is_circle(const struct chain *chain, const char *name)
{
	for (; chain; chain = chain->up)
		if (!strcmp(chain->name, name))
			return true;
	return false;
}

static void keep_error(struct walk *walk, int ret, const struct cx_error *err)
{
	if (walk->ret)
		return;
	walk->ret = ret;
	if (walk->err)
		*walk->err = *err;
}

/* A search decides which role's word counts if several have such a target. */
static int show_targets(struct walk *walk, const struct cx_tuf_targets *targets,
			struct cx_error *err)
{
	const struct cx_tuf_target *found;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < targets->count; i++)
		if (!cx_tuf_find(walk->tuf, targets->targets[i].name, &found,
				 NULL) &&
		    found == &targets->targets[i])
			ret = walk->fn(walk->arg, found, err);
	return ret;
}

static int walk_role(struct walk *walk, const struct cx_tuf_targets *targets,
		     const struct chain *chain, struct cx_error *err)
{
	int ret = show_targets(walk, targets, err);
	size_t i;

	for (i = 0; !ret && i < targets->delegation_count; i++) {
		const struct cx_tuf_delegation *by = &targets->delegations[i];
		const struct chain next = {
			chain, by->role.name, chain->depth + 1,
		};
		const struct cx_tuf_targets *below;
		int bad;

		if (next.depth > CX_TUF_CHAIN_MAX ||
		    is_circle(chain, next.name))
			continue;
		bad = load_delegated(walk->tuf, by, &below, err);
		if (bad)
			keep_error(walk, bad, err);
		else
			ret = walk_role(walk, below, &next, err);
	}
	return ret;
}

int cx_tuf_each_target(struct cx_tuf *tuf, cx_tuf_target_fn fn, void *arg,
		       struct cx_error *err)
{
	const struct chain top = { .name = "targets" };
	struct walk walk = { .tuf = tuf, .fn = fn, .arg = arg, .err = err };
	struct cx_error own = { 0 };
	int ret;

	if (!tuf->top)
		return cx_fail(err, -EINVAL,
			       "targets are listed before an update");
	ret = walk_role(&walk, tuf->top, &top, &own);
	if (ret && err)
		*err = own;
	return ret ? ret : walk.ret;
}
