// SPDX-License-Identifier: LGPL-2.1-or-later
/* cryptex-delta show: what a patch holds, and where its bytes go. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands.h"
#include "lib/delta.h"
#include "lib/file.h"

#define PATCH_MAX	((size_t)4 << 30)

static const char *const methods[] = {
	[CX_DELTA_BLOCKS] = "blocks of the old file",
	[CX_DELTA_ZSTD] = "one zstd frame after the old file",
};

static const char *const parts[] = {
	[CX_DELTA_PART_HEADER] = "header",
	[CX_DELTA_PART_BLOCKS] = "blocks",
	[CX_DELTA_PART_PLACES] = "where something differs",
	[CX_DELTA_PART_REFS] = "references that differ",
	[CX_DELTA_PART_BYTES] = "bytes that differ",
	[CX_DELTA_PART_NEW] = "new bytes",
};

static void print_info(const struct cx_delta_info *info, size_t size)
{
	char hex[2 * CX_DELTA_DIGEST_SIZE + 1];

	printf("patch       %zu bytes, made of %s\n", size, methods[info->method]);
	printf("old file    check sum %s\n",
	       cx_hex(info->old_digest, CX_DELTA_DIGEST_SIZE, hex));
	printf("new file    %+" PRId64 " bytes, check sum %s\n", info->growth,
	       cx_hex(info->new_digest, CX_DELTA_DIGEST_SIZE, hex));
}

/* Where the bytes go is only known by going through them with the old file. */
static int print_parts(const struct cx_buf *patch, const char *path, struct cx_error *err)
{
	double spent[CX_DELTA_PARTS];
	int scratch = -1, old = cx_open_read(path, NULL, err), ret = old;

	if (ret >= 0) {
		scratch = memfd_create("new", MFD_CLOEXEC);
		ret = scratch < 0 ? cx_fail(err, -errno, "memfd_create: %s", strerror(errno)) : 0;
	}
	if (!ret)
		ret = cx_delta_account(patch->data, patch->size, old, scratch, spent, err);
	for (unsigned int i = 0; !ret && i < CX_DELTA_PARTS; i++)
		printf("%12.1f  %s\n", spent[i] / 8, parts[i]);
	if (scratch >= 0)
		close(scratch);
	if (old >= 0)
		close(old);
	return ret;
}

int cx_delta_cmd_show(int argc, char **argv, struct cx_error *err)
{
	struct cx_delta_info info;
	struct cx_buf patch = { 0 };
	int ret = cx_read_file(argv[0], PATCH_MAX, &patch, err);

	if (!ret)
		ret = cx_delta_info(patch.data, patch.size, &info, err);
	if (!ret)
		print_info(&info, patch.size);
	if (!ret && argc > 1)
		ret = print_parts(&patch, argv[1], err);
	cx_buf_free(&patch);
	return ret;
}
