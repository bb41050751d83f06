// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: tuf-seeds FOLDER
 *
 * Writes metadata of each kind for the fuzzer to begin with, the kind's number in
 * front.
 */
#include <openssl/evp.h>
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

/* Keys of the other schemes, and one of which nothing is known */
static void add_keys(json_t *root)
{
	EVP_PKEY *ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	const struct {
		EVP_PKEY *pkey;
		enum cx_tuf_scheme scheme;
	} list[] = {
		{ ec, CX_TUF_ECDSA }, { rsa, CX_TUF_RSA_PSS },
		{ rsa, CX_TUF_RSA_PKCS1 },
	};
	json_t *keys = json_object_get(root, "keys"), *json;
	json_t *ids = json_object_get(json_object_get(json_object_get(root,
			"roles"), "targets"), "keyids");
	char id[CX_TUF_KEYID_LEN + 1];
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		if (cx_tuf_key_to_json(list[i].pkey, list[i].scheme, &json, id,
				       NULL))
			exit(1);
		json_object_set_new(keys, id, json);
		json_array_append_new(ids, json_string(id));
	}
	json_object_set_new(keys, "unknown", json_object());
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
}

/* A length and both digests, in the timestamp and in the snapshot */
static void add_lengths(json_t *part, const char *name)
{
	char hex[129];

	memset(hex, 'a', sizeof(hex));
	hex[128] = '\0';
	json_object_set_new(json_object_get(part, "meta"), name,
			    json_pack("{s:i, s:i, s:{s:s#, s:s}}", "version", 1,
				      "length", 1, "hashes", "sha256", hex, 64,
				      "sha512", hex));
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
	add_keys(repo.root);
	add_lengths(repo.timestamp, "snapshot.json");
	add_lengths(repo.snapshot, "role.json");
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
