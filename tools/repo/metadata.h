/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signed JSON: one role's file, read, verified and made. */
#ifndef _REPO_METADATA_H
#define _REPO_METADATA_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "keyring.h"
#include "lib/error.h"
#include "lib/file.h"

#define SPEC_VERSION	"1.0.34"
#define METADATA_MAX	(64u << 20)	/* bytes of one file that we read */

/*
 * How long a role's metadata holds, in seconds.  It stands in the metadata, so that
 * whoever signs it next needs no settings; clients ignore it.
 */
#define MEMBER_PERIOD	"x-cryptex-period"

/* When it was signed: what it replaced is not needed for long after that. */
#define MEMBER_ISSUED	"x-cryptex-issued"

/**
 * json_put - set a member
 * @object: where
 * @key: its name
 * @value: taken over; NULL, as from a failed json_pack(), is out of memory
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int json_put(json_t *object, const char *key, json_t *value,
	     struct cx_error *err);

/**
 * time_format - a time as metadata has it
 * @time: seconds since 1970 UTC
 * @text: "2026-11-22T06:00:00Z"
 *
 * Return: @text.
 */
char *time_format(time_t time, char text[32]);

/**
 * time_parse - the reverse
 * @text: a time; may be NULL, which is none
 * @time: set on success
 *
 * Return: whether @text is a time.
 */
bool time_parse(const char *text, time_t *time);

/**
 * metadata_parse - JSON of one file
 * @data: its bytes
 * @size: how many
 * @name: of the file, for the error
 * @json: set on success; the caller gives it back with json_decref()
 * @err: filled on failure
 *
 * Return: 0 or -EBADMSG.
 */
int metadata_parse(const void *data, size_t size, const char *name,
		   json_t **json, struct cx_error *err);

/**
 * metadata_read - read a role's file
 * @path: the file
 * @type: what "_type" must be
 * @buf: set on success to its bytes; the caller frees it; may be NULL
 * @envelope: set on success to {"signed", "signatures"}; the caller gives it back
 * @err: filled on failure, with the path; -ENOENT if it is not there
 *
 * Return: 0, -ENOENT, -EBADMSG (no metadata of that type), or what reading gave.
 */
int metadata_read(const char *path, const char *type, struct cx_buf *buf,
		  json_t **envelope, struct cx_error *err);

/**
 * metadata_count - how many keys of a role have signed
 * @envelope: the file
 * @keys: key objects by key id
 * @role: {"keyids", "threshold"}
 *
 * Return: distinct keys of the role whose signature is good.
 */
size_t metadata_count(const json_t *envelope, const json_t *keys,
		      const json_t *role);

/**
 * metadata_verify - have enough keys of a role signed?
 * @envelope: the file
 * @keys: key objects by key id
 * @role: {"keyids", "threshold"}
 * @name: of the file, for the error
 * @err: filled on failure
 *
 * Return: 0 or -EKEYREJECTED.
 */
int metadata_verify(const json_t *envelope, const json_t *keys,
		    const json_t *role, const char *name,
		    struct cx_error *err);

/**
 * metadata_sign - add the signatures that can be made
 * @envelope: gets one of each key of @keyids that is at hand; one that is there
 *	is replaced
 * @ring: the keys at hand
 * @keyids: an array of key ids
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (no canonical form), -EIO (a key does not sign), or -ENOMEM.
 */
int metadata_sign(json_t *envelope, const struct keyring *ring,
		  const json_t *keyids, struct cx_error *err);

/**
 * metadata_set_signature - add a signature from elsewhere
 * @envelope: gets it, in place of one that the key has made before
 * @id: key id
 * @hex: the signature
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int metadata_set_signature(json_t *envelope, const char *id, const char *hex,
			   struct cx_error *err);

/**
 * metadata_format - the bytes of a file
 * @json: what is in it
 * @buf: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int metadata_format(const json_t *json, struct cx_buf *buf,
		    struct cx_error *err);

/**
 * metadata_new - a role's signed part
 * @type: "root", "targets", ...
 * @period: how long it holds, in seconds
 *
 * Its version is 0: it rises before it is signed.
 *
 * Return: a JSON object for the caller, or NULL when out of memory.
 */
json_t *metadata_new(const char *type, json_int_t period);

/**
 * metadata_renew - the next version of a signed part
 * @body: the signed part
 * @now: seconds since 1970 UTC
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int metadata_renew(json_t *body, time_t now, struct cx_error *err);

/**
 * metadata_number - an integer member
 * @object: where; may be NULL
 * @key: its name
 *
 * Return: its value; 0 if there is none.
 */
json_int_t metadata_number(const json_t *object, const char *key);

/**
 * metadata_text - a string member
 * @object: where; may be NULL
 * @key: its name
 *
 * Return: its value, which belongs to @object; NULL if there is none.
 */
const char *metadata_text(const json_t *object, const char *key);

#endif /* _REPO_METADATA_H */
