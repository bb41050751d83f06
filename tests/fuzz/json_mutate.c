// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json_mutate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A value's place: in the array or in the object @in. */
struct place {
	json_t *in;
	size_t index;
	const char *key;
};

/* One of the places below @in, each as likely as any other */
static void pick(json_t *in, struct random *r, size_t *seen, struct place *place)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(in, key, value) {
		if (random_one_in(r, ++*seen))
			*place = (struct place){ .in = in, .key = key };
		pick(value, r, seen, place);
	}
	json_array_foreach(in, i, value) {
		if (random_one_in(r, ++*seen))
			*place = (struct place){ .in = in, .index = i };
		pick(value, r, seen, place);
	}
}

static struct place pick_one(json_t *root, struct random *r)
{
	struct place place = { NULL };
	size_t seen = 0;

	pick(root, r, &seen, &place);
	return place;
}

static json_t *get(const struct place *p)
{
	return p->key ? json_object_get(p->in, p->key) : json_array_get(p->in, p->index);
}

/* Takes @value. */
static void put(const struct place *p, json_t *value)
{
	if (p->key)
		json_object_set_new(p->in, p->key, value);
	else
		json_array_set_new(p->in, p->index, value);
}

static json_t *deep(unsigned int depth)
{
	json_t *value = json_array();

	while (depth--)
		value = json_pack("[o]", value);
	return value;
}

static json_t *many(const json_t *value, size_t count)
{
	json_t *array = json_array();

	while (count--)
		json_array_append_new(array, json_deep_copy(value));
	return array;
}

static json_t *other_value(const json_t *old, struct random *r)
{
	switch (random_below(r, 12)) {
	case 0:
		return json_null();
	case 1:
		return json_real(1.5);
	case 2:
		return json_integer(random_u64(r));
	case 3:
		return json_integer((json_int_t)random_below(r, 4) - 1);
	case 4:
		return json_string("");
	case 5:
		return json_string("\"\\\t../%2f");
	case 6:
		return json_array();
	case 7:
		return json_object();
	case 8:
		return json_boolean(random_one_in(r, 2));
	case 9:
		return deep(random_below(r, 80));
	default:
		return many(old, random_length(r, 40));
	}
}

/* Put another value in the place, one from elsewhere, or none. */
static void change(json_t *root, const struct place *p, struct random *r)
{
	struct place from = pick_one(root, r);

	switch (random_below(r, 4)) {
	case 0:
		if (p->key)
			json_object_del(p->in, p->key);
		else
			json_array_remove(p->in, p->index);
		break;
	case 1:
		put(p, json_deep_copy(get(&from)));
		break;
	default:
		put(p, other_value(get(p), r));
	}
}

size_t json_mutate(uint8_t *data, size_t size, size_t max, struct random *r)
{
	json_t *root = json_loadb((const char *)data, size, 0, NULL);
	struct place place;
	size_t made = 0;

	if (!root)
		return 0;
	place = pick_one(root, r);
	if (place.in) {
		change(root, &place, r);
		made = json_dumpb(root, (char *)data, max, JSON_COMPACT);
	}
	json_decref(root);
	return made > max ? 0 : made;
}
