// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/progress.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/text.h"
#include "lib/clock.h"

/* What was there already has cost no time. */
static void begin(struct ctl_progress *p, const struct cx_item *item,
		  uint64_t done)
{
	if (!memcmp(&p->item, item, sizeof(*item)))
		return;
	p->item = *item;
	p->start = cx_now_ms();
	p->begun = done;
}

static void write_json(const struct ctl_progress *p, uint64_t done,
		       uint64_t total, uint64_t rate, int64_t left)
{
	json_t *line = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}",
		"cryptex", p->item.name, "generation", p->item.label,
		"bytes", (json_int_t)done, "total", (json_int_t)total,
		"rate", (json_int_t)rate,
		"seconds_left", left < 0 ? json_null() : json_integer(left));
	char *text = line ? json_dumps(line, JSON_SORT_KEYS | JSON_COMPACT) :
			    NULL;

	if (text)
		dprintf(p->fd, "%s\n", text);
	free(text);
	json_decref(line);
}

static void write_line(struct ctl_progress *p, uint64_t done, uint64_t total,
		       uint64_t rate, int64_t left)
{
	char have[CTL_SIZE_SIZE], all[CTL_SIZE_SIZE], speed[CTL_SIZE_SIZE];

	fflush(stdout);
	fprintf(stderr, "\r\033[K%s@%s: %s of %s, %s/s", p->item.name,
		p->item.label, ctl_size(done, have), ctl_size(total, all),
		ctl_size(rate, speed));
	if (left >= 0)
		fprintf(stderr, ", %lld:%02lld left", (long long)left / 60,
			(long long)left % 60);
	p->shown = true;
}

void ctl_progress_show(void *ctx, const struct cx_item *item, uint64_t done,
		       uint64_t total)
{
	struct ctl_progress *p = ctx;
	uint64_t passed, rate;
	int64_t left;

	begin(p, item, done);
	passed = cx_now_ms() - p->start;
	rate = passed && done > p->begun ?
	       (done - p->begun) * 1000 / passed : 0;
	left = rate && total >= done ? (int64_t)((total - done) / rate) : -1;
	if (p->fd >= 0)
		write_json(p, done, total, rate, left);
	if (p->terminal)
		write_line(p, done, total, rate, left);
}

void ctl_progress_clear(struct ctl_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
