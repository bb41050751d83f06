/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The certificate that is trusted from the start, if the module was built with
 * one: make module CERTIFICATE=publisher.pem
 */
#include <linux/init.h>
#include <linux/linkage.h>

	__INITRODATA
	.globl cx_builtin_certificate
	.globl cx_builtin_certificate_end
cx_builtin_certificate:
#ifdef CX_CERTIFICATE
	.incbin CX_CERTIFICATE
#endif
cx_builtin_certificate_end:
	.section .note.GNU-stack, "", %progbits
