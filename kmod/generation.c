// SPDX-License-Identifier: GPL-2.0-only
/*
 * A generation comes into being from a seal, in this order and no other: the
 * bytes are read once into memory that nobody else can write, the signature
 * over them is verified, and only then are they parsed.
 */
#include <linux/elf.h>
#include <linux/kernel_read_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <crypto/sha2.h>

#include "generation.h"
#include "main.h"
#include "trust.h"
#include "why.h"

#define SEAL_MAX_SIZE							\
	(sizeof(struct cryptex_seal_header) +				\
	 (size_t)CRYPTEX_SEAL_MAX_ENTRIES *				\
		 sizeof(struct cryptex_seal_entry) +			\
	 CRYPTEX_SEAL_MAX_STRINGS + CRYPTEX_SEAL_MAX_FIXES +		\
	 CRYPTEX_SEAL_MAX_SIGNATURE)

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

static int refuse_format(const struct cryptex_seal_fault *fault, int err,
			 struct cx_why *why)
{
	return cx_refuse(why, err, "seal: %s (byte %llu)", fault->what,
			 fault->offset);
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

static int verify_and_parse(struct cryptex_seal *seal, const void *buf,
			    size_t size, struct cx_why *why)
{
	struct cryptex_seal_fault fault;
	int err = cryptex_seal_frame(buf, size, seal, &fault);

	if (err)
		return refuse_format(&fault, err, why);
	err = cx_trust_verify(seal, why);
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
	refcount_set(&gen->refs, 1);
	INIT_LIST_HEAD(&gen->link);
	INIT_RCU_WORK(&gen->free, generation_free);
	return gen;
}

static int refuse_read(ssize_t err, struct cx_why *why)
{
	switch (err) {
	case -EINVAL:
		return cx_refuse(why, err,
				 "seal: file is empty or not a regular file");
	case -EFBIG:
		return cx_refuse(why, err, "seal: file larger than any seal");
	case -EBADF:
		return cx_refuse(why, err,
				 "seal: descriptor is not open for reading");
	case -ETXTBSY:
		return cx_refuse(why, err, "seal: file is open for writing");
	default:
		return cx_refuse(why, err, "seal: cannot be read (error %zd)",
				 -err);
	}
}

/**
 * cx_generation_read_path - make a generation from a seal's file
 * @path: in the caller's mount namespace
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: a generation with one reference, in no cryptex yet; -%EBADMSG,
 * -%EPROTONOSUPPORT, -%EFBIG if it breaks the format; the errors of
 * cx_trust_verify(); -%ENOEXEC if it is for another machine; -%ENOMEM; or what
 * reading the file returned.
 */
struct cx_generation *cx_generation_read_path(const char *path,
					      struct cx_why *why)
{
	void *buf = NULL;
	ssize_t size = kernel_read_file_from_path(path, 0, &buf, SEAL_MAX_SIZE,
						  NULL, READING_UNKNOWN);

	if (size < 0)
		return ERR_PTR(refuse_read(size, why));
	return generation_new(buf, size, why);
}

/**
 * cx_generation_read_fd - make a generation from an open seal
 * @fd: descriptor of the caller, open for reading
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: as cx_generation_read_path().
 */
struct cx_generation *cx_generation_read_fd(int fd, struct cx_why *why)
{
	void *buf = NULL;
	ssize_t size = kernel_read_file_from_fd(fd, 0, &buf, SEAL_MAX_SIZE,
						NULL, READING_UNKNOWN);

	if (size < 0)
		return ERR_PTR(refuse_read(size, why));
	return generation_new(buf, size, why);
}
