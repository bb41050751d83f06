/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events as lines, for people and for programs. */
#ifndef _CTL_EVENT_H
#define _CTL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/netlink.h"

/**
 * ctl_event_print - print an event as one line on stdout
 * @event: the event
 * @json: as a JSON object
 */
void ctl_event_print(const struct cx_event *event, bool json);

/**
 * ctl_event_lost - print that events were lost, as one line on stdout
 * @count: how many
 * @json: as a JSON object
 */
void ctl_event_lost(uint64_t count, bool json);

#endif /* _CTL_EVENT_H */
