// SPDX-License-Identifier: LGPL-2.1-or-later
/* check and update */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/progress.h"
#include "lib/ops_update.h"

#define NEEDS (CX_OPS_STORE | CX_OPS_TRUST | CX_OPS_KERNEL_IF)

/* Sentences have a line of their own, also while another is being drawn. */
static struct ctl_progress progress = { .fd = -1 };

static void say(const char *text)
{
	ctl_progress_clear(&progress);
	ctl_say(text);
}

static void warn(const char *text)
{
	ctl_progress_clear(&progress);
	ctl_warn(text);
}

static int open_ops(const struct ctl *ctl, struct cx_ops *ops,
		    struct cx_error *err)
{
	*ops = (struct cx_ops){ .say = say, .warn = warn };
	return cx_ops_open(ops, ctl->store, NEEDS, err);
}

int ctl_check(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc = open_ops(ctl, &ops, err);

	if (rc)
		return rc;
	rc = cx_op_check(&ops, ctl_prefix(), err);
	cx_ops_close(&ops);
	return rc;
}

/* Return: a descriptor that is open for writing, -1 for none, -2 if it is wrong. */
static int parse_fd(const char *text)
{
	char *end;
	long fd;
	int flags;

	if (!text)
		return -1;
	fd = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || fd > 1 << 20)
		return -2;
	flags = fcntl(fd, F_GETFL);
	return flags < 0 || (flags & O_ACCMODE) == O_RDONLY ? -2 : (int)fd;
}

int ctl_update(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_update update = {
		.prefix = ctl_prefix(), .names = ctl->argv,
		.count = ctl->argc, .download_only = ctl->download_only,
		.activate = ctl->activate, .progress = ctl_progress_show,
		.ctx = &progress,
	};
	struct cx_ops ops;
	int rc;

	if (ctl->download_only && ctl->activate)
		return ctl_usage_error(ctl, "--download-only and --activate exclude each other");
	progress.terminal = isatty(STDERR_FILENO);
	progress.fd = parse_fd(ctl->progress_fd);
	if (progress.fd == -2)
		return ctl_usage_error(ctl, "'%s' is no descriptor that is open for writing",
				       ctl->progress_fd);
	rc = open_ops(ctl, &ops, err);
	if (rc)
		return rc;
	rc = cx_op_update(&ops, &update, err);
	ctl_progress_clear(&progress);
	cx_ops_close(&ops);
	return rc;
}
