// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The tracepoints: one for each kind of event.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "disk.h"
#include "report.h"
#include "revoking.h"

#define TRACING "/sys/kernel/tracing"
#define EVENTS TRACING "/events/cryptex"

static void tell_tracing(const char *file, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), TRACING "/%s", file);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die_errno("%s", path);
	close(fd);
}

static bool is_traced(const char *event, const char *what)
{
	FILE *trace = fopen(TRACING "/trace", "r");
	char line[1024];
	bool found = false;

	if (!trace)
		die_errno("the trace");
	while (!found && fgets(line, sizeof(line), trace))
		found = strstr(line, event) && strstr(line, what);
	fclose(trace);
	return found;
}

/* Has the trace a line with both?  Some come a while after what they are about. */
static bool traced(const char *event, const char *what)
{
	int tries = 50;

	while (--tries && !is_traced(event, what))
		usleep(200000);
	if (!tries)
		note("no %s with \"%s\"", event, what);
	return tries;
}

static void make_corrupted(struct cryptex *cx, struct tree *t)
{
	char page[4096], path[OBJECT_PATH], *file;
	struct world *w = cx->world;
	int fd;

	snprintf(page, sizeof(page), "trace %d", getpid());
	tree_add_data(t, w, "bad", 0644, page, sizeof(page));
	object_path(w->store, t->nodes[t->count - 1].digest, path);
	cryptex_stage(cx, "3", t);
	disk_flip(path, 5, w->dir);
	file = cryptex_path(cx, "3/bad");
	fd = open(file, O_RDONLY);
	if (read(fd, page, sizeof(page)) >= 0)
		die("a damaged file could be read");
	close(fd);
}

static unsigned int count_tracepoints(void)
{
	DIR *dir = opendir(EVENTS);
	struct dirent *entry;
	unsigned int count = 0;

	if (!dir)
		die_errno(EVENTS);
	while ((entry = readdir(dir)))
		count += entry->d_type == DT_DIR && entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

TEST(every_tracepoint)
{
	struct signer stranger;
	struct tree t = {};
	struct cryptex cx;
	struct world w;
	char what[NL_TEXT + 64], *path;
	uint64_t epoch;
	int fd;

	if (access(EVENTS, F_OK))
		SKIP(return, "this kernel has no tracepoints");
	/* As many as there are kinds of events. */
	EXPECT_EQ(CRYPTEX_CMD_MAX - CRYPTEX_CMD_STATE, count_tracepoints());
	tell_tracing("trace", "");
	tell_tracing("events/cryptex/enable", "1");
	world_init(&w);
	EXPECT_TRUE(traced("cryptex_key_added", "cryptex kselftest"));
	cryptex_init(&cx, &w, "t");
	tree_add_text(&t, &w, "f", "f");
	cryptex_mount_base(&cx, "1", &t);
	snprintf(what, sizeof(what), "name=%s label=1", cx.name);
	EXPECT_TRUE(traced("cryptex_mounted", what));
	cryptex_stage(&cx, "2", &t);
	snprintf(what, sizeof(what), "name=%s label=2", cx.name);
	EXPECT_TRUE(traced("cryptex_staged", what));
	epoch = cryptex_activate(&cx, "2");
	snprintf(what, sizeof(what), "name=%s label=2 epoch=%llu", cx.name,
		 (unsigned long long)epoch);
	EXPECT_TRUE(traced("cryptex_activated", what));

	signer_init(&stranger, SIGNER_P256, "stranger");
	EXPECT_EQ(-ENOKEY, stage_blob(&w, seal_at(&cx, "9", 1, &t, &stranger)));
	snprintf(what, sizeof(what), "request=%d error=%d text=%s",
		 CRYPTEX_CMD_STAGE, -ENOKEY, w.client.text);
	EXPECT_TRUE(traced("cryptex_rejected", what));

	path = cryptex_path(&cx, "current/f");
	fd = open(path, O_RDONLY);
	cryptex_activate(&cx, "1");
	close(fd);
	snprintf(what, sizeof(what), "name=%s label=2", cx.name);
	EXPECT_TRUE(traced("cryptex_drained", what));
	EXPECT_EQ(0, client_retire(&w.client, cx.name, "2"));
	EXPECT_TRUE(traced("cryptex_retired", what));
	make_corrupted(&cx, &t);
	EXPECT_TRUE(traced("cryptex_corrupted", "text=bad"));
	EXPECT_EQ(0, deny_label(&cx, "3"));
	snprintf(what, sizeof(what), "name=%s label=3", cx.name);
	EXPECT_TRUE(traced("cryptex_revoked", what));
	EXPECT_EQ(0, umount(cx.dir));
	EXPECT_TRUE(traced("cryptex_unmounted", cx.name));
	EXPECT_EQ(0, client_lock(&w.client));
	EXPECT_TRUE(traced("cryptex_locked", ""));
	tell_tracing("events/cryptex/enable", "0");
	world_exit(&w);
}

TEST_HARNESS_MAIN
