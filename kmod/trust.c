// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keys that may sign, and the check of a signature against them.
 *
 * The keyring is the module's own: whoever owns a builtin, secondary or
 * platform key signs kernels or modules, not cryptexes.  Nobody but this file
 * can add to it, since no one else has write permission.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cred.h>
#include <linux/key.h>
#include <linux/unaligned.h>
#include <linux/verification.h>
#include <keys/asymmetric-type.h>

#include <cryptex/seal.h>

#include "trust.h"
#include "why.h"

extern const u8 cx_builtin_certificate[], cx_builtin_certificate_end[];

static struct key *keyring;

static int __init add_builtin(void)
{
	size_t size = cx_builtin_certificate_end - cx_builtin_certificate;
	struct cx_why why = {};
	int err = 0;

	if (size)
		err = cx_trust_add(cx_builtin_certificate, size, &why);
	if (err)
		pr_err("built in %s\n", why.text);
	return err;
}

/**
 * cx_trust_init - make the keyring ``.cryptex``
 *
 * It holds the certificate that was built in, if any.
 *
 * Return: 0, or the negative errno of keyring_alloc() or cx_trust_add().
 */
int __init cx_trust_init(void)
{
	int err;

	keyring = keyring_alloc(".cryptex", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
				current_cred(),
				KEY_POS_VIEW | KEY_POS_READ | KEY_POS_SEARCH |
				KEY_POS_WRITE | KEY_USR_VIEW | KEY_USR_READ |
				KEY_USR_SEARCH,
				KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
	if (IS_ERR(keyring))
		return PTR_ERR(keyring);
	err = add_builtin();
	if (err)
		key_put(keyring);
	return err;
}

/**
 * cx_trust_exit - forget all keys
 */
void cx_trust_exit(void)
{
	key_put(keyring);
}

/*
 * The kernel's parser takes no notice of bytes behind a certificate, so that of
 * two only the first would be trusted, and nobody told.  DER: a SEQUENCE of at
 * least 256 bytes, as every certificate is, has its length in two bytes.
 */
static bool is_one_sequence(const u8 *der, size_t size)
{
	return size > 4 && der[0] == 0x30 && der[1] == 0x82 &&
	       get_unaligned_be16(der + 2) + 4 == size;
}

static int refuse_certificate(int err, struct cx_why *why)
{
	switch (err) {
	case -ENOMEM:
		return cx_refuse(why, err, "out of memory");
	case -ENOPKG:
		return cx_refuse(why, err,
				 "certificate: algorithm unknown to this kernel");
	default:
		return cx_refuse(why, -EBADMSG,
				 "certificate: not one X.509 certificate in DER");
	}
}

/**
 * cx_trust_add - trust what a certificate's key signs, until the module goes
 * @der: one X.509 certificate
 * @size: bytes at @der
 * @why: set on failure
 *
 * Adding a key again changes nothing.  The kernel's X.509 parser does not hand
 * out validity dates to modules: who adds a certificate checks them.
 *
 * Context: may sleep.
 * Return: 0; -%EBADMSG if this is no certificate, -%ENOPKG if the kernel lacks
 * the algorithm, -%ENOMEM.
 */
int cx_trust_add(const void *der, size_t size, struct cx_why *why)
{
	key_ref_t key;

	if (!is_one_sequence(der, size))
		return refuse_certificate(-EBADMSG, why);
	key = key_create_or_update(make_key_ref(keyring, true), "asymmetric",
				   NULL, der, size,
				   KEY_POS_VIEW | KEY_POS_READ |
				   KEY_POS_SEARCH | KEY_USR_VIEW | KEY_USR_READ,
				   KEY_ALLOC_NOT_IN_QUOTA);
	if (IS_ERR(key))
		return refuse_certificate(PTR_ERR(key), why);
	pr_info("trusted key added: %s\n", key_ref_to_ptr(key)->description);
	key_ref_put(key);
	return 0;
}

static int refuse_signature(int err, struct cx_why *why)
{
	switch (err) {
	case -ENOKEY:
		return cx_refuse(why, err, "signature: made by no trusted key");
	case -EKEYREJECTED:
		return cx_refuse(why, err,
				 "signature: does not match the seal");
	case -ENOPKG:
		return cx_refuse(why, err,
				 "signature: algorithm unknown to this kernel");
	case -ENOMEM:
		return cx_refuse(why, err, "out of memory");
	default:
		return cx_refuse(why, -EBADMSG,
				 "signature: not a detached PKCS#7 signature");
	}
}

/**
 * cx_trust_verify - was this seal signed by a trusted key?
 * @seal: framed, not parsed
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: 0; -%ENOKEY if no trusted key signed it, -%EKEYREJECTED if the
 * signature does not match, -%ENOPKG if the kernel lacks the algorithm,
 * -%EBADMSG if it is no PKCS#7 signature, -%ENOMEM.
 */
int cx_trust_verify(const struct cryptex_seal *seal, struct cx_why *why)
{
	int err = verify_pkcs7_signature(seal->header, seal->signed_size,
					 seal->signature, seal->signature_size,
					 keyring, VERIFYING_UNSPECIFIED_SIGNATURE,
					 NULL, NULL);

	return err ? refuse_signature(err, why) : 0;
}
