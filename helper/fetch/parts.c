// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/fetch.h"

int fetch_part(const struct session *session, const char *name, uint64_t *size,
	       struct cx_error *err)
{
	int fd = openat(session->parts, name,
			O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	int rc;

	if (fd >= 0 && !fstat(fd, &st)) {
		*size = st.st_size;
		return fd;
	}
	rc = cx_fail(err, -errno, "%s cannot be written: %s", name,
		     strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}
