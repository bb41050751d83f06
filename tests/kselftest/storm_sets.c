// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sets of the storm: made, staged, activated, retired. */
#include <stdlib.h>
#include <time.h>

#include "report.h"
#include "storm.h"

#define CONTENT 8192		/* bytes */
#define PATIENCE 60		/* seconds until a set must have drained */

void storm_count(long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

bool storm_is_over(const struct storm *s)
{
	return __atomic_load_n(&s->counts->stop, __ATOMIC_RELAXED);
}

unsigned int storm_random(unsigned int limit)
{
	static unsigned int seed;

	if (!seed)
		seed = getpid();
	return rand_r(&seed) % limit;
}

void storm_sleep(unsigned int microseconds)
{
	usleep(microseconds);
}

void storm_tree(struct storm *s, int which, int set, struct tree *t)
{
	char content[CONTENT] = {};

	snprintf(content, sizeof(content), "%0*d of cryptex %d\n", STORM_DIGITS,
		 set, which);
	tree_add_dir(t, "bin", 0755);
	tree_add_program(t, &s->world, STORM_PROGRAM, "storm_probe");
	tree_add_dir(t, "lib", 0755);
	tree_add_data(t, &s->world, STORM_FILE, 0755, content, sizeof(content));
}

void storm_stage(struct storm *s, int set, const char *label,
		 uint8_t (*digests)[CRYPTEX_DIGEST_SIZE])
{
	int i;

	for (i = 0; i < STORM_CRYPTEXES; i++) {
		struct tree t = {};

		storm_tree(s, i, set, &t);
		cryptex_stage(&s->cryptexes[i], label, &t);
		tree_exit(&t);
		if (digests)
			memcpy(digests[i], s->world.client.digest,
			       CRYPTEX_DIGEST_SIZE);
		storm_count(&s->counts->staged);
	}
}

int storm_activate(struct storm *s, const char *label)
{
	struct item items[STORM_CRYPTEXES];
	int i;

	for (i = 0; i < STORM_CRYPTEXES; i++)
		items[i] = (struct item){ s->cryptexes[i].name, label };
	return client_activate(&s->world.client, items, STORM_CRYPTEXES);
}

static int retire(struct client *c, const char *name, const char *label)
{
	struct nl_msg *msg = client_new(c, CRYPTEX_CMD_RETIRE, 0);

	client_add(msg, CRYPTEX_A_NAME, name, strlen(name) + 1);
	client_add(msg, CRYPTEX_A_LABEL, label, strlen(label) + 1);
	return client_send(c, msg);
}

/* Somebody may activate the set again until the first of it has gone. */
static void retire_one(struct storm *s, const char *name, const char *label)
{
	struct client *c = &s->world.client;
	time_t end = time(NULL) + PATIENCE;
	int err;

	for (;;) {
		err = retire(c, name, label);
		if (!err)
			break;
		if (err != -EBUSY || time(NULL) > end)
			die("retire %s: %s (%s)", label, strerror(-err), c->text);
		storm_count(&s->counts->busy);
		err = storm_activate(s, "1");
		if (err)
			die("activate 1: %s (%s)", strerror(-err), c->text);
		storm_sleep(5000);
	}
	storm_count(&s->counts->retired);
}

void storm_retire(struct storm *s, const char *label)
{
	int i;

	for (i = 0; i < STORM_CRYPTEXES; i++)
		retire_one(s, s->cryptexes[i].name, label);
}
