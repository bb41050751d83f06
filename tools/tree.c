// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/verity.h"

static void node_free(struct node *node)
{
	size_t i;

	if (!node)
		return;
	for (i = 0; i < node->count; i++)
		node_free(node->children[i]);
	free(node->children);
	free(node->name);
	free(node->path);
	free(node->target);
	cx_buf_free(&node->xattrs);
	free(node);
}

static struct node *node_new(struct node *parent, const char *name, size_t len,
			     mode_t mode, int64_t mtime)
{
	struct node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->parent = parent;
	node->mode = mode;
	node->mtime = mtime;
	node->name = strndup(name, len);
	if (!node->name || asprintf(&node->path, "%s%s%s",
				    parent ? parent->path : "",
				    parent && *parent->path ? "/" : "",
				    node->name) < 0) {
		node->path = NULL;
		node_free(node);
		return NULL;
	}
	return node;
}

int tree_init(struct tree *tree, struct spool *spool, struct cx_error *err)
{
	/* The root's mode is not the input's: it often is that of a temporary
	 * folder, and means nothing. */
	tree->root = node_new(NULL, "", 0, S_IFDIR | 0755, 0);
	tree->spool = spool;
	tree->entries = 1;
	return tree->root ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}

void tree_free(struct tree *tree)
{
	node_free(tree->root);
	*tree = (struct tree){ 0 };
}

/* The seal's order of siblings: memcmp, then the shorter one first; for names
 * without NUL that is strcmp. */
static int compare(const char *name, size_t len, const struct node *node)
{
	int diff = strncmp(name, node->name, len);

	return diff ? diff : -(node->name[len] != '\0');
}

/* Where a name is among the children, or would go. */
static size_t position(const struct node *dir, const char *name, size_t len,
		       bool *found)
{
	size_t low = 0, high = dir->count;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int diff = compare(name, len, dir->children[mid]);

		if (!diff) {
			*found = true;
			return mid;
		}
		if (diff < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static int insert(struct node *dir, size_t at, struct node *node)
{
	if (dir->count == dir->room) {
		size_t room = dir->room ? 2 * dir->room : 8;
		struct node **children = reallocarray(dir->children, room,
						      sizeof(*children));

		if (!children)
			return -ENOMEM;
		dir->children = children;
		dir->room = room;
	}
	memmove(&dir->children[at + 1], &dir->children[at],
		(dir->count - at) * sizeof(*dir->children));
	dir->children[at] = node;
	dir->count++;
	return 0;
}

static int check_name(const char *path, const char *name, size_t len,
		      struct cx_error *err)
{
	size_t i;

	if (!len || (len == 1 && name[0] == '.') ||
	    (len == 2 && name[0] == '.' && name[1] == '.'))
		return cx_fail(err, -EINVAL,
			       "\"%s\": the path is not a plain one below the root",
			       path);
	if (len > CRYPTEX_NAME_MAX)
		return cx_fail(err, -ENAMETOOLONG,
			       "%s: a name is longer than %d bytes", path,
			       CRYPTEX_NAME_MAX);
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
			return cx_fail(err, -EINVAL,
				       "%s: the name has a control character",
				       path);
	return 0;
}

static int check_mode(const char *path, mode_t mode, struct cx_error *err)
{
	if (mode & (S_ISUID | S_ISGID | S_ISVTX))
		return cx_fail(err, -EPERM,
			       "%s: has a set-id or sticky bit (mode %04o), which a cryptex never has; leave it out with --exclude",
			       path, mode & 07777);
	if (S_ISDIR(mode) || S_ISREG(mode) || S_ISLNK(mode))
		return 0;
	return cx_fail(err, -EINVAL,
		       "%s: is a %s; a cryptex has directories, regular files and symbolic links only",
		       path,
		       S_ISFIFO(mode) ? "FIFO" :
		       S_ISSOCK(mode) ? "socket" :
		       S_ISCHR(mode) || S_ISBLK(mode) ? "device" :
		       "file of an unknown type");
}

static int add_child(struct tree *tree, struct node *dir, size_t at,
		     struct node *node, struct cx_error *err)
{
	if (!node || insert(dir, at, node) < 0) {
		node_free(node);
		return cx_fail(err, -ENOMEM, "%s: out of memory", dir->path);
	}
	if (++tree->entries > CRYPTEX_SEAL_MAX_ENTRIES)
		return cx_fail(err, -EFBIG,
			       "%s: a cryptex holds at most %d entries",
			       node->path, CRYPTEX_SEAL_MAX_ENTRIES);
	return 0;
}

/* Two directories unite, and the later one's mode counts: an input lists a
 * directory after something below it has made us invent it. */
static int unite(struct node *old, const char *path, mode_t mode, int64_t mtime,
		 struct cx_error *err)
{
	if (!S_ISDIR(old->mode) || !S_ISDIR(mode))
		return cx_fail(err, -EEXIST, "%s: is there twice", path);
	old->mode = mode;
	if (mtime > old->mtime)
		old->mtime = mtime;
	return 0;
}

int tree_add(struct tree *tree, const char *path, mode_t mode, int64_t mtime,
	     struct node **node, struct cx_error *err)
{
	struct node *dir = tree->root;
	const char *name = path;
	int ret = check_mode(path, mode, err);

	if (strlen(path) >= PATH_MAX)
		return cx_fail(err, -ENAMETOOLONG,
			       "%s: the path is longer than %d bytes", path,
			       PATH_MAX - 1);
	while (!ret) {
		size_t len = strcspn(name, "/");
		bool last = !name[len], found;
		size_t at = position(dir, name, len, &found);

		ret = check_name(path, name, len, err);
		if (ret < 0)
			break;
		if (!found)
			ret = add_child(tree, dir, at,
					node_new(dir, name, len,
						 last ? mode : S_IFDIR | 0755,
						 last ? mtime : 0), err);
		else if (last)
			ret = unite(dir->children[at], path, mode, mtime, err);
		else if (!S_ISDIR(dir->children[at]->mode))
			ret = cx_fail(err, -ENOTDIR,
				      "%s: its folder %s is not a directory in another input",
				      path, dir->children[at]->path);
		if (ret < 0)
			break;
		*node = dir = dir->children[at];
		if (last)
			break;
		name += len + 1;
	}
	return ret;
}

/* Does a target, taken literally, lead out of the tree at some point? */
static bool leaves(const struct node *link, const char *target)
{
	const struct node *dir = link->parent;
	int depth = 0;

	for (; dir->parent; dir = dir->parent)
		depth++;
	while (*target) {
		size_t len = strcspn(target, "/");

		if (len == 2 && !strncmp(target, "..", 2))
			depth--;
		else if (len && !(len == 1 && *target == '.'))
			depth++;
		if (depth < 0)
			return true;
		target += len;
		target += strspn(target, "/");
	}
	return false;
}

int tree_set_target(struct node *node, const char *target, struct cx_error *err)
{
	const char *c;

	if (!*target || strlen(target) > CRYPTEX_TARGET_MAX)
		return cx_fail(err, -EINVAL,
			       "%s: the link's target is empty or longer than %d bytes",
			       node->path, CRYPTEX_TARGET_MAX);
	for (c = target; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return cx_fail(err, -EINVAL,
				       "%s: the link's target has a control character",
				       node->path);
	if (*target == '/')
		return cx_fail(err, -EINVAL,
			       "%s: is an absolute link (to %s); make it relative or leave it out with --exclude",
			       node->path, target);
	if (leaves(node, target))
		return cx_fail(err, -EINVAL,
			       "%s: the link leaves the tree (to %s); leave it out with --exclude",
			       node->path, target);
	node->target = strdup(target);
	return node->target ? 0 : cx_fail(err, -ENOMEM, "%s: out of memory",
					  node->path);
}

struct node *tree_find(const struct tree *tree, const char *path)
{
	struct node *node = tree->root;

	while (node && *path) {
		size_t len = strcspn(path, "/");
		bool found;
		size_t at = position(node, path, len, &found);

		node = found ? node->children[at] : NULL;
		path += len;
		path += *path == '/';
	}
	return node;
}

static void prune(struct tree *tree, struct node *dir)
{
	size_t i, kept = 0;

	for (i = 0; i < dir->count; i++) {
		struct node *node = dir->children[i];

		prune(tree, node);
		if (S_ISDIR(node->mode) && !node->count) {
			node_free(node);
			tree->entries--;
		} else {
			dir->children[kept++] = node;
		}
	}
	dir->count = kept;
}

void tree_prune(struct tree *tree)
{
	prune(tree, tree->root);
}

static int walk(struct node *node, tree_visitor visit, void *ctx,
		struct cx_error *err)
{
	size_t i;
	int ret = visit(node, ctx, err);

	for (i = 0; !ret && i < node->count; i++)
		ret = walk(node->children[i], visit, ctx, err);
	return ret;
}

int tree_walk(const struct tree *tree, tree_visitor visit, void *ctx,
	      struct cx_error *err)
{
	return walk(tree->root, visit, ctx, err);
}

static int measure(struct node *node, void *ctx, struct cx_error *err)
{
	struct tree *tree = ctx;

	if (!S_ISREG(node->mode))
		return 0;
	return cx_verity_compute(tree->spool->fd, node->content.offset,
				 node->content.size, node->path, node->digest,
				 err);
}

int tree_measure(struct tree *tree, struct cx_error *err)
{
	return tree_walk(tree, measure, tree, err);
}
