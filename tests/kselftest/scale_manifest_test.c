// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A manifest of as many entries as there may be, and of one more.
 *
 * All files have one content: what grows is the manifest, and the module opens
 * the object of every entry all the same.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include <kselftest.h>

#include "fixture.h"
#include "report.h"

#define CONTENT "the content of each"
/* The root and the folder are entries. */
#define FILES (CRYPTEX_SEAL_MAX_ENTRIES - 2)

/* All in one folder, the largest that there can be. */
static void add_files(struct tree *t, struct world *w, unsigned int count)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char path[32];
	unsigned int i;

	object_put(w->store, CONTENT, strlen(CONTENT), digest);
	tree_add_dir(t, "all", 0755);
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "all/%07u", i);
		tree_add_file(t, path, 0644, strlen(CONTENT), digest);
	}
}

/* Returns what the module answers, and how long it took. */
static int stage(struct cryptex *cx, const char *label, struct tree *t,
		 time_t *seconds)
{
	struct blob seal = cryptex_seal(cx, label, t);
	int fd = world_seal_file(cx->world, &seal);
	time_t start = time(NULL);
	int err;

	free(seal.data);
	err = client_stage(&cx->world->client, fd);
	*seconds = time(NULL) - start;
	close(fd);
	return err;
}

static void mount_small(struct cryptex *cx)
{
	struct tree t = {};

	tree_add_text(&t, cx->world, "text", "the base");
	cryptex_mount_base(cx, "small", &t);
	tree_exit(&t);
}

static bool has_content(const struct cryptex *cx, unsigned int number)
{
	char path[256], text[64] = {};
	struct stat st;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/current/all/%07u", cx->dir, number);
	if (stat(path, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size != strlen(CONTENT))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = read(fd, text, sizeof(text));
	close(fd);
	return got == strlen(CONTENT) && !strcmp(text, CONTENT);
}

static bool is_missing(const struct cryptex *cx, unsigned int number)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/current/all/%07u", cx->dir, number);
	return stat(path, &st) && errno == ENOENT;
}

static unsigned int list_all(const struct cryptex *cx)
{
	char *path = cryptex_path(cx, "current/all");
	DIR *dir = opendir(path);
	unsigned int count = 0;
	struct dirent *d;

	if (!dir)
		die_errno("%s", path);
	while ((d = readdir(dir)))
		count += d->d_name[0] != '.';
	closedir(dir);
	free(path);
	return count;
}

static void test_largest(struct cryptex *cx, struct tree *t)
{
	struct generation *list;
	time_t seconds;
	int err = stage(cx, "most", t, &seconds);

	ksft_print_msg("%u entries staged in %ld s: %s %s\n",
		       CRYPTEX_SEAL_MAX_ENTRIES, (long)seconds, strerror(-err),
		       cx->world->client.text);
	ksft_test_result(!err, "a manifest of the most entries is staged\n");
	if (err)
		ksft_exit_fail();
	ksft_test_result(client_get(&cx->world->client, cx->name, &list) == 2 &&
			 list[1].entries == CRYPTEX_SEAL_MAX_ENTRIES,
			 "the dump tells their number\n");
	free(list);
	cryptex_activate(cx, "most");
	ksft_test_result(has_content(cx, 0) && has_content(cx, FILES - 1) &&
			 has_content(cx, FILES / 2),
			 "the first, the last and one between are what was sealed\n");
	ksft_test_result(is_missing(cx, FILES) && is_missing(cx, 9999999),
			 "there is none behind the last\n");
	ksft_test_result(list_all(cx) == FILES, "the folder lists them all\n");
}

static void test_too_large(struct cryptex *cx, struct tree *t)
{
	time_t seconds;
	int err = stage(cx, "more", t, &seconds);

	ksft_print_msg("one more: %s (%s), %ld s\n", strerror(-err),
		       cx->world->client.text, (long)seconds);
	ksft_test_result(err == -EFBIG && cx->world->client.text[0],
			 "one entry more is refused, and the reason told\n");
	ksft_test_result(has_content(cx, 0) && has_content(cx, FILES - 1),
			 "what is active stays\n");
}

int main(void)
{
	struct tree t = {};
	struct cryptex cx;
	struct world w;

	ksft_print_header();
	ksft_set_plan(7);
	world_init(&w);
	cryptex_init(&cx, &w, "manifest");
	mount_small(&cx);
	add_files(&t, &w, FILES);
	test_largest(&cx, &t);
	tree_add_dir(&t, "one-more", 0755);
	test_too_large(&cx, &t);
	tree_exit(&t);
	world_exit(&w);
	ksft_finished();
}
