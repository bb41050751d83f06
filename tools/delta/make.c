// SPDX-License-Identifier: LGPL-2.1-or-later
/* Making a patch: in each way that may be the shortest, and see that it works. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "make.h"
#include "plan.h"
#include "prefixed_make.h"
#include "lib/delta/header.h"
#include "lib/delta/model.h"
#include "lib/delta/walk.h"

/*
 * zstd is asked where the patch has more than this part of the new file.  On
 * shorter ones it takes most of the time and was never near.
 */
#define PREFIXED_FROM	256

/* A patch without its header */
struct body {
	enum cx_delta_method method;
	void *data;
	size_t size;
};

/* @c: written into */
static int encode(struct cx_coder *c, const struct cx_side *old, const struct cx_side *now,
		  struct cx_blocks *blocks, struct cx_error *err)
{
	int ret;

	cx_coder_make(c);
	if (cx_plan_leave_out(old, now, blocks))
		return cx_fail(err, -ENOMEM, "no memory for the table of symbols");
	ret = cx_walk(c, &old->image, blocks, now->file.data, now->file.size, err);
	cx_coder_finish(c);
	cx_plan_put_back(now, blocks);
	return ret;
}

static int by_blocks(const struct cx_side *old, const struct cx_side *now,
		     struct body *body, struct cx_error *err)
{
	struct cx_blocks blocks[CX_MATCH_WAYS] = { 0 };
	int ret = cx_plan(old, now, blocks);

	if (ret)
		cx_fail(err, ret, "no memory to look for what the files have in common");
	for (unsigned int i = 0; i < CX_MATCH_WAYS && !ret; i++) {
		struct cx_coder c;

		ret = encode(&c, old, now, &blocks[i], err);
		if (!i || c.out_size < body->size) {
			free(body->data);
			*body = (struct body){ CX_DELTA_BLOCKS, c.out, c.out_size };
		} else {
			free(c.out);
		}
	}
	for (unsigned int i = 0; i < CX_MATCH_WAYS; i++)
		free(blocks[i].list);
	return ret;
}

/* Another way is taken if it is shorter. */
static int by_prefix(int old_fd, int new_fd, struct body *body, struct cx_error *err)
{
	struct cx_mapped old = { 0 }, now = { 0 };
	void *frame = NULL;
	size_t size = 0;
	int ret = cx_mapped_read(&old, old_fd, "the old file", err);

	if (!ret)
		ret = cx_mapped_read(&now, new_fd, "the new file", err);
	if (!ret && cx_prefixed_make(old.data, old.size, now.data, now.size,
				     body->size, &frame, &size))
		ret = cx_fail(err, -ENOMEM, "no memory for zstd");
	if (!ret && frame && size < body->size) {
		free(body->data);
		*body = (struct body){ CX_DELTA_ZSTD, frame, size };
	} else {
		free(frame);
	}
	cx_mapped_free(&old);
	cx_mapped_free(&now);
	return ret;
}

static int assemble(struct cx_delta_info *info, const struct body *body,
		    void **patch, size_t *size, struct cx_error *err)
{
	uint8_t header[CX_DELTA_HEADER_MAX];

	info->method = body->method;
	cx_delta_put_header(info, header);
	*size = info->header_size + body->size;
	*patch = malloc(*size);
	if (!*patch)
		return cx_fail(err, -ENOMEM, "no memory for the patch");
	memcpy(*patch, header, info->header_size);
	if (body->size)
		memcpy((uint8_t *)*patch + info->header_size, body->data, body->size);
	return 0;
}

static int same_content(int a_fd, int b_fd, struct cx_error *err)
{
	struct cx_mapped a = { 0 }, b = { 0 };
	int ret = cx_mapped_read(&a, a_fd, "the new file", err);

	if (!ret)
		ret = cx_mapped_read(&b, b_fd, "what the patch made", err);
	if (!ret && (a.size != b.size || memcmp(a.data, b.data, a.size)))
		ret = cx_fail(err, -EIO, "the patch makes another file; please report this, with both files");
	cx_mapped_free(&a);
	cx_mapped_free(&b);
	return ret;
}

static int check(const void *patch, size_t size, int old_fd, int new_fd,
		 struct cx_error *err)
{
	int fd = memfd_create("new", MFD_CLOEXEC);
	int ret;

	if (fd < 0)
		return cx_fail(err, -errno, "memfd_create: %s", strerror(errno));
	ret = cx_delta_apply(patch, size, old_fd, fd, UINT64_MAX, err);
	if (ret)
		ret = cx_prefix(err, ret == -ENOMEM ? ret : -EIO, "the patch does not work");
	else
		ret = same_content(new_fd, fd, err);
	close(fd);
	return ret;
}

/* The patch's body in the way that always works, and what the header needs */
static int make_body(int old_fd, int new_fd, struct body *body,
		     struct cx_delta_info *info, uint64_t *new_size, struct cx_error *err)
{
	struct cx_side old = { 0 }, now = { 0 };
	int ret = cx_side_open(&old, old_fd, "the old file", err);

	if (!ret)
		ret = cx_side_open(&now, new_fd, "the new file", err);
	if (!ret)
		ret = by_blocks(&old, &now, body, err);
	info->growth = (int64_t)(now.file.size - old.file.size);
	*new_size = now.file.size;
	memcpy(info->old_digest, old.digest, sizeof(info->old_digest));
	memcpy(info->new_digest, now.digest, sizeof(info->new_digest));
	cx_side_close(&old);
	cx_side_close(&now);
	return ret;
}

int cx_delta_make(int old_fd, int new_fd, void **patch, size_t *size,
		  struct cx_error *err)
{
	struct cx_delta_info info = { 0 };
	struct body body = { 0 };
	uint64_t new_size;
	int ret;

	*patch = NULL;
	cx_model_init();
	ret = make_body(old_fd, new_fd, &body, &info, &new_size, err);
	if (!ret && body.size > new_size / PREFIXED_FROM)
		ret = by_prefix(old_fd, new_fd, &body, err);
	if (!ret)
		ret = assemble(&info, &body, patch, size, err);
	if (!ret)
		ret = check(*patch, *size, old_fd, new_fd, err);
	free(body.data);
	if (ret) {
		free(*patch);
		*patch = NULL;
	}
	return ret;
}
