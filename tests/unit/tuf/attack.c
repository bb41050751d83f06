// SPDX-License-Identifier: LGPL-2.1-or-later
#include "attack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>
#include <cmocka.h>

const char attack_good[ATTACK_SIZE] = "the content that was signed";
const char attack_evil[ATTACK_SIZE] = "the content that was not...";

void attack_publish(struct world *w)
{
	repo_add_target(&w->repo, w->repo.targets, "team/app", attack_good,
			ATTACK_SIZE);
	repo_publish_targets(&w->repo);
	assert_int_equal(world_update(w, NULL), 0);
}

void attack_refused(struct world *w, const char *target, int ret,
			   const char *except, const char *says)
{
	char before[129], after[129];

	world_state(w, except, before);
	assert_int_equal(world_update(w, target), ret);
	assert_non_null(strstr(w->err.text, says));
	world_state(w, except, after);
	assert_string_equal(before, after);
	assert_int_equal(world_out_size(w), 0);
}

void attack_recovers(struct world *w)
{
	char text[ATTACK_SIZE];

	server_behave(&w->server);
	repo_publish_targets(&w->repo);
	assert_int_equal(world_update(w, "team/app"), 0);
	assert_int_equal(pread(w->out, text, sizeof(text), 0), sizeof(text));
	assert_memory_equal(text, attack_good, ATTACK_SIZE);
	assert_int_equal(world_version(w, "targets.json"),
			 json_integer_value(json_object_get(w->repo.targets,
							    "version")));
}
