/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_DISK_H
#define _KSFT_DISK_H

#include <sys/types.h>

/**
 * disk_flip - change one bit of a file on the disk, behind its file system
 * @file: on a file system on a block device
 * @offset: of the byte within the file; may be beyond its end, where fs-verity
 *	has its hashes
 * @dir: where a device node can be made
 *
 * The file's cached pages are dropped, so that the next read is from the disk.
 */
void disk_flip(const char *file, off_t offset, const char *dir);

#endif /* _KSFT_DISK_H */
