// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fetch/index.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/container.h"

#define FORMAT		1
#define OBJECTS_MAX	100000
#define WAYS_MAX	400000

static int bad(struct cx_error *err, const char *what)
{
	return cx_fail(err, -EBADMSG, "the index of the seal: %s", what);
}

static size_t count_ways(json_t *objects)
{
	const char *key;
	json_t *one;
	size_t count = 0;

	json_object_foreach(objects, key, one)
		count += 1 + json_object_size(json_object_get(one, "deltas"));
	return count;
}

static int compare_ways(const void *a, const void *b)
{
	const struct index_way *x = a, *y = b;

	return (x->size > y->size) - (x->size < y->size);
}

static int compare_objects(const void *a, const void *b)
{
	return memcmp(a, b, CRYPTEX_DIGEST_SIZE);
}

static bool take_size(const json_t *value, struct index_way *way)
{
	json_int_t size = json_integer_value(value);

	way->size = size;
	return json_is_integer(value) && size > 0 &&
	       (uint64_t)size <= CX_CONTAINER_MAX_OBJECT;
}

/* Fill the ways of one object from @way on. */
static int take_ways(struct index_object *object, json_t *json,
		     struct index_way *way, struct cx_error *err)
{
	json_t *packed = json_object_get(json, "packed"), *value;
	json_t *deltas = json_object_get(json, "deltas");
	const char *key;

	object->ways = way;
	if (packed && !take_size(packed, way++))
		return bad(err, "\"packed\" is no size");
	json_object_foreach(deltas, key, value) {
		way->delta = 1;
		if (!cx_unhex(key, way->old, sizeof(way->old)) ||
		    !take_size(value, way++))
			return bad(err, "a delta has no digest, or no size");
	}
	object->count = way - object->ways;
	qsort(object->ways, object->count, sizeof(*way), compare_ways);
	return 0;
}

static int take_all(struct index *index, json_t *objects, struct cx_error *err)
{
	struct index_way *way = index->ways;
	const char *key;
	json_t *one;
	int rc;

	json_object_foreach(objects, key, one) {
		struct index_object *object = &index->objects[index->count++];

		if (!cx_unhex(key, object->digest, sizeof(object->digest)))
			return bad(err, "an object's name is no digest");
		rc = take_ways(object, one, way, err);
		if (rc)
			return rc;
		way += object->count;
	}
	qsort(index->objects, index->count, sizeof(*index->objects),
	      compare_objects);
	return 0;
}

static int parse(const json_t *root, struct index **index,
		 struct cx_error *err)
{
	json_t *objects = json_object_get(root, "objects");
	size_t ways = count_ways(objects);
	int rc;

	if (json_integer_value(json_object_get(root, "format")) != FORMAT)
		return cx_fail(err, -EPROTONOSUPPORT,
			       "the index of the seal has another format than 1: a newer cryptexctl is needed");
	if (!json_is_object(objects))
		return bad(err, "it has no \"objects\"");
	if (json_object_size(objects) > OBJECTS_MAX || ways > WAYS_MAX)
		return bad(err, "it has too many objects");
	*index = calloc(1, sizeof(**index));
	if (*index) {
		(*index)->objects = calloc(json_object_size(objects) + 1,
					   sizeof(struct index_object));
		(*index)->ways = calloc(ways + 1, sizeof(struct index_way));
	}
	if (!*index || !(*index)->objects || !(*index)->ways)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	else
		rc = take_all(*index, objects, err);
	if (rc) {
		index_free(*index);
		*index = NULL;
	}
	return rc;
}

int index_parse(const char *text, size_t size, struct index **index,
		struct cx_error *err)
{
	json_error_t why;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
	int rc = root ? parse(root, index, err) : bad(err, why.text);

	json_decref(root);
	return rc;
}

const struct index_object *index_find(const struct index *index,
				      const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	return index ? bsearch(digest, index->objects, index->count,
			       sizeof(*index->objects), compare_objects) : NULL;
}

void index_free(struct index *index)
{
	if (!index)
		return;
	free(index->objects);
	free(index->ways);
	free(index);
}
