// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's beginning and end.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include <uapi/linux/cryptex.h>

#include "inode.h"
#include "main.h"
#include "netlink.h"
#include "revoke.h"
#include "settle.h"
#include "super.h"
#include "trust.h"

struct workqueue_struct *cx_workqueue;

struct file_system_type cx_fs_type = {
	.owner			= THIS_MODULE,
	.name			= CRYPTEX_FS_NAME,
	.init_fs_context	= cx_super_init_context,
	.kill_sb		= cx_super_kill,
};

static int __init cx_init(void)
{
	int err = -ENOMEM;

	cx_workqueue = alloc_workqueue("cryptex", WQ_UNBOUND, 0);
	if (!cx_workqueue)
		return err;
	err = cx_inode_init();
	if (err)
		goto free_workqueue;
	err = cx_trust_init();
	if (err)
		goto exit_inode;
	err = register_filesystem(&cx_fs_type);
	if (err)
		goto exit_trust;
	err = cx_netlink_init();
	if (err)
		goto unregister;
	err = cx_trust_add_builtin();
	if (err)
		goto exit_netlink;
	return 0;

exit_netlink:
	cx_netlink_exit();
unregister:
	unregister_filesystem(&cx_fs_type);
exit_trust:
	cx_trust_exit();
exit_inode:
	cx_inode_exit();
free_workqueue:
	rcu_barrier();
	destroy_workqueue(cx_workqueue);
	return err;
}

/* No mount is left, or the module could not go. */
static void __exit cx_exit(void)
{
	cx_netlink_exit();
	unregister_filesystem(&cx_fs_type);
	cx_settle_exit();
	cx_revoke_exit();
	cx_trust_exit();
	cx_inode_exit();
	/* What was put after its last use is on its way to the workqueue. */
	rcu_barrier();
	destroy_workqueue(cx_workqueue);
}

module_init(cx_init);
module_exit(cx_exit);
MODULE_AUTHOR("The Cryptex developers");
MODULE_DESCRIPTION("Sealed, atomically switched content for background security improvements");
MODULE_LICENSE("GPL");
MODULE_ALIAS_FS(CRYPTEX_FS_NAME);
MODULE_ALIAS("net-pf-16-proto-16-family-" CRYPTEX_FAMILY_NAME);
