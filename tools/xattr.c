// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading extended attributes from files. */
#include "xattr.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#define SELINUX	"security.selinux"
#define USER	"user."

/* One file's attributes, while they are read. */
struct reading {
	char file[64 + NAME_MAX];	/* through /proc, so that links are not followed */
	const char *path;
	struct cx_buf *set;
	struct cx_error *err;
};

static int fail(struct reading *r, const char *what)
{
	return cx_fail(r->err, -errno, "%s: %s: %s", r->path, what,
		       strerror(errno));
}

static bool is_wanted(const char *name)
{
	return !strcmp(name, SELINUX) || !strncmp(name, USER, strlen(USER));
}

static int check_name(struct reading *r, const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (*c < 0x20 || *c > 0x7e || *c == '/')
			break;
	if (!*c && strlen(name) > strlen(USER))
		return 0;
	return cx_fail(r->err, -EINVAL,
		       "%s: the name of an extended attribute is not plain ASCII without a slash, as a cryptex wants it; remove it with setfattr -x, or leave the file out with --exclude",
		       r->path);
}

static int append(struct reading *r, const char *name, const char *value,
		  size_t size)
{
	size_t len = strlen(name);
	uint8_t head[4] = { len, 0, size & 0xff, size >> 8 };
	char *data = realloc(r->set->data,
			     r->set->size + sizeof(head) + len + size);

	if (!data)
		return cx_fail(r->err, -ENOMEM, "%s: out of memory", r->path);
	r->set->data = data;
	data += r->set->size;
	memcpy(data, head, sizeof(head));
	memcpy(data + sizeof(head), name, len);
	memcpy(data + sizeof(head) + len, value, size);
	r->set->size += sizeof(head) + len + size;
	return 0;
}

static int take(struct reading *r, const char *name)
{
	static char value[XATTR_SIZE_MAX];
	ssize_t size = lgetxattr(r->file, name, value, sizeof(value));
	int ret = check_name(r, name);

	if (ret < 0)
		return ret;
	if (size < 0)
		return fail(r, "an extended attribute cannot be read");
	if (size > UINT16_MAX)
		return cx_fail(r->err, -EFBIG,
			       "%s: the extended attribute %s has more than %d bytes",
			       r->path, name, UINT16_MAX);
	return append(r, name, value, size);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* @names: NUL-terminated, one behind the other, @size bytes */
static int take_all(struct reading *r, const char *names, ssize_t size)
{
	const char **list = calloc(size, sizeof(*list)), *name;
	size_t count = 0, i;
	int ret = 0;

	if (!list)
		return cx_fail(r->err, -ENOMEM, "%s: out of memory", r->path);
	for (name = names; name < names + size; name += strlen(name) + 1)
		if (is_wanted(name))
			list[count++] = name;
	qsort(list, count, sizeof(*list), by_name);
	for (i = 0; !ret && i < count; i++)
		ret = take(r, list[i]);
	free(list);
	return ret;
}

int xattr_read(int dirfd, const char *name, const char *path,
	       struct cx_buf *set, struct cx_error *err)
{
	static char names[XATTR_LIST_MAX];
	struct reading r = { .path = path, .set = set, .err = err };
	ssize_t size;
	int ret;

	cx_buf_free(set);
	snprintf(r.file, sizeof(r.file), "/proc/self/fd/%d/%s", dirfd, name);
	size = llistxattr(r.file, names, sizeof(names));
	if (size < 0)
		return errno == ENOTSUP ? 0 :
		       fail(&r, "the extended attributes cannot be listed");
	ret = size ? take_all(&r, names, size) : 0;
	if (ret < 0)
		cx_buf_free(set);
	return ret;
}
