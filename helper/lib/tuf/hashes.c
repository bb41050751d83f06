// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/hashes.h"

#include <errno.h>
#include <string.h>

#include "lib/file.h"
#include "lib/tuf/pubkey.h"

static int parse_one(const json_t *json, const char *name, uint8_t *digest,
		     size_t size, bool *has, struct cx_error *err)
{
	const json_t *value = json_object_get(json, name);
	const char *hex = json_string_value(value);

	*has = value;
	if (!value || (hex && cx_unhex(hex, digest, size)))
		return 0;
	return cx_fail(err, -EBADMSG, "a digest '%s' is not of %zu hex digits",
		       name, 2 * size);
}

int cx_tuf_hashes_parse(const json_t *json, struct cx_tuf_hashes *hashes,
			struct cx_error *err)
{
	int ret;

	*hashes = (struct cx_tuf_hashes){ .any = json };
	if (!json)
		return 0;
	if (!json_is_object(json) || !json_object_size(json))
		return cx_fail(err, -EBADMSG,
			       "'hashes' is not an object with members");
	ret = parse_one(json, "sha256", hashes->sha256, sizeof(hashes->sha256),
			&hashes->has_sha256, err);
	if (ret)
		return ret;
	return parse_one(json, "sha512", hashes->sha512, sizeof(hashes->sha512),
			 &hashes->has_sha512, err);
}

static int check_known(const struct cx_tuf_hashes *hashes, struct cx_error *err)
{
	if (!hashes->any || hashes->has_sha256 || hashes->has_sha512)
		return 0;
	return cx_fail(err, -EBADMSG,
		       "neither a SHA-256 nor a SHA-512 is announced for it");
}

static int judge(const uint8_t *want, const uint8_t *got, int size,
		 const char *name, struct cx_error *err)
{
	if (size <= 0)
		return size < 0 ? size : cx_fail(err, -ENOMEM, "out of memory");
	if (!memcmp(want, got, size))
		return 0;
	return cx_fail(err, -EBADMSG,
		       "is not what was signed, its %s differs: use another mirror, or try again later",
		       name);
}

int cx_tuf_hashes_check(const struct cx_tuf_hashes *hashes, const void *data,
			size_t size, struct cx_error *err)
{
	uint8_t got[CX_TUF_DIGEST_MAX];
	int ret = check_known(hashes, err);

	if (!ret && hashes->has_sha256)
		ret = judge(hashes->sha256, got,
			    cx_tuf_digest(CX_TUF_SHA256, data, size, got),
			    "SHA-256", err);
	if (!ret && hashes->has_sha512)
		ret = judge(hashes->sha512, got,
			    cx_tuf_digest(CX_TUF_SHA512, data, size, got),
			    "SHA-512", err);
	return ret;
}

int cx_tuf_hashes_check_fd(const struct cx_tuf_hashes *hashes, int fd,
			   uint64_t size, struct cx_error *err)
{
	uint8_t got[CX_TUF_DIGEST_MAX];
	int ret = check_known(hashes, err);

	if (!ret && hashes->has_sha256)
		ret = judge(hashes->sha256, got,
			    cx_tuf_digest_fd(CX_TUF_SHA256, fd, size, got, err),
			    "SHA-256", err);
	if (!ret && hashes->has_sha512)
		ret = judge(hashes->sha512, got,
			    cx_tuf_digest_fd(CX_TUF_SHA512, fd, size, got, err),
			    "SHA-512", err);
	return ret;
}

bool cx_tuf_hashes_same(const struct cx_tuf_hashes *a,
			const struct cx_tuf_hashes *b)
{
	return a->any == b->any && a->has_sha256 == b->has_sha256 &&
	       a->has_sha512 == b->has_sha512 &&
	       (!a->has_sha256 ||
		!memcmp(a->sha256, b->sha256, sizeof(a->sha256))) &&
	       (!a->has_sha512 ||
		!memcmp(a->sha512, b->sha512, sizeof(a->sha512)));
}
