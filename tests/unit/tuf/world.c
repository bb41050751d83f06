// SPDX-License-Identifier: LGPL-2.1-or-later
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tuf/local.h"
#include "lib/tuf/pubkey.h"

static void need(bool truth, const char *what)
{
	if (truth)
		return;
	fprintf(stderr, "a test's world: %s\n", what);
	abort();
}

int world_make(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	char *root;

	repo_make(&world->repo);
	server_start(&world->server, world->repo.dir);
	strcpy(world->dir, "/tmp/cryptex-tuf-client-XXXXXX");
	need(mkdtemp(world->dir), "a folder");
	world->dirfd = open(world->dir, O_RDONLY | O_DIRECTORY);
	world->out = memfd_create("out", MFD_CLOEXEC);
	root = repo_sign(&world->repo, world->repo.root, KEY(ROOT_KEY));
	need(!cx_tuf_init(world->dirfd, root, strlen(root), &world->err),
	     world->err.text);
	free(root);
	*state = world;
	return 0;
}

int world_free(void **state)
{
	struct world *world = *state;
	char command[128];

	server_stop(&world->server);
	repo_free(&world->repo);
	close(world->dirfd);
	close(world->out);
	snprintf(command, sizeof(command), "rm -rf %s", world->dir);
	need(!system(command), "removing it");
	free(world);
	return 0;
}

static int update(struct world *world, struct cx_http *http, const char *name)
{
	const struct cx_tuf_options options = { .now = world->now };
	const struct cx_tuf_target *target;
	struct cx_tuf_transport transport;
	struct cx_tuf *tuf;
	int ret;

	cx_tuf_http_transport(http, &transport);
	ret = cx_tuf_open(world->dirfd, &transport, &options, &tuf,
			  &world->err);
	if (ret)
		return ret;
	ret = cx_tuf_refresh(tuf, &world->err);
	if (!ret && name)
		ret = cx_tuf_find(tuf, name, &target, &world->err);
	if (!ret && name)
		ret = cx_tuf_download(tuf, target, world->out, NULL, NULL,
				      &world->err);
	cx_tuf_close(tuf);
	return ret;
}

int world_update(struct world *world, const char *target)
{
	struct cx_http *http;
	int ret;

	world->err.text[0] = '\0';
	need(!cx_http_open(world->server.url, NULL, &http, &world->err),
	     world->err.text);
	ret = update(world, http, target);
	cx_http_close(http);
	/* No failure without a sentence */
	need(!ret || *world->err.text, "an error without a sentence");
	return ret;
}

struct cx_tuf *world_open_dir(struct world *world)
{
	struct cx_tuf_transport transport;
	struct cx_tuf *tuf;

	cx_tuf_dir_transport(world->repo.dirfd, &transport);
	need(!cx_tuf_open(world->dirfd, &transport, NULL, &tuf, &world->err),
	     world->err.text);
	return tuf;
}

int world_find(struct world *world, struct cx_tuf *tuf, const char *name,
	       const char *role)
{
	const struct cx_tuf_target *target;
	int ret = cx_tuf_find(tuf, name, &target, &world->err);

	need(ret || (!strcmp(target->name, name) &&
		     !strcmp(target->role, role)), "another target");
	return ret;
}

static void add_file(FILE *all, const struct world *world, const char *name)
{
	struct cx_buf buf;

	need(!cx_tuf_local_read(world->dirfd, name, 1 << 20, &buf, NULL), name);
	fprintf(all, "%s %zu\n", name, buf.size);
	fwrite(buf.data, 1, buf.size, all);
	cx_buf_free(&buf);
}

void world_state(const struct world *world, const char *except, char hex[129])
{
	uint8_t digest[CX_TUF_DIGEST_MAX];
	struct dirent **list;
	char *text;
	size_t size;
	FILE *all = open_memstream(&text, &size);
	int i, n = scandir(world->dir, &list, NULL, alphasort);

	for (i = 0; i < n; i++) {
		const char *name = list[i]->d_name;

		if (strcmp(name, ".") && strcmp(name, "..") &&
		    (!except || strcmp(name, except)))
			add_file(all, world, name);
		free(list[i]);
	}
	free(list);
	fclose(all);
	cx_hex(digest, cx_tuf_digest(CX_TUF_SHA256, text, size, digest), hex);
	free(text);
}

long long world_version(const struct world *world, const char *file)
{
	struct cx_buf buf;
	long long version;
	json_t *json;

	if (cx_tuf_local_read(world->dirfd, file, 1 << 20, &buf, NULL))
		return 0;
	json = json_loadb(buf.data, buf.size, 0, NULL);
	version = json_integer_value(json_object_get(json_object_get(json,
					"signed"), "version"));
	json_decref(json);
	cx_buf_free(&buf);
	return version;
}

uint64_t world_out_size(const struct world *world)
{
	struct stat st;

	need(!fstat(world->out, &st), "fstat");
	return st.st_size;
}
