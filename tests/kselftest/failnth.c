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
	{ DEBUGFS "failslab/require-start", "0" },
	{ DEBUGFS "failslab/require-end", "0xffffffffffffffff" },
	{ DEBUGFS "failslab/reject-start", "0" },
	{ DEBUGFS "failslab/reject-end", "0" },
	{ DEBUGFS "fail_page_alloc/require-start", "0" },
	{ DEBUGFS "fail_page_alloc/require-end", "0xffffffffffffffff" },
	{ DEBUGFS "fail_page_alloc/reject-start", "0" },
	{ DEBUGFS "fail_page_alloc/reject-end", "0" },
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

/* Its first address, and that of what comes behind it. */
static bool find_function(const char *function, unsigned long *start,
			  unsigned long *end)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char name[256];
	bool found = false;

	*start = 0;
	while (file && fscanf(file, "%lx %*c %255s%*[^\n]", end, name) == 2) {
		found = *start && *end > *start;
		if (found)
			break;
		if (!strcmp(name, function))
			*start = *end;
	}
	if (file)
		fclose(file);
	return found;
}

static void set_address(const char *what, unsigned long address)
{
	static const char *const kinds[] = { "failslab", "fail_page_alloc" };
	char file[96], value[32];
	size_t i;

	snprintf(value, sizeof(value), "0x%lx", address);
	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(file, sizeof(file), DEBUGFS "%s/%s", kinds[i], what);
		if (!set(file, value))
			die_errno("%s", file);
	}
}

void failnth_only_modules(void)
{
	unsigned long start, end;

	if (!find_function("_end", &start, &end))
		die("/proc/kallsyms does not tell where the kernel ends");
	set_address("require-start", start);
}

void failnth_spare(const char *function)
{
	unsigned long start, end;

	if (!find_function(function, &start, &end))
		return;
	set_address("reject-start", start);
	set_address("reject-end", end);
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
