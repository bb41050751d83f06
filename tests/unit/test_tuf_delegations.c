// SPDX-License-Identifier: LGPL-2.1-or-later
/* Targets through delegations: found, listed, trusted by whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/tuf/limits.h"
#include "tuf/world.h"

static const char data[] = "what a target holds";

static json_t *role_with(struct repo *r, const char *target)
{
	json_t *part = repo_part("targets");

	json_object_set_new(part, "targets", json_object());
	if (target)
		repo_add_target(r, part, target, data, sizeof(data));
	return part;
}

static int collect(void *arg, const struct cx_tuf_target *target,
		   struct cx_error *err)
{
	char *list = arg;

	(void)err;
	sprintf(list + strlen(list), "%s=%s ", target->name, target->role);
	return 0;
}

static void every_target_that_a_search_finds(void **state)
{
	struct world *w = *state;
	struct repo *r = &w->repo;
	json_t *a = role_with(r, "a/one"), *b = role_with(r, "b/one");
	json_t *c = role_with(r, "a/c"), *late = role_with(r, "b/late");
	struct cx_tuf *tuf;
	char list[512] = "";

	repo_add_target(r, r->targets, "top", data, sizeof(data));
	repo_add_target(r, a, "b/stolen", data, sizeof(data));
	repo_add_target(r, c, "a/one", data, sizeof(data));
	repo_delegate(r, r->targets, "A", KEY(SPARE), "a/*", false);
	repo_delegate(r, r->targets, "../B", KEY(SPARE + 1), "b/*", true);
	repo_delegate(r, r->targets, "late", KEY(SPARE + 1), "b/*", false);
	repo_delegate(r, a, "C", KEY(SPARE + 2), "*/*", false);
	repo_delegate(r, c, "A", KEY(SPARE), "*/*", false);
	repo_publish_delegated(r, "C", c, KEY(SPARE + 2));
	repo_publish_delegated(r, "A", a, KEY(SPARE));
	repo_publish_delegated(r, "..%2FB", b, KEY(SPARE + 1));
	json_object_set(json_object_get(r->snapshot, "meta"), "../B.json",
			json_object_get(json_object_get(r->snapshot, "meta"),
					"..%2FB.json"));
	repo_publish_delegated(r, "late", late, KEY(SPARE + 1));
	repo_publish_targets(r);
	/* The folder has the names as a web server would look them up. */
	assert_int_equal(renameat(r->dirfd, "1...%2FB.json", r->dirfd, "B") ||
			 mkdirat(r->dirfd, "1...", 0755) ||
			 renameat(r->dirfd, "B", r->dirfd, "1.../B.json"), 0);
	tuf = world_open_dir(w);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), 0);
	assert_int_equal(cx_tuf_each_target(tuf, collect, list, &w->err), 0);
	assert_string_equal(list, "top=targets a/one=A a/c=C b/one=../B ");
	assert_int_equal(world_find(w, tuf, "a/c", "C"), 0);
	assert_int_equal(world_find(w, tuf, "b/stolen", ""), -ENOENT);
	assert_int_equal(world_find(w, tuf, "b/none", ""), -ENOENT);
	assert_int_equal(world_find(w, tuf, "b/late", ""), -ENOENT);
	cx_tuf_close(tuf);
	json_decref(a);
	json_decref(b);
	json_decref(c);
	json_decref(late);
	assert_int_equal(faccessat(w->dirfd, "..%2FB.json", F_OK, 0), 0);
}

/* Two teams delegate to one role, with different keys: each for itself. */
static void a_role_is_trusted_by_who_delegates_to_it(void **state)
{
	struct world *w = *state;
	struct repo *r = &w->repo;
	json_t *a = role_with(r, NULL), *b = role_with(r, NULL);
	json_t *shared = role_with(r, "a/one");
	struct cx_tuf *tuf;

	repo_add_target(r, shared, "b/one", data, sizeof(data));
	repo_delegate(r, r->targets, "A", KEY(SPARE), "a/*", false);
	repo_delegate(r, r->targets, "B", KEY(SPARE + 1), "b/*", false);
	repo_delegate(r, a, "shared", KEY(SPARE + 2), "a/*", false);
	repo_delegate(r, b, "shared", KEY(SPARE + 3), "b/*", false);
	repo_publish_delegated(r, "A", a, KEY(SPARE));
	repo_publish_delegated(r, "B", b, KEY(SPARE + 1));
	repo_publish_delegated(r, "shared", shared, KEY(SPARE + 2));
	repo_publish_targets(r);
	tuf = world_open_dir(w);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), 0);
	assert_int_equal(world_find(w, tuf, "a/one", "shared"), 0);
	assert_int_equal(world_find(w, tuf, "b/one", ""), -ENOKEY);
	assert_int_equal(world_find(w, tuf, "a/one", "shared"), 0);
	cx_tuf_close(tuf);
	json_decref(a);
	json_decref(b);
	json_decref(shared);
}

/* One team's neglect does not hide the other teams. */
static void a_role_that_expired_hides_only_its_own(void **state)
{
	struct world *w = *state;
	struct repo *r = &w->repo;
	json_t *a = role_with(r, "a/one"), *b = role_with(r, "b/one");
	struct cx_tuf *tuf;
	char list[512] = "";

	repo_expire(a, time(NULL) - 10);
	repo_delegate(r, r->targets, "A", KEY(SPARE), "a/*", false);
	repo_delegate(r, r->targets, "B", KEY(SPARE + 1), "b/*", false);
	repo_publish_delegated(r, "A", a, KEY(SPARE));
	repo_publish_delegated(r, "B", b, KEY(SPARE + 1));
	repo_publish_targets(r);
	tuf = world_open_dir(w);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), 0);
	assert_int_equal(cx_tuf_each_target(tuf, collect, list, &w->err),
			 -EKEYEXPIRED);
	assert_non_null(strstr(w->err.text, "A.json: version 1 expired on"));
	assert_string_equal(list, "b/one=B ");
	assert_int_equal(world_find(w, tuf, "a/one", ""), -EKEYEXPIRED);
	cx_tuf_close(tuf);
	json_decref(a);
	json_decref(b);
}

/* The chain of delegations ends; whoever built it learns why. */
static void delegations_too_deep(void **state)
{
	struct world *w = *state;
	struct repo *r = &w->repo;
	json_t *parts[CX_TUF_CHAIN_MAX + 1];
	struct cx_tuf *tuf;
	char name[16];
	int i, n = CX_TUF_CHAIN_MAX + 1;

	for (i = 0; i < n; i++)
		parts[i] = role_with(r, i == n - 1 ? "deep" : NULL);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		repo_delegate(r, i ? parts[i - 1] : r->targets, name,
			      KEY(SPARE), "*", false);
	}
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		repo_publish_delegated(r, name, parts[i], KEY(SPARE));
		json_decref(parts[i]);
	}
	repo_publish_targets(r);
	tuf = world_open_dir(w);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), 0);
	assert_int_equal(world_find(w, tuf, "deep", ""), -ENOENT);
	assert_non_null(strstr(w->err.text, "delegates too much"));
	cx_tuf_close(tuf);
}

/* Who signs for A, and what a machine says; each message is of one kind only. */
static void refused(struct world *w, json_t *a, unsigned int signer, int ret,
		    const char *says, const char *remedy)
{
	static const char *const kinds[] = {
		"clock is likely wrong", "expired on", "good signatures",
		"was withdrawn",
	};
	size_t i;

	repo_publish_delegated(&w->repo, "A", a, signer);
	repo_publish_snapshot(&w->repo);
	assert_int_equal(world_update(w, "a/one"), ret);
	assert_non_null(strstr(w->err.text, "A.json: "));
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		assert_int_equal(!strstr(w->err.text, kinds[i]),
				 !!strcmp(kinds[i], says));
	if (!strstr(w->err.text, remedy))
		fail_msg("'%s' is not in: %s", remedy, w->err.text);
}

static void delegate_anew(struct repo *r, json_t *by, const char *role,
			  unsigned int keys)
{
	json_object_del(by, "delegations");
	repo_delegate(r, by, role, keys, "a/*", false);
}

/* A team is not the whole repository: another root would not help. */
static void what_is_wrong_with_a_team(void **state)
{
	struct world *w = *state;
	json_t *a = role_with(&w->repo, "a/one");
	time_t now = time(NULL), year = 366 * 86400;

	repo_delegate(&w->repo, w->repo.targets, "A", KEY(SPARE), "a/*", false);
	repo_publish_delegated(&w->repo, "A", a, KEY(SPARE));
	repo_publish_targets(&w->repo);
	assert_int_equal(world_update(w, "a/one"), 0);
	repo_expire(a, now - 11 * year);
	refused(w, a, KEY(SPARE), -ETIME, "clock is likely wrong",
		"set the clock");
	repo_expire(a, now - 86400);
	refused(w, a, KEY(SPARE), -EKEYEXPIRED, "expired on",
		"try another mirror; if all are like that, its publisher has to sign anew");
	repo_expire(a, now + year);
	refused(w, a, KEY(SPARE + 1), -ENOKEY, "good signatures",
		"use another mirror; if all are like that, its publisher has to sign it with keys of that role");
	delegate_anew(&w->repo, w->repo.targets, "A", KEY(SPARE + 1));
	repo_publish_targets(&w->repo);
	refused(w, a, KEY(SPARE), -EKEYREVOKED, "was withdrawn",
		"use another mirror; if all are like that, its publisher has to sign it with the keys that this role has now");
	assert_non_null(strstr(w->err.text, w->repo.ids[SPARE]));
	/* One that was never any role's is a stranger's still. */
	refused(w, a, KEY(SPARE + 2), -ENOKEY, "good signatures", "mirror");
	repo_publish_delegated(&w->repo, "A", a, KEY(SPARE + 1));
	repo_publish_snapshot(&w->repo);
	assert_int_equal(world_update(w, "a/one"), 0);
	json_decref(a);
}

/* Keys are withdrawn by whoever delegates, and with the delegation itself. */
static void keys_that_a_team_withdraws(void **state)
{
	struct world *w = *state;
	struct repo *r = &w->repo;
	json_t *a = role_with(r, NULL), *c = role_with(r, "a/one");

	repo_delegate(r, r->targets, "A", KEY(SPARE), "a/*", false);
	repo_delegate(r, a, "C", KEY(SPARE + 1), "a/*", false);
	repo_publish_delegated(r, "C", c, KEY(SPARE + 1));
	repo_publish_delegated(r, "A", a, KEY(SPARE));
	repo_publish_targets(r);
	assert_int_equal(world_update(w, "a/one"), 0);
	json_object_del(a, "delegations");
	repo_publish_delegated(r, "A", a, KEY(SPARE));
	repo_publish_snapshot(r);
	assert_int_equal(world_update(w, "a/one"), -ENOENT);
	delegate_anew(r, a, "C", KEY(SPARE + 2));
	repo_publish_delegated(r, "A", a, KEY(SPARE));
	repo_publish_snapshot(r);
	assert_int_equal(world_update(w, "a/one"), -EKEYREVOKED);
	assert_non_null(strstr(w->err.text, "C.json: is signed by the key"));
	/* Back in office it is a key like any other. */
	delegate_anew(r, a, "C", KEY(SPARE + 1));
	repo_publish_delegated(r, "A", a, KEY(SPARE));
	repo_publish_snapshot(r);
	assert_int_equal(world_update(w, "a/one"), 0);
	json_decref(a);
	json_decref(c);
}

#define client(test) cmocka_unit_test_setup_teardown(test, world_make, world_free)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		client(every_target_that_a_search_finds),
		client(a_role_is_trusted_by_who_delegates_to_it),
		client(a_role_that_expired_hides_only_its_own),
		client(delegations_too_deep),
		client(what_is_wrong_with_a_team),
		client(keys_that_a_team_withdraws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
