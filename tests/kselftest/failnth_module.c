// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The module's beginning and end, and the lock, which only its end undoes.
 */
#include <stdlib.h>

#include "failnth_cases.h"
#include "fixture.h"
#include "module.h"
#include "raw_netlink.h"
#include "report.h"

static int file = -1;
static int request = -1;
static struct client client;
static struct raw_message message;
static struct raw_answer answer;

static void be_unloaded(void *arg)
{
	(void)arg;
	if (module_is_loaded())
		module_unload();
	if (file < 0)
		file = module_open();
	if (file < 0)
		die_errno("the module's file");
}

static void be_loaded(void *arg)
{
	(void)arg;
	if (!module_is_loaded())
		module_load();
}

static int insert(void *arg)
{
	(void)arg;
	return module_insert(file);
}

static int remove_it(void *arg)
{
	(void)arg;
	return module_remove();
}

static bool has_line(const char *path, const char *what)
{
	size_t size;
	char *text = file_read(path, &size);
	bool has;

	if (!text)
		die_errno("%s", path);
	text[size] = 0;	/* file_read() leaves room */
	has = strstr(text, what);
	free(text);
	return has;
}

/* Whatever it registers is there, or nothing of it. */
static bool is_there(bool want)
{
	bool family = !client_open(&client);
	bool type = has_line("/proc/filesystems", "\t" CRYPTEX_FS_NAME "\n");
	bool module = module_is_loaded();

	client_close(&client);
	if (family == want && type == want && module == want)
		return true;
	note("family %d, file system %d, module %d; all should be %d", family,
	     type, module, want);
	return false;
}

static bool check_insert(void *arg, int err)
{
	(void)arg;
	return is_there(!err);
}

static bool check_remove(void *arg, int err)
{
	(void)arg;
	return is_there(err);
}

static bool is_locked(void)
{
	struct signer s;
	struct blob cert;
	int err;

	signer_init(&s, SIGNER_P256, "late");
	cert = signer_certificate(&s);
	err = client_key_add(&client, cert.data, cert.size);
	if (err && err != -EPERM)
		die("key add: %s (%s)", strerror(-err), client.text);
	free(cert.data);
	signer_exit(&s);
	return err;
}

static void be_unlocked(void *arg)
{
	be_loaded(arg);
	if (client_open(&client))
		die("the module is not loaded");
	if (is_locked()) {
		client_close(&client);
		module_unload();
		module_load();
		if (client_open(&client))
			die("the module is not loaded");
	}
	request = raw_socket();
	raw_begin(&message, client.family, CRYPTEX_CMD_LOCK, 0);
}

static int lock(void *arg)
{
	(void)arg;
	raw_exchange(request, &message, &answer);
	return answer.err;
}

static bool check_lock(void *arg, int err)
{
	bool locked = is_locked();

	(void)arg;
	close(request);
	client_close(&client);
	if (locked == !err || (!answer.told && err))
		return true;
	note("locked %d", locked);
	return false;
}

const struct sweep module_sweeps[] = {
	{ "insmod", be_unloaded, insert, check_insert, {} },
	{ "rmmod", be_loaded, remove_it, check_remove, {} },
	{}
};

const struct sweep lock_sweeps[] = {
	{ "lock", be_unlocked, lock, check_lock, {} },
	{}
};
