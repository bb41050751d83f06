// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: tuf-seeds FOLDER
 *
 * Writes metadata of each kind for the fuzzer to begin with, the kind's number in
 * front.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "repo.h"

static void write_seed(const char *dir, int kind, const char *text)
{
	struct cx_error err;
	char path[512], *data;
	size_t size = strlen(text);

	data = malloc(size + 1);
	data[0] = kind;
	memcpy(data + 1, text, size);
	snprintf(path, sizeof(path), "%s/seed-%d", dir, kind);
	if (cx_write_file(path, NULL, data, size + 1, 0644, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	free(data);
}

static void add_prefixes(json_t *targets)
{
	json_t *roles = json_object_get(json_object_get(targets, "delegations"),
					"roles");
	json_t *role = json_array_get(roles, 1);

	json_object_del(role, "paths");
	json_object_set_new(role, "path_hash_prefixes",
			    json_pack("[s, s]", "0", "abc"));
}

int main(int argc, char **argv)
{
	struct repo repo;
	json_t *parts[4];
	char *text;
	int i;

	if (argc != 2)
		return 1;
	repo_make(&repo);
	repo_add_target(&repo, repo.targets, "team/app", "x", 1);
	repo_delegate(&repo, repo.targets, "team", KEY(SPARE), "team/* a?b",
		      true);
	repo_delegate(&repo, repo.targets, "bin", KEY(TARGETS_KEY), "b", false);
	add_prefixes(repo.targets);
	repo_publish_targets(&repo);
	parts[0] = repo.root;
	parts[1] = repo.timestamp;
	parts[2] = repo.snapshot;
	parts[3] = repo.targets;
	for (i = 0; i < 4; i++) {
		text = repo_sign(&repo, parts[i], KEY(i));
		write_seed(argv[1], i, text);
		free(text);
	}
	write_seed(argv[1], 4, "team/*%2Fa?b");
	repo_free(&repo);
	return 0;
}
