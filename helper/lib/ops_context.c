// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/ops.h"

static void tell(void (*to)(const char *text), const char *fmt, va_list args)
{
	char text[1024];

	if (!to)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	to(text);
}

void cx_ops_say(const struct cx_ops *ops, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(ops->say, fmt, args);
	va_end(args);
}

void cx_ops_warn(const struct cx_ops *ops, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(ops->warn, fmt, args);
	va_end(args);
}

/* A certificate that is damaged must not keep a fix away that another signed. */
static void trust_one(void *ctx, const char *path)
{
	struct cx_ops *ops = ctx;
	struct cx_error err;

	if (cx_trust_add(&ops->trust, path, &err))
		cx_ops_warn(ops, "%s: it does not count, remove it",
			    err.text);
}

static int open_store(struct cx_ops *ops, const char *path,
		      unsigned int needs, struct cx_error *err)
{
	int rc = cx_store_open(&ops->store, path, err);

	if (rc)
		return rc;
	if (needs & CX_OPS_LOCK) {
		ops->lock = cx_store_lock(&ops->store, ops->warn, err);
		if (ops->lock < 0)
			return ops->lock;
	}
	return needs & CX_OPS_TRUST ?
	       cx_store_each_cert(&ops->store, trust_one, ops, err) : 0;
}

static int open_all(struct cx_ops *ops, const char *store, unsigned int needs,
		    struct cx_error *err)
{
	int rc = 0;

	if (needs & (CX_OPS_STORE | CX_OPS_STORE_IF))
		rc = open_store(ops, store, needs, err);
	if ((rc == -ENOENT || rc == -EPERM) && !(needs & CX_OPS_STORE)) {
		cx_store_close(&ops->store);
		rc = 0;
	}
	if (!rc && (needs & (CX_OPS_KERNEL | CX_OPS_KERNEL_IF)))
		rc = cx_netlink_open(&ops->nl, err);
	if (rc == -ENODEV && !(needs & CX_OPS_KERNEL))
		rc = 0;
	return rc;
}

int cx_ops_open(struct cx_ops *ops, const char *store, unsigned int needs,
		struct cx_error *err)
{
	int rc;

	ops->store = (struct cx_store){ .fd = -1 };
	ops->trust = (struct cx_trust){ 0 };
	ops->nl = NULL;
	ops->lock = -1;
	rc = open_all(ops, store, needs, err);
	if (rc)
		cx_ops_close(ops);
	return rc;
}

void cx_ops_close(struct cx_ops *ops)
{
	cx_netlink_close(ops->nl);
	ops->nl = NULL;
	cx_trust_free(&ops->trust);
	if (ops->lock >= 0)
		close(ops->lock);
	ops->lock = -1;
	cx_store_close(&ops->store);
}
