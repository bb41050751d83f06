// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/cryptex.h>

#include "ctl/json.h"
#include "ctl/text.h"

static const char *kind_of(uint8_t command)
{
	switch (command) {
	case CRYPTEX_CMD_MOUNTED_NTF: return "mounted";
	case CRYPTEX_CMD_UNMOUNTED_NTF: return "unmounted";
	case CRYPTEX_CMD_STAGED_NTF: return "staged";
	case CRYPTEX_CMD_ACTIVATED_NTF: return "activated";
	case CRYPTEX_CMD_REJECTED_NTF: return "rejected";
	case CRYPTEX_CMD_REVOKED_NTF: return "revoked";
	case CRYPTEX_CMD_DRAINED_NTF: return "drained";
	case CRYPTEX_CMD_RETIRED_NTF: return "retired";
	case CRYPTEX_CMD_CORRUPTED_NTF: return "corrupted";
	case CRYPTEX_CMD_KEY_ADDED_NTF: return "key-added";
	case CRYPTEX_CMD_LOCKED_NTF: return "locked";
	default: return "unknown";
	}
}

static const char *request_of(uint32_t command)
{
	switch (command) {
	case 0: return "mount";
	case CRYPTEX_CMD_STAGE: return "stage";
	case CRYPTEX_CMD_ACTIVATE: return "activate";
	case CRYPTEX_CMD_KEY_ADD: return "key-add";
	case CRYPTEX_CMD_RETIRE: return "retire";
	case CRYPTEX_CMD_REVOKE: return "revoke";
	case CRYPTEX_CMD_LOCK: return "lock";
	default: return "unknown";
	}
}

/* What the foreign text of an event is. */
static const char *text_name(uint8_t command)
{
	switch (command) {
	case CRYPTEX_CMD_REJECTED_NTF: return "reason";
	case CRYPTEX_CMD_CORRUPTED_NTF: return "path";
	default: return "key";
	}
}

static const char *error_name(uint32_t error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "?";
}

static char *now(char text[CTL_DATE_SIZE])
{
	return ctl_date(time(NULL), text);
}

static void print_text(const struct cx_event *event)
{
	char *clean = event->text ? ctl_clean_copy(event->text) : NULL;

	if (clean && event->command == CRYPTEX_CMD_CORRUPTED_NTF)
		printf(" /%s", clean);
	else if (clean)
		printf(": %s", clean);
	free(clean);
}

static void print_line(const struct cx_event *event)
{
	char date[CTL_DATE_SIZE];
	size_t i;

	printf("%s %" PRIu64 " %s", now(date), event->sequence,
	       kind_of(event->command));
	if (event->command == CRYPTEX_CMD_REJECTED_NTF)
		printf(" %s", request_of(event->request));
	if (event->name[0])
		printf(" %s%s%s", event->name, event->label[0] ? "@" : "",
		       event->label);
	if (event->list_number)
		printf(" list %" PRIu64, event->list_number);
	for (i = 0; i < event->items.count; i++)
		printf(" %s@%s", event->items.list[i].name,
		       event->items.list[i].label);
	if (event->epoch)
		printf(" epoch %" PRIu64, event->epoch);
	if (event->error)
		printf(" %s", error_name(event->error));
	print_text(event);
	putchar('\n');
}

static json_t *items_json(const struct cx_items *items)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < items->count; i++)
		json_array_append_new(array, json_pack("{s:s, s:s}",
			"name", items->list[i].name,
			"label", items->list[i].label));
	return array;
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
	if (number)
		json_object_set_new(object, key, json_integer(number));
}

static void set_string(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(object, key, ctl_json_text(text));
}

static void print_object(json_t *object)
{
	char date[CTL_DATE_SIZE];

	json_object_set_new(object, "time", json_string(now(date)));
	json_dumpf(object, stdout, JSON_COMPACT | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(object);
}

static void print_json(const struct cx_event *event)
{
	json_t *object = json_pack("{s:s, s:I}",
				   "event", kind_of(event->command),
				   "sequence", (json_int_t)event->sequence);

	set_string(object, "name", event->name);
	set_string(object, "label", event->label);
	set_number(object, "epoch", event->epoch);
	set_number(object, "list_number", event->list_number);
	if (event->command == CRYPTEX_CMD_REJECTED_NTF) {
		set_string(object, "request", request_of(event->request));
		set_string(object, "error", error_name(event->error));
	}
	set_string(object, text_name(event->command), event->text);
	if (event->command == CRYPTEX_CMD_ACTIVATED_NTF ||
	    event->command == CRYPTEX_CMD_REVOKED_NTF)
		json_object_set_new(object, "items", items_json(&event->items));
	print_object(object);
}

void ctl_event_print(const struct cx_event *event, bool json)
{
	if (json)
		print_json(event);
	else
		print_line(event);
}

void ctl_event_lost(uint64_t count, bool json)
{
	char date[CTL_DATE_SIZE];

	if (json)
		print_object(json_pack("{s:s, s:I}", "event", "lost",
				       "count", (json_int_t)count));
	else
		printf("%s %" PRIu64 " events were lost\n", now(date), count);
}
