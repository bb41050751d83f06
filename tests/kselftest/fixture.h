/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What nearly every test stands on: a store, a trusted key, mounted cryptexes
 * and their generations.
 *
 * A set-up step that fails ends the test with a line that says what failed.
 */
#ifndef _KSFT_FIXTURE_H
#define _KSFT_FIXTURE_H

/*
 * The harness's 30 seconds are not enough on an emulated kernel with KCSAN, on a
 * machine that has other work.
 */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 180
#endif

#include "ksft_netlink.h"
#include "mounting.h"
#include "objects.h"
#include "seal_maker.h"
#include "signer.h"

/**
 * struct world - one test's surroundings
 * @store: the store's folder
 * @dir: a folder of this test alone, on a tmpfs of its own
 * @signer: its key is trusted
 * @client: connected to the module
 *
 * The test gets a mount namespace of its own, so its mounts go with its last
 * process, however it ends.
 */
struct world {
	const char *store;
	char dir[64];
	struct signer signer;
	struct client client;
};

/**
 * struct cryptex - a cryptex of a test
 * @world: where it lives
 * @name: of this test alone
 * @dir: where it is mounted
 * @base: digest of its base
 */
struct cryptex {
	struct world *world;
	char name[CRYPTEX_LABEL_SIZE];
	char dir[128];
	uint8_t base[CRYPTEX_DIGEST_SIZE];
};

void world_init(struct world *w);
void world_exit(struct world *w);

/* A world whose key is not trusted yet. */
void world_init_untrusted(struct world *w);

/**
 * world_trust - trust a signer
 * @w: the world
 * @s: the signer
 */
void world_trust(struct world *w, const struct signer *s);

/**
 * world_seal_file - write a seal into a file of the test's folder
 * @w: the world
 * @seal: its bytes
 *
 * Return: an open descriptor; /proc/self/fd/N is its path.
 */
int world_seal_file(struct world *w, const struct blob *seal);

/**
 * tree_add_text - put a text into the store and a file with it into a tree
 * @t: the tree
 * @w: whose store
 * @path: in the tree
 * @text: the content
 */
void tree_add_text(struct tree *t, struct world *w, const char *path,
		   const char *text);

/**
 * tree_add_data - put data into the store and a file with it into a tree
 * @t: the tree
 * @w: whose store
 * @path: in the tree
 * @permissions: of the file
 * @data: the content
 * @size: bytes at @data
 */
void tree_add_data(struct tree *t, struct world *w, const char *path,
		   mode_t permissions, const void *data, size_t size);

/**
 * tree_add_program - put a program of these tests into the store and a tree
 * @t: the tree
 * @w: whose store
 * @path: in the tree
 * @program: a file beside the running program
 */
void tree_add_program(struct tree *t, struct world *w, const char *path,
		      const char *program);

/**
 * beside - path of a file that was built with this program
 * @name: of the file
 * @path: set, PATH_MAX bytes
 */
void beside(const char *name, char *path);

/**
 * cryptex_init - give a cryptex a name and a folder, mount nothing
 * @cx: the cryptex
 * @w: the world
 * @name: distinguishes the cryptexes of a test
 */
void cryptex_init(struct cryptex *cx, struct world *w, const char *name);

/**
 * cryptex_seal - seal a tree as a generation of a cryptex
 * @cx: the cryptex; a base is made if it has none yet
 * @label: of the generation
 * @t: the tree
 *
 * Return: a seal signed by the world's key; the caller frees the data.
 */
struct blob cryptex_seal(struct cryptex *cx, const char *label, struct tree *t);

/* Seals a tree as the base and mounts it. */
void cryptex_mount_base(struct cryptex *cx, const char *label, struct tree *t);

/* Seals a tree as a patch and stages it. */
void cryptex_stage(struct cryptex *cx, const char *label, struct tree *t);

/* Makes a generation active and returns the epoch. */
uint64_t cryptex_activate(struct cryptex *cx, const char *label);

/**
 * cryptex_simple - mount a base "1" and stage "2", "3" ... up to @count
 * @cx: initialised
 * @count: number of generations
 *
 * Each holds the files "a", "b" and "text", whose content, a page, begins with
 * the label and differs between the three, and bin/agent.
 */
void cryptex_simple(struct cryptex *cx, int count);

/* Path of a file of a cryptex; the caller frees it. */
char *cryptex_path(const struct cryptex *cx, const char *file);

#endif /* _KSFT_FIXTURE_H */
