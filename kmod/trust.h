/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_TRUST_H
#define _CX_TRUST_H

#include <linux/rwsem.h>
#include <linux/types.h>

struct cx_why;
struct key;

/*
 * What may be trusted: keys, revocations, whether it is locked.  Held for
 * reading from the verification of a seal until its generation is in the lists,
 * where a new revocation finds it.  Outside of s_umount and cx_lock.
 */
extern struct rw_semaphore cx_trust_lock;

/**
 * struct cx_signed - signed data and its detached signature
 * @what: the word for it in a refusal
 * @data: what is signed
 * @size: bytes at @data
 * @signature: PKCS#7, DER
 * @signature_size: bytes at @signature
 * @checksum: SHA-256 of both, as the file says; @signature follows @data
 */
struct cx_signed {
	const char *what;
	const void *data;
	size_t size;
	const void *signature;
	size_t signature_size;
	const u8 *checksum;
};

int cx_trust_init(void);
int cx_trust_add_builtin(void);
void cx_trust_exit(void);
int cx_trust_add(const void *der, size_t size, struct cx_why *why);
int cx_trust_verify(const struct cx_signed *s, struct cx_why *why);
void cx_trust_lock_down(void);
bool cx_trust_is_locked(void);

struct key *cx_trust_new_keyring(const char *name);
int cx_trust_add_to(struct key *keyring, const void *der, size_t size,
		    struct cx_why *why);
int cx_trust_is_signed_by(const struct cx_signed *s, struct key *keyring);
void cx_trust_set_revoked(struct key *keyring);

#endif /* _CX_TRUST_H */
