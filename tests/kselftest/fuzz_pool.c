// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "fuzz_pool.h"
#include "report.h"

static const char *const names[POOL_CRYPTEXES] = { "a", "b", "c" };

/**
 * struct recipe - what a seal is made of
 * @label: of the generation
 * @base: digest of its base
 * @security_epoch: as in the header
 * @machine: as in the header
 * @signer: whose signature it gets
 */
struct recipe {
	const char *label;
	const uint8_t *base;
	uint32_t security_epoch;
	uint16_t machine;
	const struct signer *signer;
};

/* A file in memory: quickly made, and as good as any to the module. */
static int memory_file(const void *data, size_t size)
{
	int fd = memfd_create("cryptex-ksft", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		die_errno("memfd");
	return fd;
}

static int blob_file(struct blob blob)
{
	int fd = memory_file(blob.data, blob.size);

	free(blob.data);
	return fd;
}

static struct blob make_manifest(const struct cryptex *cx,
				 const struct recipe *what, struct tree *t)
{
	struct identity id = {
		.name = cx->name,
		.label = what->label,
		.base = what->base,
		.security_epoch = what->security_epoch,
		.machine = what->machine,
	};

	return manifest_make(&id, t);
}

static void fill_tree(struct pool *p, struct tree *t, const char *label)
{
	char text[80];

	snprintf(text, sizeof(text), "%s:text\n", label);
	tree_add_text(t, &p->world, "text", text);
	tree_add_dir(t, "d", 0755);
	tree_add_link(t, "l", "text");
	tree_add_text(t, &p->world, "d/x", "x");
}

static struct blob make_seal(struct pool *p, const struct cryptex *cx,
			     const struct recipe *what, uint8_t *digest)
{
	struct tree t = {};
	struct blob manifest, seal;

	fill_tree(p, &t, what->label);
	manifest = make_manifest(cx, what, &t);
	seal = seal_make(&manifest, what->signer);
	if (digest)
		signer_sha256(manifest.data, manifest.size, digest);
	free(manifest.data);
	tree_exit(&t);
	return seal;
}

static void mount_base(struct pool *p, int which)
{
	struct cryptex *cx = &p->cx[which];
	struct tree t = {};

	cryptex_init(cx, &p->world, names[which]);
	fill_tree(p, &t, "1");
	cryptex_mount_base(cx, "1", &t);
	tree_exit(&t);
}

/* Some are signed by the second signer, and their security epochs differ. */
static void make_patches(struct pool *p, int which, unsigned int count)
{
	char label[16];
	unsigned int i;

	p->patches[which] = count;
	for (i = 0; i < count; i++) {
		struct recipe what = {
			.label = label,
			.base = p->cx[which].base,
			.security_epoch = 1 + i % 4,
			.signer = i % 5 ? &p->world.signer : &p->second,
		};

		snprintf(label, sizeof(label), "g%u", i);
		p->patch[which][i] = blob_file(make_seal(p, &p->cx[which], &what,
							 p->digest[which][i]));
	}
}

static void add_strange(struct pool *p, int fd)
{
	if (p->strangers == POOL_STRANGE)
		die("too many descriptors");
	p->strange[p->strangers++] = fd;
}

/* What has the right form, and is wrong in what it says. */
static void add_wrong_seals(struct pool *p)
{
	static const uint8_t other[CRYPTEX_DIGEST_SIZE] = { 1 };
	struct cryptex unknown = p->cx[0];
	const struct signer *own = &p->world.signer;
	const struct recipe wrong[] = {
		{ "w0", other, 1, 0, own },
		{ "w1", NULL, 1, 0, own },
		{ "g1", p->cx[0].base, 7, 0, own },
		{ "w2", p->cx[0].base, 0, 0, own },
		{ "w3", p->cx[0].base, 1, 0x1234, own },
		{ "w4", p->cx[0].base, 1, 0, &p->stranger },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		add_strange(p, blob_file(make_seal(p, &p->cx[0], &wrong[i],
						   NULL)));
	strcpy(unknown.name, "unknown");
	add_strange(p, blob_file(make_seal(p, &unknown, &wrong[0], NULL)));
}

static void add_without_object(struct pool *p)
{
	const uint8_t digest[CRYPTEX_DIGEST_SIZE] = { 0xab, 0xcd };
	const struct recipe what = {
		.label = "o", .base = p->cx[0].base, .security_epoch = 1,
	};
	struct blob manifest;
	struct tree t = {};

	tree_add_file(&t, "missing", 0644, 10, digest);
	manifest = make_manifest(&p->cx[0], &what, &t);
	add_strange(p, blob_file(seal_make(&manifest, &p->world.signer)));
	free(manifest.data);
	tree_exit(&t);
}

/* The name is right, the content is not sealed by fs-verity. */
static void add_with_false_object(struct pool *p)
{
	const uint8_t digest[CRYPTEX_DIGEST_SIZE] = { 0xab, 0xce };
	const struct recipe what = {
		.label = "f", .base = p->cx[0].base, .security_epoch = 1,
	};
	char path[OBJECT_PATH];
	struct blob manifest;
	struct tree t = {};

	object_path(p->world.store, digest, path);
	*strrchr(path, '/') = 0;
	if (mkdir(path, 0755) && errno != EEXIST)
		die_errno("%s", path);
	object_path(p->world.store, digest, path);
	file_write(path, "false", 5);
	tree_add_file(&t, "false", 0644, 5, digest);
	manifest = make_manifest(&p->cx[0], &what, &t);
	add_strange(p, blob_file(seal_make(&manifest, &p->world.signer)));
	free(manifest.data);
	tree_exit(&t);
}

/* Object identifiers, the last byte of each made that of no algorithm. */
static struct blob of_unknown_algorithm(struct blob der, const void *oid,
					size_t size)
{
	uint8_t *found = memmem(der.data, der.size, oid, size);

	if (!found)
		die("no such object identifier");
	found[size - 1] = 0x7f;
	return der;
}

static const uint8_t p256[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
static const uint8_t sha256[] = { 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1 };

/* As long as its file makes it. */
static int with_large_signature(const struct blob *seal)
{
	int fd = memory_file(seal->data, seal->size);

	if (ftruncate(fd, seal->size + CRYPTEX_SEAL_MAX_SIGNATURE))
		die_errno("ftruncate");
	return fd;
}

/* Signature and frame. */
static void add_damaged(struct pool *p)
{
	const struct recipe what = {
		"d", p->cx[0].base, 1, 0, &p->world.signer
	};
	struct blob seal = make_seal(p, &p->cx[0], &what, NULL);
	struct blob manifest = p->manifest;
	struct blob others = signer_sign(&p->world.signer, "other", 5);
	struct blob unknown = of_unknown_algorithm(signer_sign(&p->world.signer,
							       manifest.data,
							       manifest.size),
						   sha256, sizeof(sha256));
	struct blob junk = { (uint8_t *)"junk", 4 };

	add_strange(p, blob_file(seal_assemble(&manifest, &others)));
	add_strange(p, blob_file(seal_assemble(&manifest, &unknown)));
	p->costly = p->strangers;
	add_strange(p, blob_file(seal_assemble(&manifest, &junk)));
	add_strange(p, memory_file(seal.data, seal.size - 1));
	add_strange(p, memory_file(seal.data, 100));
	add_strange(p, memory_file(seal.data, 5));
	add_strange(p, with_large_signature(&seal));
	seal.data[8] ^= 1;
	add_strange(p, memory_file(seal.data, seal.size));
	seal.data[8] ^= 1;
	seal.data[12] ^= 2;
	add_strange(p, memory_file(seal.data, seal.size));
	seal.data[12] ^= 2;
	seal.data[seal.size - 1] ^= 1;
	add_strange(p, memory_file(seal.data, seal.size));
	seal.data[seal.size - 1] ^= 1;
	/* What is signed is said to be one byte long. */
	memset(seal.data + 16, 0, sizeof(__le64));
	seal.data[16] = 1;
	add_strange(p, memory_file(seal.data, seal.size));
	free(seal.data);
	free(others.data);
	free(unknown.data);
}

static int sparse_file(off_t size)
{
	int fd = memory_file("", 0);

	if (ftruncate(fd, size))
		die_errno("ftruncate");
	return fd;
}

static int write_only(struct pool *p)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/write-only", p->world.dir);
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
}

/* What is no seal and no list, and often no file. */
static void add_descriptors(struct pool *p)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die_errno("pipe");
	add_strange(p, ends[0]);
	add_strange(p, ends[1]);
	add_strange(p, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	add_strange(p, open("/proc/self/exe", O_PATH | O_CLOEXEC));
	add_strange(p, open("/dev/null", O_RDWR | O_CLOEXEC));
	/* Shorter than it says. */
	add_strange(p, open("/sys/kernel/notes", O_RDONLY | O_CLOEXEC));
	add_strange(p, open("/sys/kernel/uevent_seqnum", O_RDONLY | O_CLOEXEC));
	add_strange(p, open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	/* It has a size, and cannot be read. */
	add_strange(p, open("/sys/class/net/lo/speed", O_RDONLY | O_CLOEXEC));
	add_strange(p, write_only(p));
	add_strange(p, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	add_strange(p, sparse_file(0));
	add_strange(p, sparse_file(1));
	add_strange(p, sparse_file(1LL << 40));
	add_strange(p, 1000);
	add_strange(p, -1);
	add_strange(p, INT32_MAX);
}

static void add_certificates(struct pool *p)
{
	struct blob own = signer_certificate(&p->world.signer);
	struct blob *c = p->certificate;

	c[0] = own;
	c[1] = signer_certificate(&p->second);
	c[2] = signer_certificate(&p->stranger);
	c[3] = of_unknown_algorithm(signer_certificate(&p->second), p256,
				    sizeof(p256));
	c[4] = blob_join(&own, &own);
	c[5] = (struct blob) { own.data, own.size - 1 };
	c[6] = (struct blob) { (uint8_t *)"\x30\x82\x00\x01\x00", 5 };
	c[7] = signer_sign(&p->world.signer, "no certificate", 14);
}

/* A patch with some of everything that a manifest can have. */
static void make_manifest_to_spoil(struct pool *p)
{
	struct identity id = {
		.name = p->cx[1].name,
		.label = "m",
		.base = p->cx[1].base,
		.security_epoch = 1,
		.fixes = "[{\"id\":\"CVE-2026-1\",\"severity\":\"low\",\"text\":\"x\"}]",
	};
	struct tree t = {};

	fill_tree(p, &t, "m");
	tree_add_link(&t, "m", "text");
	tree_add_xattr(&t, "m", "security.selinux", "u:r:l", 6);
	tree_add_xattr(&t, "text", "user.a", "one", 3);
	tree_add_xattr(&t, "text", "user.b", "", 0);
	tree_add_xattr(&t, "d", "security.selinux", "u:r:t", 6);
	tree_add_xattr(&t, "d/x", "user.a", "one", 3);
	p->manifest = manifest_make(&id, &t);
	tree_exit(&t);
}

void pool_init(struct pool *p, struct fuzz_random *r)
{
	int i;

	memset(p, 0, sizeof(*p));
	p->last_list = -1;
	p->scattered = fuzz_once_in(r, 3);
	world_init(&p->world);
	signer_init(&p->second, SIGNER_P256, "fuzz second");
	signer_init(&p->stranger, SIGNER_P256, "fuzz stranger");
	world_trust(&p->world, &p->second);
	for (i = 0; i < POOL_CRYPTEXES; i++) {
		mount_base(p, i);
		make_patches(p, i, i ? POOL_FEW : POOL_PATCHES);
	}
	make_manifest_to_spoil(p);
	add_wrong_seals(p);
	add_without_object(p);
	add_with_false_object(p);
	add_damaged(p);
	add_descriptors(p);
	add_certificates(p);
}
