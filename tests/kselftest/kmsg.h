/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_KMSG_H
#define _KSFT_KMSG_H

/**
 * kmsg_open - begin to watch the kernel's log
 *
 * Return: a descriptor for kmsg_count().
 */
int kmsg_open(void);

/**
 * kmsg_count - lines that were logged since, or since the last call
 * @fd: from kmsg_open()
 * @text: what has to be in a line
 *
 * Return: how many.
 */
int kmsg_count(int fd, const char *text);

#endif /* _KSFT_KMSG_H */
