// SPDX-License-Identifier: LGPL-2.1-or-later
/* Seals: seals/NAME/LABEL.seal. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store.h"

#define SUFFIX ".seal"

static void copy_word(char to[CRYPTEX_LABEL_SIZE], const char *from)
{
	snprintf(to, CRYPTEX_LABEL_SIZE, "%s", from);
}

int cx_item_parse(const char *text, struct cx_item *item, struct cx_error *err)
{
	const char *at = strchr(text, '@');

	if (!at)
		return cx_fail(err, -EINVAL,
			       "%s: not of the form NAME@LABEL, as openssl@3.0.17",
			       text);
	snprintf(item->name, sizeof(item->name), "%.*s", (int)(at - text), text);
	copy_word(item->label, at + 1);
	if (at - text >= CRYPTEX_LABEL_SIZE || !cryptex_name_ok(item->name))
		return cx_fail(err, -EINVAL,
			       "%s: malformed name: lower-case letters, digits and +-. are allowed",
			       text);
	if (strlen(at + 1) >= CRYPTEX_LABEL_SIZE ||
	    !cryptex_label_ok(item->label))
		return cx_fail(err, -EINVAL,
			       "%s: malformed label: letters, digits and +-.~_ are allowed",
			       text);
	return 0;
}

int cx_items_add(struct cx_items *items, const char *name, const char *label,
		 struct cx_error *err)
{
	struct cx_item *list = reallocarray(items->list, items->count + 1,
					    sizeof(*list));

	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	items->list = list;
	copy_word(list[items->count].name, name);
	copy_word(list[items->count].label, label);
	items->count++;
	return 0;
}

void cx_items_free(struct cx_items *items)
{
	free(items->list);
	*items = (struct cx_items){ 0 };
}

char *cx_store_seal_path(const struct cx_store *store,
			 const struct cx_item *item)
{
	char *path;

	return asprintf(&path, "%s/seals/%s/%s" SUFFIX, store->path, item->name,
			item->label) < 0 ? NULL : path;
}

struct cx_item cx_seal_item(const struct cx_seal *seal)
{
	struct cx_item item;

	copy_word(item.name, cx_seal_name(seal));
	copy_word(item.label, cx_seal_label(seal));
	return item;
}

static int make_folder(const struct cx_store *store, const char *name,
		       struct cx_error *err)
{
	char folder[PATH_MAX];
	int dir, rc = 0;

	snprintf(folder, sizeof(folder), "seals/%s", name);
	if (mkdirat(store->fd, folder, 0700) && errno != EEXIST)
		return cx_fail(err, -errno, "%s/%s cannot be made: %s",
			       store->path, folder, strerror(errno));
	dir = openat(store->fd, "seals", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir))
		rc = cx_fail(err, -errno, "%s/seals cannot be synced: %s",
			     store->path, strerror(errno));
	if (dir >= 0)
		close(dir);
	return rc;
}

/* Return: 1 if @path holds @seal, 0 if it holds none that @trust vouches for, or
 * a negative errno. */
static int is_there(const char *path, const struct cx_seal *seal,
		    const struct cx_trust *trust, struct cx_error *err)
{
	struct cx_seal old;
	int rc = cx_seal_load(path, trust, &old, err);

	if (rc == -ENOMEM || rc == -EIO || rc == -EACCES)
		return rc;
	/* None, or a damaged one that the new one repairs. */
	if (rc)
		return 0;
	if (old.buf.size == seal->buf.size &&
	    !memcmp(old.buf.data, seal->buf.data, old.buf.size))
		rc = 1;
	else
		rc = cx_fail(err, -EEXIST,
			     "another seal of %s has the label %s already: %s",
			     cx_seal_name(seal), cx_seal_label(seal), path);
	cx_seal_free(&old);
	return rc;
}

static int add(const struct cx_store *store, const char *path,
	       const struct cx_seal *seal, struct cx_error *err)
{
	int rc = make_folder(store, cx_seal_name(seal), err);

	if (!rc)
		rc = cx_write_file(path, store->tmp, seal->buf.data,
				   seal->buf.size, 0600, err);
	return rc ? rc : 1;
}

int cx_store_put_seal(const struct cx_store *store, const struct cx_seal *seal,
		      const struct cx_trust *trust, struct cx_error *err)
{
	struct cx_item item = cx_seal_item(seal);
	char *path = cx_store_seal_path(store, &item);
	int rc;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = is_there(path, seal, trust, err);
	/* Whoever put it there has perhaps not lived to sync it. */
	if (rc == 1)
		rc = cx_sync_name(path, err);
	else if (!rc)
		rc = add(store, path, seal, err);
	free(path);
	return rc;
}

static int remove_in(int dir, const char *label, const char *suffix,
		     struct cx_error *err)
{
	char file[CRYPTEX_LABEL_SIZE + sizeof(CX_RECEIPT_SUFFIX)];

	snprintf(file, sizeof(file), "%s%s", label, suffix);
	if (!unlinkat(dir, file, 0) || errno == ENOENT)
		return 0;
	return cx_fail(err, -errno, "%s cannot be removed: %s", file,
		       strerror(errno));
}

int cx_store_remove_seal(const struct cx_store *store,
			 const struct cx_item *item, struct cx_error *err)
{
	char folder[PATH_MAX];
	int dir, rc;

	snprintf(folder, sizeof(folder), "seals/%s", item->name);
	dir = openat(store->fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? 0 :
		       cx_fail(err, -errno, "%s/%s cannot be opened: %s",
			       store->path, folder, strerror(errno));
	rc = remove_in(dir, item->label, CX_RECEIPT_SUFFIX, err);
	if (!rc)
		rc = remove_in(dir, item->label, SUFFIX, err);
	if (!rc && fsync(dir))
		rc = cx_fail(err, -errno, "%s/%s cannot be synced: %s",
			     store->path, folder, strerror(errno));
	close(dir);
	/* Gone only if this was the last one. */
	unlinkat(store->fd, folder, AT_REMOVEDIR);
	return rc;
}

int cx_store_load_seal(const struct cx_store *store, const struct cx_item *item,
		       const struct cx_trust *trust, struct cx_seal *seal,
		       struct cx_error *err)
{
	char *path = cx_store_seal_path(store, item);
	int rc;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = cx_seal_load(path, trust, seal, err);
	if (!rc && (strcmp(cx_seal_name(seal), item->name) ||
		    strcmp(cx_seal_label(seal), item->label))) {
		rc = cx_fail(err, -EBADMSG, "%s: is the seal of %s@%s", path,
			     cx_seal_name(seal), cx_seal_label(seal));
		cx_seal_free(seal);
	}
	free(path);
	return rc;
}

/* Add what lies in the folder of one cryptex; foreign files are left alone. */
static int list_one(const struct cx_store *store, const char *name,
		    struct cx_items *items, struct cx_error *err)
{
	char path[PATH_MAX], label[CRYPTEX_LABEL_SIZE];
	struct dirent *entry;
	DIR *dir;
	int rc;

	snprintf(path, sizeof(path), "%s/seals/%s", store->path, name);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		       cx_fail(err, -errno, "%s: %s", path, strerror(errno));
	while ((rc = cx_next_entry(dir, path, &entry, err)) == 1) {
		size_t len = strlen(entry->d_name);

		if (len <= strlen(SUFFIX) ||
		    strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX) ||
		    len - strlen(SUFFIX) >= sizeof(label))
			continue;
		snprintf(label, sizeof(label), "%.*s",
			 (int)(len - strlen(SUFFIX)), entry->d_name);
		if (cryptex_label_ok(label))
			rc = cx_items_add(items, name, label, err);
		if (rc < 0)
			break;
	}
	closedir(dir);
	return rc;
}

static int list_all(const struct cx_store *store, struct cx_items *items,
		    struct cx_error *err)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int rc;

	snprintf(path, sizeof(path), "%s/seals", store->path);
	dir = opendir(path);
	if (!dir)
		return cx_fail(err, -errno, "%s: %s", path, strerror(errno));
	while ((rc = cx_next_entry(dir, path, &entry, err)) == 1) {
		if (strlen(entry->d_name) < CRYPTEX_LABEL_SIZE &&
		    cryptex_name_ok(entry->d_name))
			rc = list_one(store, entry->d_name, items, err);
		if (rc < 0)
			break;
	}
	closedir(dir);
	return rc;
}

static int compare_items(const void *a, const void *b)
{
	const struct cx_item *x = a, *y = b;
	int diff = strcmp(x->name, y->name);

	return diff ? diff : strverscmp(x->label, y->label);
}

int cx_store_seals(const struct cx_store *store, const char *name,
		   struct cx_items *items, struct cx_error *err)
{
	int rc;

	*items = (struct cx_items){ 0 };
	rc = name ? list_one(store, name, items, err) :
		    list_all(store, items, err);
	if (rc)
		cx_items_free(items);
	else if (items->count)
		qsort(items->list, items->count, sizeof(*items->list),
		      compare_items);
	return rc;
}
