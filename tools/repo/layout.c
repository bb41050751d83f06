// SPDX-License-Identifier: LGPL-2.1-or-later
#include "layout.h"

#include <stdio.h>
#include <string.h>

#include "lib/file.h"

struct place place_object(const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	char hex[HEX_SIZE];
	struct place p;

	cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex);
	snprintf(p.path, sizeof(p.path), DIR_OBJECTS "/%.2s/%s.zst", hex,
		 hex + 2);
	return p;
}

struct place place_delta(const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			 const uint8_t old[CRYPTEX_DIGEST_SIZE])
{
	char hex[HEX_SIZE], old_hex[HEX_SIZE];
	struct place p;

	cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex);
	cx_hex(old, CRYPTEX_DIGEST_SIZE, old_hex);
	snprintf(p.path, sizeof(p.path), DIR_DELTAS "/%.2s/%s/%s", hex,
		 hex + 2, old_hex);
	return p;
}

struct place place_target(const char *target, const char *sha256)
{
	const char *slash = strrchr(target, '/');
	int folder = slash ? slash + 1 - target : 0;
	struct place p;

	snprintf(p.path, sizeof(p.path), DIR_TARGETS "/%.*s%s.%s", folder,
		 target, sha256, target + folder);
	return p;
}

struct place place_metadata(const char *role, unsigned long long version)
{
	struct place p;

	if (version)
		snprintf(p.path, sizeof(p.path), DIR_METADATA "/%llu.%s.json",
			 version, role);
	else
		snprintf(p.path, sizeof(p.path), DIR_METADATA "/%s.json", role);
	return p;
}
