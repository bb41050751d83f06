/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How far a download is: a line on a terminal, or JSON lines to a descriptor. */
#ifndef _CTL_PROGRESS_H
#define _CTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/store.h"

/**
 * struct ctl_progress - a download that is shown
 * @fd: JSON lines go here; -1: none
 * @terminal: stderr is one, and gets a line
 * @shown: there is a line on it
 * @start: of what is being downloaded, in milliseconds
 * @begun: bytes that were there then
 * @item: what is being downloaded
 */
struct ctl_progress {
	int fd;
	bool terminal;
	bool shown;
	int64_t start;
	uint64_t begun;
	struct cx_item item;
};

/**
 * ctl_progress_show - a cx_update_progress
 * @ctx: a struct ctl_progress
 * @item: what is being downloaded
 * @done: bytes that came
 * @total: bytes that are to come; 0 if that is not known
 */
void ctl_progress_show(void *ctx, const struct cx_item *item, uint64_t done,
		       uint64_t total);

/**
 * ctl_progress_clear - take the line off the terminal
 * @progress: may show none
 */
void ctl_progress_clear(struct ctl_progress *progress);

#endif /* _CTL_PROGRESS_H */
