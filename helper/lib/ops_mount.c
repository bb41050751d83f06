// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/container.h"
#include "lib/ops.h"
#include "lib/ops_attach.h"
#include "lib/ops_ingest.h"
#include "lib/ops_seal.h"

/* Decide where and how, from the request, the state and the defaults. */
static int make_entry(const struct cx_seal *seal, const struct cx_state *state,
		      const struct cx_mount_request *request,
		      struct cx_state_entry *entry, struct cx_error *err)
{
	const char *name = cx_seal_name(seal);
	const struct cx_state_entry *old = cx_state_find(state, name);
	const char *where = request->mountpoint;
	int n;

	if (old && strcmp(old->base, cx_seal_label(seal)))
		return cx_fail(err, -EBUSY,
			       "%s is mounted with the base %s: `cryptexctl umount %s` first",
			       name, old->base, name);
	if (old && where && strcmp(where, old->mountpoint))
		return cx_fail(err, -EBUSY,
			       "%s is mounted at %s: `cryptexctl umount %s` first",
			       name, old->mountpoint, name);
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	snprintf(entry->base, sizeof(entry->base), "%s", cx_seal_label(seal));
	snprintf(entry->active, sizeof(entry->active), "%s",
		 old ? old->active : entry->base);
	entry->graft = request->graft;
	if (!where && old)
		where = old->mountpoint;
	n = where ? asprintf(&entry->mountpoint, "%s", where) :
		    asprintf(&entry->mountpoint, CX_MOUNT_FOLDER "/%s", name);
	if (n < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (cx_mountpoint_ok(entry->mountpoint))
		return 0;
	return cx_fail(err, -EINVAL,
		       "the mountpoint %s will not do: name an absolute path without spaces, `.` and `..`",
		       entry->mountpoint);
}

static void tell(struct cx_ops *ops, const struct cx_state_entry *entry,
		 bool mounted)
{
	if (mounted)
		cx_ops_say(ops, "mounted %s@%s at %s", entry->name, entry->base,
			   entry->mountpoint);
	else
		cx_ops_say(ops, "%s@%s is mounted at %s already: nothing to do",
			   entry->name, entry->base, entry->mountpoint);
}

/* Mount between the two halves of writing the state. */
static int mount_and_save(struct cx_ops *ops, const struct cx_seal *seal,
			  struct cx_state *state,
			  const struct cx_state_entry *entry,
			  struct cx_error *err)
{
	struct cx_output out;
	int mounted, rc = cx_state_set(state, entry, err);

	if (!rc)
		rc = cx_state_prepare(ops->store.path, state, &out, err);
	if (rc)
		return rc;
	mounted = cx_attach(ops, seal, entry, err);
	if (mounted < 0) {
		cx_output_abort(&out);
		return mounted;
	}
	rc = cx_output_commit(&out, err);
	if (rc && mounted)
		cx_detach(entry, NULL);
	if (!rc)
		tell(ops, entry, mounted);
	return rc;
}

/* A state that was lost is made again from what is in force. */
static int take_active(struct cx_ops *ops, const struct cx_seal *seal,
		       struct cx_state_entry *entry, struct cx_error *err)
{
	struct cx_generations known = { 0 };
	const struct cx_generation *g;
	int rc = cx_netlink_generations(ops->nl, &known, err);

	if (rc)
		return rc;
	g = cx_generations_find(&known, entry->name, NULL);
	if (g && !memcmp(g->digest, seal->digest, sizeof(g->digest)))
		g = cx_generations_active(&known, entry->name);
	else
		g = NULL;
	if (g)
		memcpy(entry->active, g->label, sizeof(entry->active));
	cx_generations_free(&known);
	return 0;
}

/* A cx_seal_use; @ctx is the request. */
static int mount_stored(struct cx_ops *ops, const struct cx_seal *seal,
			const void *ctx, struct cx_error *err)
{
	const struct cx_mount_request *request = ctx;
	struct cx_state_entry entry = { 0 };
	struct cx_state state = { 0 };
	int rc = cx_state_load(ops->store.path, &state, err);

	if (!rc)
		rc = make_entry(seal, &state, request, &entry, err);
	if (!rc && !cx_state_find(&state, entry.name))
		rc = take_active(ops, seal, &entry, err);
	if (!rc)
		rc = mount_and_save(ops, seal, &state, &entry, err);
	free(entry.mountpoint);
	cx_state_free(&state);
	return rc;
}

static int mount_container(struct cx_ops *ops, struct cx_container *container,
			   const struct cx_seal *seal,
			   const struct cx_mount_request *request,
			   struct cx_error *err)
{
	struct cx_intake intake;
	int rc;

	if (!cryptex_seal_is_base(&seal->view))
		return cx_fail(err, -EINVAL,
			       "%s is a patch: mount its base, then `cryptexctl stage %s`",
			       request->what, request->what);
	rc = cx_ingest_objects(ops, container, seal, &intake, err);
	if (rc)
		return cx_prefix(err, rc, "%s", request->what);
	rc = cx_keep_seal(ops, seal, mount_stored, request, err);
	if (rc > 0)
		cx_ingest_note(ops, seal, &intake);
	return rc < 0 ? rc : 0;
}

static int mount_file(struct cx_ops *ops,
		      const struct cx_mount_request *request,
		      struct cx_error *err)
{
	struct cx_container *container;
	struct cx_seal seal;
	int rc = cx_ingest_open(ops, request->what, &container, &seal, err);

	if (rc)
		return rc;
	rc = mount_container(ops, container, &seal, request, err);
	cx_seal_free(&seal);
	cx_container_close(container);
	return rc;
}

/* Load the base that @request means by NAME or NAME@LABEL. */
static int load_named(struct cx_ops *ops, const char *what,
		      struct cx_seal *seal, struct cx_error *err)
{
	struct cx_state state;
	struct cx_item item;
	int rc;

	if (strchr(what, '@')) {
		rc = cx_item_parse(what, &item, err);
		return rc ? rc : cx_store_load_seal(&ops->store, &item,
						    &ops->trust, seal, err);
	}
	rc = cx_state_load(ops->store.path, &state, err);
	if (rc)
		return rc;
	rc = cx_find_base(ops, what, &state, seal, err);
	cx_state_free(&state);
	return rc;
}

static int mount_named(struct cx_ops *ops,
		       const struct cx_mount_request *request,
		       struct cx_error *err)
{
	struct cx_intake intake;
	struct cx_seal seal;
	int rc = load_named(ops, request->what, &seal, err);

	if (rc)
		return rc;
	if (!cryptex_seal_is_base(&seal.view))
		rc = cx_fail(err, -EINVAL, "%s is a patch: mount its base",
			     request->what);
	if (!rc)
		rc = cx_ingest_objects(ops, NULL, &seal, &intake, err);
	if (!rc)
		rc = mount_stored(ops, &seal, request, err);
	cx_seal_free(&seal);
	return rc;
}

int cx_op_mount(struct cx_ops *ops, const struct cx_mount_request *request,
		struct cx_error *err)
{
	const char *what = request->what;
	size_t len = strcspn(what, "@");

	/* A file is meant if there is one, or if it cannot be a name. */
	if (strchr(what, '/') || !access(what, F_OK) ||
	    len >= CRYPTEX_LABEL_SIZE ||
	    (strlen(what) > 8 && !strcmp(what + strlen(what) - 8, ".cryptex")))
		return mount_file(ops, request, err);
	return mount_named(ops, request, err);
}

static int forget(struct cx_ops *ops, struct cx_state *state, const char *name,
		  struct cx_error *err)
{
	struct cx_state_entry entry = *cx_state_find(state, name);
	struct cx_output out;
	int rc;

	entry.mountpoint = strdup(entry.mountpoint);
	if (!entry.mountpoint)
		return cx_fail(err, -ENOMEM, "out of memory");
	cx_state_remove(state, name);
	rc = cx_state_prepare(ops->store.path, state, &out, err);
	if (!rc) {
		rc = cx_detach(&entry, err);
		if (rc)
			cx_output_abort(&out);
		else
			rc = cx_output_commit(&out, err);
	}
	if (!rc)
		cx_ops_say(ops, "unmounted %s from %s", name, entry.mountpoint);
	free(entry.mountpoint);
	return rc;
}

int cx_op_umount(struct cx_ops *ops, const char *name, struct cx_error *err)
{
	struct cx_state state;
	int rc = cx_state_load(ops->store.path, &state, err);

	if (rc)
		return rc;
	if (cx_state_find(&state, name))
		rc = forget(ops, &state, name, err);
	else
		cx_ops_say(ops, "%s is not mounted: nothing to do", name);
	cx_state_free(&state);
	return rc;
}
