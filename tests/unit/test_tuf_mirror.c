// SPDX-License-Identifier: LGPL-2.1-or-later
/* Attacks by a mirror that has no keys; see test_tuf_attacks.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/tuf/limits.h"
#include "tuf/attack.h"

static void arbitrary_installation_of_a_target(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	repo_write(&w->repo, "evil", attack_evil, ATTACK_SIZE);
	assert_int_equal(ATTACK_SIZE, ATTACK_SIZE);
	server_rule(&w->server, 0, "app", SERVER_OTHER, 0, "evil");
	attack_refused(w, "team/app", -EBADMSG, NULL, "SHA-256 differs");
	attack_recovers(w);
}

static void endless_data(void **state)
{
	static const struct {
		const char *file;
		uint64_t limit;
	} files[] = {
		{ "2.root.json", CX_TUF_ROOT_MAX },
		{ "timestamp.json", CX_TUF_TIMESTAMP_MAX },
		{ "app", ATTACK_SIZE },
	};
	/* What is on its way in the kernel's buffers is sent as well. */
	const uint64_t underway = 8 << 20;
	struct world *w = *state;
	size_t i;

	attack_publish(w);
	repo_publish_root(&w->repo);
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (i)
			assert_int_equal(world_update(w, NULL), 0);
		server_rule(&w->server, 0, files[i].file, SERVER_ENDLESS, 0,
			    NULL);
		attack_refused(w, "team/app", -EFBIG, NULL, "is larger than");
		assert_true(w->server.shared->sent <
			    files[i].limit + underway);
		server_rule(&w->server, 0, files[i].file, SERVER_HUGE, 0, NULL);
		attack_refused(w, "team/app", -EFBIG, NULL, "is larger than");
		server_behave(&w->server);
	}
	attack_recovers(w);
}

static void malicious_mirror(void **state)
{
	struct world *w = *state;

	attack_publish(w);
	server_rule(&w->server, 0, "", SERVER_STATUS, 404, NULL);
	attack_refused(w, "team/app", -ENOENT, NULL, "no such file");
	server_rule(&w->server, 0, "", SERVER_STATUS, 401, NULL);
	attack_refused(w, "team/app", -EHOSTUNREACH, NULL, "status 401");
	server_rule(&w->server, 0, "timestamp.json", SERVER_OTHER, 0,
		    "1.root.json");
	attack_refused(w, "team/app", -ENOKEY, NULL, "good signatures");
	repo_write(&w->repo, "evil", attack_evil, ATTACK_SIZE);
	server_rule(&w->server, 0, ".json", SERVER_OTHER, 0, "evil");
	attack_refused(w, "team/app", -EBADMSG, NULL, "is not JSON");
	server_rule(&w->server, 0, "", SERVER_REDIRECT, 0, "/again");
	attack_refused(w, "team/app", -EHOSTUNREACH, NULL, "redirect");
	server_rule(&w->server, 0, "", SERVER_REDIRECT, 0,
		    "file:///etc/passwd");
	attack_refused(w, "team/app", -EHOSTUNREACH, NULL, "rotocol");
	attack_recovers(w);
}

/* Another target, signed as well, in the place of the one that is wanted */
static void wrong_software(void **state)
{
	struct world *w = *state;

	repo_add_target(&w->repo, w->repo.targets, "team/other", attack_evil,
			ATTACK_SIZE);
	attack_publish(w);
	repo_write(&w->repo, "evil", attack_evil, ATTACK_SIZE);
	server_rule(&w->server, 0, "team", SERVER_OTHER, 0, "evil");
	attack_refused(w, "team/app", -EBADMSG, NULL, "team/app: is not what was signed");
	attack_recovers(w);
}

/* The metadata here, and at the same time a target there: each takes half a minute. */
static void slow_retrieval(void **state)
{
	struct world *w = *state, *there;
	time_t start = time(NULL);
	int status;
	pid_t pid;

	world_make((void **)&there);
	attack_publish(w);
	attack_publish(there);
	server_rule(&w->server, 0, "timestamp.json", SERVER_SLOW, 100, NULL);
	server_rule(&there->server, 0, "app", SERVER_SLOW, 2000, NULL);
	pid = fork();
	if (!pid)
		_exit(world_update(there, "team/app") != -ETIMEDOUT);
	attack_refused(w, "team/app", -ETIMEDOUT, NULL, "too slow");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_in_range(time(NULL) - start, 20, 60);
	attack_recovers(w);
	attack_recovers(there);
	world_free((void **)&there);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		attack(arbitrary_installation_of_a_target),
		attack(endless_data),
		attack(malicious_mirror),
		attack(wrong_software),
		attack(slow_retrieval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
