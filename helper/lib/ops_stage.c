// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/container.h"
#include "lib/ops.h"
#include "lib/ops_ingest.h"
#include "lib/ops_seal.h"

/* The kernel judges; this says it before anything is unpacked, and says what
 * to do. */
static int check_target(const struct cx_seal *seal,
			const struct cx_generations *known,
			struct cx_error *err)
{
	const char *name = cx_seal_name(seal), *label = cx_seal_label(seal);
	const struct cx_generation *base =
		cx_generations_find(known, name, NULL);

	if (cryptex_seal_is_base(&seal->view))
		return cx_fail(err, -EINVAL,
			       "%s@%s is a base, not a patch: `cryptexctl mount` it",
			       name, label);
	if (!base)
		return cx_fail(err, -ENOENT,
			       "%s@%s is a patch, and no cryptex %s is mounted: mount its base first",
			       name, label, name);
	if (memcmp(base->digest, seal->view.header->base_digest,
		   CRYPTEX_DIGEST_SIZE))
		return cx_fail(err, -ESTALE,
			       "%s@%s was made for another base than %s, which is mounted: get the patch for that one",
			       name, label, base->label);
	return 0;
}

static int stage(struct cx_ops *ops, struct cx_container *container,
		 const struct cx_seal *seal,
		 const struct cx_generations *known, struct cx_error *err)
{
	struct cx_item item = cx_seal_item(seal);
	struct cx_intake intake;
	int added, rc = check_target(seal, known, err);

	if (!rc)
		rc = cx_ingest_objects(ops, container, seal, &intake, err);
	if (rc)
		return rc;
	added = cx_keep_seal(ops, seal, cx_stage_seal, NULL, err);
	if (added < 0)
		return added;
	if (added)
		cx_ingest_note(ops, seal, &intake);
	if (!cx_generations_find(known, item.name, item.label))
		cx_ops_say(ops, "staged %s@%s: `cryptexctl activate %s@%s` puts it in force",
			   item.name, item.label, item.name, item.label);
	else if (intake.objects)
		cx_ops_say(ops, "%s@%s is staged already; put back what was missing: %zu of its objects",
			   item.name, item.label, intake.objects);
	else
		cx_ops_say(ops, "%s@%s is staged already: nothing to do",
			   item.name, item.label);
	return 0;
}

/* Is it the name of a generation rather than of a file? */
static bool is_item(const char *what, struct cx_item *item)
{
	return !strchr(what, '/') && access(what, F_OK) &&
	       !cx_item_parse(what, item, NULL);
}

int cx_op_stage(struct cx_ops *ops, const char *what, struct cx_error *err)
{
	struct cx_container *container = NULL;
	struct cx_generations known = { 0 };
	struct cx_seal seal = { 0 };
	struct cx_item item;
	int rc;

	if (is_item(what, &item))
		rc = cx_store_load_seal(&ops->store, &item, &ops->trust, &seal,
					err);
	else
		rc = cx_ingest_open(ops, what, &container, &seal, err);
	if (rc)
		return rc;
	rc = cx_netlink_generations(ops->nl, &known, err);
	if (!rc)
		rc = stage(ops, container, &seal, &known, err);
	cx_generations_free(&known);
	cx_seal_free(&seal);
	cx_container_close(container);
	return rc;
}
