/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/* The part of the seal's parser that is about extended attributes; for seal.c. */
#ifndef _CX_SEAL_XATTR_H
#define _CX_SEAL_XATTR_H

#include <cryptex/seal.h>

int cx_xattr_check(const struct cryptex_seal *seal,
		   struct cryptex_seal_fault *fault);
bool cx_xattr_link_ok(const struct cryptex_seal *seal,
		      const struct cryptex_seal_entry *e);

#endif /* _CX_SEAL_XATTR_H */
