// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "failnth.h"
#include "report.h"

#define DEBUGFS "/sys/kernel/debug/"
#define STACK (64 << 10)	/* more than the calls need */

static int control = -1;

static const struct {
	const char *file;
	const char *value;
} settings[] = {
	{ DEBUGFS "failslab/ignore-gfp-wait", "N" },
	{ DEBUGFS "failslab/verbose", "0" },
	{ DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N" },
	{ DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ DEBUGFS "fail_page_alloc/min-order", "0" },
	{ DEBUGFS "fail_page_alloc/verbose", "0" },
	{ DEBUGFS "fail_usercopy/verbose", "0" },
};

static bool set(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 &&
		    write(fd, value, strlen(value)) == (ssize_t)strlen(value);

	if (fd >= 0)
		close(fd);
	return done;
}

const char *failnth_init(void)
{
	size_t i;

	/* A test's process, not that which it was forked from. */
	if (control >= 0)
		close(control);
	control = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return "this kernel has no fault injection";
	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (!set(settings[i].file, settings[i].value))
			return settings[i].file;
	return NULL;
}

static void arm(unsigned int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(control, text, strlen(text), 0) < 0)
		die_errno("fail-nth");
}

/*
 * While it is armed, reading and writing the counter are hit as well: a read
 * that fails was about to tell a number that is not 0.
 */
static bool disarm(void)
{
	char text[16] = {};
	bool injected = pread(control, text, sizeof(text) - 1, 0) > 0 &&
			text[0] == '0';
	int tries = 3;

	while (pwrite(control, "0", 1, 0) < 0 && tries--)
		;
	if (tries < 0)
		die_errno("fail-nth");
	return injected;
}

bool failnth_call(unsigned int nth, int (*call)(void *arg), void *arg,
		  int *result)
{
	arm(nth);
	*result = call(arg);
	return disarm();
}

void failnth_lock_memory(void)
{
	volatile char stack[STACK];
	size_t i;

	for (i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 0;
	if (mlockall(MCL_CURRENT))
		die_errno("mlockall");
}
