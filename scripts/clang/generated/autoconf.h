/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Found before the kernel's own when scripts/build-module.sh --clang builds for
 * a kernel that gcc has built: what in its configuration hangs on the compiler.
 */
#include_next <generated/autoconf.h>

#undef CONFIG_CC_IS_GCC
#undef CONFIG_GCC_VERSION
#define CONFIG_GCC_VERSION 0
#define CONFIG_CC_IS_CLANG 1

/* Clang's named address spaces have not got what the headers want of gcc's. */
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_CC_HAS_NAMED_AS_FIXED_SANITIZERS
#undef CONFIG_USE_X86_SEG_SUPPORT
