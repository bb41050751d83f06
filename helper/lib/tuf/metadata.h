/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The four kinds of metadata, parsed.
 *
 * Nothing changes once it is parsed.  Strings belong to the JSON value that each
 * struct holds on to.  What parsing returns: 0, -EBADMSG (with what is wrong, but not
 * in which file) or -ENOMEM.
 */
#ifndef _CX_TUF_METADATA_H
#define _CX_TUF_METADATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/tuf/client.h"
#include "lib/tuf/envelope.h"
#include "lib/tuf/fields.h"
#include "lib/tuf/hashes.h"

/**
 * struct cx_tuf_keyring - keys of a root or of delegations
 * @keys: those that are of use here: of a scheme that is known, and with the id that
 *	they have to have; others verify nothing
 * @count: of @keys
 */
struct cx_tuf_keyring {
	struct cx_tuf_key **keys;
	size_t count;
};

/**
 * cx_tuf_keyring_parse - keys from a "keys" object
 * @json: the object
 * @ring: set, also on failure; freed by cx_tuf_keyring_free()
 * @err: filled on failure
 */
int cx_tuf_keyring_parse(const json_t *json, struct cx_tuf_keyring *ring,
			 struct cx_error *err);

/**
 * cx_tuf_keyring_free - free keys
 * @ring: may be empty
 */
void cx_tuf_keyring_free(struct cx_tuf_keyring *ring);

/**
 * cx_tuf_role_parse - a role from an object with "keyids" and "threshold"
 * @json: the object
 * @name: of the role
 * @ring: where its keys are; has to outlive @role
 * @role: set, also on failure; freed by cx_tuf_role_free()
 * @err: filled on failure
 */
int cx_tuf_role_parse(const json_t *json, const char *name,
		      const struct cx_tuf_keyring *ring,
		      struct cx_tuf_role *role, struct cx_error *err);

/**
 * cx_tuf_role_free - free what a role holds, but no keys
 * @role: may be empty
 */
void cx_tuf_role_free(struct cx_tuf_role *role);

/* The roles of the top level, as indices of struct cx_tuf_root */
enum {
	CX_TUF_ROOT,
	CX_TUF_TIMESTAMP,
	CX_TUF_SNAPSHOT,
	CX_TUF_TARGETS,
	CX_TUF_TOP_LEVEL,
};

/**
 * struct cx_tuf_root - root.json
 * @header: version and expiry
 * @consistent_snapshot: files' names have versions and digests in front
 * @ring: all keys
 * @roles: who signs what
 * @json: what is signed
 */
struct cx_tuf_root {
	struct cx_tuf_header header;
	bool consistent_snapshot;
	struct cx_tuf_keyring ring;
	struct cx_tuf_role roles[CX_TUF_TOP_LEVEL];
	json_t *json;
};

/**
 * cx_tuf_top_name - the name of a role of the top level
 * @index: CX_TUF_ROOT and so on
 */
const char *cx_tuf_top_name(int index);

/**
 * cx_tuf_root_parse - a root from what was signed
 * @json: the signed part
 * @root: set on success; freed by cx_tuf_root_free()
 * @err: filled on failure
 */
int cx_tuf_root_parse(const json_t *json, struct cx_tuf_root **root,
		      struct cx_error *err);

/**
 * cx_tuf_root_free - free a root
 * @root: may be NULL
 */
void cx_tuf_root_free(struct cx_tuf_root *root);

/**
 * struct cx_tuf_meta - what is announced of another file of metadata
 * @name: of the file, without a version in front: "targets.json"
 * @version: its version
 * @has_length: @length is announced
 * @length: its bytes
 * @hashes: its digests
 */
struct cx_tuf_meta {
	const char *name;
	int64_t version;
	bool has_length;
	uint64_t length;
	struct cx_tuf_hashes hashes;
};

/**
 * struct cx_tuf_timestamp - timestamp.json
 * @header: version and expiry
 * @snapshot: what it announces of the snapshot
 */
struct cx_tuf_timestamp {
	struct cx_tuf_header header;
	struct cx_tuf_meta snapshot;
};

/**
 * cx_tuf_timestamp_parse - a timestamp from what was signed
 * @json: the signed part; not needed any more afterwards
 * @timestamp: set on success; freed by free()
 * @err: filled on failure
 */
int cx_tuf_timestamp_parse(const json_t *json,
			   struct cx_tuf_timestamp **timestamp,
			   struct cx_error *err);

/**
 * struct cx_tuf_snapshot - snapshot.json
 * @header: version and expiry
 * @metas: what it announces of all files of targets, sorted by name
 * @count: of @metas
 * @json: what is signed
 */
struct cx_tuf_snapshot {
	struct cx_tuf_header header;
	struct cx_tuf_meta *metas;
	size_t count;
	json_t *json;
};

/**
 * cx_tuf_snapshot_parse - a snapshot from what was signed
 * @json: the signed part
 * @snapshot: set on success; freed by cx_tuf_snapshot_free()
 * @err: filled on failure
 */
int cx_tuf_snapshot_parse(const json_t *json, struct cx_tuf_snapshot **snapshot,
			  struct cx_error *err);

/**
 * cx_tuf_snapshot_find - what is announced of a role's file
 * @snapshot: the snapshot
 * @role: the role's name, without ".json"
 *
 * Return: that, or NULL.
 */
const struct cx_tuf_meta *
cx_tuf_snapshot_find(const struct cx_tuf_snapshot *snapshot, const char *role);

/**
 * cx_tuf_snapshot_free - free a snapshot
 * @snapshot: may be NULL
 */
void cx_tuf_snapshot_free(struct cx_tuf_snapshot *snapshot);

/**
 * struct cx_tuf_delegation - a role that may sign for some targets
 * @role: who
 * @terminating: no delegation that follows it counts for what it is asked
 * @paths: patterns of targets' paths, or NULL
 * @prefixes: prefixes of the SHA-256 of targets' paths, or NULL
 */
struct cx_tuf_delegation {
	struct cx_tuf_role role;
	bool terminating;
	const json_t *paths;
	const json_t *prefixes;
};

/**
 * struct cx_tuf_targets - targets.json, or that of a delegated role
 * @header: version and expiry
 * @role: the name of the role
 * @targets: sorted by path
 * @count: of @targets
 * @ring: keys of @delegations
 * @delegations: in the order in which they count
 * @delegation_count: of @delegations
 * @pattern_count: patterns and prefixes of all @delegations
 * @json: what is signed
 */
struct cx_tuf_targets {
	struct cx_tuf_header header;
	char *role;
	struct cx_tuf_target *targets;
	size_t count;
	struct cx_tuf_keyring ring;
	struct cx_tuf_delegation *delegations;
	size_t delegation_count;
	size_t pattern_count;
	json_t *json;
};

/**
 * cx_tuf_targets_parse - targets from what was signed
 * @json: the signed part
 * @role: the name of the role that signed; copied
 * @targets: set on success; freed by cx_tuf_targets_free()
 * @err: filled on failure
 */
int cx_tuf_targets_parse(const json_t *json, const char *role,
			 struct cx_tuf_targets **targets, struct cx_error *err);

/**
 * cx_tuf_targets_find - a target by its path
 * @targets: the targets
 * @path: the path
 *
 * Return: that, or NULL; delegations do not count.
 */
const struct cx_tuf_target *
cx_tuf_targets_find(const struct cx_tuf_targets *targets, const char *path);

/**
 * cx_tuf_targets_free - free targets
 * @targets: may be NULL
 */
void cx_tuf_targets_free(struct cx_tuf_targets *targets);

/**
 * cx_tuf_delegation_covers - may a delegated role sign for this path
 * @delegation: the delegation
 * @path: the path of a target
 */
bool cx_tuf_delegation_covers(const struct cx_tuf_delegation *delegation,
			      const char *path);

#endif /* _CX_TUF_METADATA_H */
