// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "deltas.h"
#include "index.h"

/* An index under scrutiny. */
struct scrutiny {
	struct check *check;
	const char *target;
	const struct contents *contents;
	const json_t *index;
};

static json_t *read_index(struct check *check, const char *target, bool tell)
{
	struct cx_error err;
	struct cx_buf bytes;
	json_t *index = NULL;
	int ret = repo_read_target(&check->repo, target, &bytes, &err);

	if (!ret) {
		ret = index_parse(&bytes, target, &index, &err);
		cx_buf_free(&bytes);
	}
	if (ret < 0 && tell)
		fault(check, "%s", err.text);
	return ret < 0 ? NULL : index;
}

/* Whole, unpacked and measured, and in as many bytes as are said. */
static void check_whole(const struct scrutiny *s, const struct cx_object *object,
			json_int_t packed)
{
	const struct stocked *found;
	struct cx_error err;

	if (stock_object(&s->check->stock, object, &found, &err) < 0)
		fault(s->check, "%s", err.text);
	else if (found->packed != (uint64_t)packed)
		fault(s->check, "%s: has %llu bytes, and %s says %lld",
		      place_object(object->digest).path,
		      (unsigned long long)found->packed, s->target, packed);
}

static void check_object(const struct scrutiny *s,
			 const struct cx_object *object)
{
	const json_t *entry = index_object(s->index, object->digest);
	const json_t *packed = json_object_get(entry, "packed");
	char hex[HEX_SIZE];

	cx_hex(object->digest, CRYPTEX_DIGEST_SIZE, hex);
	if (!entry) {
		fault(s->check, "%s: lacks the object %s of its seal",
		      s->target, hex);
		return;
	}
	if (metadata_number(entry, "size") != (json_int_t)object->size)
		fault(s->check, "%s: says another size of the object %s than the seal",
		      s->target, hex);
	if (packed)
		check_whole(s, object, json_integer_value(packed));
	else if (!json_object_size(json_object_get(entry, "deltas")))
		fault(s->check, "%s: the object %s is to be had in no way",
		      s->target, hex);
}

static void check_names(const struct scrutiny *s)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	const char *hex;
	json_t *entry;

	json_object_foreach(json_object_get(s->index, "objects"), hex, entry)
		if (!cx_unhex(hex, digest, sizeof(digest)) ||
		    !cx_object_find(s->contents->objects, s->contents->count,
				    digest))
			fault(s->check, "%s: has %s, which is no object of its seal",
			      s->target, hex);
}

void check_index(struct check *check, const char *target,
		 const struct contents *contents)
{
	json_t *index = read_index(check, target, true);
	const struct scrutiny s = {
		.check = check, .target = target, .contents = contents,
		.index = index,
	};
	size_t i;

	if (!index)
		return;
	for (i = 0; i < contents->count; i++)
		check_object(&s, &contents->objects[i]);
	check_names(&s);
	json_decref(index);
}

/* @old is NULL where the repository does not have that object (any more). */
static void check_delta(const struct scrutiny *s, const struct cx_object *object,
			const struct place *place, json_int_t size,
			const struct stocked *old)
{
	const struct publication *pub = &s->check->repo.pub;
	struct cx_error err;
	struct stat st;
	int fd = publication_open(pub, place->path, &err);

	s->check->deltas++;
	if (fd < 0) {
		fault(s->check, "%s", err.text);
		return;
	}
	if (fstat(fd, &st) < 0 || st.st_size != size)
		fault(s->check, "%s: has %lld bytes, and %s says %lld",
		      place->path, (long long)st.st_size, s->target, size);
	else if (s->check->deep && old &&
		 delta_apply(&s->check->stock.spool, fd, st.st_size, &old->blob,
			     object, place->path, &err) < 0)
		fault(s->check, "%s", err.text);
	close(fd);
}

/* Return: whether one of them starts from an object that is sound. */
static bool check_object_deltas(const struct scrutiny *s,
				const struct cx_object *object)
{
	json_t *deltas = json_object_get(index_object(s->index, object->digest),
					 "deltas");
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	const struct stocked *old;
	struct place place;
	bool starts = false;
	const char *hex;
	json_t *size;

	json_object_foreach(deltas, hex, size) {
		if (!cx_unhex(hex, digest, sizeof(digest))) {
			fault(s->check, "%s: \"%.80s\" is no digest", s->target,
			      hex);
			continue;
		}
		old = stock_find(&s->check->stock, digest);
		starts |= old != NULL;
		place = place_delta(object->digest, digest);
		check_delta(s, object, &place, json_integer_value(size), old);
	}
	return starts;
}

void check_deltas(struct check *check, const char *target,
		  const struct contents *contents)
{
	json_t *index = read_index(check, target, false);
	const struct scrutiny s = {
		.check = check, .target = target, .contents = contents,
		.index = index,
	};
	char hex[HEX_SIZE];
	size_t i;

	for (i = 0; index && i < contents->count; i++) {
		const struct cx_object *object = &contents->objects[i];
		const json_t *entry = index_object(index, object->digest);

		if (!check_object_deltas(&s, object) && entry &&
		    !json_object_get(entry, "packed"))
			fault(check, "%s: the object %s is reached neither whole nor by a delta of one that is here",
			      target, cx_hex(object->digest,
					     CRYPTEX_DIGEST_SIZE, hex));
	}
	json_decref(index);
}
