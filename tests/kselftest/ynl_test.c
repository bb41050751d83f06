// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sets the scene for ynl_client.py, which a kernel tree's own netlink client
 * drives by the specification alone: a mounted cryptex and, in the test's
 * folder, the files that requests take.  Becomes that program.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "disk.h"
#include "fixture.h"
#include "list_maker.h"
#include "report.h"

#define PAGE 4096

struct scene {
	struct world world;
	struct cryptex cx, other;
	struct tree tree;
};

/* The descriptors of the test's own files are closed by the exec. */
static void keep(struct scene *s, const char *name, struct blob bytes)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", s->world.dir, name);
	file_write(path, bytes.data, bytes.size);
	free(bytes.data);
}

/* A file that the disk has changed: the last that a generation holds. */
static void add_damaged(struct scene *s)
{
	static char page[PAGE] = "damaged";
	char path[OBJECT_PATH];

	tree_add_data(&s->tree, &s->world, "damaged", 0644, page, sizeof(page));
	object_path(s->world.store, s->tree.nodes[s->tree.count - 1].digest, path);
	disk_flip(path, 100, s->world.dir);
}

static void make_list(struct scene *s)
{
	struct denials denials = { .number = 7 };
	struct identity id = {
		.name = s->cx.name, .label = "3", .base = s->cx.base,
		.security_epoch = 1,
	};
	struct blob manifest = manifest_make(&id, &s->tree);
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	signer_sha256(manifest.data, manifest.size, digest);
	denials_add_seal(&denials, digest);
	keep(s, "list", list_make(&denials, &s->world.signer));
	free(manifest.data);
}

static void make_files(struct scene *s)
{
	struct signer stranger, trusted = s->world.signer;

	keep(s, "2.seal", cryptex_seal(&s->cx, "2", &s->tree));
	keep(s, "3.seal", cryptex_seal(&s->cx, "3", &s->tree));
	keep(s, "other.seal", cryptex_seal(&s->other, "1", &s->tree));
	make_list(s);
	signer_init(&stranger, SIGNER_P256, "another key");
	keep(s, "certificate", signer_certificate(&stranger));
	s->world.signer = stranger;
	keep(s, "strange.seal", cryptex_seal(&s->cx, "4", &s->tree));
	s->world.signer = trusted;
}

int main(void)
{
	char client[PATH_MAX], ynl[PATH_MAX];
	struct scene s = {};

	world_init(&s.world);
	cryptex_init(&s.cx, &s.world, "y");
	cryptex_init(&s.other, &s.world, "other");
	tree_add_text(&s.tree, &s.world, "f", "f");
	add_damaged(&s);
	cryptex_mount_base(&s.cx, "1", &s.tree);
	make_files(&s);
	beside("ynl_client.py", client);
	beside("ynl", ynl);
	execlp("python3", "python3", client, ynl, s.world.store, s.world.dir,
	       s.cx.name, s.other.name, (char *)NULL);
	die_errno("python3");
}
