/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_EVENT_H
#define _CX_EVENT_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct cx_event - something that happened, for whoever wants to know
 * @command: CRYPTEX_CMD_*_NTF
 * @op: a word for it
 * @name: of the cryptex, or NULL
 * @label: of the generation, or NULL
 * @digest: of its manifest, or NULL
 * @epoch: in which, or 0
 * @number: of the revocation list, or 0
 * @set: of struct cx_tenure that were switched to, or NULL
 * @hits: the generations that are marked as hit belong to it
 * @request: the command that was refused
 * @error: a negative errno, or 0
 * @text: the reason of a refusal, a path, or a key's description, or NULL
 */
struct cx_event {
	u8 command;
	const char *op;
	const char *name;
	const char *label;
	const u8 *digest;
	u64 epoch;
	u64 number;
	const struct list_head *set;
	bool hits;
	u32 request;
	int error;
	const char *text;
};

u64 cx_event_sequence(void);
void cx_event_send(const struct cx_event *event);
void cx_event_audit(const struct cx_event *event);

#endif /* _CX_EVENT_H */
