// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: tuf-make
 *
 * Makes a repository with the targets "app" and "team/tool", the second by a delegated
 * role, and prints its folder, which the caller removes.  The folder "old" in it is the
 * repository as it was before: without "app", and with a timestamp key that is withdrawn
 * since.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "repo.h"

int main(void)
{
	json_t *team = repo_part("targets");
	char command[512];
	struct repo repo;

	json_object_set_new(team, "targets", json_object());
	repo_make(&repo);
	repo_add_target(&repo, team, "team/tool", "tool\n", 5);
	repo_delegate(&repo, repo.targets, "team", KEY(SPARE), "team/*", true);
	repo_publish_delegated(&repo, "team", team, KEY(SPARE));
	repo_publish_targets(&repo);
	snprintf(command, sizeof(command), "cp -a %s %s.old && mv %s.old %s/old",
		 repo.dir, repo.dir, repo.dir, repo.dir);
	if (system(command))
		return 1;
	repo_add_target(&repo, repo.targets, "app", "app\n", 4);
	repo_set_role(&repo, "timestamp", KEY(SPARE + 1), 1);
	repo.signers[TIMESTAMP_KEY] = KEY(SPARE + 1);
	repo_publish_root(&repo);
	repo_publish_targets(&repo);
	puts(repo.dir);
	json_decref(team);
	return 0;
}
