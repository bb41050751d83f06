/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making signatures. */
#ifndef _SIGNATURE_H
#define _SIGNATURE_H

#include "lib/cms.h"
#include "lib/error.h"
#include "lib/file.h"

/**
 * signature_make - sign as the kernel wants it
 * @key: see key_load()
 * @cert: path of the key's certificate
 * @data: what to sign
 * @size: bytes of @data
 * @signature: set on success: detached CMS, DER; the caller frees it with
 *	cx_buf_free()
 * @err: filled on failure
 *
 * The signature has been verified against the certificate.
 *
 * Return: 0, -EINVAL (key and certificate do not fit, or it has no key id), -EIO (it
 * cannot be made), as key_load(), or why the certificate cannot be read.
 */
int signature_make(const char *key, const char *cert, const void *data,
		   size_t size, struct cx_buf *signature, struct cx_error *err);

/**
 * signature_append - make a signed file of what is signed
 * @key: see key_load()
 * @cert: path of the key's certificate
 * @data: the file's signed part
 * @size: bytes of @data
 * @file: set on success: @data, the signature over it, and the checksum of
 *	both; the caller frees it with cx_buf_free()
 * @err: filled on failure
 *
 * Return: as signature_make(), or -ENOMEM.
 */
int signature_append(const char *key, const char *cert, const void *data,
		     size_t size, struct cx_buf *file, struct cx_error *err);

#endif /* _SIGNATURE_H */
