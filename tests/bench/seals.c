// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: bench-seals OBJECT DIR
 *
 * Makes in DIR the seals of trees whose size is what matters: all of their
 * files have the content of the file OBJECT, so a store needs that one object.
 *
 *   seals.der                    the certificate of the key that signed them
 *   few-0.seal, few-1 ... 63     10 files; the base and its patches
 *   many-0.seal, many-1.seal     100,000 files
 *   other1-0.seal, other1-1.seal ... other1023-0.seal, other1023-1.seal
 *                                as many cryptexes of one file, and patches
 *   line-0.seal, line-1000 ...   a base of one file, and patches of so many
 *                                entries: 1,000 to 1,000,000
 *
 * By the tests' own maker of seals: the publisher reads every file of a tree,
 * and a million of them is nothing to make for a figure about the manifest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kselftest/seal_maker.h"
#include "lib/verity.h"
#include "measure.h"

#define FEW		10
#define MANY		100000
#define FOLDERS		100	/* over which a large tree is spread */
#define LARGEST		1000000	/* entries, CRYPTEX_SEAL_MAX_ENTRIES */

/* What all seals have in common. */
struct maker {
	struct signer signer;
	uint8_t object[CRYPTEX_DIGEST_SIZE];
	uint64_t object_size;
	const char *dir;
};

static void write_file(const char *dir, const char *name,
		       const struct blob *data)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fwrite(data->data, 1, data->size, f) != data->size ||
	    fclose(f))
		bench_die("%s: %s", path, strerror(errno));
}

static void find_object(struct maker *m, const char *path)
{
	struct cx_error err;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		bench_die("%s: %s", path, strerror(errno));
	m->object_size = st.st_size;
	if (cx_verity_compute(fd, 0, m->object_size, path, m->object, &err))
		bench_die("%s", err.text);
	close(fd);
}

/* A tree of so many files, the root and its folders not counted. */
static void add_files(const struct maker *m, struct tree *t, size_t files)
{
	size_t folders = files > MANY / 100 ? FOLDERS : 0, i;
	char path[64];

	for (i = 0; i < folders; i++) {
		snprintf(path, sizeof(path), "folder-%02zu", i);
		tree_add_dir(t, path, 0755);
	}
	for (i = 0; i < files; i++) {
		if (folders)
			snprintf(path, sizeof(path), "folder-%02zu/file-%06zu",
				 i % folders, i);
		else
			snprintf(path, sizeof(path), "file-%06zu", i);
		tree_add_file(t, path, 0644, m->object_size, m->object);
	}
}

/*
 * Seals a tree of so many files.  A base sets @base to its manifest's digest
 * when @patch is false, a patch is made for that base.
 */
static void make_seal(const struct maker *m, const char *name, size_t number,
		      size_t files, uint8_t *base, bool patch)
{
	char label[32], file[64];
	struct identity id = {
		.name = name,
		.label = label,
		.base = patch ? base : NULL,
		.security_epoch = 1,
	};
	struct tree t = { 0 };
	struct blob manifest, seal;

	snprintf(label, sizeof(label), "%zu", number);
	add_files(m, &t, files);
	manifest = manifest_make(&id, &t);
	if (!patch)
		signer_sha256(manifest.data, manifest.size, base);
	seal = seal_make(&manifest, &m->signer);
	snprintf(file, sizeof(file), "%s-%zu.seal", name, number);
	write_file(m->dir, file, &seal);
	free(seal.data);
	free(manifest.data);
	tree_exit(&t);
}

static void make_generations(const struct maker *m, const char *name,
			     size_t files, size_t count)
{
	uint8_t base[CRYPTEX_DIGEST_SIZE];
	size_t i;

	for (i = 0; i < count; i++)
		make_seal(m, name, i, files, base, i > 0);
}

static void make_others(const struct maker *m)
{
	char name[32];
	size_t i;

	for (i = 1; i < CRYPTEX_MAX_CRYPTEXES; i++) {
		snprintf(name, sizeof(name), "other%zu", i);
		make_generations(m, name, 1, 2);
	}
}

/* The root and the folders are entries, too. */
static void make_line(const struct maker *m)
{
	uint8_t base[CRYPTEX_DIGEST_SIZE];
	size_t entries;

	make_seal(m, "line", 0, 1, base, false);
	for (entries = 1000; entries <= LARGEST; entries *= 10)
		make_seal(m, "line", entries,
			  entries - 1 - (entries > 1000 ? FOLDERS : 0), base,
			  true);
}

int main(int argc, char **argv)
{
	struct maker m = { 0 };
	struct blob cert;

	if (argc != 3)
		bench_die("usage: bench-seals OBJECT DIR");
	m.dir = argv[2];
	find_object(&m, argv[1]);
	signer_init(&m.signer, SIGNER_P256, "benchmark");
	cert = signer_certificate(&m.signer);
	write_file(m.dir, "seals.der", &cert);
	free(cert.data);
	make_generations(&m, "few", FEW, CRYPTEX_MAX_GENERATIONS);
	make_generations(&m, "many", MANY, 2);
	make_others(&m);
	make_line(&m);
	signer_exit(&m.signer);
	return 0;
}
