// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens is told in four ways: a line in the kernel's log, a tracepoint,
 * an audit record, and a netlink event.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "event.h"
#include "generation.h"
#include "notify.h"
#include "why.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static void tell(const struct cx_event *event)
{
	cx_event_audit(event);
	cx_event_send(event);
}

static struct cx_event about(u8 command, const char *op,
			     const struct cx_generation *gen)
{
	return (struct cx_event){
		.command = command,
		.op = op,
		.name = cx_generation_name(gen),
		.label = cx_generation_label(gen),
	};
}

/**
 * cx_notify_mounted - a cryptex is there
 * @base: its base, active
 *
 * Context: cx_lock held.
 */
void cx_notify_mounted(const struct cx_generation *base)
{
	struct cx_event e = about(CRYPTEX_CMD_MOUNTED_NTF, "mount", base);

	e.epoch = base->since;
	pr_info("%s: mounted, base %s\n", e.name, e.label);
	trace_cryptex_mounted(e.name, e.label, e.epoch);
	tell(&e);
}

/**
 * cx_notify_unmounted - a cryptex has gone
 * @name: its name
 *
 * Context: may sleep.
 */
void cx_notify_unmounted(const char *name)
{
	const struct cx_event e = {
		.command = CRYPTEX_CMD_UNMOUNTED_NTF,
		.op = "unmount",
		.name = name,
	};

	pr_info("%s: unmounted\n", name);
	trace_cryptex_unmounted(name, "", 0);
	tell(&e);
}

/**
 * cx_notify_staged - a generation was added
 * @gen: the generation
 *
 * Context: cx_lock held.
 */
void cx_notify_staged(const struct cx_generation *gen)
{
	struct cx_event e = about(CRYPTEX_CMD_STAGED_NTF, "stage", gen);

	e.digest = gen->digest;
	pr_info("%s: staged %s, manifest %*phN\n", e.name, e.label, 6,
		gen->digest);
	trace_cryptex_staged(e.name, e.label, 0);
	tell(&e);
}

/**
 * cx_notify_activated - a set of generations has become active
 * @set: of struct cx_tenure
 * @epoch: the new one
 *
 * Context: cx_lock held.
 */
void cx_notify_activated(const struct list_head *set, u64 epoch)
{
	const struct cx_event e = {
		.command = CRYPTEX_CMD_ACTIVATED_NTF,
		.op = "activate",
		.set = set,
		.epoch = epoch,
	};
	const struct cx_tenure *t;

	list_for_each_entry(t, set, item) {
		pr_info("%s: %s is active from epoch %llu on\n",
			cx_generation_name(t->gen),
			cx_generation_label(t->gen), epoch);
		trace_cryptex_activated(cx_generation_name(t->gen),
					cx_generation_label(t->gen), epoch);
	}
	tell(&e);
}

/**
 * cx_notify_rejected - a request by someone privileged was refused
 * @request: the command, 0 for a mount
 * @err: a negative errno
 * @why: the reason
 *
 * Context: may sleep.
 */
void cx_notify_rejected(u32 request, int err, const struct cx_why *why)
{
	const struct cx_event e = {
		.command = CRYPTEX_CMD_REJECTED_NTF,
		.op = "reject",
		.name = why->name[0] ? why->name : NULL,
		.label = why->label[0] ? why->label : NULL,
		.request = request,
		.error = err,
		.text = why->text,
	};

	pr_notice("%srefused: %s\n", request ? "" : "mount ", why->text);
	trace_cryptex_rejected(request, err, why->text);
	tell(&e);
}

/**
 * cx_notify_denied - someone without the privilege asked for a change
 * @request: the command
 *
 * Only audited, where there is a limit on the rate: he could drown all else.
 *
 * Context: may sleep.
 */
void cx_notify_denied(u32 request)
{
	const struct cx_event e = {
		.op = "deny",
		.request = request,
		.error = -EPERM,
	};

	cx_event_audit(&e);
}

/**
 * cx_notify_revoked - a revocation list is in force
 * @number: its number; the generations that it hit are marked
 *
 * Context: cx_lock held.
 */
void cx_notify_revoked(u64 number)
{
	const struct cx_event e = {
		.command = CRYPTEX_CMD_REVOKED_NTF,
		.op = "revoke",
		.number = number,
		.hits = true,
	};
	const struct cx_generation *gen;
	const struct cx_cryptex *cx;

	pr_notice("revocation list %llu is in force\n", number);
	list_for_each_entry(cx, &cx_cryptexes, link)
		list_for_each_entry(gen, &cx->generations, link) {
			if (!gen->hit)
				continue;
			pr_notice("%s: %s is revoked\n", cx->name,
				  cx_generation_label(gen));
			trace_cryptex_revoked(cx->name,
					      cx_generation_label(gen), 0);
		}
	tell(&e);
}

/**
 * cx_notify_drained - an inactive generation's last use is over
 * @gen: the generation
 *
 * Context: cx_lock held.
 */
void cx_notify_drained(const struct cx_generation *gen)
{
	struct cx_event e = about(CRYPTEX_CMD_DRAINED_NTF, "drain", gen);

	pr_debug("%s: %s has drained\n", e.name, e.label);
	trace_cryptex_drained(e.name, e.label, 0);
	tell(&e);
}

/**
 * cx_notify_retired - a generation was freed
 * @gen: the generation
 *
 * Context: cx_lock held.
 */
void cx_notify_retired(const struct cx_generation *gen)
{
	struct cx_event e = about(CRYPTEX_CMD_RETIRED_NTF, "retire", gen);

	pr_info("%s: retired %s\n", e.name, e.label);
	trace_cryptex_retired(e.name, e.label, 0);
	tell(&e);
}

static void tell_corrupted(const struct cx_generation *gen, const char *path)
{
	struct cx_event e = about(CRYPTEX_CMD_CORRUPTED_NTF, "corrupt", gen);

	e.text = path;
	pr_err("%s: %s: corrupted read: %s\n", e.name, e.label, path);
	trace_cryptex_corrupted(0, -EIO, path);
	tell(&e);
}

/**
 * cx_notify_corrupted - reading a file's object failed
 * @file: the file, or its backing file
 *
 * Not told more often than ten times in five seconds.
 *
 * Context: may sleep; the mmap lock may be held.
 */
void cx_notify_corrupted(const struct file *file)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 10);
	struct dentry *dentry = file_user_path(file)->dentry;
	const char *path;
	char *buf;

	if (!__ratelimit(&limit))
		return;
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	path = buf ? dentry_path_raw(dentry, buf, PATH_MAX) : NULL;
	/* Below its generation: without "/LABEL/". */
	if (IS_ERR_OR_NULL(path))
		path = "?";
	else
		path = strchrnul(path + 1, '/') + 1;
	tell_corrupted(d_inode(dentry)->i_private, path);
	kfree(buf);
}

/**
 * cx_notify_key_added - a further key is trusted
 * @description: the kernel's, of the key
 *
 * Context: may sleep.
 */
void cx_notify_key_added(const char *description)
{
	const struct cx_event e = {
		.command = CRYPTEX_CMD_KEY_ADDED_NTF,
		.op = "key-add",
		.text = description,
	};

	pr_info("trusted key added: %s\n", description);
	trace_cryptex_key_added(0, 0, description);
	tell(&e);
}

/**
 * cx_notify_locked - no further keys and cryptexes from now on
 *
 * Context: may sleep.
 */
void cx_notify_locked(void)
{
	const struct cx_event e = {
		.command = CRYPTEX_CMD_LOCKED_NTF,
		.op = "lock",
	};

	pr_info("locked: no further keys and cryptexes\n");
	trace_cryptex_locked(0, 0, "");
	tell(&e);
}
