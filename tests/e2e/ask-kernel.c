// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A helper that checks nothing: it asks the module outright, as one that was
 * taken over would.  For tests; what it gets is the module's own answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mountfs.h"
#include "lib/netlink.h"

static int ask_mount(struct cx_netlink *nl, char **argv, struct cx_error *err)
{
	(void)nl;
	return cx_mountfs_mount(argv[0], argv[1], argv[2], err);
}

static int ask_stage(struct cx_netlink *nl, char **argv, struct cx_error *err)
{
	int rc, fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return cx_fail(err, -errno, "%s: %s", argv[0], strerror(errno));
	rc = cx_netlink_stage(nl, fd, err);
	close(fd);
	return rc;
}

static int ask_activate(struct cx_netlink *nl, char **argv,
			struct cx_error *err)
{
	struct cx_item item;
	int rc = cx_item_parse(argv[0], &item, err);

	return rc ? rc : cx_netlink_activate(nl, &item, 1, NULL, err);
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(struct cx_netlink *nl, char **argv, struct cx_error *err);
} questions[] = {
	{ "mount", 3, ask_mount },	/* STORE SEAL FOLDER */
	{ "stage", 1, ask_stage },	/* SEAL */
	{ "activate", 1, ask_activate },	/* NAME@LABEL */
};

static int ask(size_t i, char **argv)
{
	struct cx_netlink *nl = NULL;
	struct cx_error err;
	int rc = cx_netlink_open(&nl, &err);

	if (!rc)
		rc = questions[i].run(nl, argv, &err);
	cx_netlink_close(nl);
	if (rc)
		fprintf(stderr, "ask-kernel: %s: %s\n", questions[i].name,
			err.text);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		if (argc == questions[i].arguments + 2 &&
		    !strcmp(argv[1], questions[i].name))
			return ask(i, argv + 2);
	fputs("Usage: ask-kernel mount STORE SEAL FOLDER | stage SEAL | activate NAME@LABEL\n",
	      stderr);
	return 2;
}
