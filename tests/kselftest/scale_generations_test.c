// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * As many generations of a cryptex as there may be, each the home of a process,
 * and one more.
 */
#include <stdlib.h>

#include <kselftest.h>

#include "fixture.h"
#include "remote.h"
#include "report.h"

#define COUNT CRYPTEX_MAX_GENERATIONS

static struct remote remotes[COUNT];

/* A process for generation @i, launched while it is active. */
static void settle_in(struct cryptex *cx, int i)
{
	char label[16];

	snprintf(label, sizeof(label), "%d", i + 1);
	cryptex_activate(cx, label);
	remote_start(&remotes[i]);
	if (remote_do(&remotes[i], "map %s/current/a rx p", cx->dir))
		die("map: %s", remotes[i].text);
}

static void populate(struct cryptex *cx)
{
	int i;

	for (i = 0; i < COUNT; i++)
		settle_in(cx, i);
}

/* How many see their own generation, by the link and by what it leads to? */
static int count_coherent(struct cryptex *cx)
{
	int i, count = 0;

	for (i = 0; i < COUNT; i++) {
		char label[16], text[16];

		snprintf(label, sizeof(label), "%d", i + 1);
		snprintf(text, sizeof(text), "%d:b", i + 1);
		count += !strcmp(remote_ask(&remotes[i], "link %s/current",
					    cx->dir), label) &&
			 !strcmp(remote_ask(&remotes[i], "head %s/current/b",
					    cx->dir), text);
	}
	return count;
}

/* Each generation that is listed has its user, none of them is active but one. */
static int count_users(struct cryptex *cx)
{
	bool seen[COUNT + 1] = {};
	struct user *users = NULL;
	int i, total = client_users(&cx->world->client, cx->name, &users);
	int count = 0;

	for (i = 0; i < total; i++) {
		int label = atoi(users[i].label);

		if (label < 1 || label > COUNT || seen[label] ||
		    users[i].pid != (uint32_t)remotes[label - 1].pid)
			return -1;
		seen[label] = true;
		count++;
	}
	free(users);
	return count;
}

static int stage_one_more(struct cryptex *cx)
{
	struct client *c = &cx->world->client;
	struct tree t = {};
	struct blob seal;
	int fd, err;

	tree_add_text(&t, cx->world, "text", "too many");
	seal = cryptex_seal(cx, "more", &t);
	tree_exit(&t);
	fd = world_seal_file(cx->world, &seal);
	free(seal.data);
	err = client_stage(c, fd);
	close(fd);
	ksft_print_msg("one more: %s (%s)\n", strerror(-err), c->text);
	return err;
}

/* What cryptex_simple() made it of, again. */
static void stage_again(struct cryptex *cx, const char *label)
{
	struct tree t = {};
	const char *file = "ab";

	for (; *file; file++) {
		char page[4096] = {}, name[2] = { *file };

		snprintf(page, sizeof(page), "%s:%s\n", label, name);
		tree_add_data(&t, cx->world, name, 0755, page, sizeof(page));
	}
	cryptex_stage(cx, label, &t);
	tree_exit(&t);
}

/* There is room for one more only where one goes. */
static void test_one_more(struct cryptex *cx)
{
	struct client *c = &cx->world->client;

	ksft_test_result(stage_one_more(cx) == -ENOSPC && c->text[0],
			 "one generation more is refused, and the reason told\n");
	ksft_test_result(client_retire(c, cx->name, "2") == -EBUSY,
			 "one that is used cannot be retired\n");
	remote_stop(&remotes[1]);
	ksft_test_result(!client_retire(c, cx->name, "2") &&
			 !stage_one_more(cx),
			 "one that nobody uses any more can, which makes room\n");
	ksft_test_result(!client_retire(c, cx->name, "more"),
			 "and what was never used can\n");
	stage_again(cx, "2");
	settle_in(cx, 1);
}

static void stop_all(void)
{
	int i;

	for (i = 0; i < COUNT; i++)
		remote_stop(&remotes[i]);
}

int main(void)
{
	struct generation *list = NULL;
	struct cryptex cx;
	struct world w;

	ksft_print_header();
	ksft_set_plan(9);
	world_init(&w);
	cryptex_init(&cx, &w, "generations");
	cryptex_simple(&cx, COUNT);
	ksft_test_result(client_get(&w.client, cx.name, &list) == COUNT,
			 "the most generations are staged\n");
	free(list);
	populate(&cx);
	ksft_test_result(count_coherent(&cx) == COUNT,
			 "each of their processes sees its own\n");
	ksft_test_result(count_users(&cx) == COUNT,
			 "each of them has its user in the dump\n");
	test_one_more(&cx);
	cryptex_activate(&cx, "1");
	ksft_test_result(count_coherent(&cx) == COUNT,
			 "each sees its own after going back to the base\n");
	stop_all();
	cryptex_activate(&cx, "64");
	populate(&cx);
	ksft_test_result(count_coherent(&cx) == COUNT,
			 "all of it holds a second time\n");
	stop_all();
	world_exit(&w);
	ksft_finished();
}
