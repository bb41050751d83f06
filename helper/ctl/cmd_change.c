// SPDX-License-Identifier: LGPL-2.1-or-later
/* The commands that change something. */
#include <errno.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/text.h"

int ctl_init(const struct ctl *ctl, struct cx_error *err)
{
	uint64_t size = 0;

	if (ctl->loop && ctl_parse_size(ctl->loop, &size))
		return ctl_usage_error(ctl, "'%s' is no size, such as 512M or 1G",
				       ctl->loop);
	return cx_op_init(ctl->store, size, ctl_say, err);
}

int ctl_mount(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_mount_request request = {
		.what = ctl->argv[0],
		.mountpoint = ctl->argc > 1 ? ctl->argv[1] : NULL,
		.graft = !ctl->no_graft,
	};
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK | CX_OPS_TRUST |
			  CX_OPS_KERNEL, err);

	if (rc)
		return rc;
	rc = cx_op_mount(&ops, &request, err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_umount(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK |
			  CX_OPS_KERNEL_IF, err);

	if (rc)
		return rc;
	rc = cx_op_umount(&ops, ctl->argv[0], err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_stage(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK | CX_OPS_TRUST |
			  CX_OPS_KERNEL, err);

	if (rc)
		return rc;
	rc = cx_op_stage(&ops, ctl->argv[0], err);
	cx_ops_close(&ops);
	return rc;
}

static int activate(const struct ctl *ctl, const struct cx_item *items,
		    struct cx_error *err)
{
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK | CX_OPS_KERNEL,
			  err);

	if (rc)
		return rc;
	rc = cx_op_activate(&ops, items, ctl->argc, err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_activate(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_item *items = calloc(ctl->argc, sizeof(*items));
	int i, rc = 0;

	if (!items)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < ctl->argc && !rc; i++)
		if (cx_item_parse(ctl->argv[i], &items[i], err))
			rc = ctl_usage_error(ctl, "%s", err->text);
	if (!rc)
		rc = activate(ctl, items, err);
	free(items);
	return rc;
}

int ctl_rollback(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc;

	if (!ctl->all == !ctl->argc)
		return ctl_usage_error(ctl, "give names of cryptexes, or --all");
	rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK | CX_OPS_KERNEL, err);
	if (rc)
		return rc;
	rc = cx_op_rollback(&ops, ctl->argv, ctl->argc, err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_revoke(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK | CX_OPS_TRUST |
			  CX_OPS_KERNEL_IF, err);

	if (rc)
		return rc;
	rc = cx_op_revoke(&ops, ctl->argv[0], err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_retire(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_item item;
	struct cx_ops ops;
	int rc;

	if (cx_item_parse(ctl->argv[0], &item, err))
		return ctl_usage_error(ctl, "%s", err->text);
	rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK | CX_OPS_KERNEL,
		      err);
	if (rc)
		return rc;
	rc = cx_op_retire(&ops, &item, err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_gc(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK |
			  CX_OPS_KERNEL_IF, err);

	if (rc)
		return rc;
	rc = cx_op_gc(&ops, err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_lock(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_KERNEL, err);

	if (rc)
		return rc;
	rc = cx_netlink_lock(ops.nl, err);
	if (!rc)
		ctl_say("locked: no further keys and cryptexes until the module goes");
	cx_ops_close(&ops);
	return rc;
}

int ctl_boot(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops = { .say = ctl_say, .warn = ctl_warn };

	return cx_op_boot(&ops, ctl->store, err);
}
