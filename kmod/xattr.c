// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended attributes: what the manifest has of them.
 */
#include <linux/fs.h>
#include <linux/xattr.h>

#include <cryptex/seal.h>

#include "generation.h"
#include "inode.h"
#include "xattr.h"

/* The mount's root and its links are in no manifest. */
static int get(const struct xattr_handler *handler, struct dentry *dentry,
	       struct inode *inode, const char *name, void *buffer, size_t size)
{
	const struct cx_generation *gen = inode->i_private;
	const void *value;
	size_t len;
	int err;

	if (!gen)
		return -ENODATA;
	err = cryptex_seal_xattr(&gen->seal, cx_inode_entry(inode), name,
				 &value, &len);
	if (err)
		return err;
	if (!buffer)
		return len;
	if (len > size)
		return -ERANGE;
	memcpy(buffer, value, len);
	return len;
}

/*
 * One for all names: the format admits no others than those that may be seen.
 * Nothing sets one, since whatever could was refused as on any read-only mount.
 */
static const struct xattr_handler handler = {
	.prefix	= "",
	.get	= get,
};

const struct xattr_handler * const cx_xattr_handlers[] = {
	&handler,
	NULL
};

/**
 * cx_xattr_list - the names of a file's extended attributes
 * @dentry: of a generation's directory, file or link
 * @buffer: set to the names, each with a NUL behind it; or NULL
 * @size: bytes at @buffer
 *
 * Return: bytes of all names, or -%ERANGE if @buffer is too small.
 */
ssize_t cx_xattr_list(struct dentry *dentry, char *buffer, size_t size)
{
	const struct inode *inode = d_inode(dentry);
	const struct cx_generation *gen = inode->i_private;
	struct cryptex_seal_xattr it = {};
	ssize_t used = 0;

	while (cryptex_seal_xattr_next(&gen->seal, cx_inode_entry(inode), &it)) {
		if (buffer && size - used < it.name_len + 1)
			return -ERANGE;
		if (buffer) {
			memcpy(buffer + used, it.name, it.name_len);
			buffer[used + it.name_len] = '\0';
		}
		used += it.name_len + 1;
	}
	return used;
}
