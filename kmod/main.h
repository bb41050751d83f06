/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_MAIN_H
#define _CX_MAIN_H

#include <linux/fs.h>

struct workqueue_struct;

extern struct workqueue_struct *cx_workqueue;
extern struct file_system_type cx_fs_type;

#endif /* _CX_MAIN_H */
