// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One round of module_test.sh: a little of everything, and all of it undone.
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

static void need_answer(struct remote *r, const char *want, const char *path)
{
	const char *got = remote_ask(r, "head %s", path);

	if (strcmp(want, got))
		die("%s: \"%s\" instead of \"%s\"", path, got, want);
}

static void use(struct cryptex *cx)
{
	char *path = cryptex_path(cx, "current/text");
	struct remote r;

	remote_start(&r);
	need_answer(&r, "1:text", path);
	if (remote_do(&r, "map %s/current/a rx p", cx->dir))
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

int main(void)
{
	struct user *users = NULL;
	struct cryptex cx;
	struct world w;

	world_init(&w);
	cryptex_init(&cx, &w, "round");
	cryptex_simple(&cx, 2);
	use(&cx);
	be_refused(&w);
	if (client_users(&w.client, cx.name, &users) < 0)
		die("users: %s", w.client.text);
	free(users);
	if (umount(cx.dir))
		die_errno("umount");
	world_exit(&w);
	return 0;
}
