// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzes the reading of containers (libFuzzer with ASan and UBSan): the archive, the
 * names and order of members, and the decompression of objects.
 *
 * An archive whose checksums are wrong is refused at once, so most mutations make
 * them right again; what changes is a header, the content of a member, or which
 * members there are.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../random.h"
#include "fuzz.h"
#include "lib/container.h"

#define BLOCK		512u
#define OBJECT_SIZE	5000u	/* what the seal would say of every object */
#define MAX_MEMBERS	64

/* Of a ustar header */
#define SIZE_AT		124
#define SIZE_LEN	12
#define CHECKSUM_AT	148
#define CHECKSUM_LEN	8

static uint64_t size_of(int fd)
{
	struct stat st;

	need(!fstat(fd, &st));
	return st.st_size;
}

/* Take what the member holds: no more than was asked for, all of it on success. */
static void take(struct cx_container *c)
{
	bool whole = !cx_container_old(c);
	struct cx_error err = { "" };
	int rc, fd = memfd_create("object", MFD_CLOEXEC);

	need(fd >= 0);
	need(whole || cx_container_extract(c, fd, OBJECT_SIZE, &err) == -EINVAL);
	rc = whole ? cx_container_extract(c, fd, OBJECT_SIZE, &err) :
		     cx_container_copy(c, fd, &err);
	need(!rc || *err.text);
	need(size_of(fd) <= (whole ? OBJECT_SIZE : cx_container_packed_size(c)));
	if (!rc)
		need(size_of(fd) == (whole ? OBJECT_SIZE : cx_container_packed_size(c)));
	close(fd);
}

static void read_members(struct cx_container *c)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE], last[CRYPTEX_DIGEST_SIZE] = { 0 };
	bool deltas = false, first = true;
	struct cx_error err = { "" };
	const void *data;
	size_t size;
	int rc;

	while ((rc = cx_container_next(c, digest, &err)) == 1) {
		bool is_delta = cx_container_old(c);

		need(is_delta >= deltas);
		if (!first && is_delta == deltas)
			need(memcmp(last, digest, sizeof(last)) < 0);
		/* Every other one is skipped. */
		if (digest[0] & 1)
			take(c);
		memcpy(last, digest, sizeof(last));
		deltas = is_delta;
		first = false;
	}
	need(!rc || *err.text);
	if (!rc)
		need(cx_container_packed(c, &data, &size, &err) == -EINVAL && !size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("container", MFD_CLOEXEC);
	struct cx_container *c = NULL;
	struct cx_error err = { "" };
	char path[32];
	int rc;

	need(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = cx_container_open(path, &c, &err);
	need(!rc == !!c && (!rc || *err.text));
	if (!rc) {
		need(cx_container_size(c) == size);
		need(cx_container_seal(c)->size <= size);
		need(cx_container_is_signed(c) || strstr((const char *)data, "manifest"));
		read_members(c);
		cx_container_close(c);
	}
	close(fd);
	return 0;
}

/* The members of an archive: where each header is, and the end of the last. */
struct layout {
	size_t at[MAX_MEMBERS + 1];
	size_t count;
};

static size_t content_size(const uint8_t *header)
{
	char digits[SIZE_LEN + 1] = { 0 };

	memcpy(digits, header + SIZE_AT, SIZE_LEN);
	return strtoul(digits, NULL, 8);
}

static size_t in_blocks(size_t size)
{
	return (size + BLOCK - 1) / BLOCK * BLOCK;
}

static struct layout find_members(const uint8_t *data, size_t size)
{
	struct layout l = { .count = 0 };
	size_t at = 0;

	while (l.count < MAX_MEMBERS && at + BLOCK <= size && data[at]) {
		size_t content = content_size(data + at);

		if (content > size - at - BLOCK || in_blocks(content) > size - at - BLOCK)
			break;
		l.at[l.count++] = at;
		at += BLOCK + in_blocks(content);
	}
	l.at[l.count] = at;
	return l;
}

static void put_octal(uint8_t *field, size_t len, unsigned long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%0*lo", (int)len - 1, number);
	memcpy(field, text, len);
}

static void put_checksum(uint8_t *header)
{
	unsigned long sum = 0;
	size_t i;

	memset(header + CHECKSUM_AT, ' ', CHECKSUM_LEN);
	for (i = 0; i < BLOCK; i++)
		sum += header[i];
	put_octal(header + CHECKSUM_AT, CHECKSUM_LEN - 1, sum);
}

/* Replace the @old bytes at @at by @new bytes, which are @with if that is given. */
static size_t splice(uint8_t *data, size_t size, size_t at, size_t old,
		     const void *with, size_t new)
{
	memmove(data + at + new, data + at + old, size - at - old);
	if (with)
		memcpy(data + at, with, new);
	return size - old + new;
}

/* Change what one member holds; its header follows. */
static size_t change_content(uint8_t *data, size_t size, size_t max,
			     const struct layout *l, size_t member)
{
	uint8_t content[4 * OBJECT_SIZE] = { 0 }, *header = data + l->at[member];
	size_t old = content_size(header), new, room = sizeof(content);

	if (room > max - size + in_blocks(old))
		room = (max - size + in_blocks(old)) / BLOCK * BLOCK;
	if (old > room || !room)
		return size;
	memcpy(content, header + BLOCK, old);
	new = LLVMFuzzerMutate(content, old, room);
	memset(content + new, 0, in_blocks(new) - new);
	put_octal(header + SIZE_AT, SIZE_LEN, new);
	put_checksum(header);
	return splice(data, size, l->at[member] + BLOCK, in_blocks(old), content,
		      in_blocks(new));
}

/* Change some bytes of a header, or the name's digits. */
static size_t change_header(uint8_t *data, size_t size, const struct layout *l,
			    size_t member, struct random *r)
{
	uint8_t *header = data + l->at[member];

	if (random_one_in(r, 4))
		put_octal(header + SIZE_AT, SIZE_LEN, random_length(r, 1ul << 33));
	else if (random_one_in(r, 2))
		LLVMFuzzerMutate(header, BLOCK, BLOCK);
	else
		header[random_below(r, 100)] = "0123456789abcdef/gX"[random_below(r, 19)];
	put_checksum(header);
	return size;
}

/* Take a member out, or put a copy of it elsewhere. */
static size_t change_order(uint8_t *data, size_t size, size_t max,
			   const struct layout *l, size_t member, struct random *r)
{
	size_t from = l->at[member], len = l->at[member + 1] - from;
	uint8_t *copy;

	if (random_one_in(r, 2) || size + len > max)
		return splice(data, size, from, len, NULL, 0);
	copy = malloc(len);
	need(copy);
	memcpy(copy, data + from, len);
	size = splice(data, size, l->at[random_below(r, l->count + 1)], 0, copy, len);
	free(copy);
	return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct layout l = find_members(data, size);
	struct random r = { seed };
	size_t member = random_below(&r, l.count);

	if (!l.count || random_one_in(&r, 8))
		return LLVMFuzzerMutate(data, size, max);
	switch (random_below(&r, 4)) {
	case 0:
		return change_header(data, size, &l, member, &r);
	case 1:
		return change_order(data, size, max, &l, member, &r);
	default:
		return change_content(data, size, max, &l, member);
	}
}
