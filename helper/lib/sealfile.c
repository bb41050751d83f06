// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/sealfile.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/signed.h"

/* A signature of one byte, and a checksum */
#define BORROWED (1 + CRYPTEX_CHECKSUM_SIZE)

static int check_envelope(const struct cx_seal *seal, const char *name,
			  const struct cx_trust *trust, struct cx_error *err)
{
	const struct cryptex_seal *view = &seal->view;
	const struct cryptex_envelope envelope = {
		.signature = view->signature,
		.checksum = view->checksum,
		.signed_size = view->signed_size,
		.signature_size = view->signature_size,
	};

	return cx_signed_check(view->header, &envelope, name, trust, err);
}

/* Verify before parse: what nobody has signed is not looked at. */
static int check(struct cx_seal *seal, const char *name,
		 const struct cx_trust *trust, struct cx_error *err)
{
	struct cryptex_seal_fault fault;
	/* A bare manifest borrows zero bytes behind the buffer to stand for the
	 * signature and the checksum. */
	size_t size = seal->buf.size + (seal->is_signed ? 0 : BORROWED);
	int ret = cryptex_seal_frame(seal->buf.data, size, &seal->view, &fault);

	if (ret < 0)
		return cx_fail_fault(name, ret, &fault, err);
	if (!seal->is_signed && seal->view.signature_size != 1)
		return cx_fail(err, -EBADMSG,
			       "%s: bytes follow the manifest", name);
	if (seal->is_signed) {
		ret = check_envelope(seal, name, trust, err);
		if (ret < 0)
			return ret;
	}
	ret = cryptex_seal_parse(&seal->view, &fault);
	if (ret < 0)
		return cx_fail_fault(name, ret, &fault, err);
	cx_sha256(seal->view.header, seal->view.signed_size, seal->digest);
	return 0;
}

int cx_seal_load(const char *path, const struct cx_trust *trust,
		 struct cx_seal *seal, struct cx_error *err)
{
	int ret;

	*seal = (struct cx_seal){ .is_signed = true };
	ret = cx_read_file(path, CRYPTEX_SEAL_MAX_SIZE, &seal->buf, err);
	if (!ret)
		ret = check(seal, path, trust, err);
	if (ret < 0)
		cx_seal_free(seal);
	return ret;
}

int cx_seal_from_bytes(const void *data, size_t size, bool is_signed,
		       const char *name, const struct cx_trust *trust,
		       struct cx_seal *seal, struct cx_error *err)
{
	int ret;

	*seal = (struct cx_seal){ .is_signed = is_signed };
	if (!is_signed && trust)
		return cx_fail(err, -EKEYREJECTED, "%s: is not signed", name);
	seal->buf.data = calloc(1, size + BORROWED);
	if (!seal->buf.data)
		return cx_fail(err, -ENOMEM, "%s: out of memory", name);
	memcpy(seal->buf.data, data, size);
	seal->buf.size = size;
	ret = check(seal, name, trust, err);
	if (ret < 0)
		cx_seal_free(seal);
	return ret;
}

void cx_seal_free(struct cx_seal *seal)
{
	cx_buf_free(&seal->buf);
	*seal = (struct cx_seal){ 0 };
}

const char *cx_seal_name(const struct cx_seal *seal)
{
	return (const char *)seal->view.header->name;
}

const char *cx_seal_label(const struct cx_seal *seal)
{
	return (const char *)seal->view.header->label;
}

/* Bytes of an entry's path; the parser has made sure that parents precede. */
static size_t path_length(const struct cryptex_seal *view, uint32_t index)
{
	size_t len = 0;

	for (; index; index = le32toh(view->entries[index].parent))
		len += le16toh(view->entries[index].name_len) + 1;
	return len;
}

char *cx_seal_path(const struct cryptex_seal *view, uint32_t index)
{
	size_t len = path_length(view, index);
	char *path = malloc(len + 1);
	char *end = path + len;

	if (!path)
		return NULL;
	*end = '\0';
	for (; index; index = le32toh(view->entries[index].parent)) {
		const struct cryptex_seal_entry *e = &view->entries[index];

		*--end = '/';
		end -= le16toh(e->name_len);
		memcpy(end, view->strings + le32toh(e->name_off),
		       le16toh(e->name_len));
	}
	if (len)
		path[len - 1] = '\0';
	return path;
}

static int compare_objects(const void *a, const void *b)
{
	return memcmp(((const struct cx_object *)a)->digest,
		      ((const struct cx_object *)b)->digest,
		      CRYPTEX_DIGEST_SIZE);
}

/* Drop repeated objects from a sorted list. */
static int unite(struct cx_object *list, size_t *count, struct cx_error *err)
{
	size_t i, kept = 0;

	for (i = 0; i < *count; i++) {
		if (!kept || compare_objects(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
		else if (list[kept - 1].size != list[i].size)
			return cx_fail(err, -EBADMSG,
				       "the seal gives two sizes for one digest");
	}
	*count = kept;
	return 0;
}

int cx_seal_objects(const struct cryptex_seal *view, struct cx_object **objects,
		    size_t *count, struct cx_error *err)
{
	struct cx_object *list = calloc(view->entry_count, sizeof(*list));
	uint32_t i;
	size_t n = 0;
	int ret;

	if (!list)
		return cx_fail(err, -ENOMEM, "the seal's objects: out of memory");
	for (i = 0; i < view->entry_count; i++) {
		const struct cryptex_seal_entry *e = &view->entries[i];

		if (!S_ISREG(le16toh(e->mode)))
			continue;
		memcpy(list[n].digest, e->digest, CRYPTEX_DIGEST_SIZE);
		list[n++].size = le64toh(e->size);
	}
	qsort(list, n, sizeof(*list), compare_objects);
	ret = unite(list, &n, err);
	if (ret < 0) {
		free(list);
		return ret;
	}
	*objects = list;
	*count = n;
	return 0;
}

const struct cx_object *cx_object_find(const struct cx_object *objects,
				       size_t count,
				       const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	if (!count)
		return NULL;
	return bsearch(digest, objects, count, sizeof(*objects),
		       compare_objects);
}
