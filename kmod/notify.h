/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_NOTIFY_H
#define _CX_NOTIFY_H

#include <linux/types.h>

struct cx_generation;
struct cx_why;
struct file;
struct list_head;

u64 cx_notify_sequence(void);
void cx_notify_mounted(const struct cx_generation *base);
void cx_notify_unmounted(const char *name);
void cx_notify_staged(const struct cx_generation *gen);
void cx_notify_activated(const struct list_head *set, u64 epoch);
void cx_notify_rejected(u32 request, int err, const struct cx_why *why);
void cx_notify_denied(u32 request);
void cx_notify_revoked(u64 number);
void cx_notify_drained(const struct cx_generation *gen);
void cx_notify_retired(const struct cx_generation *gen);
void cx_notify_corrupted(const struct file *file);
void cx_notify_key_added(const char *description);
void cx_notify_locked(void);

#endif /* _CX_NOTIFY_H */
