// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: cutting_server FOLDER
 *
 * A web server whose connections break, for tests that are scripts.  It tells its URL,
 * and for each line "MANNER MATCH BYTES" on its input how many requests for files
 * whose path has MATCH there were since the last line, and how many of their bytes
 * were sent.  From then on such files are served like that:
 *
 *   each    every answer ends after BYTES bytes
 *   hiccup  the first answer does
 *   gone    the first answer does, and there is no other
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../unit/tuf/server.h"

static const struct {
	const char *name;
	enum server_manner manner;
} manners[] = {
	{ "each", SERVER_CUT },
	{ "hiccup", SERVER_HICCUP },
	{ "gone", SERVER_GONE },
};

static enum server_manner find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(manners) / sizeof(manners[0]); i++)
		if (!strcmp(manners[i].name, name))
			return manners[i].manner;
	return SERVER_HONEST;
}

static int obey(struct server *server)
{
	const struct server_rule *rule = &server->shared->rules[0];
	char manner[16], match[128];
	unsigned int bytes;

	while (scanf("%15s %127s %u", manner, match, &bytes) == 3) {
		printf("%u %" PRIu64 "\n", rule->answers, rule->sent);
		fflush(stdout);
		if (!find(manner))
			return 2;
		server_rule(server, 0, match, find(manner), bytes, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct server server;
	int status;

	if (argc != 2) {
		fputs("Usage: cutting_server FOLDER\n", stderr);
		return 2;
	}
	server_start(&server, argv[1]);
	printf("%s\n", server.url);
	fflush(stdout);
	status = obey(&server);
	server_stop(&server);
	return status;
}
