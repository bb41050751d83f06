// SPDX-License-Identifier: LGPL-2.1-or-later
/* Deltas: round trips of odd files, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "delta/trip.h"
#include "lib/delta.h"

/* Two versions of a library, made by delta/sample.sh */
#define SAMPLE_OLD	"build/test/delta-sample-0.so"
#define SAMPLE_NEW	"build/test/delta-sample-1.so"

static struct bytes sample[2];

static void round_trip(const struct bytes *old, const struct bytes *new)
{
	struct cx_error err = { "" };

	if (trip_round(old, new, NULL, &err))
		fail_msg("%zu to %zu bytes: %s", old->size, new->size, err.text);
}

static void both_ways(struct bytes a, struct bytes b)
{
	round_trip(&a, &b);
	round_trip(&b, &a);
	bytes_free(&a);
	bytes_free(&b);
}

static struct bytes text(const char *s)
{
	return bytes_copy(s, strlen(s));
}

/* A part of the old sample */
static struct bytes part(size_t from, size_t size)
{
	return bytes_copy(sample[0].data + from, size);
}

static struct bytes noise(size_t size)
{
	struct bytes b = bytes_new(size);
	uint32_t x = 1;
	size_t i;

	for (i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		b.data[i] = x >> 24;
	}
	return b;
}

static void small_files(void **unused)
{
	static const size_t sizes[] = { 1, 2, 3, 7, 8, 15, 16, 31, 63, 64, 65 };
	size_t i;

	(void)unused;
	both_ways(text(""), text(""));
	both_ways(text(""), text("x"));
	both_ways(text("x"), text("x"));
	both_ways(text("x"), text("y"));
	both_ways(text("a line\n"), text("a line\nand another\n"));
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		both_ways(part(0, sizes[i]), noise(sizes[i]));
		both_ways(part(0, sizes[i]), part(0, sample[0].size));
	}
}

static void uniform_files(void **unused)
{
	(void)unused;
	both_ways(bytes_new(100000), bytes_new(100001));
	both_ways(bytes_new(1 << 20), noise(70000));
	both_ways(noise(70000), noise(70001));
	both_ways(noise(70000), text(""));
}

static void a_library(void **unused)
{
	(void)unused;
	round_trip(&sample[0], &sample[0]);
	round_trip(&sample[0], &sample[1]);
	round_trip(&sample[1], &sample[0]);
}

/* Sections end behind the file's end. */
static void truncated_libraries(void **unused)
{
	size_t i, n = sample[0].size;

	(void)unused;
	for (i = 0; i < 64; i++)
		both_ways(part(0, n * i / 64), part(0, n));
	for (i = 0; i < 64; i++)
		both_ways(part(0, n - i), part(0, i));
	both_ways(part(n / 2, n / 2), part(0, n));
	both_ways(part(0, n / 2), part(n / 2, n / 2));
}

/* Predicting nothing must cost next to nothing. */
static void patches_are_small(void **unused)
{
	struct bytes more = bytes_new(sample[0].size + 1);
	struct cx_error err;
	size_t size;

	(void)unused;
	assert_int_equal(trip_round(&sample[0], &sample[0], &size, &err), 0);
	assert_in_range(size, 1, 100);
	memcpy(more.data, sample[0].data, sample[0].size);
	assert_int_equal(trip_round(&sample[0], &more, &size, &err), 0);
	assert_in_range(size, 1, 100);
	bytes_free(&more);
}

static void same_files_same_patch(void **unused)
{
	struct bytes one, two;
	struct cx_error err;

	(void)unused;
	assert_int_equal(trip_make(&sample[0], &sample[1], &one, &err), 0);
	assert_int_equal(trip_make(&sample[0], &sample[1], &two, &err), 0);
	assert_true(bytes_same(&one, &two));
	bytes_free(&one);
	bytes_free(&two);
}

static void the_header_tells_sizes(void **unused)
{
	struct cx_delta_info info;
	struct bytes patch;
	struct cx_error err;

	(void)unused;
	assert_int_equal(trip_make(&sample[0], &sample[1], &patch, &err), 0);
	assert_int_equal(cx_delta_info(patch.data, patch.size, &info, &err), 0);
	assert_int_equal(info.growth, (int64_t)(sample[1].size - sample[0].size));
	assert_int_equal(info.method, CX_DELTA_BLOCKS);
	assert_in_range(info.header_size, 1, patch.size);
	bytes_free(&patch);
}

/* Applies what has to be refused; nothing may have been written. */
static void refuse(const struct bytes *patch, const struct bytes *old,
		   uint64_t limit, int why)
{
	struct bytes made;
	struct cx_error err = { "" };

	assert_int_equal(trip_apply(patch, old, limit, &made, &err), why);
	assert_int_equal(made.size, 0);
	assert_int_not_equal(strlen(err.text), 0);
	bytes_free(&made);
}

static void another_old_file_is_refused(void **unused)
{
	struct bytes patch, other = part(0, sample[0].size), shorter;
	struct cx_delta_info info;
	struct cx_error err;

	(void)unused;
	assert_int_equal(trip_make(&sample[0], &sample[1], &patch, &err), 0);
	shorter = part(0, sample[0].size - 1);
	other.data[other.size / 2] ^= 1;
	refuse(&patch, &other, UINT64_MAX, -ESTALE);
	refuse(&patch, &shorter, UINT64_MAX, -ESTALE);
	refuse(&patch, &sample[1], UINT64_MAX, -ESTALE);
	/* Before the body is looked at */
	assert_int_equal(cx_delta_info(patch.data, patch.size, &info, &err), 0);
	memset(patch.data + info.header_size, 0xff, patch.size - info.header_size);
	refuse(&patch, &other, UINT64_MAX, -ESTALE);
	bytes_free(&other);
	bytes_free(&shorter);
	bytes_free(&patch);
}

static void the_limit_holds(void **unused)
{
	struct bytes patch, made;
	struct cx_error err;

	(void)unused;
	assert_int_equal(trip_make(&sample[0], &sample[1], &patch, &err), 0);
	refuse(&patch, &sample[0], sample[1].size - 1, -EFBIG);
	refuse(&patch, &sample[0], 0, -EFBIG);
	assert_int_equal(trip_apply(&patch, &sample[0], sample[1].size, &made,
				    &err), 0);
	bytes_free(&made);
	bytes_free(&patch);
}

/* What must never be: success, or a file that looks like one. */
static void must_fail(const struct bytes *patch, const struct bytes *old,
		      const char *what, size_t at)
{
	struct bytes made;
	struct cx_error err = { "" };

	if (!trip_apply(patch, old, UINT64_MAX, &made, &err))
		fail_msg("%s %zu is taken", what, at);
	if (!*err.text)
		fail_msg("%s %zu: no word why", what, at);
	bytes_free(&made);
}

static void break_everywhere(const struct bytes *old, const struct bytes *new)
{
	struct bytes patch, longer;
	struct cx_error err;
	size_t i, all;

	assert_int_equal(trip_make(old, new, &patch, &err), 0);
	all = patch.size;
	longer = bytes_new(all + 1);
	memcpy(longer.data, patch.data, all);
	must_fail(&longer, old, "a zero behind byte", all);
	longer.data[all] = 0xff;
	must_fail(&longer, old, "a byte behind byte", all);
	for (patch.size = 0; patch.size < all; patch.size++)
		must_fail(&patch, old, "truncation at byte", patch.size);
	for (i = 0; i < 8 * all; i++) {
		patch.data[i / 8] ^= 1 << i % 8;
		must_fail(&patch, old, "flipped bit", i);
		patch.data[i / 8] ^= 1 << i % 8;
	}
	bytes_free(&longer);
	bytes_free(&patch);
}

/* A few functions of the sample are enough: each bit is one run. */
static void broken_patches_of_a_library(void **unused)
{
	struct bytes new = part(0, sample[0].size);

	(void)unused;
	memmove(new.data + 0x1100, new.data + 0x1000, 0x800);
	memset(new.data + 0x1000, 0x90, 0x100);
	break_everywhere(&sample[0], &new);
	bytes_free(&new);
}

static void broken_patches_of_text(void **unused)
{
	struct bytes old = text("the quick brown fox jumps over the lazy dog\n");
	struct bytes new = text("the quick red fox jumps over two lazy dogs\n");
	struct bytes empty = text(""), zeros = bytes_new(5000);

	(void)unused;
	break_everywhere(&old, &new);
	break_everywhere(&empty, &new);
	break_everywhere(&old, &empty);
	break_everywhere(&empty, &empty);
	break_everywhere(&old, &zeros);
	bytes_free(&old);
	bytes_free(&new);
	bytes_free(&empty);
	bytes_free(&zeros);
}

static void no_patch_at_all(void **unused)
{
	struct bytes nothing = text(""), words = text("this is no patch, but a text of 50 bytes or a few more");
	struct cx_delta_info info;
	struct cx_error err;

	(void)unused;
	assert_int_equal(cx_delta_info("", 0, &info, &err), -EBADMSG);
	assert_int_equal(cx_delta_info(words.data, words.size, &info, &err), -EBADMSG);
	refuse(&nothing, &sample[0], UINT64_MAX, -EBADMSG);
	refuse(&words, &sample[0], UINT64_MAX, -EBADMSG);
	bytes_free(&nothing);
	bytes_free(&words);
}

/* An old file that cannot be read, a new one that cannot be written */
static void unfit_descriptors(void **unused)
{
	struct bytes patch;
	struct cx_error err = { "" };
	int fd = trip_file("", 0), bad = -1;

	(void)unused;
	assert_int_equal(trip_make(&sample[0], &sample[1], &patch, &err), 0);
	assert_true(cx_delta_apply(patch.data, patch.size, bad, fd, UINT64_MAX, &err) < 0);
	close(fd);
	fd = trip_file(sample[0].data, sample[0].size);
	assert_true(cx_delta_apply(patch.data, patch.size, fd, bad, UINT64_MAX, &err) < 0);
	close(fd);
	bytes_free(&patch);
}

static int load(void **unused)
{
	(void)unused;
	sample[0] = bytes_read(SAMPLE_OLD);
	sample[1] = bytes_read(SAMPLE_NEW);
	return 0;
}

static int drop(void **unused)
{
	(void)unused;
	bytes_free(&sample[0]);
	bytes_free(&sample[1]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_files),
		cmocka_unit_test(uniform_files),
		cmocka_unit_test(a_library),
		cmocka_unit_test(truncated_libraries),
		cmocka_unit_test(patches_are_small),
		cmocka_unit_test(same_files_same_patch),
		cmocka_unit_test(the_header_tells_sizes),
		cmocka_unit_test(another_old_file_is_refused),
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(broken_patches_of_a_library),
		cmocka_unit_test(broken_patches_of_text),
		cmocka_unit_test(no_patch_at_all),
		cmocka_unit_test(unfit_descriptors),
	};

	return cmocka_run_group_tests(tests, load, drop);
}
