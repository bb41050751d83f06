// SPDX-License-Identifier: LGPL-2.1-or-later
/* The client of The Update Framework, where nobody attacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/tuf/limits.h"
#include "tuf/world.h"

static const char data[] = "what a target holds";

static void a_plain_folder_is_a_repository(void **state)
{
	const struct cx_tuf_target *target;
	struct world *w = *state;
	struct cx_tuf *tuf;

	repo_add_target(&w->repo, w->repo.targets, "a b/c%20#?", data,
			sizeof(data));
	json_object_set_new(json_object_get(json_object_get(w->repo.targets,
			"targets"), "a b/c%20#?"), "custom",
			json_pack("{s:s}", "cve", "CVE-1"));
	repo_publish_targets(&w->repo);
	tuf = world_open_dir(w);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), 0);
	assert_int_equal(cx_tuf_find(tuf, "a b/c%20#?", &target, &w->err), 0);
	assert_string_equal(json_string_value(json_object_get(target->custom,
							      "cve")),
			    "CVE-1");
	assert_int_equal(cx_tuf_download(tuf, target, w->out, NULL, NULL,
					 &w->err), 0);
	assert_int_equal(world_out_size(w), sizeof(data));
	assert_int_equal(cx_tuf_check_file(target, w->out, &w->err), 0);
	cx_tuf_close(tuf);
	/* The same over HTTP, where such characters mean something. */
	assert_int_equal(ftruncate(w->out, 0), 0);
	assert_int_equal(world_update(w, "a b/c%20#?"), -ENOENT);
	assert_non_null(strstr(w->err.text, "c%2520%23%3F"));
}

static void a_folder_is_not_left(void **state)
{
	struct world *w = *state;
	struct cx_tuf *tuf = world_open_dir(w);

	unlinkat(w->repo.dirfd, "timestamp.json", 0);
	assert_int_equal(symlinkat("/etc/passwd", w->repo.dirfd,
				   "timestamp.json"), 0);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), -EBADMSG);
	assert_non_null(strstr(w->err.text, "leads out of the repository"));
	cx_tuf_close(tuf);
	unlinkat(w->repo.dirfd, "timestamp.json", 0);
	assert_int_equal(mkdirat(w->repo.dirfd, "timestamp.json", 0755), 0);
	tuf = world_open_dir(w);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), -EBADMSG);
	assert_non_null(strstr(w->err.text, "not a regular file"));
	cx_tuf_close(tuf);
}

static void roots_follow_each_other(void **state)
{
	struct world *w = *state;
	int i;

	for (i = 0; i < 5; i++) {
		w->repo.signers[ROOT_KEY] |= KEY(SPARE + i);
		repo_set_role(&w->repo, "root", KEY(SPARE + i), 1);
		repo_publish_root(&w->repo);
		w->repo.signers[ROOT_KEY] = KEY(SPARE + i);
	}
	assert_int_equal(world_update(w, NULL), 0);
	assert_int_equal(world_version(w, "root.json"), 6);
}

/* What is refused in the middle keeps the roots before it. */
static void a_bad_root_ends_the_way(void **state)
{
	struct world *w = *state;

	repo_publish_root(&w->repo);
	json_object_set_new(w->repo.root, "version", json_integer(7));
	repo_sign_file(&w->repo, "3.root.json", w->repo.root, KEY(ROOT_KEY));
	assert_int_equal(world_update(w, NULL), -EBADMSG);
	assert_non_null(strstr(w->err.text, "3.root.json: is version 7, not 3"));
	assert_int_equal(world_version(w, "root.json"), 2);
	json_object_set_new(w->repo.root, "version", json_integer(1));
	repo_sign_file(&w->repo, "3.root.json", w->repo.root, KEY(ROOT_KEY));
	assert_int_equal(world_update(w, NULL), -ESTALE);
}

static void the_local_state_without_a_network(void **state)
{
	struct world *w = *state;
	struct cx_tuf *tuf = world_open_dir(w);

	assert_int_equal(cx_tuf_load(tuf, &w->err), -ENOENT);
	cx_tuf_close(tuf);
	repo_add_target(&w->repo, w->repo.targets, "top", data, sizeof(data));
	repo_publish_targets(&w->repo);
	assert_int_equal(world_update(w, NULL), 0);
	server_rule(&w->server, 0, "", SERVER_STATUS, 404, NULL);
	unlinkat(w->repo.dirfd, "timestamp.json", 0);
	tuf = world_open_dir(w);
	assert_int_equal(cx_tuf_load(tuf, &w->err), 0);
	assert_int_equal(world_find(w, tuf, "top", "targets"), 0);
	cx_tuf_close(tuf);
}

static int open_at(struct world *w, time_t now, time_t not_before)
{
	const struct cx_tuf_options options = {
		.now = now, .not_before = not_before,
	};
	struct cx_tuf_transport transport;
	struct cx_tuf *tuf;
	int ret;

	cx_tuf_dir_transport(w->repo.dirfd, &transport);
	assert_int_equal(cx_tuf_open(w->dirfd, &transport, &options, &tuf,
				     &w->err), 0);
	ret = cx_tuf_refresh(tuf, &w->err);
	cx_tuf_close(tuf);
	return ret;
}

static void a_wrong_clock_is_told(void **state)
{
	struct world *w = *state;
	time_t now = time(NULL);

	assert_int_equal(open_at(w, 86400, 0), -ETIME);
	assert_non_null(strstr(w->err.text, "clock is wrong: it says 1970-01-02 00:00:00 UTC"));
	assert_int_equal(open_at(w, now, now + 3600), -ETIME);
	assert_int_equal(open_at(w, now + 20LL * 366 * 86400, 0), -ETIME);
	assert_non_null(strstr(w->err.text, "clock is likely wrong"));
	assert_int_equal(open_at(w, now + 2LL * 366 * 86400, 0), -EKEYEXPIRED);
	assert_int_equal(open_at(w, now, now - 3600), 0);
	assert_int_equal(cx_tuf_class(-ETIME), CX_TUF_CLOCK);
}

static void every_failure_has_a_class(void **state)
{
	static const int numbers[] = {
		-EIO, -ETIME, -EKEYEXPIRED, -ENOKEY, -EKEYREVOKED, -ESTALE,
		-ENOENT, -EHOSTUNREACH, -EFBIG, -EBADMSG,
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		assert_int_equal(cx_tuf_class(numbers[i]), i);
	assert_int_equal(cx_tuf_class(-ETIMEDOUT), CX_TUF_NETWORK);
	assert_string_equal(cx_tuf_class_name(CX_TUF_REVOKED_KEY),
			    "revoked-key");
}

static void damaged_local_files_are_mended(void **state)
{
	static const char *const names[] = {
		"timestamp.json", "snapshot.json", "targets.json", ".new",
	};
	struct world *w = *state;
	size_t i;
	int fd;

	assert_int_equal(world_update(w, NULL), 0);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		fd = openat(w->dirfd, names[i], O_WRONLY | O_CREAT | O_TRUNC,
			    0644);
		assert_int_equal(write(fd, "{", 1), 1);
		close(fd);
		assert_int_equal(world_update(w, NULL), 0);
	}
	repo_publish_targets(&w->repo);
	assert_int_equal(world_update(w, NULL), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(world_version(w, names[i]), 2);
	assert_int_equal(faccessat(w->dirfd, ".new", F_OK, 0), -1);
}

/* A transport that leaves no descriptor for the local files */
static int starve(void *ctx, const char *name, size_t max, struct cx_buf *buf,
		  struct cx_error *err)
{
	const struct rlimit none = { 3, ((struct rlimit *)ctx)->rlim_max };

	(void)max;
	(void)buf;
	assert_string_equal(name, "2.root.json");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return cx_fail(err, -ENOENT, "there is none");
}

/* Trouble that passes must not make a machine forget what it has seen. */
static void too_many_open_files_are_no_rollback(void **state)
{
	struct rlimit limit;
	struct cx_tuf_transport transport = { .fetch = starve, .ctx = &limit };
	struct world *w = *state;
	struct cx_tuf *tuf;

	assert_int_equal(world_update(w, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(cx_tuf_open(w->dirfd, &transport, NULL, &tuf, &w->err),
			 0);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cx_tuf_close(tuf);
}

static void what_a_first_root_has_to_be(void **state)
{
	struct world *w = *state;
	char *root = repo_sign(&w->repo, w->repo.root, KEY(SPARE));
	struct cx_tuf_transport transport;
	struct cx_tuf *tuf;

	cx_tuf_dir_transport(w->repo.dirfd, &transport);
	assert_int_equal(cx_tuf_init(w->dirfd, root, strlen(root), &w->err),
			 -EEXIST);
	unlinkat(w->dirfd, "root.json", 0);
	assert_int_equal(cx_tuf_init(w->dirfd, root, strlen(root), &w->err),
			 -ENOKEY);
	assert_int_equal(cx_tuf_init(w->dirfd, root, 20, &w->err), -EBADMSG);
	assert_int_equal(cx_tuf_init(w->dirfd, root, CX_TUF_ROOT_MAX + 1,
				     &w->err), -EFBIG);
	assert_int_equal(world_update(w, NULL), -ENODATA);
	assert_non_null(strstr(w->err.text, "set it up first"));
	assert_int_equal(cx_tuf_open(-1, &transport, NULL, &tuf,
				     &w->err), -EBADF);
	free(root);
}

static void two_updates_at_once(void **state)
{
	struct world *w = *state;
	struct cx_tuf *tuf = world_open_dir(w);

	assert_int_equal(world_update(w, NULL), -EBUSY);
	cx_tuf_close(tuf);
	assert_int_equal(world_update(w, NULL), 0);
}

static void calls_out_of_turn(void **state)
{
	const struct cx_tuf_target *target;
	struct world *w = *state;
	struct cx_tuf *tuf = world_open_dir(w);

	assert_int_equal(cx_tuf_find(tuf, "a", &target, &w->err), -EINVAL);
	assert_int_equal(cx_tuf_each_target(tuf, NULL, NULL, &w->err),
			 -EINVAL);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), 0);
	assert_int_equal(cx_tuf_refresh(tuf, &w->err), -EINVAL);
	cx_tuf_close(tuf);
	cx_tuf_close(NULL);
}

static void metadata_that_are_announced_too_large(void **state)
{
	struct world *w = *state;
	json_t *meta;

	assert_int_equal(world_update(w, NULL), 0);
	json_object_set_new(w->repo.timestamp, "version", json_integer(1));
	meta = json_pack("{s:{s:i, s:i}}", "snapshot.json", "version", 2,
			 "length", CX_TUF_SNAPSHOT_MAX + 1);
	json_object_set_new(w->repo.timestamp, "meta", meta);
	json_object_set_new(w->repo.timestamp, "version", json_integer(2));
	repo_sign_file(&w->repo, "timestamp.json", w->repo.timestamp,
		       KEY(TIMESTAMP_KEY));
	assert_int_equal(world_update(w, NULL), -EFBIG);
	assert_non_null(strstr(w->err.text, "'snapshot' are announced with"));
}

static void a_download_goes_on(void **state)
{
	struct world *w = *state;

	repo_add_target(&w->repo, w->repo.targets, "top", data, sizeof(data));
	repo_publish_targets(&w->repo);
	assert_int_equal(write(w->out, data, 5), 5);
	assert_int_equal(world_update(w, "top"), 0);
	assert_int_equal(world_out_size(w), sizeof(data));
	/* What is whole is not fetched at all, what is wrong anew. */
	server_rule(&w->server, 0, "top", SERVER_STATUS, 404, NULL);
	assert_int_equal(world_update(w, "top"), 0);
	server_behave(&w->server);
	assert_int_equal(pwrite(w->out, "WRONG", 5, 0), 5);
	assert_int_equal(world_update(w, "top"), 0);
	assert_int_equal(ftruncate(w->out, 0), 0);
	assert_int_equal(pwrite(w->out, "WRONG", 5, 0), 5);
	assert_int_equal(world_update(w, "top"), 0);
	assert_int_equal(world_out_size(w), sizeof(data));
}

#define client(test) cmocka_unit_test_setup_teardown(test, world_make, world_free)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		client(a_plain_folder_is_a_repository),
		client(a_folder_is_not_left),
		client(roots_follow_each_other),
		client(a_bad_root_ends_the_way),
		client(the_local_state_without_a_network),
		client(a_wrong_clock_is_told),
		cmocka_unit_test(every_failure_has_a_class),
		client(damaged_local_files_are_mended),
		client(too_many_open_files_are_no_rollback),
		client(what_a_first_root_has_to_be),
		client(two_updates_at_once),
		client(calls_out_of_turn),
		client(metadata_that_are_announced_too_large),
		client(a_download_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
