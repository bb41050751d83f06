/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_SUPER_H
#define _CX_SUPER_H

struct fs_context;
struct super_block;

int cx_super_init_context(struct fs_context *fc);
void cx_super_kill(struct super_block *sb);

#endif /* _CX_SUPER_H */
