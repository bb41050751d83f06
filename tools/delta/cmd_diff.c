// SPDX-License-Identifier: LGPL-2.1-or-later
/* cryptex-delta diff and apply: files in, a file out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "make.h"
#include "lib/file.h"

/* The largest patch that is read; the library sets no limit. */
#define PATCH_MAX	((size_t)4 << 30)

int cx_delta_cmd_diff(int argc, char **argv, struct cx_error *err)
{
	int old = cx_open_read(argv[0], NULL, err), now = -1, ret = old;
	void *patch = NULL;
	size_t size = 0;

	(void)argc;
	if (ret >= 0)
		ret = now = cx_open_read(argv[1], NULL, err);
	if (ret >= 0)
		ret = cx_delta_make(old, now, &patch, &size, err);
	if (ret >= 0)
		ret = cx_write_file(argv[2], NULL, patch, size, 0644, err);
	free(patch);
	if (old >= 0)
		close(old);
	if (now >= 0)
		close(now);
	return ret;
}

static int apply_to(const struct cx_buf *patch, int old, const char *path,
		    struct cx_error *err)
{
	struct cx_output out;
	int ret = cx_output_open(&out, path, NULL, 0644, err);

	if (ret)
		return ret;
	ret = cx_delta_apply(patch->data, patch->size, old, out.fd, UINT64_MAX, err);
	if (ret)
		cx_output_abort(&out);
	else
		ret = cx_output_commit(&out, err);
	return ret;
}

int cx_delta_cmd_apply(int argc, char **argv, struct cx_error *err)
{
	int old = cx_open_read(argv[0], NULL, err), ret = old;
	struct cx_buf patch = { 0 };

	(void)argc;
	if (ret >= 0)
		ret = cx_read_file(argv[1], PATCH_MAX, &patch, err);
	if (ret >= 0)
		ret = apply_to(&patch, old, argv[2], err);
	cx_buf_free(&patch);
	if (old >= 0)
		close(old);
	return ret;
}
