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
#include <crypto/sha2.h>
#include <keys/asymmetric-type.h>

#include "notify.h"
#include "revoke.h"
#include "trust.h"
#include "why.h"

extern const u8 cx_builtin_certificate[], cx_builtin_certificate_end[];

DECLARE_RWSEM(cx_trust_lock);	/* what it protects: see trust.h */

static struct key *trusted;
static struct key *revoked;	/* NULL while no key is revoked */
static bool locked;

/**
 * cx_trust_new_keyring - a keyring that only the module can add to
 * @name: its name
 *
 * Context: may sleep.
 * Return: the keyring, for key_put(), or an error pointer of keyring_alloc().
 */
struct key *cx_trust_new_keyring(const char *name)
{
	return keyring_alloc(name, GLOBAL_ROOT_UID, GLOBAL_ROOT_GID,
			     current_cred(),
			     KEY_POS_VIEW | KEY_POS_READ | KEY_POS_SEARCH |
			     KEY_POS_WRITE | KEY_USR_VIEW | KEY_USR_READ |
			     KEY_USR_SEARCH,
			     KEY_ALLOC_NOT_IN_QUOTA, NULL, NULL);
}

/**
 * cx_trust_init - make the keyring ``.cryptex``
 *
 * Return: 0, or the negative errno of keyring_alloc().
 */
int __init cx_trust_init(void)
{
	trusted = cx_trust_new_keyring(".cryptex");
	return PTR_ERR_OR_ZERO(trusted);
}

/**
 * cx_trust_add_builtin - trust the certificate that was built in, if any
 *
 * Return: 0, or the negative errno of cx_trust_add_to().
 */
int __init cx_trust_add_builtin(void)
{
	size_t size = cx_builtin_certificate_end - cx_builtin_certificate;
	struct cx_why why = {};
	int err = 0;

	if (size)
		err = cx_trust_add_to(trusted, cx_builtin_certificate, size,
				      &why);
	if (err)
		pr_err("built in %s\n", why.text);
	return err;
}

/**
 * cx_trust_exit - forget all keys
 */
void cx_trust_exit(void)
{
	key_put(trusted);
	key_put(revoked);
}

/**
 * cx_trust_lock_down - take no more keys, until the module goes
 *
 * Context: cx_trust_lock held for writing.
 */
void cx_trust_lock_down(void)
{
	lockdep_assert_held_write(&cx_trust_lock);
	WRITE_ONCE(locked, true);
}

/**
 * cx_trust_is_locked - was cx_trust_lock_down() called?
 *
 * Context: any; the answer stays true, or while cx_trust_lock is held.
 * Return: true if so.
 */
bool cx_trust_is_locked(void)
{
	return READ_ONCE(locked);
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
 * cx_trust_add_to - add a certificate's key to a keyring
 * @keyring: from cx_trust_new_keyring()
 * @der: one X.509 certificate
 * @size: bytes at @der
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: 0; -%EBADMSG if this is no certificate, -%ENOPKG if the kernel lacks
 * the algorithm, -%ENOMEM.
 */
int cx_trust_add_to(struct key *keyring, const void *der, size_t size,
		    struct cx_why *why)
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
	if (keyring == trusted)
		cx_notify_key_added(key_ref_to_ptr(key)->description);
	key_ref_put(key);
	return 0;
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
 * Context: may sleep; takes cx_trust_lock.
 * Return: 0; -%EPERM if locked; -%EKEYREVOKED if this certificate is revoked; or
 * as cx_trust_add_to().
 */
int cx_trust_add(const void *der, size_t size, struct cx_why *why)
{
	int err;

	down_read(&cx_trust_lock);
	if (locked)
		err = cx_refuse(why, -EPERM, "locked: no further keys");
	else if (cx_revoke_has_certificate(der, size))
		err = cx_refuse(why, -EKEYREVOKED,
				"this certificate is revoked");
	else
		err = cx_trust_add_to(trusted, der, size, why);
	up_read(&cx_trust_lock);
	return err;
}

static int refuse_signature(const struct cx_signed *s, int err,
			    struct cx_why *why)
{
	switch (err) {
	case -ENOKEY:
		return cx_refuse(why, err, "signature: made by no trusted key");
	case -EKEYREJECTED:
		return cx_refuse(why, err,
				 "signature: does not match the %s", s->what);
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

static int verify(const struct cx_signed *s, struct key *keyring)
{
	return verify_pkcs7_signature(s->data, s->size, s->signature,
				      s->signature_size, keyring,
				      VERIFYING_UNSPECIFIED_SIGNATURE, NULL,
				      NULL);
}

/**
 * cx_trust_is_signed_by - does a signature lead to a key of a keyring?
 * @s: the data and its signature, which some key verifies
 * @keyring: which
 *
 * Context: may sleep.
 * Return: 1 or 0; a negative errno if it cannot be found out.
 */
int cx_trust_is_signed_by(const struct cx_signed *s, struct key *keyring)
{
	int err = verify(s, keyring);

	if (err == -ENOKEY)
		return 0;
	return err ?: 1;
}

/**
 * cx_trust_set_revoked - from now on nothing counts that one of these keys signed
 * @keyring: the keys; its reference is taken over
 *
 * Context: cx_trust_lock held for writing.
 */
void cx_trust_set_revoked(struct key *keyring)
{
	lockdep_assert_held_write(&cx_trust_lock);
	key_put(revoked);
	revoked = keyring;
}

static int check_sum(const struct cx_signed *s, struct cx_why *why)
{
	u8 sum[SHA256_DIGEST_SIZE];

	sha256(s->data, s->size + s->signature_size, sum);
	if (!memcmp(sum, s->checksum, SHA256_DIGEST_SIZE))
		return 0;
	return cx_refuse(why, -EBADMSG, "%s: damaged, its checksum differs",
			 s->what);
}

/**
 * cx_trust_verify - was this signed by a trusted key, and by no revoked one?
 * @s: the data and its signature
 * @why: set on failure
 *
 * Context: may sleep; cx_trust_lock held.
 * Return: 0; -%ENOKEY if no trusted key signed it, -%EKEYREVOKED if a revoked
 * one did, -%EKEYREJECTED if the signature does not match, -%ENOPKG if the
 * kernel lacks the algorithm, -%EBADMSG if it is no PKCS#7 signature or
 * the checksum differs, -%ENOMEM.
 */
int cx_trust_verify(const struct cx_signed *s, struct cx_why *why)
{
	int err = verify(s, trusted);

	lockdep_assert_held(&cx_trust_lock);
	if (err)
		return refuse_signature(s, err, why);
	err = check_sum(s, why);
	if (err || !revoked)
		return err;
	err = cx_trust_is_signed_by(s, revoked);
	if (err < 0)
		return refuse_signature(s, err, why);
	return err ? cx_refuse(why, -EKEYREVOKED,
			       "signature: made by a revoked key") : 0;
}
