// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dump of processes that map a cryptex.
 *
 * Every process of the initial pid namespace, so every process, is visited by
 * rising pid.  Its mappings tell, so no mount namespace, bind mount or change
 * of its own name and paths can hide it.
 */
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/xarray.h>

#include <uapi/linux/cryptex.h>

#include "generation.h"
#include "netlink.h"
#include "users.h"
#include "view.h"

/**
 * struct dump - where a dump stands between two messages, zeroed at its start
 * @pid: the next process to look at has this pid or a higher one
 * @after: generations of process @pid up to this id have been told
 */
struct dump {
	int pid;
	u64 after;
};

static struct dump *dump_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct dump) > sizeof(cb->ctx));
	return (struct dump *)cb->ctx;
}

/* Any thread's will do: the leader may have exited before the others. */
static struct mm_struct *get_process_mm(struct task_struct *leader)
{
	struct mm_struct *mm = NULL;
	struct task_struct *t;

	for_each_thread(leader, t) {
		task_lock(t);
		/* A task sets other flags of its own meanwhile, never this one. */
		if (t->mm && !(data_race(t->flags) & PF_KTHREAD) && mmget_not_zero(t->mm))
			mm = t->mm;
		task_unlock(t);
		if (mm)
			break;
	}
	return mm;
}

/* The process with the lowest pid that is at least *@nr; a reference on it. */
static struct task_struct *next_process(int *nr)
{
	struct task_struct *task = NULL;
	struct pid *pid;

	rcu_read_lock();
	while (!task && (pid = idr_get_next(&init_pid_ns.idr, nr))) {
		task = pid_task(pid, PIDTYPE_TGID);
		if (task)
			get_task_struct(task);
		else
			(*nr)++;
	}
	rcu_read_unlock();
	return task;
}

static int add_generation(struct xarray *found, struct cx_generation *gen)
{
	int err;

	if (xa_load(found, gen->id))
		return 0;
	err = xa_err(xa_store(found, gen->id, gen, GFP_KERNEL));
	if (!err)
		cx_generation_get(gen);
	return err;
}

/* Collect the generations that @mm maps, each with a reference. */
static int collect(struct mm_struct *mm, struct xarray *found)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct cx_generation *gen, *known = NULL;
	struct vm_area_struct *vma;
	int err = 0;

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	for_each_vma(vmi, vma) {
		gen = cx_view_of_vma(vma);
		if (!gen || gen == known)
			continue;
		known = gen;
		err = add_generation(found, gen);
		if (err)
			break;
	}
	mmap_read_unlock(mm);
	return err;
}

static void release(struct xarray *found)
{
	struct cx_generation *gen;
	unsigned long id;

	xa_for_each(found, id, gen)
		cx_generation_put(gen);
	xa_destroy(found);
}

static int put_process(struct sk_buff *skb, struct netlink_callback *cb,
		       struct task_struct *task, int pid,
		       const struct cx_generation *gen)
{
	char comm[TASK_COMM_LEN];
	void *head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				 cb->nlh->nlmsg_seq, &cx_netlink_family,
				 NLM_F_MULTI, CRYPTEX_CMD_USERS);

	if (!head)
		return -EMSGSIZE;
	get_task_comm(comm, task);
	if (nla_put_u32(skb, CRYPTEX_A_PID, pid) ||
	    nla_put_u64_64bit(skb, CRYPTEX_A_START_TIME, task->start_boottime,
			      CRYPTEX_A_PAD) ||
	    nla_put_string(skb, CRYPTEX_A_COMM, comm) ||
	    nla_put_string(skb, CRYPTEX_A_NAME, cx_generation_name(gen)) ||
	    nla_put_string(skb, CRYPTEX_A_LABEL, cx_generation_label(gen)) ||
	    nla_put_u32(skb, CRYPTEX_A_FLAGS,
			READ_ONCE(gen->active) ? CRYPTEX_F_ACTIVE : 0)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static int put_processes(struct sk_buff *skb, struct netlink_callback *cb,
			 struct task_struct *task, struct xarray *found)
{
	struct dump *dump = dump_of(cb);
	struct cx_generation *gen;
	unsigned long id;
	int err;

	xa_for_each_start(found, id, gen, dump->after + 1) {
		err = put_process(skb, cb, task, dump->pid, gen);
		if (err)
			return err;
		dump->after = id;
	}
	return 0;
}

static int dump_process(struct sk_buff *skb, struct netlink_callback *cb,
			struct task_struct *task)
{
	struct mm_struct *mm;
	struct xarray found;
	int err;

	rcu_read_lock();
	mm = get_process_mm(task);
	rcu_read_unlock();
	if (!mm)
		return 0;
	xa_init(&found);
	err = collect(mm, &found);
	mmput(mm);
	if (!err)
		err = put_processes(skb, cb, task, &found);
	release(&found);
	return err;
}

/**
 * cx_users_dump - CRYPTEX_CMD_USERS
 * @skb: filled with as many messages as there is room for
 * @cb: where the dump stands
 *
 * Context: process context, may sleep.
 * Return: @skb's length, 0 at the end, or -%EINTR, -%ENOMEM, -%EMSGSIZE.
 */
int cx_users_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dump *dump = dump_of(cb);
	struct task_struct *task;
	int err = 0;

	while (!err && (task = next_process(&dump->pid))) {
		err = dump_process(skb, cb, task);
		put_task_struct(task);
		if (!err) {
			dump->pid++;
			dump->after = 0;
		}
		cond_resched();
	}
	return err == -EMSGSIZE && skb->len ? skb->len : err ?: skb->len;
}
