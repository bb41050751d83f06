// SPDX-License-Identifier: LGPL-2.1-or-later
#include "repo.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/tuf/canonical.h"

static void need(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "a test's repository: %s\n", what);
	abort();
}

json_t *repo_part(const char *type)
{
	json_t *part = json_pack("{s:s, s:s, s:i}", "_type", type,
				 "spec_version", "1.0.34", "version", 0);

	repo_expire(part, time(NULL) + 30 * 86400);
	return part;
}

void repo_expire(json_t *part, time_t when)
{
	char text[64];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime(&when));
	json_object_set_new(part, "expires", json_string(text));
}

json_t *repo_role(const struct repo *repo, unsigned int keys,
		  unsigned int threshold)
{
	json_t *ids = json_array();
	int i;

	for (i = 0; i < REPO_KEYS; i++)
		if (keys & KEY(i))
			json_array_append_new(ids, json_string(repo->ids[i]));
	return json_pack("{s:o, s:i}", "keyids", ids, "threshold", threshold);
}

static void add_keys(const struct repo *repo, json_t *list, unsigned int keys)
{
	int i;

	for (i = 0; i < REPO_KEYS; i++)
		if (keys & KEY(i))
			json_object_set(list, repo->ids[i], repo->keys[i]);
}

void repo_set_role(struct repo *repo, const char *role, unsigned int keys,
		   unsigned int threshold)
{
	add_keys(repo, json_object_get(repo->root, "keys"), keys);
	json_object_set_new(json_object_get(repo->root, "roles"), role,
			    repo_role(repo, keys, threshold));
}

static json_t *sign_one(const struct repo *repo, int key, const char *text,
			size_t size)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[64];
	size_t n = sizeof(sig);
	char hex[129];

	need(EVP_DigestSignInit(ctx, NULL, NULL, NULL, repo->pkeys[key]) == 1 &&
	     EVP_DigestSign(ctx, sig, &n, (const void *)text, size) == 1,
	     "signing");
	EVP_MD_CTX_free(ctx);
	return json_pack("{s:s, s:s}", "keyid", repo->ids[key], "sig",
			 cx_hex(sig, n, hex));
}

char *repo_sign(const struct repo *repo, const json_t *part, unsigned int keys)
{
	json_t *list = json_array(), *file;
	char *text, *bytes;
	size_t size;
	int i;

	need(!cx_tuf_canonical(part, &text, &size, NULL), "canonical form");
	for (i = 0; i < REPO_KEYS; i++)
		if (keys & KEY(i))
			json_array_append_new(list, sign_one(repo, i, text,
							     size));
	free(text);
	file = json_pack("{s:O, s:o}", "signed", part, "signatures", list);
	bytes = json_dumps(file, JSON_INDENT(1));
	json_decref(file);
	need(bytes, "JSON");
	return bytes;
}

static void make_parents(int dirfd, const char *name)
{
	char path[512];
	char *slash;

	snprintf(path, sizeof(path), "%s", name);
	for (slash = path; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdirat(dirfd, path, 0755);
		*slash = '/';
	}
}

void repo_write(const struct repo *repo, const char *name, const void *data,
		size_t size)
{
	int fd;

	make_parents(repo->dirfd, name);
	fd = openat(repo->dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	need(fd >= 0 && !cx_write_all(fd, data, size, name, NULL), name);
	close(fd);
}

void repo_sign_file(const struct repo *repo, const char *name,
		    const json_t *part, unsigned int keys)
{
	char *bytes = repo_sign(repo, part, keys);

	repo_write(repo, name, bytes, strlen(bytes));
	free(bytes);
}

static json_int_t next_version(json_t *part)
{
	json_int_t version = json_integer_value(json_object_get(part,
								"version"));

	json_object_set_new(part, "version", json_integer(version + 1));
	return version + 1;
}

static void sign_version(const struct repo *repo, json_t *part,
			 const char *role, unsigned int keys)
{
	char name[256];

	snprintf(name, sizeof(name), "%lld.%s.json", next_version(part), role);
	repo_sign_file(repo, name, part, keys);
}

static void announce(json_t *in, const char *role, const json_t *part)
{
	char name[256];

	snprintf(name, sizeof(name), "%s.json", role);
	json_object_set_new(json_object_get(in, "meta"), name,
			    json_pack("{s:O}", "version",
				      json_object_get(part, "version")));
}

void repo_publish_root(struct repo *repo)
{
	sign_version(repo, repo->root, "root", repo->signers[ROOT_KEY]);
}

void repo_publish_timestamp(struct repo *repo)
{
	announce(repo->timestamp, "snapshot", repo->snapshot);
	next_version(repo->timestamp);
	repo_sign_file(repo, "timestamp.json", repo->timestamp,
		       repo->signers[TIMESTAMP_KEY]);
}

void repo_publish_snapshot(struct repo *repo)
{
	announce(repo->snapshot, "targets", repo->targets);
	sign_version(repo, repo->snapshot, "snapshot",
		     repo->signers[SNAPSHOT_KEY]);
	repo_publish_timestamp(repo);
}

void repo_publish_targets(struct repo *repo)
{
	sign_version(repo, repo->targets, "targets",
		     repo->signers[TARGETS_KEY]);
	repo_publish_snapshot(repo);
}

void repo_publish_delegated(struct repo *repo, const char *role, json_t *part,
			    unsigned int keys)
{
	sign_version(repo, part, role, keys);
	announce(repo->snapshot, role, part);
}

static void digest_hex(const void *data, size_t size, char *hex)
{
	uint8_t digest[CX_TUF_DIGEST_MAX];

	cx_hex(digest, cx_tuf_digest(CX_TUF_SHA256, data, size, digest), hex);
}

void repo_add_target(const struct repo *repo, json_t *targets, const char *name,
		     const void *data, size_t size)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;
	char hex[2 * CX_TUF_DIGEST_MAX + 1], path[512];

	digest_hex(data, size, hex);
	json_object_set_new(json_object_get(targets, "targets"), name,
			    json_pack("{s:I, s:{s:s}}", "length",
				      (json_int_t)size, "hashes", "sha256",
				      hex));
	snprintf(path, sizeof(path), "%.*s%s.%s", (int)(last - name), name,
		 hex, last);
	repo_write(repo, path, data, size);
}

void repo_delegate(const struct repo *repo, json_t *targets, const char *role,
		   unsigned int keys, const char *patterns, bool terminating)
{
	json_t *delegations = json_object_get(targets, "delegations");
	json_t *one = repo_role(repo, keys, 1), *paths = json_array();
	char copy[512], *next = copy, *word;

	if (!delegations) {
		delegations = json_pack("{s:{}, s:[]}", "keys", "roles");
		json_object_set_new(targets, "delegations", delegations);
	}
	add_keys(repo, json_object_get(delegations, "keys"), keys);
	snprintf(copy, sizeof(copy), "%s", patterns);
	while ((word = strsep(&next, " ")))
		json_array_append_new(paths, json_string(word));
	json_object_set_new(one, "name", json_string(role));
	json_object_set_new(one, "terminating", json_boolean(terminating));
	json_object_set_new(one, "paths", paths);
	json_array_append_new(json_object_get(delegations, "roles"), one);
}

static void make_keys(struct repo *repo)
{
	int i;

	for (i = 0; i < REPO_KEYS; i++) {
		repo->pkeys[i] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		need(repo->pkeys[i] &&
		     !cx_tuf_key_to_json(repo->pkeys[i], CX_TUF_ED25519,
					 &repo->keys[i], repo->ids[i], NULL),
		     "keys");
	}
}

void repo_make(struct repo *repo)
{
	static const char *const roles[] = {
		"root", "timestamp", "snapshot", "targets",
	};
	int i;

	strcpy(repo->dir, "/tmp/cryptex-tuf-repo-XXXXXX");
	need(mkdtemp(repo->dir), "a folder");
	repo->dirfd = open(repo->dir, O_RDONLY | O_DIRECTORY);
	make_keys(repo);
	repo->root = repo_part("root");
	json_object_set_new(repo->root, "keys", json_object());
	json_object_set_new(repo->root, "roles", json_object());
	json_object_set_new(repo->root, "consistent_snapshot", json_true());
	for (i = 0; i < 4; i++) {
		repo_set_role(repo, roles[i], KEY(i), 1);
		repo->signers[i] = KEY(i);
	}
	repo->timestamp = repo_part("timestamp");
	json_object_set_new(repo->timestamp, "meta", json_object());
	repo->snapshot = repo_part("snapshot");
	json_object_set_new(repo->snapshot, "meta", json_object());
	repo->targets = repo_part("targets");
	json_object_set_new(repo->targets, "targets", json_object());
	repo_publish_root(repo);
	repo_publish_targets(repo);
}

void repo_free(struct repo *repo)
{
	char command[128];
	int i;

	for (i = 0; i < REPO_KEYS; i++) {
		EVP_PKEY_free(repo->pkeys[i]);
		json_decref(repo->keys[i]);
	}
	json_decref(repo->root);
	json_decref(repo->timestamp);
	json_decref(repo->snapshot);
	json_decref(repo->targets);
	close(repo->dirfd);
	snprintf(command, sizeof(command), "rm -rf %s", repo->dir);
	need(!system(command), "removing it");
}
