// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * As many cryptexes as there may be, switched as one set, and one more.
 */
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>

#include <kselftest.h>

#include "fixture.h"
#include "report.h"

#define COUNT CRYPTEX_MAX_CRYPTEXES

static struct cryptex cryptexes[COUNT + 1];
static struct item items[COUNT + 1];

static void add_tree(struct tree *t, struct world *w, const char *label)
{
	static uint8_t digest[2][CRYPTEX_DIGEST_SIZE];
	int i = *label - '1';

	/* The same two objects for all. */
	if (!digest[i][0])
		object_put(w->store, label, 1, digest[i]);
	tree_add_file(t, "text", 0644, 1, digest[i]);
}

static void make_one(struct world *w, int i)
{
	struct cryptex *cx = &cryptexes[i];
	struct tree t = {};
	char name[16];

	snprintf(name, sizeof(name), "%d", i);
	cryptex_init(cx, w, name);
	add_tree(&t, w, "1");
	cryptex_mount_base(cx, "1", &t);
	tree_exit(&t);
	add_tree(&t, w, "2");
	cryptex_stage(cx, "2", &t);
	tree_exit(&t);
}

static struct mount_result mount_one_more(struct world *w)
{
	struct cryptex *cx = &cryptexes[COUNT];
	struct mount_result result;
	struct tree t = {};
	struct blob seal;
	char path[32];
	int fd;

	cryptex_init(cx, w, "more");
	add_tree(&t, w, "1");
	seal = cryptex_seal(cx, "1", &t);
	tree_exit(&t);
	fd = world_seal_file(w, &seal);
	free(seal.data);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = cryptex_mount(path, w->store, cx->dir);
	close(fd);
	return result;
}

static int activate(struct world *w, const char *label, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		items[i].name = cryptexes[i].name;
		items[i].label = label;
	}
	return client_activate(&w->client, items, count);
}

/* How many are at this generation, by what a file's content says? */
static int count_at(const char *label)
{
	int i, count = 0;

	for (i = 0; i < COUNT; i++) {
		char *path = cryptex_path(&cryptexes[i], "current/text");
		size_t size = 0;
		char *text = file_read(path, &size);

		count += text && size == 1 && *text == *label;
		free(text);
		free(path);
	}
	return count;
}

/* Are all of them active since one epoch? */
static bool is_one_epoch(struct world *w, const char *label, uint64_t epoch)
{
	struct generation *list = NULL;
	int i, total = client_get(&w->client, NULL, &list), count = 0;

	for (i = 0; i < total; i++)
		count += (list[i].flags & CRYPTEX_F_ACTIVE) &&
			 list[i].epoch == epoch && !strcmp(list[i].label, label);
	free(list);
	return total == 2 * COUNT && count == COUNT;
}

static void test_set(struct world *w)
{
	uint64_t before;
	int err;

	before = cryptex_activate(&cryptexes[0], "1");
	err = activate(w, "2", COUNT);
	ksft_test_result(!err && w->client.epoch == before + 1,
			 "all of them are switched as one epoch\n");
	ksft_test_result(is_one_epoch(w, "2", before + 1),
			 "the dump says so\n");
	ksft_test_result(count_at("2") == COUNT, "and what they hold\n");
	err = activate(w, "1", COUNT + 1);
	ksft_print_msg("one item more: %s (%s)\n", strerror(-err),
		       w->client.text);
	ksft_test_result(err == -E2BIG && w->client.text[0],
			 "one item more is refused, and the reason told\n");
	cryptexes[COUNT] = cryptexes[0];
	ksft_test_result(count_at("2") == COUNT, "and nothing is switched\n");
	err = activate(w, "1", COUNT);
	ksft_test_result(!err && count_at("1") == COUNT, "and back\n");
}

static int umount_all(void)
{
	int i, count = 0;

	for (i = 0; i < COUNT; i++)
		count += !umount(cryptexes[i].dir);
	return count;
}

int main(void)
{
	struct generation *list = NULL;
	time_t start = time(NULL);
	struct mount_result more;
	struct world w;
	int i;

	ksft_print_header();
	ksft_set_plan(9);
	world_init(&w);
	for (i = 0; i < COUNT; i++)
		make_one(&w, i);
	ksft_print_msg("%d cryptexes in %ld s\n", COUNT,
		       (long)(time(NULL) - start));
	ksft_test_result(client_get(&w.client, NULL, &list) == 2 * COUNT,
			 "the most cryptexes are mounted\n");
	free(list);
	more = mount_one_more(&w);
	ksft_print_msg("one more: %s (%s)\n", strerror(-more.err), more.text);
	ksft_test_result(more.err == -ENOSPC && more.text[0],
			 "one more is refused, and the reason told\n");
	test_set(&w);
	ksft_test_result(umount_all() == COUNT &&
			 client_get(&w.client, NULL, &list) == 0,
			 "unmounted, they have gone\n");
	world_exit(&w);
	ksft_finished();
}
