// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>

#include "leaks.h"
#include "objects.h"
#include "report.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define AGE 6	/* seconds */

static bool try(const char *word)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, word, strlen(word)) >= 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static void tell(const char *word)
{
	if (!try(word))
		die_errno(KMEMLEAK);
}

bool leaks_begin(void)
{
	/* It is there, but does nothing, when it is off. */
	if (!try("scan"))
		return false;
	tell("clear");
	return true;
}

/* One scan may find what is only on its way from one owner to the next. */
char *leaks_end(void)
{
	size_t size;
	char *text;

	sleep(AGE);
	tell("scan");
	sleep(AGE);
	tell("scan");
	text = file_read(KMEMLEAK, &size);
	if (!text)
		die_errno(KMEMLEAK);
	text[size] = 0;	/* file_read() leaves room */
	return text;
}
