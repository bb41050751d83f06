// SPDX-License-Identifier: LGPL-2.1-or-later
/* A repository is open, locked, with the keys at hand, while a command changes it. */
#include <errno.h>
#include <stdlib.h>

#include "commands.h"
#include "repo.h"

static int load_keys(const struct key_options *keys, struct keyring *ring,
		     struct cx_error *err)
{
	size_t i;
	int ret = 0;

	if (keys->count > MAX_KEYS)
		return cx_fail(err, -E2BIG,
			       "--role-key: %zu keys, at most %d: put them into a folder, and name that with --keys",
			       keys->count, MAX_KEYS);
	if (keys->dir)
		ret = keyring_add_dir(ring, keys->dir, err);
	for (i = 0; !ret && i < keys->count; i++)
		ret = keyring_add(ring, keys->list[i], NULL, err);
	return ret;
}

static int load_and_edit(const struct site *site, edit_fn *edit, void *order,
			 struct cx_error *err)
{
	struct keyring ring = { 0 };
	struct repo repo;
	int ret = repo_open_locked(site->folder, &repo, err);

	if (ret < 0)
		return ret;
	ret = load_keys(&site->keys, &ring, err);
	if (!ret)
		ret = edit(order, &repo, &ring, err);
	keyring_free(&ring);
	repo_close(&repo);
	return ret;
}

int edit_site(const struct site *site, edit_fn *edit, void *order)
{
	struct cx_error err;

	return load_and_edit(site, edit, order, &err) < 0 ? failure(&err)
							   : EXIT_SUCCESS;
}
