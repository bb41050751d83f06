// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "fixture.h"
#include "report.h"

#define STORE_VARIABLE "CX_KSFT_STORE"

static void make_dir(const char *path, mode_t mode)
{
	if (mkdir(path, mode) && errno != EEXIST)
		die_errno("%s", path);
}

static void isolate(struct world *w)
{
	if (unshare(CLONE_NEWNS))
		die_errno("unshare");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die_errno("private mounts");
	snprintf(w->dir, sizeof(w->dir), "/tmp/cryptex-ksft");
	make_dir(w->dir, 0755);
	if (mount("cryptex-ksft", w->dir, "tmpfs", 0, "mode=0755"))
		die_errno("tmpfs");
}

void world_init_untrusted(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->store = getenv(STORE_VARIABLE);
	if (!w->store)
		die("%s is not set: start this through run_all.sh",
		    STORE_VARIABLE);
	isolate(w);
	signer_init(&w->signer, SIGNER_P256, "cryptex kselftest");
	if (client_open(&w->client))
		die("the module is not loaded");
}

void world_init(struct world *w)
{
	world_init_untrusted(w);
	world_trust(w, &w->signer);
}

void world_exit(struct world *w)
{
	client_close(&w->client);
	signer_exit(&w->signer);
}

void world_trust(struct world *w, const struct signer *s)
{
	struct blob cert = signer_certificate(s);
	int err = client_key_add(&w->client, cert.data, cert.size);

	if (err)
		die("key add: %s (%s)", strerror(-err), w->client.text);
	free(cert.data);
}

int world_seal_file(struct world *w, const struct blob *seal)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/seal.XXXXXX", w->dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0 || write(fd, seal->data, seal->size) != (ssize_t)seal->size)
		die_errno("%s", path);
	return fd;
}

void tree_add_data(struct tree *t, struct world *w, const char *path,
		   mode_t permissions, const void *data, size_t size)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	object_put(w->store, data, size, digest);
	tree_add_file(t, path, permissions, size, digest);
}

void tree_add_text(struct tree *t, struct world *w, const char *path,
		   const char *text)
{
	tree_add_data(t, w, path, 0644, text, strlen(text));
}

void beside(const char *name, char *path)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (len < 0)
		die_errno("/proc/self/exe");
	path[len] = 0;
	snprintf(strrchr(path, '/') + 1, PATH_MAX - len, "%s", name);
}

void tree_add_program(struct tree *t, struct world *w, const char *path,
		      const char *program)
{
	/* The last one is in the store already: most tests need one, often. */
	static uint8_t digest[CRYPTEX_DIGEST_SIZE];
	static char file[PATH_MAX];
	static size_t size;
	char wanted[PATH_MAX];

	beside(program, wanted);
	if (strcmp(file, wanted)) {
		strcpy(file, wanted);
		size = object_put_file(w->store, file, digest);
	}
	tree_add_file(t, path, 0755, size, digest);
}

void cryptex_init(struct cryptex *cx, struct world *w, const char *name)
{
	memset(cx, 0, sizeof(*cx));
	cx->world = w;
	snprintf(cx->name, sizeof(cx->name), "ksft-%d-%s", getpid(), name);
	snprintf(cx->dir, sizeof(cx->dir), "%s/%s", w->dir, name);
	make_dir(cx->dir, 0755);
}

static bool has_base(const struct cryptex *cx)
{
	static const uint8_t none[CRYPTEX_DIGEST_SIZE];

	return memcmp(cx->base, none, sizeof(none));
}

struct blob cryptex_seal(struct cryptex *cx, const char *label, struct tree *t)
{
	struct identity id = {
		.name = cx->name,
		.label = label,
		.base = has_base(cx) ? cx->base : NULL,
		.security_epoch = 1,
	};
	struct blob manifest = manifest_make(&id, t);
	struct blob seal = seal_make(&manifest, &cx->world->signer);

	if (!id.base)
		signer_sha256(manifest.data, manifest.size, cx->base);
	free(manifest.data);
	return seal;
}

void cryptex_mount_base(struct cryptex *cx, const char *label, struct tree *t)
{
	struct blob seal = cryptex_seal(cx, label, t);
	int fd = world_seal_file(cx->world, &seal);
	struct mount_result result;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = cryptex_mount(path, cx->world->store, cx->dir);
	if (result.err)
		die("mount: %s: %s", strerror(-result.err), result.text);
	close(fd);
	free(seal.data);
}

void cryptex_stage(struct cryptex *cx, const char *label, struct tree *t)
{
	struct blob seal = cryptex_seal(cx, label, t);
	int fd = world_seal_file(cx->world, &seal);
	int err = client_stage(&cx->world->client, fd);

	if (err)
		die("stage %s: %s (%s)", label, strerror(-err),
		    cx->world->client.text);
	close(fd);
	free(seal.data);
}

uint64_t cryptex_activate(struct cryptex *cx, const char *label)
{
	struct item item = { cx->name, label };
	struct client *c = &cx->world->client;
	int err = client_activate(c, &item, 1);

	if (err)
		die("activate %s: %s (%s)", label, strerror(-err), c->text);
	return c->epoch;
}

static void add_page(struct tree *t, struct world *w, const char *file,
		     const char *label)
{
	char page[4096] = {};

	snprintf(page, sizeof(page), "%s:%s\n", label, file);
	tree_add_data(t, w, file, 0755, page, sizeof(page));
}

void cryptex_simple(struct cryptex *cx, int count)
{
	struct world *w = cx->world;
	int i;

	for (i = 1; i <= count; i++) {
		struct tree t = {};
		char label[16];

		snprintf(label, sizeof(label), "%d", i);
		add_page(&t, w, "a", label);
		add_page(&t, w, "b", label);
		add_page(&t, w, "text", label);
		tree_add_dir(&t, "bin", 0755);
		tree_add_program(&t, w, "bin/agent", "agent");
		if (i == 1)
			cryptex_mount_base(cx, label, &t);
		else
			cryptex_stage(cx, label, &t);
		tree_exit(&t);
	}
}

char *cryptex_path(const struct cryptex *cx, const char *file)
{
	char *path;

	if (asprintf(&path, "%s/%s", cx->dir, file) < 0)
		die("out of memory");
	return path;
}
