// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/string.h>

#include "generation.h"
#include "why.h"

/**
 * cx_refuse - say why a request is refused
 * @why: where the reason is put; what it held before is replaced
 * @err: a negative errno
 * @fmt: one sentence, at most %NETLINK_MAX_FMTMSG_LEN - 1 bytes when printed
 *
 * Return: @err, so that refusing is one statement.
 */
int cx_refuse(struct cx_why *why, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return err;
}

/**
 * cx_why_about - note what a refusal will be about
 * @why: to be told
 * @gen: a generation whose signature was good
 */
void cx_why_about(struct cx_why *why, const struct cx_generation *gen)
{
	strscpy(why->name, cx_generation_name(gen));
	strscpy(why->label, cx_generation_label(gen));
}
