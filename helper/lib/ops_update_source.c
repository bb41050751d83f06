// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_update_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cryptex/revocation.h>

#include "lib/ops_revoke.h"

int cx_lock_store(struct cx_ops *ops, struct cx_error *err)
{
	ops->lock = cx_store_lock(&ops->store, ops->warn, err);
	return ops->lock < 0 ? ops->lock : 0;
}

void cx_unlock_store(struct cx_ops *ops)
{
	if (ops->lock >= 0)
		close(ops->lock);
	ops->lock = -1;
}

static int load_one(struct cx_ops *ops, const char *prefix, const char *name,
		    struct cx_sources *sources, struct cx_error *err)
{
	struct cx_source *source = &sources->list[sources->count];
	struct cx_error why;
	int rc = cx_remote_load(prefix, name, &source->remote, err);

	/* One that /etc has taken away */
	if (rc == -ENOENT)
		return 0;
	if (rc || !source->remote.enabled)
		return rc;
	source->fetcher.sock = source->fetcher.spool = -1;
	rc = cx_known_load(&ops->store, name, &source->known, &why);
	if (rc && rc != -ENOENT)
		cx_ops_warn(ops, "%s", why.text);
	/* What another repository had under this name does not count. */
	if (!rc && strcmp(source->known.url, source->remote.url))
		cx_known_free(&source->known);
	sources->count++;
	return 0;
}

int cx_sources_load(struct cx_ops *ops, const char *prefix,
		    struct cx_sources *sources, struct cx_error *err)
{
	struct cx_remotes remotes;
	size_t i;
	int rc = cx_remote_list(prefix, &remotes, err);

	*sources = (struct cx_sources){ 0 };
	if (rc)
		return rc;
	sources->list = calloc(remotes.count + 1, sizeof(*sources->list));
	if (!sources->list)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < remotes.count && !rc; i++)
		rc = load_one(ops, prefix, remotes.list[i].name, sources, err);
	free(remotes.list);
	if (!rc && !sources->count)
		rc = cx_fail(err, -ENOENT,
			     "no repository is known: `cryptexctl remote add NAME URL ROOT.json`");
	if (rc)
		cx_sources_free(sources);
	return rc;
}

void cx_sources_free(struct cx_sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++) {
		cx_fetcher_stop(&sources->list[i].fetcher);
		cx_known_free(&sources->list[i].known);
	}
	free(sources->list);
	*sources = (struct cx_sources){ 0 };
}

/* A time that has passed for certain: seals are not made in the future.  What is
 * damaged is told by who looks next. */
static int find_time(const struct cx_ops *ops, int64_t *not_before,
		     struct cx_error *err)
{
	struct cx_ops quiet = *ops;
	struct cx_listing listing;
	size_t i;
	int rc;

	quiet.warn = NULL;
	rc = cx_op_list(&quiet, NULL, &listing, err);
	if (rc)
		return rc;
	*not_before = 0;
	for (i = 0; i < listing.count; i++)
		if ((int64_t)listing.list[i].build_time > *not_before)
			*not_before = listing.list[i].build_time;
	free(listing.list);
	return 0;
}

/* The newest list that is in force, perhaps from the remote that was asked before.
 * Where an update ended right before the kernel got its list, the next one has to
 * fetch that again. */
static int find_list(const struct cx_ops *ops, uint64_t *number,
		     struct cx_error *err)
{
	struct cx_kernel_state kernel;
	uint64_t *numbers;
	size_t count;
	int rc = cx_store_lists(&ops->store, &numbers, &count, err);

	if (rc)
		return rc;
	*number = count ? numbers[count - 1] : 0;
	free(numbers);
	if (!ops->nl)
		return 0;
	rc = cx_netlink_state(ops->nl, &kernel, err);
	if (!rc && kernel.list_number < *number)
		*number = kernel.list_number;
	return rc;
}

static int take_list(struct cx_ops *ops, struct cx_source *source, int fd,
		     struct cx_error *err)
{
	struct cx_buf buf;
	struct stat st;
	char name[64];
	int rc;

	snprintf(name, sizeof(name), "the revocation list of %s",
		 source->remote.name);
	if (fstat(fd, &st) || !st.st_size ||
	    st.st_size > (off_t)CRYPTEX_REVOCATION_MAX_SIZE)
		return cx_fail(err, -EFBIG, "%s has no proper size", name);
	rc = cx_read_fd(fd, st.st_size, name, &buf, err);
	if (rc)
		return rc;
	rc = cx_lock_store(ops, err);
	if (rc) {
		cx_buf_free(&buf);
		return rc;
	}
	rc = cx_revoke_bytes(ops, buf, name, err);
	cx_unlock_store(ops);
	/* Another command was faster with a newer one. */
	return rc == -ESTALE ? 0 : rc;
}

static int take_one(struct cx_source *source, struct cx_known *known,
		    const struct cx_message *m, int fd, int *list,
		    struct cx_error *err)
{
	switch (m->type) {
	case CX_MESSAGE_RELEASE:
		return cx_known_add(known, &m->release, err);
	case CX_MESSAGE_LIST:
		if (*list >= 0)
			break;
		*list = fd;
		known->list_number = m->list.number;
		return 0;
	case CX_MESSAGE_DONE:
		return 1;
	}
	if (fd >= 0)
		close(fd);
	return cx_fail(err, -EBADMSG,
		       "the fetcher for %s answered what was not asked",
		       source->remote.name);
}

static int collect(struct cx_source *source, struct cx_known *known, int *list,
		   struct cx_error *err)
{
	struct cx_message *message = malloc(sizeof(*message));
	int rc = message ? 0 : cx_fail(err, -ENOMEM, "out of memory");
	int fd;

	*list = -1;
	while (!rc) {
		rc = cx_fetcher_next(&source->fetcher, message, &fd, err);
		if (!rc)
			rc = take_one(source, known, message, fd, list, err);
	}
	free(message);
	return rc < 0 ? rc : 0;
}

static void tell_reason(struct cx_ops *ops, const struct cx_known *known,
			const struct cx_generation *g)
{
	size_t i;

	for (i = 0; i < known->count; i++) {
		const struct cx_release *r = &known->releases[i];

		if (r->withdrawn && *r->reason &&
		    !memcmp(r->digest, g->digest, sizeof(r->digest)))
			cx_ops_say(ops, "%s@%s was withdrawn by its publisher: %s",
				   r->item.name, r->item.label, r->reason);
	}
}

/* The publisher's reasons, where something here is hit, as the kernel says. */
static void tell_reasons(struct cx_ops *ops, const struct cx_known *known)
{
	struct cx_generations here;
	size_t i;

	if (!ops->nl || cx_netlink_generations(ops->nl, &here, NULL))
		return;
	for (i = 0; i < here.count; i++)
		if (here.items[i].revoked)
			tell_reason(ops, known, &here.items[i]);
	cx_generations_free(&here);
}

/* The list first: what comes with one that does not verify is not worth keeping. */
static int settle(struct cx_ops *ops, struct cx_source *source,
		  struct cx_known *known, int list, struct cx_error *err)
{
	int rc = list >= 0 ? take_list(ops, source, list, err) : 0;

	if (rc)
		return rc;
	if (!known->list_number)
		known->list_number = source->known.list_number;
	known->checked = time(NULL);
	strcpy(known->url, source->remote.url);
	rc = cx_lock_store(ops, err);
	if (rc)
		return rc;
	rc = cx_known_save(&ops->store, source->remote.name, known, err);
	cx_unlock_store(ops);
	if (!rc && list >= 0)
		tell_reasons(ops, known);
	return rc;
}

static int refresh(struct cx_ops *ops, struct cx_source *source,
		   int64_t not_before, struct cx_error *err)
{
	struct cx_message request = {
		.type = CX_MESSAGE_REFRESH, .refresh.not_before = not_before,
	};
	struct cx_known known = { 0 };
	int list = -1, rc = find_list(ops, &request.refresh.list_number, err);

	if (!rc)
		rc = cx_fetcher_start(&source->fetcher, err);
	if (!rc)
		rc = cx_fetcher_send(&source->fetcher, &request, err);
	if (!rc)
		rc = collect(source, &known, &list, err);
	if (!rc)
		rc = settle(ops, source, &known, list, err);
	if (list >= 0)
		close(list);
	if (rc) {
		cx_known_free(&known);
		cx_fetcher_stop(&source->fetcher);
		return rc;
	}
	cx_known_free(&source->known);
	source->known = known;
	source->usable = true;
	return 0;
}

/* What an earlier command could not save is not brought by any list to come. */
static int follow_lists(struct cx_ops *ops, struct cx_error *err)
{
	int rc = cx_lock_store(ops, err);

	if (rc)
		return rc;
	rc = cx_follow_lists(ops, err);
	cx_unlock_store(ops);
	return rc;
}

int cx_sources_refresh(struct cx_ops *ops, struct cx_sources *sources,
		       struct cx_error *err)
{
	struct cx_error why;
	int64_t not_before;
	size_t i, failed = 0;
	int first = 0, rc = follow_lists(ops, err);

	if (!rc)
		rc = find_time(ops, &not_before, err);
	if (rc)
		return rc;
	for (i = 0; i < sources->count; i++) {
		sources->list[i].fetcher.ops = ops;
		sources->list[i].fetcher.remote = &sources->list[i].remote;
		rc = refresh(ops, &sources->list[i], not_before, &why);
		if (!rc)
			continue;
		if (!failed++) {
			first = rc;
			*err = why;
		}
		if (sources->count > 1)
			cx_ops_warn(ops, "%s", why.text);
	}
	return failed == sources->count ? first : (int)failed;
}
