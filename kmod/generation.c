// SPDX-License-Identifier: GPL-2.0-only
/*
 * A generation comes into being from a seal, in this order and no other: the
 * bytes are read once into memory that nobody else can write, the signature
 * over them is verified, and only then are they parsed.
 */
#include <linux/elf.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <crypto/sha2.h>

#include "generation.h"
#include "main.h"
#include "read.h"
#include "settle.h"
#include "trust.h"
#include "why.h"

static void generation_free(struct work_struct *work)
{
	struct cx_generation *gen =
		container_of(to_rcu_work(work), struct cx_generation, free);

	vfree(gen->buf);
	kfree(gen);
}

/**
 * cx_generation_get - take a reference
 * @gen: of which the caller has, or is kept from losing, a reference
 *
 * Return: @gen.
 */
struct cx_generation *cx_generation_get(struct cx_generation *gen)
{
	refcount_inc(&gen->refs);
	return gen;
}

/**
 * cx_generation_put - give a reference back
 * @gen: freed after an RCU grace period when this was the last one
 *
 * Context: any.
 */
void cx_generation_put(struct cx_generation *gen)
{
	if (refcount_dec_and_test(&gen->refs))
		queue_rcu_work(cx_workqueue, &gen->free);
}

/**
 * cx_generation_pin - a path walk is on its way into a generation
 * @gen: from an epoch; within the same RCU read section
 *
 * Context: any.
 */
void cx_generation_pin(struct cx_generation *gen)
{
	atomic_inc(&gen->pins);
}

/**
 * cx_generation_unpin - the walk has a reference inside, or has given up
 * @gen: pinned, its cryptex kept mounted by the walk
 *
 * Context: any.
 */
void cx_generation_unpin(struct cx_generation *gen)
{
	if (atomic_dec_return_release(&gen->pins) == 0 &&
	    !READ_ONCE(gen->active))
		cx_settle(gen->cryptex);
}

static int refuse_format(const struct cryptex_seal_fault *fault, int err,
			 struct cx_why *why)
{
	return cx_refuse(why, err, "seal: %s (byte %llu)", fault->what,
			 fault->offset);
}

static struct cx_signed signed_part(const struct cryptex_seal *seal)
{
	return (struct cx_signed){
		.what = "seal",
		.data = seal->header,
		.size = seal->signed_size,
		.signature = seal->signature,
		.signature_size = seal->signature_size,
		.checksum = seal->checksum,
	};
}

static int check_machine(const struct cryptex_seal *seal, struct cx_why *why)
{
	u16 machine = le16_to_cpu(seal->header->machine);

	if (machine == EM_NONE || machine == ELF_ARCH)
		return 0;
	return cx_refuse(why, -ENOEXEC,
			 "seal: made for ELF machine %u, this is %u", machine,
			 ELF_ARCH);
}

/**
 * cx_generation_signed - what of a generation's seal is signed
 * @gen: the generation
 *
 * Return: the manifest and its signature, good for as long as @gen is.
 */
struct cx_signed cx_generation_signed(const struct cx_generation *gen)
{
	return signed_part(&gen->seal);
}

static int verify_and_parse(struct cryptex_seal *seal, const void *buf,
			    size_t size, struct cx_why *why)
{
	struct cryptex_seal_fault fault;
	struct cx_signed s;
	int err = cryptex_seal_frame(buf, size, seal, &fault);

	if (err)
		return refuse_format(&fault, err, why);
	s = signed_part(seal);
	err = cx_trust_verify(&s, why);
	if (err)
		return err;
	err = cryptex_seal_parse(seal, &fault);
	if (err)
		return refuse_format(&fault, err, why);
	return check_machine(seal, why);
}

static u64 sum_bytes(const struct cryptex_seal *seal)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < seal->entry_count; i++)
		if (S_ISREG(le16_to_cpu(seal->entries[i].mode)))
			sum += le64_to_cpu(seal->entries[i].size);
	return sum;
}

/* Takes over @buf, also when it fails. */
static struct cx_generation *generation_new(void *buf, size_t size,
					    struct cx_why *why)
{
	struct cx_generation *gen = kzalloc(sizeof(*gen), GFP_KERNEL);
	int err;

	if (!gen) {
		vfree(buf);
		cx_refuse(why, -ENOMEM, "out of memory");
		return ERR_PTR(-ENOMEM);
	}
	err = verify_and_parse(&gen->seal, buf, size, why);
	if (err) {
		vfree(buf);
		kfree(gen);
		return ERR_PTR(err);
	}
	gen->buf = buf;
	sha256(buf, gen->seal.signed_size, gen->digest);
	gen->bytes = sum_bytes(&gen->seal);
	gen->drained = true;
	refcount_set(&gen->refs, 1);
	INIT_LIST_HEAD(&gen->link);
	INIT_RCU_WORK(&gen->free, generation_free);
	return gen;
}

static struct cx_generation *read_seal(void *buf, size_t size,
				       struct cx_why *why)
{
	return IS_ERR(buf) ? ERR_CAST(buf) : generation_new(buf, size, why);
}

/**
 * cx_generation_read_path - make a generation from a seal's file
 * @path: in the caller's mount namespace
 * @why: set on failure
 *
 * Context: may sleep; cx_trust_lock held.
 * Return: a generation with one reference, in no cryptex yet; -%EBADMSG,
 * -%EPROTONOSUPPORT, -%EFBIG if it breaks the format; the errors of
 * cx_trust_verify(); -%ENOEXEC if it is for another machine; or the errors of
 * cx_read_path().
 */
struct cx_generation *cx_generation_read_path(const char *path,
					      struct cx_why *why)
{
	size_t size;
	void *buf = cx_read_path(path, "seal", CRYPTEX_SEAL_MAX_SIZE, &size, why);

	return read_seal(buf, size, why);
}

/**
 * cx_generation_read_fd - make a generation from an open seal
 * @fd: descriptor of the caller, open for reading
 * @why: set on failure
 *
 * Context: may sleep; cx_trust_lock held.
 * Return: as cx_generation_read_path(), or -%EBADF.
 */
struct cx_generation *cx_generation_read_fd(int fd, struct cx_why *why)
{
	size_t size;
	void *buf = cx_read_fd(fd, "seal", CRYPTEX_SEAL_MAX_SIZE, &size, why);

	return read_seal(buf, size, why);
}
