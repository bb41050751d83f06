// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzes the applying of patches (libFuzzer with ASan and UBSan).
 *
 * The first byte of an input says which old file, the rest is a patch.  Its
 * header is made to fit that file, as the digest would end nearly every run
 * otherwise; what is behind it is the fuzzer's.  A patch's body is one code, so
 * that whatever is changed in it leads to other, and valid, symbols from there on.
 * A mutation of a kind that only the maker knows is a patch for a changed file.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/delta/mutate.h"
#include "../unit/delta/trip.h"
#include "fuzz.h"
#include "lib/delta.h"
#include "lib/delta/header.h"

/* Of the new file: more is refused by the limit, which is tested as well. */
#define LIMIT	(256u << 10)

#define PLAIN_FILES	6
#define OLD_FILES	24

static struct bytes old_files[OLD_FILES];

/* The other old files are libraries that something has happened to. */
static void make_odd_files(void)
{
	size_t i, changes;

	for (i = PLAIN_FILES; i < OLD_FILES; i++) {
		struct random r = { i };

		old_files[i] = bytes_copy(old_files[i & 1].data, old_files[i & 1].size);
		for (changes = 0; changes < 3; changes++)
			mutate(&old_files[i], &r);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char words[] = "the quick brown fox jumps over the lazy dog, and the "
				    "lazy dog sleeps under the quick brown fox\n";

	(void)argc;
	(void)argv;
	old_files[0] = bytes_read("build/test/delta-sample-small.so");
	old_files[1] = bytes_read("build/test/delta-sample-0.so");
	old_files[2] = bytes_copy(words, sizeof(words) - 1);
	old_files[3] = bytes_new(0);
	old_files[4] = bytes_copy(old_files[0].data, old_files[0].size / 2);
	old_files[5] = bytes_new(70000);
	make_odd_files();
	return 0;
}

static const struct bytes *old_of(const uint8_t *data)
{
	return &old_files[data[0] % OLD_FILES];
}

/* A patch for @old that is @patch but for its header; none if that is broken */
static struct bytes fitting(const struct bytes *old, const uint8_t *patch, size_t size)
{
	uint8_t header[CX_DELTA_HEADER_MAX];
	struct cx_delta_info info;
	struct cx_error err;
	struct bytes made;
	size_t body;

	if (cx_delta_info(patch, size, &info, &err))
		return (struct bytes){ 0 };
	patch += info.header_size;
	body = size - info.header_size;
	cx_delta_digest(old->data, old->size, info.old_digest);
	if (info.growth > LIMIT + 1000 || info.growth < -(int64_t)old->size)
		info.growth %= LIMIT;
	cx_delta_put_header(&info, header);
	made = bytes_new(info.header_size + body);
	memcpy(made.data, header, info.header_size);
	memcpy(made.data + info.header_size, patch, body);
	return made;
}

static void check(const struct bytes *patch, const struct bytes *old)
{
	uint8_t digest[CX_DELTA_DIGEST_SIZE];
	struct cx_error err = { "" };
	struct cx_delta_info info;
	struct bytes new;
	uint64_t size;
	int ret = trip_apply(patch, old, LIMIT, &new, &err);

	if (cx_delta_info(patch->data, patch->size, &info, &err) ||
	    (ret && !*err.text) || new.size > LIMIT)
		abort();
	size = old->size + (uint64_t)info.growth;
	if (size > LIMIT && (!ret || new.size))
		abort();
	if (!ret) {
		cx_delta_digest(new.data, new.size, digest);
		if (new.size != size ||
		    memcmp(digest, info.new_digest, sizeof(digest)))
			abort();
	}
	bytes_free(&new);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes patch;

	if (!size)
		return 0;
	patch = fitting(old_of(data), data + 1, size - 1);
	if (!patch.data)
		return 0;
	check(&patch, old_of(data));
	bytes_free(&patch);
	return 0;
}

/* A whole new patch: from the old file to what some changes make of it */
static size_t make_patch(uint8_t *data, size_t max, struct random *r)
{
	const struct bytes *old = old_of(data);
	struct bytes new = bytes_copy(old->data, old->size), patch;
	unsigned int changes = 1 + random_below(r, 4);
	struct cx_error err;
	size_t size = 0;

	while (changes--)
		mutate(&new, r);
	if (new.size > LIMIT / 4)
		new.size = LIMIT / 4;
	if (!trip_make(old, &new, &patch, &err)) {
		if (patch.size < max) {
			memcpy(data + 1, patch.data, patch.size);
			size = 1 + patch.size;
		}
		bytes_free(&patch);
	}
	bytes_free(&new);
	return size;
}

/* The header is short, and so would get few of the changes. */
static size_t change_body(uint8_t *data, size_t size, size_t max)
{
	struct cx_delta_info info;
	struct cx_error err;

	if (cx_delta_info(data + 1, size - 1, &info, &err))
		return LLVMFuzzerMutate(data, size, max);
	info.header_size++;
	return info.header_size +
	       LLVMFuzzerMutate(data + info.header_size, size - info.header_size,
				max - info.header_size);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct random r = { seed };
	size_t made;

	if (size < 2 || random_one_in(&r, 16)) {
		if (!size || random_one_in(&r, 2))
			data[0] = random_u64(&r);
		made = make_patch(data, max, &r);
		if (made)
			return made;
	}
	if (size < 2 || random_one_in(&r, 4))
		return LLVMFuzzerMutate(data, size, max);
	return change_body(data, size, max);
}
