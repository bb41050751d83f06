// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sys/socket.h>

#include <linux/audit.h>
#include <linux/netlink.h>

#include "audit_log.h"
#include "report.h"

void audit_log_enable(int fd, bool on)
{
	struct {
		struct nlmsghdr head;
		struct audit_status status;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = AUDIT_SET,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.status = { .mask = AUDIT_STATUS_ENABLED, .enabled = on },
	};

	if (send(fd, &request, sizeof(request), 0) != sizeof(request))
		die_errno("audit");
}

int audit_log_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	int group = AUDIT_NLGRP_READLOG, size = 1 << 20;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
		       sizeof(group)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		die_errno("the audit log");
	audit_log_enable(fd, true);
	return fd;
}
