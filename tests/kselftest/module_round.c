// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: module_round make DIR
 *	module_round once DIR
 *	module_round hold DIR
 *
 * One round of module_test.sh: a little of everything, and all of it undone.
 * `make` prepares in DIR what all rounds have in common, since there are many;
 * `hold` stops halfway, with the cryptex mounted, until it is killed.
 *
 * The test's mount namespace would go a moment after this process does, so it
 * unmounts by itself: rmmod comes next.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "fixture.h"
#include "remote.h"
#include "report.h"

static const char *dir;

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void name_it(struct cryptex *cx, struct world *w)
{
	cryptex_init(cx, w, "round");
	/* Without the process's number: the next round is another process. */
	snprintf(cx->name, sizeof(cx->name), "round");
}

static void make(struct world *w)
{
	struct blob cert = signer_certificate(&w->signer), seal;
	char label[2] = "1", text[8];
	struct cryptex cx;

	name_it(&cx, w);
	file_write(in_dir("cert"), cert.data, cert.size);
	for (; label[0] <= '2'; label[0]++) {
		struct tree t = {};

		snprintf(text, sizeof(text), "%s:text", label);
		tree_add_text(&t, w, "text", text);
		tree_add_link(&t, "link", "text");
		seal = cryptex_seal(&cx, label, &t);
		file_write(in_dir(label), seal.data, seal.size);
		free(seal.data);
		tree_exit(&t);
	}
	free(cert.data);
}

static void set_up(struct cryptex *cx)
{
	struct client *c = &cx->world->client;
	struct mount_result result;
	size_t size;
	void *cert = file_read(in_dir("cert"), &size);
	int fd;

	if (!cert || client_key_add(c, cert, size))
		die("key add: %s", c->text);
	free(cert);
	result = cryptex_mount(in_dir("1"), cx->world->store, cx->dir);
	if (result.err)
		die("mount: %s", result.text);
	fd = open(in_dir("2"), O_RDONLY | O_CLOEXEC);
	if (client_stage(c, fd))
		die("stage: %s", c->text);
	close(fd);
}

static void need_answer(struct remote *r, const char *want, const char *path)
{
	const char *got = remote_ask(r, "head %s", path);

	if (strcmp(want, got))
		die("%s: \"%s\" instead of \"%s\"", path, got, want);
}

static void use(struct cryptex *cx)
{
	char *path = cryptex_path(cx, "current/link");
	struct remote r;

	remote_start(&r);
	need_answer(&r, "1:text", path);
	if (remote_do(&r, "map %s/current/text rx p", cx->dir))
		die("map: %s", r.text);
	cryptex_activate(cx, "2");
	need_answer(&r, "1:text", path);
	remote_stop(&r);
	remote_start(&r);
	need_answer(&r, "2:text", path);
	remote_stop(&r);
	free(path);
}

/* Something refused must leave as little behind as something done. */
static void be_refused(struct world *w)
{
	struct blob nonsense = { (uint8_t *)"no seal", 7 };
	int fd = world_seal_file(w, &nonsense);

	if (client_stage(&w->client, fd) != -EBADMSG)
		die("nonsense was staged");
	close(fd);
}

static void do_once(struct cryptex *cx)
{
	struct client *c = &cx->world->client;
	struct user *users = NULL;

	use(cx);
	be_refused(cx->world);
	if (client_users(c, cx->name, &users) < 0)
		die("users: %s", c->text);
	free(users);
	if (umount(cx->dir))
		die_errno("umount");
}

/* Until it is killed: its mounts go with it. */
static void hold(void)
{
	puts("held");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	struct cryptex cx;
	struct world w;

	if (argc != 3)
		die("usage: module_round make|once|hold DIR");
	dir = argv[2];
	world_init_untrusted(&w);
	if (!strcmp(argv[1], "make")) {
		make(&w);
	} else {
		name_it(&cx, &w);
		set_up(&cx);
		if (!strcmp(argv[1], "hold"))
			hold();
		do_once(&cx);
	}
	world_exit(&w);
	return 0;
}
