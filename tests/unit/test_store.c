// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The store, as far as it goes on any file system: fs-verity is tried in the
 * virtual machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/store.h"
#include "seal_sample.h"
#include "store_sample.h"

static size_t counted;
static ino_t synced[64];
static size_t synced_count;

static const struct sample_entry root_only[] = { { "", S_IFDIR | 0755, 0, 0 } };
static const struct sample_entry one_file[] = {
	{ "", S_IFDIR | 0755, 0, 1 }, { "a", S_IFREG | 0644, 0, 0 },
};

/* The library's fsync(): what it does, and a note of it. */
int fsync(int fd)
{
	struct stat st;

	if (!fstat(fd, &st) && synced_count < sizeof(synced) / sizeof(*synced))
		synced[synced_count++] = st.st_ino;
	return syscall(SYS_fsync, fd);
}

static int count_file(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)path;
	(void)st;
	(void)ftw;
	counted += type == FTW_F;
	return 0;
}

static size_t count_files(void)
{
	counted = 0;
	nftw(dir, count_file, 8, FTW_PHYS);
	return counted;
}

static void creating_twice_changes_nothing(void **unused)
{
	struct stat st;

	(void)unused;
	chmod(dir, 0755);
	assert_int_equal(cx_store_create(dir, &err), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void expect_open(int code, const char *said)
{
	struct cx_store other;

	assert_int_equal(cx_store_open(&other, dir, &err), code);
	if (!strstr(err.text, said))
		fail_msg("'%s' does not say '%s'", err.text, said);
}

static void bad_stores_are_refused(void **unused)
{
	char seals[128];

	(void)unused;
	chmod(dir, 0770);
	expect_open(-EACCES, "chmod 700");
	chmod(dir, 0700);
	snprintf(seals, sizeof(seals), "%s/seals", dir);
	rmdir(seals);
	expect_open(-ENOENT, "is not a store");
	strcat(dir, "/lock-not-there");
	expect_open(-ENOENT, "there is no store");
	close(creat(dir, 0600));
	expect_open(-ENOTDIR, "is not a folder");
	*strrchr(dir, '/') = '\0';
}

static bool told;

static void on_wait(const char *text)
{
	told = strstr(text, "another cryptexctl") != NULL;
}

static void the_lock_is_waited_for(void **unused)
{
	int status, other, lock = cx_store_lock(&store, NULL, &err);
	struct timespec nap = { .tv_sec = 2 };
	pid_t child;

	(void)unused;
	assert_true(lock >= 0);
	child = fork();
	if (!child) {
		nanosleep(&nap, NULL);
		_exit(0);	/* and with it the child's hold on the lock */
	}
	close(lock);
	told = false;
	other = cx_store_lock(&store, on_wait, &err);
	assert_true(other >= 0);
	assert_true(told);
	close(other);
	waitpid(child, &status, 0);
}

static void what_was_left_in_tmp_goes(void **unused)
{
	char path[128];

	(void)unused;
	snprintf(path, sizeof(path), "%s/tmp/.cryptex-1.tmp", dir);
	close(creat(path, 0600));
	assert_int_equal(count_files(), 1);
	assert_int_equal(cx_store_empty_tmp(&store, &err), 0);
	assert_int_equal(count_files(), 0);
	assert_int_equal(cx_store_empty_tmp(&store, &err), 0);
}

static void load_sample(struct cx_seal *seal, const char *label, bool file)
{
	if (sample_seal(seal, label, file ? one_file : root_only, 1 + file, &err))
		fail_msg("%s", err.text);
}

static void seals_come_and_go(void **unused)
{
	static const struct cx_item item = { "sample", "1.0" };
	struct cx_items items;
	struct cx_seal seal, loaded;

	(void)unused;
	load_sample(&seal, "1.0", false);
	assert_int_equal(cx_store_put_seal(&store, &seal, NULL, &err), 1);
	assert_int_equal(cx_store_put_seal(&store, &seal, NULL, &err), 0);
	assert_int_equal(cx_store_load_seal(&store, &item, NULL, &loaded, &err), 0);
	assert_memory_equal(loaded.digest, seal.digest, sizeof(seal.digest));
	cx_seal_free(&loaded);
	assert_int_equal(cx_store_seals(&store, NULL, &items, &err), 0);
	assert_int_equal(items.count, 1);
	assert_string_equal(items.list[0].label, "1.0");
	cx_items_free(&items);
	assert_int_equal(cx_store_remove_seal(&store, &item, NULL), 0);
	assert_int_equal(cx_store_seals(&store, NULL, &items, &err), 0);
	assert_int_equal(items.count, 0);
	assert_int_equal(cx_store_load_seal(&store, &item, NULL, &loaded, &err),
			 -ENOENT);
	assert_int_equal(count_files(), 0);
	cx_seal_free(&seal);
}

static void a_label_is_taken_once(void **unused)
{
	struct cx_seal seal, other;

	(void)unused;
	load_sample(&seal, "1.0", false);
	load_sample(&other, "1.0", true);
	assert_int_equal(cx_store_put_seal(&store, &seal, NULL, &err), 1);
	assert_int_equal(cx_store_put_seal(&store, &other, NULL, &err), -EEXIST);
	cx_seal_free(&seal);
	cx_seal_free(&other);
}

static void spoil(const char *label, off_t at)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/seals/sample/%s.seal", dir, label);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "\xff", 1, at), 1);
	close(fd);
}

static void a_damaged_seal_is_repaired(void **unused)
{
	static const struct cx_item item = { "sample", "1.0" };
	struct cx_seal seal, loaded;

	(void)unused;
	load_sample(&seal, "1.0", false);
	assert_int_equal(cx_store_put_seal(&store, &seal, NULL, &err), 1);
	spoil("1.0", 0);
	assert_int_equal(cx_store_load_seal(&store, &item, NULL, &loaded, &err),
			 -EBADMSG);
	assert_int_equal(cx_store_put_seal(&store, &seal, NULL, &err), 1);
	assert_int_equal(cx_store_load_seal(&store, &item, NULL, &loaded, &err), 0);
	cx_seal_free(&loaded);
	cx_seal_free(&seal);
}

static void a_seal_under_another_name_is_refused(void **unused)
{
	static const struct cx_item item = { "sample", "2.0" };
	char from[128], to[128];
	struct cx_seal seal, loaded;

	(void)unused;
	load_sample(&seal, "1.0", false);
	assert_int_equal(cx_store_put_seal(&store, &seal, NULL, &err), 1);
	snprintf(from, sizeof(from), "%s/seals/sample/1.0.seal", dir);
	snprintf(to, sizeof(to), "%s/seals/sample/2.0.seal", dir);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(cx_store_load_seal(&store, &item, NULL, &loaded, &err),
			 -EBADMSG);
	assert_non_null(strstr(err.text, "is the seal of sample@1.0"));
	cx_seal_free(&seal);
}

static void foreign_files_are_no_seals(void **unused)
{
	static const char *const names[] = {
		"seals/file", "seals/.hidden", "seals/sample/x", "seals/sample/.seal",
		"seals/sample/current.seal", "seals/sample/a b.seal",
	};
	struct cx_items items;
	char path[128];
	size_t i;

	(void)unused;
	snprintf(path, sizeof(path), "%s/seals/sample", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		close(creat(path, 0600));
	}
	assert_int_equal(cx_store_seals(&store, NULL, &items, &err), 0);
	assert_int_equal(items.count, 0);
	assert_int_equal(cx_store_seals(&store, "sample", &items, &err), 0);
	assert_int_equal(items.count, 0);
	assert_int_equal(cx_store_seals(&store, "other", &items, &err), 0);
	assert_int_equal(items.count, 0);
}

static int write_other(void *ctx, int fd, uint64_t size, struct cx_error *e)
{
	(void)size;
	return cx_write_all(fd, ctx, strlen(ctx), "test", e);
}

static int write_nothing(void *ctx, int fd, uint64_t size, struct cx_error *e)
{
	(void)ctx;
	(void)fd;
	(void)size;
	return cx_fail(e, -EIO, "the source failed");
}

/* With fs-verity the digest differs, without it none can be had. */
static void a_wrong_object_leaves_nothing(void **unused)
{
	struct cx_object object = { .size = 5 };
	int rc;

	(void)unused;
	object.digest[0] = 0xab;
	rc = cx_store_put_object(&store, &object, write_other, "wrong", &err);
	assert_true(rc == -EBADMSG || rc == -EOPNOTSUPP);
	assert_int_equal(count_files(), 0);
	rc = cx_store_put_object(&store, &object, write_nothing, NULL, &err);
	assert_int_equal(rc, -EIO);
	assert_string_equal(err.text, "the source failed");
	assert_int_equal(count_files(), 0);
	assert_int_equal(cx_store_open_object(&store, &object, &err), -ENOENT);
}

/* Nobody may lead us out of the store. */
static void an_object_is_no_link(void **unused)
{
	struct cx_object object = { .size = 5 };
	char *path = cx_store_object_path(&store, object.digest);

	(void)unused;
	assert_non_null(path);
	*strrchr(path, '/') = '\0';
	assert_int_equal(mkdir(path, 0700), 0);
	path[strlen(path)] = '/';
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(cx_store_open_object(&store, &object, &err), -ELOOP);
	free(path);
}

static size_t syncs_of(const char *name)
{
	char path[160];
	struct stat st;
	size_t i, n = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &st))
		return 0;
	for (i = 0; i < synced_count; i++)
		n += synced[i] == st.st_ino;
	return n;
}

static void folders_of_objects_are_synced_once_each(void **unused)
{
	struct cx_object objects[3] = { { .size = 1 }, { .size = 2 }, { .size = 3 } };

	(void)unused;
	objects[0].digest[0] = objects[1].digest[0] = 0x0a;
	objects[2].digest[0] = 0xff;
	assert_int_equal(mkdirat(store.fd, "objects/0a", 0700), 0);
	assert_int_equal(mkdirat(store.fd, "objects/ee", 0700), 0);
	assert_int_equal(mkdirat(store.fd, "objects/ff", 0700), 0);
	synced_count = 0;
	assert_int_equal(cx_store_sync_objects(&store, objects, 3, &err), 0);
	assert_int_equal(syncs_of("objects"), 1);
	assert_int_equal(syncs_of("objects/0a"), 1);
	assert_int_equal(syncs_of("objects/ff"), 1);
	assert_int_equal(synced_count, 3);
	assert_int_equal(unlinkat(store.fd, "objects/ff", AT_REMOVEDIR), 0);
	assert_int_equal(cx_store_sync_objects(&store, objects, 3, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/objects/ff: the folder cannot be synced"));
}

/* Files stand for objects: a walk does not measure. */
static void put_file(const char *name)
{
	int fd = openat(store.fd, name, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

#define REST "00000000000000000000000000000000000000000000000000000000000000"

/* Another command collects meanwhile: all that this one has not come to. */
static int take_the_other_away(void *ctx, const struct cx_object *object,
			       struct cx_error *e)
{
	bool first = object->digest[0] == 0x0a;

	(void)e;
	++*(int *)ctx;
	unlinkat(store.fd, first ? "objects/0b/" REST : "objects/0a/" REST, 0);
	unlinkat(store.fd, first ? "objects/0b" : "objects/0a", AT_REMOVEDIR);
	return 0;
}

static void a_walk_goes_on_while_others_collect(void **unused)
{
	int visited = 0;

	(void)unused;
	assert_int_equal(mkdirat(store.fd, "objects/0a", 0700), 0);
	assert_int_equal(mkdirat(store.fd, "objects/0b", 0700), 0);
	put_file("objects/0a/" REST);
	put_file("objects/0b/" REST);
	put_file("objects/xy");
	assert_int_equal(cx_store_each_object(&store, take_the_other_away,
					      &visited, &err), 0);
	assert_int_equal(visited, 1);
}

static void generations_are_named(void **unused)
{
	static const char *const bad[] = {
		"", "x", "@", "x@", "@1", "X@1", "x@current", "x@1@2", "../x@1",
		"x@../1", "x@ 1", "-x@1",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@1",
		"x@1111111111111111111111111111111111111111111111111111111111111111",
	};
	struct cx_item item;
	size_t i;

	(void)unused;
	assert_int_equal(cx_item_parse("openssl@3.0.17-1~deb12u2+a", &item, &err), 0);
	assert_string_equal(item.name, "openssl");
	assert_string_equal(item.label, "3.0.17-1~deb12u2+a");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (cx_item_parse(bad[i], &item, &err) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(creating_twice_changes_nothing),
		TEST(bad_stores_are_refused),
		TEST(the_lock_is_waited_for),
		TEST(what_was_left_in_tmp_goes),
		TEST(seals_come_and_go),
		TEST(a_label_is_taken_once),
		TEST(a_damaged_seal_is_repaired),
		TEST(a_seal_under_another_name_is_refused),
		TEST(foreign_files_are_no_seals),
		TEST(a_wrong_object_leaves_nothing),
		TEST(an_object_is_no_link),
		TEST(folders_of_objects_are_synced_once_each),
		TEST(a_walk_goes_on_while_others_collect),
		cmocka_unit_test(generations_are_named),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
