// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The attacks that the specification of The Update Framework names, each against a
 * client over HTTP: refused, with its own kind of error, and the client's state as it
 * was.  An honest mirror then updates it.  Here are those on metadata.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/tuf/limits.h"
#include "tuf/attack.h"

static void arbitrary_installation_by_a_stranger(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	w->repo.signers[TIMESTAMP_KEY] = KEY(SPARE);
	repo_publish_timestamp(&w->repo);
	attack_refused(w, "team/app", -ENOKEY, NULL,
		       "timestamp.json: has 0 good signatures");
	w->repo.signers[TIMESTAMP_KEY] = KEY(TIMESTAMP_KEY);
	w->repo.signers[ROOT_KEY] = KEY(SPARE);
	repo_set_role(&w->repo, "root", KEY(SPARE), 1);
	repo_publish_root(&w->repo);
	attack_refused(w, "team/app", -ENOKEY, NULL,
		       "2.root.json: has 0 good signatures");
	unlinkat(w->repo.dirfd, "2.root.json", 0);
	attack_recovers(w);
}

/* The old keys alone could name anybody, the new ones alone are anybody. */
static void arbitrary_installation_by_half_a_root(void **state)
{
	static const unsigned int halves[] = { KEY(ROOT_KEY), KEY(SPARE) };
	struct world *w = *state;
	size_t i;

	attack_publish(w);
	repo_set_role(&w->repo, "root", KEY(SPARE), 1);
	for (i = 0; i < 2; i++) {
		w->repo.signers[ROOT_KEY] = halves[i];
		json_object_set_new(w->repo.root, "version", json_integer(1));
		repo_publish_root(&w->repo);
		attack_refused(w, NULL, -ENOKEY, NULL,
			       "2.root.json: has 0 good signatures");
	}
	w->repo.signers[ROOT_KEY] = KEY(ROOT_KEY) | KEY(SPARE);
	json_object_set_new(w->repo.root, "version", json_integer(1));
	repo_publish_root(&w->repo);
	attack_recovers(w);
	assert_int_equal(world_version(w, "root.json"), 2);
}

static void extraneous_dependencies(void **state)
{
	struct world *w = *state;
	json_t *stolen = repo_part("targets");

	json_object_set_new(stolen, "targets", json_object());
	repo_delegate(&w->repo, w->repo.targets, "other", KEY(SPARE), "other/*",
		      false);
	repo_add_target(&w->repo, stolen, "team/extra", attack_evil, ATTACK_SIZE);
	repo_add_target(&w->repo, stolen, "team/app", attack_evil, ATTACK_SIZE);
	repo_publish_delegated(&w->repo, "other", stolen, KEY(SPARE));
	attack_publish(w);
	attack_refused(w, "team/extra", -ENOENT, NULL, "has no target");
	json_decref(stolen);
	attack_recovers(w);
}

static void set_version(json_t *part, long long version)
{
	json_object_set_new(part, "version", json_integer(version - 1));
}

/* The client has believed a stolen key; a new one helps it down again. */
static void fast_forward(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	set_version(w->repo.timestamp, CX_TUF_VERSION_MAX);
	set_version(w->repo.snapshot, 1000000);
	repo_publish_snapshot(&w->repo);
	assert_int_equal(world_update(w, NULL), 0);
	assert_int_equal(world_version(w, "timestamp.json"),
			 CX_TUF_VERSION_MAX);

	set_version(w->repo.timestamp, 3);
	set_version(w->repo.snapshot, 3);
	repo_publish_snapshot(&w->repo);
	attack_refused(w, NULL, -ESTALE, NULL, "has seen version");

	repo_set_role(&w->repo, "timestamp", KEY(SPARE), 1);
	repo_set_role(&w->repo, "snapshot", KEY(SPARE + 1), 1);
	w->repo.signers[TIMESTAMP_KEY] = KEY(SPARE);
	w->repo.signers[SNAPSHOT_KEY] = KEY(SPARE + 1);
	repo_publish_root(&w->repo);
	attack_recovers(w);
	assert_in_range(world_version(w, "timestamp.json"), 1, 9);
	assert_in_range(world_version(w, "snapshot.json"), 1, 9);
}

/* A key that stays beside the one that is withdrawn must not keep the numbers up. */
static void fast_forward_with_a_key_that_stays(void **state)
{
	struct world *w = *state;

	repo_set_role(&w->repo, "timestamp",
		      KEY(TIMESTAMP_KEY) | KEY(SPARE), 1);
	w->repo.signers[TIMESTAMP_KEY] = KEY(TIMESTAMP_KEY) | KEY(SPARE);
	repo_publish_root(&w->repo);
	attack_publish(w);
	set_version(w->repo.timestamp, 1000000);
	repo_publish_timestamp(&w->repo);
	assert_int_equal(world_update(w, NULL), 0);

	repo_set_role(&w->repo, "timestamp", KEY(TIMESTAMP_KEY), 1);
	w->repo.signers[TIMESTAMP_KEY] = KEY(TIMESTAMP_KEY);
	repo_publish_root(&w->repo);
	set_version(w->repo.timestamp, 3);
	attack_recovers(w);
	assert_in_range(world_version(w, "timestamp.json"), 1, 9);
}

static void versions_beyond_counting(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	set_version(w->repo.timestamp, CX_TUF_VERSION_MAX + 1);
	repo_publish_timestamp(&w->repo);
	attack_refused(w, NULL, -EBADMSG, NULL, "'version'");
	set_version(w->repo.timestamp, 3);
	attack_recovers(w);
}

/* The mirror shows the same old state for ever. */
static void indefinite_freeze(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	w->now = time(NULL) + 31 * 86400;
	attack_refused(w, "team/app", -EKEYEXPIRED, NULL,
		       "root.json: version 1 expired on");
	repo_expire(w->repo.root, w->now + 86400);
	repo_publish_root(&w->repo);
	assert_int_equal(world_update(w, NULL), -EKEYEXPIRED);
	attack_refused(w, "team/app", -EKEYEXPIRED, NULL,
		       "timestamp.json: version 2 expired on");
	repo_expire(w->repo.timestamp, w->now + 86400);
	repo_publish_timestamp(&w->repo);
	attack_refused(w, "team/app", -EKEYEXPIRED, "timestamp.json",
		       "snapshot.json: version 2 expired on");
	repo_expire(w->repo.snapshot, w->now + 86400);
	repo_publish_snapshot(&w->repo);
	assert_int_equal(world_update(w, NULL), -EKEYEXPIRED);
	attack_refused(w, "team/app", -EKEYEXPIRED, NULL,
		       "targets.json: version 2 expired on");
	repo_expire(w->repo.targets, w->now + 86400);
	attack_recovers(w);
}

/* An expired timestamp with a new number is not kept either. */
static void freeze_with_what_has_expired(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	repo_expire(w->repo.timestamp, time(NULL) - 60);
	repo_publish_timestamp(&w->repo);
	attack_refused(w, "team/app", -EKEYEXPIRED, NULL,
		       "timestamp.json: version 3 expired on");
	repo_expire(w->repo.timestamp, time(NULL) + 86400);
	attack_recovers(w);
}

/* The state that the timestamp announces, with parts of an older one */
static void mix_and_match(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	repo_add_target(&w->repo, w->repo.targets, "team/app", attack_evil,
			ATTACK_SIZE);
	repo_publish_targets(&w->repo);
	server_rule(&w->server, 0, "3.snapshot.json", SERVER_OTHER, 0,
		    "2.snapshot.json");
	attack_refused(w, "team/app", -EBADMSG, "timestamp.json",
		       "snapshot.json: is version 2, not 3");
	server_rule(&w->server, 0, "3.targets.json", SERVER_OTHER, 0,
		    "2.targets.json");
	attack_refused(w, "team/app", -EBADMSG, "snapshot.json",
		       "targets.json: is version 2, not 3");
	assert_int_equal(world_version(w, "targets.json"), 2);
	repo_add_target(&w->repo, w->repo.targets, "team/app", attack_good,
			ATTACK_SIZE);
	attack_recovers(w);
}

static char *keep(const struct world *w, const char *file)
{
	struct cx_error err;
	struct cx_buf buf;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", w->repo.dir, file);
	assert_int_equal(cx_read_file(path, 1 << 20, &buf, &err), 0);
	return buf.data;
}

static void rollback(void **state)
{
	struct world *w = *state;
	char *first = keep(w, "timestamp.json");

	attack_publish(w);
	repo_write(&w->repo, "timestamp.json", first, strlen(first));
	free(first);
	attack_refused(w, "team/app", -ESTALE, NULL,
		       "timestamp.json: is version 1, and this machine has seen version 2");

	/* A stolen timestamp key cannot take the snapshot back... */
	set_version(w->repo.timestamp, 3);
	set_version(w->repo.snapshot, 1);
	repo_publish_snapshot(&w->repo);
	attack_refused(w, "team/app", -ESTALE, NULL,
		       "announces version 1 of the snapshot");

	/* ... nor one of the snapshot the targets, or drop them. */
	set_version(w->repo.snapshot, 3);
	set_version(w->repo.targets, 1);
	repo_publish_targets(&w->repo);
	attack_refused(w, "team/app", -ESTALE, "timestamp.json",
		       "snapshot.json: lists version 1 of 'targets.json'");
	set_version(w->repo.targets, 3);
	attack_recovers(w);
}

static void rollback_by_leaving_a_role_out(void **state)
{
	struct world *w = *state;
	json_t *part = repo_part("targets"), *meta;

	json_object_set_new(part, "targets", json_object());
	repo_delegate(&w->repo, w->repo.targets, "other", KEY(SPARE), "other/*",
		      false);
	repo_publish_delegated(&w->repo, "other", part, KEY(SPARE));
	attack_publish(w);
	meta = json_object_get(w->repo.snapshot, "meta");
	json_object_del(meta, "other.json");
	repo_publish_snapshot(&w->repo);
	attack_refused(w, "team/app", -ESTALE, "timestamp.json",
		       "does not list 'other.json' any more");
	repo_publish_delegated(&w->repo, "other", part, KEY(SPARE));
	json_decref(part);
	attack_recovers(w);
}

static void key_compromise_below_the_threshold(void **state)
{
	struct world *w = *state;

	repo_set_role(&w->repo, "targets",
		      KEY(TARGETS_KEY) | KEY(SPARE) | KEY(SPARE + 1), 2);
	repo_publish_root(&w->repo);
	w->repo.signers[TARGETS_KEY] = KEY(TARGETS_KEY) | KEY(SPARE);
	attack_publish(w);
	w->repo.signers[TARGETS_KEY] = KEY(SPARE) | KEY(SPARE + 2);
	repo_publish_targets(&w->repo);
	assert_int_equal(world_update(w, NULL), -ENOKEY);
	attack_refused(w, "team/app", -ENOKEY, NULL,
		       "has 1 good signatures by keys of the role 'targets', 2 are needed");
	w->repo.signers[TARGETS_KEY] = KEY(SPARE + 1) | KEY(SPARE);
	attack_recovers(w);
}

/* One stolen key signs twice: under its id again, and under another id. */
static void key_compromise_and_one_key_twice(void **state)
{
	struct world *w = *state;
	struct repo *r = &w->repo;
	int twin = SPARE + 1;

	json_decref(r->keys[twin]);
	r->keys[twin] = json_deep_copy(r->keys[SPARE]);
	json_object_set_new(r->keys[twin], "note", json_string("another id"));
	assert_int_equal(cx_tuf_key_id(r->keys[twin], r->ids[twin], NULL), 0);
	repo_set_role(r, "targets", KEY(TARGETS_KEY) | KEY(SPARE) | KEY(twin),
		      2);
	repo_publish_root(r);
	r->signers[TARGETS_KEY] = KEY(TARGETS_KEY) | KEY(SPARE);
	attack_publish(w);
	EVP_PKEY_up_ref(r->pkeys[SPARE]);
	EVP_PKEY_free(r->pkeys[twin]);
	r->pkeys[twin] = r->pkeys[SPARE];
	r->signers[TARGETS_KEY] = KEY(SPARE) | KEY(twin);
	repo_publish_targets(r);
	assert_int_equal(world_update(w, NULL), -ENOKEY);
	attack_refused(w, "team/app", -ENOKEY, NULL, "has 1 good signatures");
	r->signers[TARGETS_KEY] = KEY(TARGETS_KEY) | KEY(SPARE);
	attack_recovers(w);
}

static void a_withdrawn_key_is_told_from_a_strangers(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	repo_set_role(&w->repo, "timestamp", KEY(SPARE), 1);
	repo_publish_root(&w->repo);
	assert_int_equal(world_update(w, NULL), -EKEYREVOKED);
	attack_refused(w, "team/app", -EKEYREVOKED, NULL, "was withdrawn");
	w->repo.signers[TIMESTAMP_KEY] = KEY(SPARE + 1);
	repo_publish_timestamp(&w->repo);
	attack_refused(w, "team/app", -ENOKEY, NULL, "good signatures");
	w->repo.signers[TIMESTAMP_KEY] = KEY(SPARE);
	/* Back in office it is one key like any other, of which two are needed. */
	repo_set_role(&w->repo, "timestamp",
		      KEY(SPARE) | KEY(TIMESTAMP_KEY), 2);
	repo_publish_root(&w->repo);
	w->repo.signers[TIMESTAMP_KEY] = KEY(TIMESTAMP_KEY);
	repo_publish_timestamp(&w->repo);
	assert_int_equal(world_update(w, NULL), -ENOKEY);
	w->repo.signers[TIMESTAMP_KEY] = KEY(SPARE) | KEY(TIMESTAMP_KEY);
	attack_recovers(w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		attack(arbitrary_installation_by_a_stranger),
		attack(arbitrary_installation_by_half_a_root),
		attack(extraneous_dependencies),
		attack(fast_forward),
		attack(fast_forward_with_a_key_that_stays),
		attack(versions_beyond_counting),
		attack(indefinite_freeze),
		attack(freeze_with_what_has_expired),
		attack(mix_and_match),
		attack(rollback),
		attack(rollback_by_leaving_a_role_out),
		attack(key_compromise_below_the_threshold),
		attack(key_compromise_and_one_key_twice),
		attack(a_withdrawn_key_is_told_from_a_strangers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
