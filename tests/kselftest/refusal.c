// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <sys/stat.h>

#include "refusal.h"
#include "report.h"

void state_take(struct state *s, struct cryptex *cx)
{
	char *link = cryptex_path(cx, "active");
	int i;

	memset(s, 0, sizeof(*s));
	s->count = client_get(&cx->world->client, cx->name, &s->generations);
	/* These come and go with caches. */
	for (i = 0; i < s->count; i++)
		s->generations[i].users = 0;
	if (readlink(link, s->active, sizeof(s->active) - 1) < 0)
		die_errno("%s", link);
	free(link);
}

void state_exit(struct state *s)
{
	free(s->generations);
}

bool state_is_as(const struct state *s, struct cryptex *cx)
{
	struct state now;
	bool same;

	state_take(&now, cx);
	same = now.count == s->count && now.count > 0 &&
	       !memcmp(now.generations, s->generations,
		       now.count * sizeof(*now.generations)) &&
	       !strcmp(now.active, s->active);
	state_exit(&now);
	return same;
}

/* The line of the module's keyring, which tells how many keys it has. */
static void take_keys(struct snapshot *s)
{
	FILE *keys = fopen("/proc/keys", "r");

	do {
		if (!keys || !fgets(s->keys, sizeof(s->keys), keys))
			die("/proc/keys has no .cryptex");
	} while (!strstr(s->keys, " .cryptex: "));
	fclose(keys);
}

void snapshot_take(struct snapshot *s, struct cryptex *cx)
{
	struct client *c = &cx->world->client;

	memset(s, 0, sizeof(*s));
	take_keys(s);
	if (client_state(c))
		die("state: %s", c->text);
	s->epoch = c->epoch;
	s->list_number = c->list_number;
	s->attributes = c->attributes;
	state_take(&s->state, cx);
}

bool snapshot_is_as(const struct snapshot *s, struct cryptex *cx)
{
	struct snapshot now;
	bool same;

	snapshot_take(&now, cx);
	same = !strcmp(now.keys, s->keys) && now.epoch == s->epoch &&
	       now.list_number == s->list_number &&
	       now.attributes == s->attributes && state_is_as(&s->state, cx);
	snapshot_exit(&now);
	return same;
}

void snapshot_exit(struct snapshot *s)
{
	state_exit(&s->state);
}

static bool is_as_wanted(int err, const char *text, const struct refusal *want)
{
	if (err == want->err && strstr(text, want->text))
		return true;
	note("wanted %s, \"%s\"; got %s, \"%s\"", strerrorname_np(-want->err),
	     want->text, err ? strerrorname_np(-err) : "success", text);
	return false;
}

bool stage_refused(struct cryptex *cx, int fd, const struct refusal *want)
{
	struct client *c = &cx->world->client;
	char text[NL_TEXT];
	struct state before;
	bool ok, same;
	int err;

	state_take(&before, cx);
	err = client_stage(c, fd);
	strcpy(text, c->text);
	ok = is_as_wanted(err, text, want);
	same = state_is_as(&before, cx);
	if (!same)
		note("something has changed (\"%s\")", text);
	state_exit(&before);
	return ok && same;
}

bool stage_seal_refused(struct cryptex *cx, const struct blob *seal,
			const struct refusal *want)
{
	int fd = world_seal_file(cx->world, seal);
	bool ok = stage_refused(cx, fd, want);

	close(fd);
	return ok;
}

bool mount_refused(struct cryptex *cx, const char *seal, const char *store,
		   const struct refusal *want)
{
	struct mount_result result;
	struct state before;
	bool ok, same;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/refused", cx->world->dir);
	if (mkdir(dir, 0755) && errno != EEXIST)
		die_errno("%s", dir);
	state_take(&before, cx);
	result = cryptex_mount(seal, store, dir);
	ok = is_as_wanted(result.err, result.text, want);
	same = state_is_as(&before, cx);
	if (!same)
		note("something has changed (\"%s\")", result.text);
	state_exit(&before);
	return ok && same;
}

bool mount_seal_refused(struct cryptex *cx, const struct blob *seal,
			const struct refusal *want)
{
	int fd = world_seal_file(cx->world, seal);
	char path[32];
	bool ok;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok = mount_refused(cx, path, cx->world->store, want);
	close(fd);
	return ok;
}
