/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_SETTLE_H
#define _CX_SETTLE_H

struct cx_cryptex;

void cx_settle(struct cx_cryptex *cx);
void cx_settle_switched(void);
void cx_unsettle(struct cx_cryptex *cx);
void cx_settle_now(struct cx_cryptex *cx);
void cx_settle_hold(void);
void cx_settle_release(void);
void cx_settle_exit(void);

#endif /* _CX_SETTLE_H */
