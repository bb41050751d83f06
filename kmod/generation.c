// SPDX-License-Identifier: GPL-2.0-only
/*
 * A generation comes into being from a seal, in this order and no other: the
 * bytes are read once into memory that nobody else can write, the signature
 * over them is verified, and only then are they parsed.
 */
#include <linux/elf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <crypto/sha2.h>

#include "epoch.h"
#include "generation.h"
#include "main.h"
#include "trust.h"
#include "why.h"

#define SEAL_MAX_SIZE							\
	(sizeof(struct cryptex_seal_header) +				\
	 (size_t)CRYPTEX_SEAL_MAX_ENTRIES *				\
		 sizeof(struct cryptex_seal_entry) +			\
	 CRYPTEX_SEAL_MAX_STRINGS + CRYPTEX_SEAL_MAX_FIXES +		\
	 CRYPTEX_SEAL_MAX_SIGNATURE + CRYPTEX_CHECKSUM_SIZE)

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
 * @gen: pinned
 *
 * Context: any.
 */
void cx_generation_unpin(struct cx_generation *gen)
{
	if (atomic_dec_return_release(&gen->pins) == 0 &&
	    !READ_ONCE(gen->active))
		cx_epoch_settle();
}

static int refuse_format(const struct cryptex_seal_fault *fault, int err,
			 struct cx_why *why)
{
	return cx_refuse(why, err, "seal: %s (byte %llu)", fault->what,
			 fault->offset);
}

static int check_sum(const struct cryptex_seal *seal, struct cx_why *why)
{
	u8 sum[SHA256_DIGEST_SIZE];

	sha256((const u8 *)seal->header,
	       seal->signed_size + seal->signature_size, sum);
	if (!memcmp(sum, seal->checksum, CRYPTEX_CHECKSUM_SIZE))
		return 0;
	return cx_refuse(why, -EBADMSG, "seal: damaged, its checksum differs");
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
	if (!err)
		err = check_sum(seal, why);
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

static struct cx_generation *refuse_file(struct cx_why *why, int err,
					 const char *what)
{
	return ERR_PTR(cx_refuse(why, err, "seal: %s", what));
}

static int read_whole(struct file *file, void *buf, size_t size)
{
	loff_t pos = 0;

	while (pos < size) {
		ssize_t got = kernel_read(file, buf + pos, size - pos, &pos);

		if (got <= 0)
			return got ? got : -EIO;
	}
	return 0;
}

/*
 * Read by hand: kernel_read_file() wants to be told a purpose, and has none
 * that fits; security modules warn of an unknown one.
 */
static struct cx_generation *read_file(struct file *file, struct cx_why *why)
{
	loff_t size = i_size_read(file_inode(file));
	void *buf;

	if (!S_ISREG(file_inode(file)->i_mode))
		return refuse_file(why, -EINVAL, "not a regular file");
	if (!(file->f_mode & FMODE_READ))
		return refuse_file(why, -EBADF, "file not open for reading");
	if (!size)
		return refuse_file(why, -EBADMSG, "the file is empty");
	if (size > SEAL_MAX_SIZE)
		return refuse_file(why, -EFBIG, "file larger than any seal");
	buf = vmalloc(size);
	if (!buf)
		return refuse_file(why, -ENOMEM, "out of memory");
	if (read_whole(file, buf, size)) {
		vfree(buf);
		return refuse_file(why, -EIO, "the file cannot be read");
	}
	return generation_new(buf, size, why);
}

/**
 * cx_generation_read_path - make a generation from a seal's file
 * @path: in the caller's mount namespace
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: a generation with one reference, in no cryptex yet; -%EBADMSG,
 * -%EPROTONOSUPPORT, -%EFBIG if it breaks the format; the errors of
 * cx_trust_verify(); -%ENOEXEC if it is for another machine; -%EINVAL if it is
 * no regular file; -%EIO; -%ENOMEM; or what opening the file returned.
 */
struct cx_generation *cx_generation_read_path(const char *path,
					      struct cx_why *why)
{
	struct cx_generation *gen;
	struct file *file;

	/* Without waiting: a pipe is no seal. */
	file = filp_open(path, O_RDONLY | O_LARGEFILE | O_NONBLOCK, 0);
	if (IS_ERR(file))
		return refuse_file(why, PTR_ERR(file),
				   "the file cannot be opened");
	gen = read_file(file, why);
	fput(file);
	return gen;
}

/**
 * cx_generation_read_fd - make a generation from an open seal
 * @fd: descriptor of the caller, open for reading
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: as cx_generation_read_path(), or -%EBADF.
 */
struct cx_generation *cx_generation_read_fd(int fd, struct cx_why *why)
{
	struct cx_generation *gen;
	struct file *file = fget(fd);

	if (!file)
		return refuse_file(why, -EBADF, "no such descriptor");
	gen = read_file(file, why);
	fput(file);
	return gen;
}
