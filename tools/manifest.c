// SPDX-License-Identifier: LGPL-2.1-or-later
#include "manifest.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/sealfile.h"
#include "xattr.h"

/* An encoding under way. */
struct writer {
	const struct tree *tree;
	struct node **nodes;	/* breadth-first: an entry's node by its index */
	uint32_t queued;
	struct cryptex_seal_entry *entries;
	char *strings;
	size_t strings_size;
};

static size_t string_bytes(const struct node *node)
{
	return strlen(node->name) + (node->target ? strlen(node->target) : 0);
}

/* Breadth first: whoever is written appends its children to the queue. */
static void queue_children(struct writer *w, struct node *node)
{
	size_t i;

	for (i = 0; i < node->count; i++) {
		node->children[i]->index = w->queued;
		w->nodes[w->queued++] = node->children[i];
	}
}

static uint32_t put_string(struct writer *w, const char *text)
{
	uint32_t offset = w->strings_size;
	size_t len = strlen(text);

	memcpy(w->strings + offset, text, len);
	w->strings_size += len;
	return offset;
}

static void write_entry(struct writer *w, struct node *node,
			struct cryptex_seal_entry *e)
{
	size_t len = strlen(node->name);

	/* The root has no name, and hence no place among the strings. */
	e->name_off = len ? htole32(put_string(w, node->name)) : 0;
	e->name_len = htole16(len);
	e->mode = htole16(node->mode);
	e->xattrs = htole32(node->xattr_set);
	e->parent = node->parent ? htole32(node->parent->index) : 0;
	if (S_ISDIR(node->mode)) {
		e->size = htole64(node->count);
		e->first = htole32(w->queued);
		queue_children(w, node);
	} else if (S_ISLNK(node->mode)) {
		e->size = htole64(strlen(node->target));
		e->first = htole32(put_string(w, node->target));
	} else {
		e->size = htole64(node->content.size);
		memcpy(e->digest, node->digest, sizeof(e->digest));
	}
}

static int write_entries(struct writer *w, struct cx_error *err)
{
	uint32_t i;

	w->nodes = calloc(w->tree->entries, sizeof(*w->nodes));
	if (!w->nodes)
		return cx_fail(err, -ENOMEM, "the manifest: out of memory");
	w->tree->root->index = 0;
	w->nodes[0] = w->tree->root;
	w->queued = 1;
	for (i = 0; i < w->tree->entries; i++)
		write_entry(w, w->nodes[i], &w->entries[i]);
	free(w->nodes);
	return 0;
}

static int add_string_bytes(struct node *node, void *ctx, struct cx_error *err)
{
	size_t *total = ctx;

	(void)err;
	*total += string_bytes(node);
	return 0;
}

static void write_header(struct cryptex_seal_header *h,
			 const struct release *release,
			 const struct tree *tree, size_t size,
			 size_t strings_size, const struct xattr_sets *sets,
			 size_t fixes_size)
{
	memcpy(h->magic, CRYPTEX_SEAL_MAGIC, CRYPTEX_SEAL_MAGIC_SIZE);
	h->version = htole32(CRYPTEX_SEAL_VERSION);
	h->signed_size = htole64(size);
	h->entry_count = htole32(tree->entries);
	h->strings_size = htole32(strings_size);
	h->xattr_sets = htole32(sets->count);
	h->xattrs_size = htole32(sets->size);
	h->fixes_size = htole32(fixes_size);
	h->security_epoch = htole32(release->security_epoch);
	h->build_time = htole64(release->build_time);
	h->machine = htole16(release->machine);
	if (release->is_patch)
		memcpy(h->base_digest, release->base_digest,
		       sizeof(h->base_digest));
	memcpy(h->name, release->name, strlen(release->name));
	memcpy(h->label, release->label, strlen(release->label));
}

static int write_all(const struct release *release, const struct tree *tree,
		     const struct xattr_sets *sets, const struct cx_buf *fixes,
		     struct cx_buf *manifest, struct cx_error *err)
{
	const size_t entries_size =
		(size_t)tree->entries * sizeof(struct cryptex_seal_entry);
	struct writer w = { .tree = tree };
	size_t strings_size = 0, size;
	char *data;

	tree_walk(tree, add_string_bytes, &strings_size, NULL);
	if (strings_size > CRYPTEX_SEAL_MAX_STRINGS)
		return cx_fail(err, -EFBIG,
			       "all names together are longer than %d bytes",
			       CRYPTEX_SEAL_MAX_STRINGS);
	size = sizeof(struct cryptex_seal_header) + entries_size +
	       strings_size + sets->size + fixes->size;
	data = calloc(1, size + 1);
	if (!data)
		return cx_fail(err, -ENOMEM, "the manifest: out of memory");
	write_header((void *)data, release, tree, size, strings_size, sets,
		     fixes->size);
	w.entries = (void *)(data + sizeof(struct cryptex_seal_header));
	w.strings = (char *)w.entries + entries_size;
	xattr_sets_write(sets, w.strings + strings_size);
	if (fixes->size)
		memcpy(w.strings + strings_size + sets->size, fixes->data,
		       fixes->size);
	*manifest = (struct cx_buf){ data, size };
	return write_entries(&w, err);
}

int manifest_write(const struct release *release, const struct tree *tree,
		   struct cx_buf *manifest, struct cx_error *err)
{
	struct xattr_sets sets = { 0 };
	struct cx_buf fixes;
	struct cx_seal seal;
	int ret;

	*manifest = (struct cx_buf){ 0 };
	ret = cx_fixes_format(&release->fixes, &fixes, err);
	if (!ret)
		ret = xattr_sets_collect(tree, &sets, err);
	if (!ret)
		ret = write_all(release, tree, &sets, &fixes, manifest, err);
	xattr_sets_free(&sets);
	cx_buf_free(&fixes);
	/* The last word has the parser that the kernel uses. */
	if (!ret)
		ret = cx_seal_from_bytes(manifest->data, manifest->size, false,
					 "the new manifest", NULL, &seal, err);
	if (ret < 0) {
		cx_buf_free(manifest);
		return ret;
	}
	cx_seal_free(&seal);
	return 0;
}
