// SPDX-License-Identifier: LGPL-2.1-or-later
#include <endian.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "report.h"
#include "seal_maker.h"

static void *need(void *memory)
{
	if (!memory)
		die("out of memory");
	return memory;
}

static struct node *add(struct tree *t, const char *path, mode_t mode)
{
	struct node *n;

	t->nodes = need(reallocarray(t->nodes, t->count + 1, sizeof(*n)));
	n = &t->nodes[t->count++];
	memset(n, 0, sizeof(*n));
	n->path = need(strdup(path));
	n->mode = mode;
	return n;
}

void tree_add_dir(struct tree *t, const char *path, mode_t permissions)
{
	add(t, path, S_IFDIR | permissions);
}

void tree_add_link(struct tree *t, const char *path, const char *target)
{
	add(t, path, S_IFLNK | 0777)->target = need(strdup(target));
}

void tree_add_file(struct tree *t, const char *path, mode_t permissions,
		   uint64_t size, const uint8_t *digest)
{
	struct node *n = add(t, path, S_IFREG | permissions);

	n->size = size;
	memcpy(n->digest, digest, sizeof(n->digest));
}

struct node *find_node(struct tree *t, const char *path)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (!strcmp(t->nodes[i].path, path))
			return &t->nodes[i];
	die("%s is not in the tree", path);
}

void tree_add_xattr(struct tree *t, const char *path, const char *name,
		    const void *value, uint16_t size)
{
	struct blob *set = &find_node(t, path)->xattrs;
	uint8_t head[4] = { strlen(name), 0, size & 0xff, size >> 8 }, *end;

	set->data = need(realloc(set->data, set->size + sizeof(head) +
				 strlen(name) + size));
	end = set->data + set->size;
	memcpy(end, head, sizeof(head));
	memcpy(end + sizeof(head), name, strlen(name));
	memcpy(end + sizeof(head) + strlen(name), value, size);
	set->size += sizeof(head) + strlen(name) + size;
}

void tree_exit(struct tree *t)
{
	while (t->count--) {
		free(t->nodes[t->count].xattrs.data);
		free(t->nodes[t->count].path);
		free(t->nodes[t->count].target);
	}
	free(t->nodes);
	memset(t, 0, sizeof(*t));
}

static const char *base_name(const struct node *n)
{
	const char *slash = strrchr(n->path, '/');

	return slash ? slash + 1 : n->path;
}

static bool is_child(const struct node *n, const char *dir)
{
	size_t len = strlen(dir);

	if (!len)
		return !strchr(n->path, '/');
	return !strncmp(n->path, dir, len) && n->path[len] == '/' &&
	       !strchr(n->path + len + 1, '/');
}

/* strcmp() orders as memcmp(), the shorter first, and takes bytes as unsigned. */
static int by_name(const void *a, const void *b)
{
	return strcmp(base_name(a), base_name(b));
}

/* Bring the children of @dir, entry @index, to @to and behind, in order. */
static size_t gather(struct tree *t, const char *dir, uint32_t index, size_t to)
{
	size_t first = to, i;

	for (i = to; i < t->count; i++) {
		if (is_child(&t->nodes[i], dir)) {
			struct node child = t->nodes[i];

			child.parent = index;
			t->nodes[i] = t->nodes[to];
			t->nodes[to++] = child;
		}
	}
	qsort(&t->nodes[first], to - first, sizeof(*t->nodes), by_name);
	return to;
}

/* Entry 0 is the root, entry i is node i - 1. */
static void write_dir(struct tree *t, const char *path,
		      struct cryptex_seal_entry *entries, uint32_t index,
		      size_t *done)
{
	size_t end = gather(t, path, index, *done);

	entries[index].first = htole32(*done + 1);
	entries[index].size = htole64(end - *done);
	*done = end;
}

static size_t strings_size(const struct tree *t)
{
	size_t i, size = 0;

	for (i = 0; i < t->count; i++) {
		size += strlen(base_name(&t->nodes[i]));
		if (t->nodes[i].target)
			size += strlen(t->nodes[i].target);
	}
	return size;
}

static uint32_t put_string(char *strings, size_t *used, const char *s)
{
	size_t offset = *used;

	memcpy(strings + offset, s, strlen(s));
	*used += strlen(s);
	return htole32(offset);
}

static void write_node(const struct node *n, struct cryptex_seal_entry *e,
		       char *strings, size_t *used)
{
	e->mode = htole16(n->mode);
	e->parent = htole32(n->parent);
	e->xattrs = htole32(n->xattr_set);
	e->name_len = htole16(strlen(base_name(n)));
	e->name_off = put_string(strings, used, base_name(n));
	if (S_ISREG(n->mode)) {
		e->size = htole64(n->size);
		memcpy(e->digest, n->digest, sizeof(e->digest));
	} else if (S_ISLNK(n->mode)) {
		e->size = htole64(strlen(n->target));
		e->first = put_string(strings, used, n->target);
	}
}

static void write_entries(struct tree *t, struct cryptex_seal_entry *entries)
{
	char *strings = (char *)&entries[t->count + 1];
	size_t done = 0, used = 0, i;

	entries[0].mode = htole16(S_IFDIR | 0755);
	write_dir(t, "", entries, 0, &done);
	for (i = 0; i < t->count; i++) {
		struct node *n = &t->nodes[i];

		if (i >= done)
			die("%s is in no directory", n->path);
		write_node(n, &entries[i + 1], strings, &used);
		if (S_ISDIR(n->mode))
			write_dir(t, n->path, entries, i + 1, &done);
	}
}

static void write_header(struct cryptex_seal_header *h,
			 const struct identity *id)
{
	memcpy(h->magic, CRYPTEX_SEAL_MAGIC, CRYPTEX_SEAL_MAGIC_SIZE);
	h->version = htole32(CRYPTEX_SEAL_VERSION);
	h->security_epoch = htole32(id->security_epoch);
	h->build_time = htole64(MANIFEST_BUILD_TIME);
	h->machine = htole16(id->machine);
	if (id->base)
		memcpy(h->base_digest, id->base, sizeof(h->base_digest));
	strncpy((char *)h->name, id->name, sizeof(h->name) - 1);
	strncpy((char *)h->label, id->label, sizeof(h->label) - 1);
}

static const struct node **xattr_nodes(struct tree *t, size_t *count)
{
	const struct node **list = need(calloc(t->count + 1, sizeof(*list)));
	size_t i;

	*count = 0;
	for (i = 0; i < t->count; i++)
		if (t->nodes[i].xattrs.size)
			list[(*count)++] = &t->nodes[i];
	return list;
}

static int by_set(const void *a, const void *b)
{
	const struct blob *x = &(*(struct node *const *)a)->xattrs;
	const struct blob *y = &(*(struct node *const *)b)->xattrs;
	int diff = memcmp(x->data, y->data, x->size < y->size ? x->size : y->size);

	return diff ? diff : (x->size > y->size) - (x->size < y->size);
}

static struct blob join_and_free(struct blob a, const struct blob *b)
{
	struct blob joined = blob_join(&a, b);

	free(a.data);
	return joined;
}

/* The area of the attributes, and in each node the number of its set */
static struct blob make_xattrs(struct tree *t, uint32_t *sets)
{
	size_t count, i;
	const struct node **list = xattr_nodes(t, &count);
	struct blob ends = {}, bodies = {};

	*sets = 0;
	qsort(list, count, sizeof(*list), by_set);
	for (i = 0; i < count; i++) {
		if (!i || by_set(&list[i - 1], &list[i])) {
			uint32_t end = htole32(bodies.size + list[i]->xattrs.size);
			struct blob more = { (uint8_t *)&end, sizeof(end) };

			bodies = join_and_free(bodies, &list[i]->xattrs);
			ends = join_and_free(ends, &more);
			(*sets)++;
		}
		t->nodes[list[i] - t->nodes].xattr_set = *sets;
	}
	free(list);
	ends = join_and_free(ends, &bodies);
	free(bodies.data);
	return ends;
}

struct blob manifest_make(const struct identity *id, struct tree *t)
{
	size_t entries = (t->count + 1) * sizeof(struct cryptex_seal_entry);
	size_t strings = strings_size(t);
	size_t fixes = id->fixes ? strlen(id->fixes) : 0;
	uint32_t sets;
	struct blob xattrs = make_xattrs(t, &sets), manifest;
	struct cryptex_seal_header *h;

	manifest.size = sizeof(*h) + entries + strings + xattrs.size + fixes;
	manifest.data = need(calloc(1, manifest.size));
	h = (struct cryptex_seal_header *)manifest.data;
	write_header(h, id);
	h->signed_size = htole64(manifest.size);
	h->entry_count = htole32(t->count + 1);
	h->strings_size = htole32(strings);
	h->xattr_sets = htole32(sets);
	h->xattrs_size = htole32(xattrs.size);
	h->fixes_size = htole32(fixes);
	write_entries(t, manifest_entry(&manifest, 0));
	if (xattrs.size)
		memcpy(manifest.data + sizeof(*h) + entries + strings,
		       xattrs.data, xattrs.size);
	if (fixes)
		memcpy(manifest.data + manifest.size - fixes, id->fixes, fixes);
	free(xattrs.data);
	return manifest;
}

struct cryptex_seal_entry *manifest_entry(const struct blob *manifest,
					  uint32_t index)
{
	return (struct cryptex_seal_entry *)(manifest->data +
		sizeof(struct cryptex_seal_header)) + index;
}

struct blob blob_join(const struct blob *a, const struct blob *b)
{
	struct blob joined = { .size = a->size + b->size };

	joined.data = need(malloc(joined.size + 1));
	if (a->size)
		memcpy(joined.data, a->data, a->size);
	if (b->size)
		memcpy(joined.data + a->size, b->data, b->size);
	return joined;
}

struct blob seal_assemble(const struct blob *manifest,
			  const struct blob *signature)
{
	struct blob body = blob_join(manifest, signature), seal;
	uint8_t sum[CRYPTEX_CHECKSUM_SIZE];
	struct blob checksum = { sum, sizeof(sum) };

	signer_sha256(body.data, body.size, sum);
	seal = blob_join(&body, &checksum);
	free(body.data);
	return seal;
}

struct blob seal_make(const struct blob *manifest, const struct signer *signer)
{
	struct blob signature = signer_sign(signer, manifest->data,
					    manifest->size);
	struct blob seal = seal_assemble(manifest, &signature);

	free(signature.data);
	return seal;
}
