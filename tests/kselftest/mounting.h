/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_MOUNTING_H
#define _KSFT_MOUNTING_H

#define MOUNT_TEXT 512

/**
 * struct mount_result - what the kernel said to a mount
 * @err: 0 or a negative errno
 * @text: lines of the context's log, empty if there were none
 */
struct mount_result {
	int err;
	char text[MOUNT_TEXT];
};

/**
 * cryptex_mount - mount a seal
 * @seal: path of the seal, or NULL to leave the source out
 * @store: the option, or NULL to leave it out
 * @dir: where
 *
 * Goes through fsopen(), which unlike mount() tells why.
 */
struct mount_result cryptex_mount(const char *seal, const char *store,
				  const char *dir);

#endif /* _KSFT_MOUNTING_H */
