// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bugs, one for each load, to show that the debug kernels find them:
 * insmod cryptex_planted.ko bug=NAME.  Nothing of it is in the cryptex module;
 * the name begins as that one's does, so that the filter for its reports lets
 * these through.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *bug = "none";
module_param(bug, charp, 0);
MODULE_PARM_DESC(bug, "which one");

static noinline void use_after_free(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	kfree(p);
	WRITE_ONCE(p[3], 1);
}

static noinline void leak(void)
{
	char *p = kmalloc(1234, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
}

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static noinline void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static DEFINE_SPINLOCK(spin);

static noinline void sleep_in_atomic(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
}

static noinline void out_of_bounds(void)
{
	static int table[4];
	int i = 4;

	OPTIMIZER_HIDE_VAR(i);
	table[i] = 1;
}

static long raced;

static noinline int race(void *unused)
{
	while (!kthread_should_stop()) {
		raced++;
		cond_resched();
	}
	return 0;
}

static void unmarked_access(void)
{
	struct task_struct *one = kthread_run(race, NULL, "race-1");
	struct task_struct *two = kthread_run(race, NULL, "race-2");

	msleep(5000);
	if (!IS_ERR(one))
		kthread_stop(one);
	if (!IS_ERR(two))
		kthread_stop(two);
}

static const struct {
	const char *name;
	void (*plant)(void);
} bugs[] = {
	{ "use-after-free", use_after_free },
	{ "leak", leak },
	{ "lock-order", lock_order },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "out-of-bounds", out_of_bounds },
	{ "data-race", unmarked_access },
};

static int __init planted_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (strcmp(bug, bugs[i].name))
			continue;
		bugs[i].plant();
		return 0;
	}
	return -EINVAL;
}
module_init(planted_init);

static void __exit planted_exit(void)
{
}
module_exit(planted_exit);

MODULE_DESCRIPTION("Bugs for the debug kernels to find");
MODULE_LICENSE("GPL");
