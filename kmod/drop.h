/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_DROP_H
#define _CX_DROP_H

void cx_drop_caches(void);

#endif /* _CX_DROP_H */
