// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is revoked, and how old an active generation may be.
 *
 * Lists add up: what one has revoked stays so while the module is loaded, also
 * when a later one leaves it out.  A list whose content a later one has whole is
 * forgotten.
 */
#include <linux/key.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <cryptex/revocation.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "notify.h"
#include "read.h"
#include "revoke.h"
#include "succession.h"
#include "trust.h"
#include "why.h"

/**
 * struct revocations - a list
 * @view: the parsed list; it lies in @buf
 * @buf: from vmalloc
 * @size: bytes at @buf
 * @link: in lists
 *
 * Immutable but for @link.
 */
struct revocations {
	struct cryptex_revocation view;
	void *buf;
	size_t size;
	struct list_head link;
};

/*
 * Those in force, the newest first.  Written with cx_trust_lock held for writing
 * and cx_lock; either is enough to read.
 */
static LIST_HEAD(lists);

static void list_free(struct revocations *list)
{
	vfree(list->buf);
	kfree(list);
}

static u64 number_of(const struct revocations *list)
{
	return le64_to_cpu(list->view.header->number);
}

static u32 certificates_of(const struct revocations *list)
{
	return le32_to_cpu(list->view.header->certificate_count);
}

static struct revocations *newest_list(void)
{
	return list_first_entry_or_null(&lists, struct revocations, link);
}

static int refuse_format(const struct cryptex_seal_fault *fault, int err,
			 struct cx_why *why)
{
	return cx_refuse(why, err, "list: %s (byte %llu)", fault->what,
			 fault->offset);
}

static int verify_and_parse(struct revocations *list, struct cx_why *why)
{
	struct cryptex_revocation *view = &list->view;
	struct cryptex_seal_fault fault;
	struct cx_signed s;
	int err = cryptex_revocation_frame(list->buf, list->size, view, &fault);

	if (err)
		return refuse_format(&fault, err, why);
	s = (struct cx_signed){
		.what = "list",
		.data = list->buf,
		.size = view->signed_size,
		.signature = view->signature,
		.signature_size = view->signature_size,
		.checksum = view->checksum,
	};
	err = cx_trust_verify(&s, why);
	if (err)
		return err;
	err = cryptex_revocation_parse(view, &fault);
	return err ? refuse_format(&fault, err, why) : 0;
}

static struct revocations *list_read(int fd, struct cx_why *why)
{
	struct revocations *list = kzalloc(sizeof(*list), GFP_KERNEL);
	int err;

	if (!list)
		return ERR_PTR(cx_refuse(why, -ENOMEM, "out of memory"));
	list->buf = cx_read_fd(fd, "list", CRYPTEX_REVOCATION_MAX_SIZE,
			       &list->size, why);
	if (IS_ERR(list->buf)) {
		err = PTR_ERR(list->buf);
		kfree(list);
		return ERR_PTR(err);
	}
	err = verify_and_parse(list, why);
	if (!err)
		return list;
	list_free(list);
	return ERR_PTR(err);
}

/* A key that this kernel has no algorithm for cannot sign anything here. */
static int add_certificates(struct key *keyring, const struct revocations *list,
			    struct cx_why *why)
{
	u32 i, size;

	for (i = 0; i < certificates_of(list); i++) {
		const void *der = cryptex_revocation_certificate(&list->view, i,
								 &size);
		int err = cx_trust_add_to(keyring, der, size, why);

		if (err && err != -ENOPKG)
			return err;
	}
	return 0;
}

/* All keys that are revoked once @added is in force. */
static struct key *make_keyring(const struct revocations *added,
				struct cx_why *why)
{
	struct key *keyring = cx_trust_new_keyring(".cryptex_revoked");
	const struct revocations *list;
	int err;

	if (IS_ERR(keyring)) {
		cx_refuse(why, PTR_ERR(keyring), "no keyring to be had");
		return keyring;
	}
	err = add_certificates(keyring, added, why);
	list_for_each_entry(list, &lists, link)
		err = err ?: add_certificates(keyring, list, why);
	if (!err)
		return keyring;
	key_put(keyring);
	return ERR_PTR(err);
}

static int check_room(const struct revocations *added, struct cx_why *why)
{
	const struct revocations *list;
	unsigned int kept = 1;

	list_for_each_entry(list, &lists, link)
		kept += !cryptex_revocation_contains(&added->view, &list->view);
	if (kept <= CRYPTEX_MAX_LISTS)
		return 0;
	return cx_refuse(why, -ENOSPC, "%u lists are in force; this has not all of one",
			 CRYPTEX_MAX_LISTS);
}

/*
 * Signers are not signed themselves: whoever had a seal in his hands may have
 * added one that nothing can be said about.  Such a seal is hit, too; or a
 * single one could keep lists out.
 */
static int is_hit(const struct cx_generation *gen,
		  const struct revocations *list, struct key *keyring)
{
	struct cx_signed s;
	int signer;

	if (gen->revoked)
		return 0;
	if (cryptex_revocation_has_seal(&list->view, gen->digest))
		return 1;
	if (!certificates_of(list))
		return 0;
	s = cx_generation_signed(gen);
	signer = cx_trust_is_signed_by(&s, keyring);
	return signer == -ENOMEM ? signer : signer != 0;
}

static int mark_hits(const struct revocations *list, struct key *keyring,
		     struct cx_why *why)
{
	struct cx_generation *gen;
	struct cx_cryptex *cx;

	list_for_each_entry(cx, &cx_cryptexes, link)
		list_for_each_entry(gen, &cx->generations, link) {
			int hit = is_hit(gen, list, keyring);

			if (hit < 0)
				return cx_refuse(why, hit, "out of memory");
			gen->hit = hit;
		}
	return 0;
}

static void clear_hits(void)
{
	struct cx_generation *gen;
	struct cx_cryptex *cx;

	list_for_each_entry(cx, &cx_cryptexes, link)
		list_for_each_entry(gen, &cx->generations, link)
			gen->hit = false;
}

/* Takes over @list and @keyring.  Nothing here can fail. */
static u64 enforce(struct revocations *list, struct key *keyring,
		   struct list_head *set)
{
	struct revocations *old, *next;
	struct cx_generation *gen;
	struct cx_cryptex *cx;
	u64 epoch;

	list_for_each_entry_safe(old, next, &lists, link)
		if (cryptex_revocation_contains(&list->view, &old->view)) {
			list_del(&old->link);
			list_free(old);
		}
	list_add(&list->link, &lists);
	cx_trust_set_revoked(keyring);
	list_for_each_entry(cx, &cx_cryptexes, link)
		list_for_each_entry(gen, &cx->generations, link)
			if (gen->hit)
				WRITE_ONCE(gen->revoked, true);
	cx_changes++;
	epoch = cx_epoch_switch(set);
	cx_notify_revoked(number_of(list));
	if (!list_empty(set))
		cx_notify_activated(set, epoch);
	return epoch;
}

/* Takes over @list if it succeeds. */
static int put_in_force(struct revocations *list, u64 *epoch, struct cx_why *why)
{
	struct key *keyring = make_keyring(list, why);
	LIST_HEAD(set);
	int err;

	if (IS_ERR(keyring))
		return PTR_ERR(keyring);
	mutex_lock(&cx_lock);
	err = check_room(list, why);
	if (!err)
		err = mark_hits(list, keyring, why);
	if (!err)
		err = cx_succession_prepare(&list->view, &set, why);
	if (!err)
		*epoch = enforce(list, keyring, &set);
	else
		key_put(keyring);
	clear_hits();
	cx_epoch_forget(&set);
	mutex_unlock(&cx_lock);
	return err;
}

static bool is_in_force(const struct revocations *list)
{
	const struct revocations *newest = newest_list();

	return newest && newest->view.signed_size == list->view.signed_size &&
	       !memcmp(newest->buf, list->buf, list->view.signed_size);
}

/* Takes over @list. */
static int apply(struct revocations *list, struct cx_revoked *result,
		 struct cx_why *why)
{
	const struct revocations *newest = newest_list();
	int err = 0;

	result->number = number_of(list);
	result->epoch = cx_epoch_newest();
	if (is_in_force(list))
		goto free;
	if (newest && result->number <= number_of(newest))
		err = cx_refuse(why, -ESTALE,
				"list %llu is not newer than list %llu in force",
				result->number, number_of(newest));
	else
		err = put_in_force(list, &result->epoch, why);
	if (!err)
		return 0;
free:
	list_free(list);
	return err;
}

/**
 * cx_revoke_fd - put a revocation list in force
 * @fd: descriptor of the caller, open for reading
 * @result: set on success
 * @why: set on failure
 *
 * All of it takes effect, and all successors become active as one epoch, or
 * nothing has changed.
 *
 * Context: may sleep; takes cx_trust_lock for writing, and cx_lock, also while
 * signatures are verified once more against revoked keys.
 * Return: 0; -%ESTALE if a newer list is in force; -%ENOSPC if
 * %CRYPTEX_MAX_LISTS are that it does not contain; -%EBADMSG, -%EFBIG,
 * -%EPROTONOSUPPORT if it breaks the format; the errors of cx_trust_verify() and
 * cx_read_fd(); -%ENOMEM.
 */
int cx_revoke_fd(int fd, struct cx_revoked *result, struct cx_why *why)
{
	struct revocations *list;
	int err;

	down_write(&cx_trust_lock);
	list = list_read(fd, why);
	err = IS_ERR(list) ? PTR_ERR(list) : apply(list, result, why);
	up_write(&cx_trust_lock);
	return err;
}

/**
 * cx_revoke_number - which list is in force?
 *
 * Context: cx_lock held.
 * Return: the newest one's number, or 0.
 */
u64 cx_revoke_number(void)
{
	const struct revocations *newest = newest_list();

	return newest ? number_of(newest) : 0;
}

/**
 * cx_revoke_floor - how old may an active generation be?
 * @name: of which cryptex
 *
 * Context: cx_lock held.
 * Return: the lowest security epoch that may be activated, or 0.
 */
u32 cx_revoke_floor(const char *name)
{
	const struct revocations *list;
	u32 floor = 0;

	list_for_each_entry(list, &lists, link)
		floor = max(floor, cryptex_revocation_floor_of(&list->view, name));
	return floor;
}

/**
 * cx_revoke_check - is a seal revoked?
 * @gen: what it describes
 * @why: set if so
 *
 * Context: cx_lock held.
 * Return: 0 or -%EKEYREVOKED.
 */
int cx_revoke_check(const struct cx_generation *gen, struct cx_why *why)
{
	const struct revocations *list;

	if (gen->revoked)
		return cx_refuse(why, -EKEYREVOKED, "%.24s %.24s is revoked",
				 cx_generation_name(gen),
				 cx_generation_label(gen));
	list_for_each_entry(list, &lists, link)
		if (cryptex_revocation_has_seal(&list->view, gen->digest))
			return cx_refuse(why, -EKEYREVOKED,
					 "this seal is revoked by list %llu",
					 number_of(list));
	return 0;
}

/**
 * cx_revoke_check_floor - is a generation too old to become active?
 * @gen: the generation
 * @why: set if so
 *
 * Context: cx_lock held.
 * Return: 0 or -%ESTALE.
 */
int cx_revoke_check_floor(const struct cx_generation *gen, struct cx_why *why)
{
	u32 floor = cx_revoke_floor(cx_generation_name(gen));

	if (cx_generation_security_epoch(gen) >= floor)
		return 0;
	return cx_refuse(why, -ESTALE, "security epoch %u is below the floor %u",
			 cx_generation_security_epoch(gen), floor);
}

/**
 * cx_revoke_has_certificate - is this certificate revoked?
 * @der: X.509
 * @size: bytes at @der
 *
 * Context: cx_trust_lock held.
 * Return: true if so.
 */
bool cx_revoke_has_certificate(const void *der, size_t size)
{
	const struct revocations *list;
	u32 i, length;

	list_for_each_entry(list, &lists, link)
		for (i = 0; i < certificates_of(list); i++) {
			const void *other =
				cryptex_revocation_certificate(&list->view, i,
							       &length);

			if (length == size && !memcmp(other, der, size))
				return true;
		}
	return false;
}

/**
 * cx_revoke_exit - forget all lists, as the module goes
 */
void cx_revoke_exit(void)
{
	struct revocations *list, *next;

	list_for_each_entry_safe(list, next, &lists, link)
		list_free(list);
}
