// SPDX-License-Identifier: LGPL-2.1-or-later
/* remote add, list, show, remove */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "lib/ops_remote.h"

static int add(const struct ctl *ctl, struct cx_error *err)
{
	const char *channel = ctl->channel ? ctl->channel : CX_CHANNEL_DEFAULT;
	const char *hardware = ctl->hardware ? ctl->hardware : "";
	struct cx_remote remote = { .enabled = true };

	if (ctl->argc != 4)
		return ctl_usage_error(ctl, "remote add NAME URL ROOT.json");
	if (strlen(ctl->argv[1]) >= sizeof(remote.name) ||
	    strlen(ctl->argv[2]) >= sizeof(remote.url) ||
	    strlen(ctl->argv[3]) >= sizeof(remote.root) ||
	    strlen(channel) >= sizeof(remote.channel) ||
	    strlen(hardware) >= sizeof(remote.hardware))
		return ctl_usage_error(ctl, "a word is too long");
	strcpy(remote.name, ctl->argv[1]);
	strcpy(remote.url, ctl->argv[2]);
	strcpy(remote.root, ctl->argv[3]);
	strcpy(remote.channel, channel);
	strcpy(remote.hardware, hardware);
	return cx_op_remote_add(ctl_say, ctl_prefix(), &remote, err);
}

static json_t *remote_json(const struct cx_remote *r)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
		"name", ctl_json_text(r->name), "url", ctl_json_text(r->url),
		"root", ctl_json_text(r->root),
		"channel", ctl_json_text(r->channel),
		"hardware", ctl_json_text(r->hardware),
		"file", ctl_json_text(r->file), "enabled", r->enabled);
}

static int print_list(const struct ctl *ctl, const struct cx_remotes *remotes)
{
	static const char *const titles[] = {
		"NAME", "URL", "CHANNEL", "HARDWARE", "ENABLED",
	};
	struct ctl_table *table;
	size_t i;

	if (!remotes->count) {
		ctl_say("no repository is known: `cryptexctl remote add NAME URL ROOT.json`");
		return CTL_OK;
	}
	table = ctl_table_new(titles, 5, ctl->color);
	for (i = 0; i < remotes->count; i++) {
		const struct cx_remote *r = &remotes->list[i];
		const char *const cells[] = {
			r->name, r->url, r->channel,
			*r->hardware ? r->hardware : "-",
			r->enabled ? "yes" : "no",
		};

		ctl_table_row(table, cells);
		ctl_table_paint(table, 4, r->enabled ? "green" : "yellow");
	}
	ctl_table_end(table);
	return CTL_OK;
}

/* Load each; those with a broken file are told, and left out. */
static size_t load_all(struct cx_remotes *remotes)
{
	size_t i, kept = 0, broken = 0;
	struct cx_error err;

	for (i = 0; i < remotes->count; i++) {
		struct cx_remote one;
		int rc = cx_remote_load(ctl_prefix(), remotes->list[i].name,
					&one, &err);

		if (!rc)
			remotes->list[kept++] = one;
		if (!rc || rc == -ENOENT)
			continue;
		ctl_warn(err.text);
		broken++;
	}
	remotes->count = kept;
	return broken;
}

static int list(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_remotes remotes;
	size_t i, broken;
	json_t *array;
	int rc = cx_remote_list(ctl_prefix(), &remotes, err);

	if (rc)
		return rc;
	broken = load_all(&remotes);
	if (ctl->json) {
		array = json_array();
		for (i = 0; i < remotes.count; i++)
			json_array_append_new(array,
					      remote_json(&remotes.list[i]));
		rc = ctl_json_print(array);
	} else if (remotes.count || !broken) {
		rc = print_list(ctl, &remotes);
	}
	free(remotes.list);
	return broken ? CTL_FAILED : rc;
}

static int show(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_remote r;
	int rc;

	if (ctl->argc != 2)
		return ctl_usage_error(ctl, "remote show NAME");
	rc = cx_remote_load(ctl_prefix(), ctl->argv[1], &r, err);
	if (rc)
		return rc;
	if (ctl->json)
		return ctl_json_print(remote_json(&r));
	printf("Name      %s\nURL       %s\nRoot      %s\nChannel   %s\nHardware  %s\nEnabled   %s\nFile      %s\n",
	       r.name, r.url, r.root, r.channel,
	       *r.hardware ? r.hardware : "-", r.enabled ? "yes" : "no",
	       r.file);
	return CTL_OK;
}

static int take_away(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc;

	if (ctl->argc != 2)
		return ctl_usage_error(ctl, "remote remove NAME");
	rc = ctl_open(ctl, &ops, CX_OPS_STORE_IF, err);
	if (rc)
		return rc;
	rc = cx_op_remote_remove(&ops, ctl_prefix(), ctl->argv[1], err);
	cx_ops_close(&ops);
	return rc;
}

int ctl_remote(const struct ctl *ctl, struct cx_error *err)
{
	const char *verb = ctl->argv[0];

	if (ctl->json && strcmp(verb, "list") && strcmp(verb, "show"))
		return ctl_usage_error(ctl, "--json is for list and show");
	if ((ctl->channel || ctl->hardware) && strcmp(verb, "add"))
		return ctl_usage_error(ctl, "--channel and --hardware are for add");
	if (!strcmp(verb, "add"))
		return add(ctl, err);
	if (!strcmp(verb, "list"))
		return ctl->argc == 1 ? list(ctl, err) :
		       ctl_usage_error(ctl, "'%s' is too much", ctl->argv[1]);
	if (!strcmp(verb, "show"))
		return show(ctl, err);
	if (!strcmp(verb, "remove"))
		return take_away(ctl, err);
	return ctl_usage_error(ctl, "'%s' is neither add, list, show nor remove",
			       verb);
}
