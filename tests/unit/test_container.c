// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The container reader under damage: a small container, with each byte changed
 * in turn and cut at each length.  tests/unit/publish_containers.sh has the
 * damage that somebody means.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/container.h"
#include "lib/zstd.h"

#define SEAL		"the reader does not look into the seal"
#define DELTA		"nor into a delta"
#define OBJECT_SIZE	700

static char path[32];		/* of a file in memory */
static int file;
static char content[OBJECT_SIZE];
static char whole[16384];
static size_t whole_size;

static void add(struct archive *archive, const char *name, const void *data,
		size_t size)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0444);
	archive_entry_set_size(entry, size);
	assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
	assert_int_equal(archive_write_data(archive, data, size), size);
	archive_entry_free(entry);
}

/* The object as a zstd frame. */
static size_t compress(void *frame, size_t room)
{
	int in = memfd_create("in", 0), out = memfd_create("out", 0);
	uint64_t packed;

	assert_int_equal(write(in, content, OBJECT_SIZE), OBJECT_SIZE);
	assert_int_equal(cx_zstd_compress(in, 0, OBJECT_SIZE, out, "object",
					  &packed, NULL), 0);
	assert_true(packed <= room);
	assert_int_equal(pread(out, frame, room, 0), packed);
	close(in);
	close(out);
	return packed;
}

static int set_up(void **state)
{
	struct archive *archive = archive_write_new();
	char frame[2 * OBJECT_SIZE], name[200];
	size_t i, packed;

	(void)state;
	file = memfd_create("container", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	for (i = 0; i < OBJECT_SIZE; i++)
		content[i] = i * i % 251;
	packed = compress(frame, sizeof(frame));
	archive_write_set_format_ustar(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	archive_write_open_memory(archive, whole, sizeof(whole), &whole_size);
	add(archive, "seal", SEAL, strlen(SEAL));
	for (i = 1; i <= 2; i++) {
		snprintf(name, sizeof(name), "objects/%064zx.zst", i);
		add(archive, name, frame, packed);
	}
	snprintf(name, sizeof(name), "deltas/%064d/%064d", 1, 7);
	add(archive, name, DELTA, strlen(DELTA));
	archive_write_close(archive);
	archive_write_free(archive);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return close(file);
}

static void put(const void *data, size_t size)
{
	assert_int_equal(ftruncate(file, size), 0);
	assert_int_equal(pwrite(file, data, size, 0), size);
}

/* Extract one object; what came out must not be longer than it may be. */
static int extract(struct cx_container *container, struct cx_error *err)
{
	char out[OBJECT_SIZE + 1];
	int fd = memfd_create("object", 0);
	int ret = cx_container_extract(container, fd, OBJECT_SIZE, err);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size <= OBJECT_SIZE);
	if (!ret) {
		assert_int_equal(pread(fd, out, sizeof(out), 0), OBJECT_SIZE);
		/* The frame's checksum sees every change of the content. */
		assert_memory_equal(out, content, OBJECT_SIZE);
	}
	close(fd);
	return ret;
}

/* A delta comes as it is: what it is for is not the reader's business. */
static int copy(struct cx_container *container, struct cx_error *err)
{
	char out[sizeof(DELTA)];
	int fd = memfd_create("delta", 0);
	int ret = cx_container_copy(container, fd, err);

	if (!ret)
		assert_int_equal(pread(fd, out, sizeof(out), 0),
				 cx_container_packed_size(container));
	close(fd);
	return ret;
}

/* Read what is in the file: the number of objects, or the refusal. */
static int read_all(struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct cx_container *container;
	int ret, objects = 0;

	err->text[0] = '\0';
	ret = cx_container_open(path, &container, err);
	if (ret < 0)
		return ret;
	while ((ret = cx_container_next(container, digest, err)) > 0) {
		ret = cx_container_old(container) ? copy(container, err) :
						    extract(container, err);
		if (ret < 0)
			break;
		objects++;
	}
	cx_container_close(container);
	return ret < 0 ? ret : objects;
}

static void test_whole(void **state)
{
	struct cx_container *container;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct cx_error err;

	(void)state;
	put(whole, whole_size);
	assert_int_equal(read_all(&err), 3);
	assert_int_equal(cx_container_open(path, &container, &err), 0);
	assert_true(cx_container_is_signed(container));
	assert_int_equal(cx_container_seal(container)->size, strlen(SEAL));
	assert_memory_equal(cx_container_seal(container)->data, SEAL,
			    strlen(SEAL));
	/* An object that is not extracted is skipped. */
	assert_int_equal(cx_container_next(container, digest, &err), 1);
	assert_int_equal(cx_container_next(container, digest, &err), 1);
	assert_int_equal(digest[CRYPTEX_DIGEST_SIZE - 1], 2);
	assert_null(cx_container_old(container));
	assert_int_equal(cx_container_next(container, digest, &err), 1);
	assert_int_equal(digest[CRYPTEX_DIGEST_SIZE - 1], 1);
	assert_int_equal(cx_container_old(container)[CRYPTEX_DIGEST_SIZE - 1], 7);
	assert_int_equal(cx_container_extract(container, -1, 1, &err), -EINVAL);
	assert_int_equal(cx_container_next(container, digest, &err), 0);
	assert_int_equal(cx_container_extract(container, -1, 1, &err), -EINVAL);
	cx_container_close(container);
}

/* Members in the order of @names, a 'd' for a delta; each has one byte. */
static void expect_order(const char *const *names, int wanted, const char *said)
{
	static char made[16384];
	struct archive *archive = archive_write_new();
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct cx_container *container;
	struct cx_error err;
	size_t size;
	int ret;

	archive_write_set_format_ustar(archive);
	archive_write_open_memory(archive, made, sizeof(made), &size);
	add(archive, "seal", SEAL, strlen(SEAL));
	for (; *names; names++)
		add(archive, *names, "x", 1);
	archive_write_close(archive);
	archive_write_free(archive);
	put(made, size);
	assert_int_equal(cx_container_open(path, &container, &err), 0);
	while ((ret = cx_container_next(container, digest, &err)) > 0)
		;
	cx_container_close(container);
	assert_int_equal(ret, wanted);
	if (ret && !strstr(err.text, said))
		fail_msg("'%s' does not say '%s'", err.text, said);
}

#define ONE	"1111111111111111111111111111111111111111111111111111111111111111"
#define TWO	"2222222222222222222222222222222222222222222222222222222222222222"

static void test_order(void **state)
{
	(void)state;
	expect_order((const char *[]){ "objects/" ONE ".zst",
		"objects/" TWO ".zst", "deltas/" ONE "/" TWO,
		"deltas/" TWO "/" TWO, NULL }, 0, "");
	expect_order((const char *[]){ "deltas/" ONE "/" TWO,
		"objects/" TWO ".zst", NULL }, -EBADMSG, "out of order");
	expect_order((const char *[]){ "deltas/" TWO "/" ONE,
		"deltas/" ONE "/" TWO, NULL }, -EBADMSG, "out of order");
	expect_order((const char *[]){ "deltas/" ONE "/" ONE,
		"deltas/" ONE "/" TWO, NULL }, -EBADMSG, "is there twice");
	expect_order((const char *[]){ "deltas/" ONE, NULL }, -EBADMSG,
		     "has no place");
	expect_order((const char *[]){ "deltas/" ONE "/" TWO ".zst", NULL },
		     -EBADMSG, "has no place");
	expect_order((const char *[]){ "deltas", NULL }, -EBADMSG,
		     "has no place");
}

static void test_every_length(void **state)
{
	struct cx_error err;
	size_t size;

	(void)state;
	for (size = 0; size < whole_size; size++) {
		put(whole, size);
		assert_true(read_all(&err) < 0);
		assert_int_not_equal(*err.text, '\0');
	}
}

static void test_every_byte(void **state)
{
	static const unsigned char masks[] = { 0x01, 0x80, 0xff };
	struct cx_error err;
	size_t at, i;

	(void)state;
	for (at = 0; at < whole_size; at++) {
		for (i = 0; i < sizeof(masks); i++) {
			int ret;

			whole[at] ^= masks[i];
			put(whole, whole_size);
			whole[at] ^= masks[i];
			ret = read_all(&err);
			assert_true(ret == 3 || (ret < 0 && *err.text));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_every_byte),
	};

	return cmocka_run_group_tests_name("container", tests, set_up,
					   tear_down);
}
