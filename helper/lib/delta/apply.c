// SPDX-License-Identifier: LGPL-2.1-or-later
/* Making the new file of the old one and a patch. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/header.h"
#include "lib/delta/mapped.h"
#include "lib/delta/model.h"
#include "lib/delta/prefixed.h"
#include "lib/delta/walk.h"

static int by_blocks(struct cx_coder *c, const struct cx_mapped *old,
		     struct cx_mapped *now, struct cx_error *err)
{
	struct cx_blocks blocks = { 0 };
	struct cx_image image;
	int ret;

	ret = cx_image_read(&image, old->data, old->size);
	if (ret)
		return cx_fail(err, ret, "no memory for the old file's layout");
	cx_model_init();
	ret = cx_walk(c, &image, &blocks, now->data, now->size, err);
	if (!ret && !cx_coder_at_end(c))
		ret = cx_fail(err, -EBADMSG, "the patch is broken: something follows its end");
	free(blocks.list);
	cx_image_free(&image);
	return ret;
}

static int make_new(const struct cx_delta_info *info, const uint8_t *body, size_t size,
		    const struct cx_mapped *old, struct cx_mapped *now, double *spent,
		    struct cx_error *err)
{
	struct cx_coder c;

	if (spent && info->method == CX_DELTA_ZSTD)
		spent[CX_DELTA_PART_NEW] = 8.0 * (double)size;
	if (info->method == CX_DELTA_ZSTD)
		return cx_prefixed_apply(body, size, old->data, old->size,
					 now->data, now->size, err);
	cx_coder_apply(&c, body, size);
	c.spent = spent;
	return by_blocks(&c, old, now, err);
}

static bool has_digest(const struct cx_mapped *m, const uint8_t *expected)
{
	uint8_t digest[CX_DELTA_DIGEST_SIZE];

	cx_delta_digest(m->data, m->size, digest);
	return !memcmp(digest, expected, sizeof(digest));
}

/* Nothing is done before both files are what they should be. */
static int check_files(const struct cx_delta_info *info, const struct cx_mapped *old,
		       uint64_t limit, struct cx_error *err)
{
	uint64_t size = old->size + (uint64_t)info->growth;

	if (info->growth < 0 && size > old->size)
		return cx_fail(err, -ESTALE, "this patch is for a larger old file");
	if (size > limit)
		return cx_fail(err, -EFBIG, "the new file would have %" PRIu64
			       " bytes, at most %" PRIu64 " are expected", size, limit);
	if (!has_digest(old, info->old_digest))
		return cx_fail(err, -ESTALE, "this patch is for another old file");
	return 0;
}

static int apply(const struct cx_delta_info *info, const uint8_t *body, size_t size,
		 const struct cx_mapped *old, int new_fd, uint64_t limit, double *spent,
		 struct cx_error *err)
{
	struct cx_mapped now;
	int ret = check_files(info, old, limit, err);

	if (ret)
		return ret;
	ret = cx_mapped_write(&now, new_fd, old->size + (uint64_t)info->growth, "the new file", err);
	if (!ret)
		ret = make_new(info, body, size, old, &now, spent, err);
	if (!ret && !has_digest(&now, info->new_digest))
		ret = cx_fail(err, -EBADMSG,
			      "the patch is broken: what comes out is not what was put in");
	if (!ret)
		ret = cx_mapped_save(&now, new_fd, "the new file", err);
	cx_mapped_free(&now);
	return ret;
}

static int apply_within(const void *patch, size_t size, int old_fd, int new_fd,
			uint64_t limit, double *spent, struct cx_error *err)
{
	struct cx_delta_info info;
	struct cx_mapped old;
	int ret;

	ret = cx_delta_info(patch, size, &info, err);
	if (ret)
		return ret;
	if (spent)
		spent[CX_DELTA_PART_HEADER] = 8.0 * (double)info.header_size;
	ret = cx_mapped_read(&old, old_fd, "the old file", err);
	if (!ret)
		ret = apply(&info, (const uint8_t *)patch + info.header_size,
			    size - info.header_size, &old, new_fd, limit, spent, err);
	cx_mapped_free(&old);
	return ret;
}

int cx_delta_apply(const void *patch, size_t size, int old_fd, int new_fd,
		   uint64_t limit, struct cx_error *err)
{
	return apply_within(patch, size, old_fd, new_fd, limit, NULL, err);
}

int cx_delta_account(const void *patch, size_t size, int old_fd, int scratch_fd,
		     double spent[CX_DELTA_PARTS], struct cx_error *err)
{
	memset(spent, 0, CX_DELTA_PARTS * sizeof(*spent));
	return apply_within(patch, size, old_fd, scratch_fd, UINT64_MAX, spent, err);
}
