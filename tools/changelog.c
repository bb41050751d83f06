// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A Debian changelog, newest entry first:
 *
 *	openssl (3.0.17-1~deb12u3) bookworm-security; urgency=medium
 *
 *	  * CVE-2025-9230 ("Fix incorrect check of unwrapped key size")
 *	  * an item may go on
 *	    in further lines
 *
 *	 -- Maintainer <address>  date
 */
#include "changelog.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cryptex/seal.h>

#define MAX_ITEM	2048	/* characters of one item that are looked at */

int changelog_label(const char *version, char *label, struct cx_error *err)
{
	size_t i, len = strlen(version);

	if (len >= CRYPTEX_LABEL_SIZE)
		return cx_fail(err, -ENAMETOOLONG,
			       "version %s makes too long a label; give --label",
			       version);
	for (i = 0; i <= len; i++)
		label[i] = !version[i] || isalnum((unsigned char)version[i]) ||
				   strchr("+-.~_", version[i])
				   ? version[i] : '_';
	if (!cryptex_label_ok(label))
		return cx_fail(err, -EINVAL,
			       "version \"%s\" makes no label; give --label",
			       version);
	return 0;
}

/* Where the reading is. */
struct entry {
	char label[CRYPTEX_LABEL_SIZE];
	const char *severity;
};

static const char *severity_of(const char *header)
{
	static const struct {
		const char *urgency;
		const char *severity;
	} map[] = {
		{ "low", "low" }, { "medium", "medium" }, { "high", "high" },
		{ "emergency", "critical" }, { "critical", "critical" },
	};
	const char *urgency = strstr(header, "urgency=");
	size_t i, len;

	if (!urgency)
		return "unknown";
	urgency += strlen("urgency=");
	len = strspn(urgency, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	for (i = 0; i < sizeof(map) / sizeof(*map); i++)
		if (strlen(map[i].urgency) == len &&
		    !strncasecmp(urgency, map[i].urgency, len))
			return map[i].severity;
	return "unknown";
}

/* "source (version) suites; urgency=..." */
static bool parse_header(char *line, struct entry *entry)
{
	char *open = strchr(line, '('), *close;

	if (isspace((unsigned char)*line) || !open)
		return false;
	close = strchr(open, ')');
	if (!close)
		return false;
	*close = '\0';
	if (changelog_label(open + 1, entry->label, NULL) < 0)
		*entry->label = '\0';
	entry->severity = severity_of(close + 1);
	return true;
}

/* Bytes of a CVE id at the start of a text, or 0. */
static size_t cve_length(const char *text)
{
	size_t year, number;

	if (strncmp(text, "CVE-", 4))
		return 0;
	year = strspn(text + 4, "0123456789");
	if (year != 4 || text[8] != '-')
		return 0;
	number = strspn(text + 9, "0123456789");
	return number >= 4 && number <= 12 ? 9 + number : 0;
}

/* Drop a closing bracket whose opening one was skipped. */
static size_t close_bracket(const char *text, size_t len, const char *skipped,
			    size_t skip, char open, char shut)
{
	if (len && text[len - 1] == shut && memchr(skipped, open, skip))
		len--;
	return len;
}

/* What an item says; of `CVE-2025-9230 ("Fix the check")` the inner part. */
static void item_text(const char *item, char *text)
{
	const char *tail = item + cve_length(item);
	size_t skip = tail > item ? strspn(tail, " :-,(\"") : 0;
	const char *start = tail > item ? tail + skip : item;
	size_t len = strlen(start);

	len = close_bracket(start, len, tail, skip, '(', ')');
	len = close_bracket(start, len, tail, skip, '"', '"');
	if (len > CX_FIX_TEXT_MAX)
		len = CX_FIX_TEXT_MAX;
	/* Not in the middle of a UTF-8 character. */
	while (len && ((unsigned char)start[len] & 0xc0) == 0x80)
		len--;
	memcpy(text, start, len);
	text[len] = '\0';
}

static bool is_listed(const struct cx_fixes *fixes, const char *id)
{
	size_t i;

	for (i = 0; i < fixes->count; i++)
		if (!strcmp(fixes->list[i].id, id))
			return true;
	return false;
}

static int add_item(const char *item, const struct entry *entry,
		    struct cx_fixes *fixes, struct cx_error *err)
{
	char text[CX_FIX_TEXT_MAX + 1], id[CX_FIX_ID_MAX + 1];
	const char *next = item;
	int ret = 0;

	item_text(item, text);
	while (!ret && (next = strstr(next, "CVE-"))) {
		size_t len = cve_length(next);

		if (!len) {
			next++;
			continue;
		}
		memcpy(id, next, len);
		id[len] = '\0';
		next += len;
		if (!is_listed(fixes, id))
			ret = cx_fixes_add(fixes, id, entry->severity, text,
					   err);
		/* An old changelog may be in another encoding. */
		if (ret == -EILSEQ)
			ret = cx_fixes_add(fixes, id, entry->severity, "", err);
	}
	return ret;
}

/* Append a line to the item, with one space for each run of white space and
 * '?' for what a fix's text may not hold. */
static void append(char *item, const char *line)
{
	size_t len = strlen(item);

	if (len)
		item[len++] = ' ';
	for (line += strspn(line, " \t"); *line && len < MAX_ITEM - 1; line++) {
		if (isspace((unsigned char)*line) &&
		    (!line[1] || isspace((unsigned char)line[1])))
			continue;
		item[len++] = *line == '\t' ? ' ' :
			      iscntrl((unsigned char)*line) ? '?' : *line;
	}
	item[len] = '\0';
}

/* An item starts with a bullet; other lines of the entry go on with it. */
static const char *bullet(const char *line)
{
	line += strspn(line, " \t");
	return strchr("*-+", *line) && *line && line[1] == ' ' ? line + 2
							       : NULL;
}

/* Read until the base's entry; 1 once it is reached. */
static int read_lines(char *text, const char *base_label,
		      struct cx_fixes *fixes, struct cx_error *err)
{
	struct entry entry = { .severity = "unknown" }, next;
	char item[MAX_ITEM + 1] = "", *line;
	int ret = 0;

	while (!ret && (line = strsep(&text, "\n"))) {
		bool header = parse_header(line, &next);
		const char *start = header ? NULL : bullet(line);

		/* An item ends where something else starts. */
		if (header || start || !*line || !strncmp(line, " -- ", 4)) {
			ret = add_item(item, &entry, fixes, err);
			*item = '\0';
		}
		if (header)
			entry = next;
		if (header && !strcmp(entry.label, base_label))
			return ret < 0 ? ret : 1;
		if (start)
			append(item, start);
		else if (*item)
			append(item, line);
	}
	return ret;
}

int changelog_fixes(const struct deb *deb, const char *base_label,
		    struct cx_fixes *fixes, struct cx_error *err)
{
	size_t before = fixes->count;
	char *text;
	int ret;

	if (!deb->changelog.size)
		return cx_fail(err, -ENOENT, "%s: has no Debian changelog",
			       deb->package);
	text = strdup(deb->changelog.data);
	if (!text)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = read_lines(text, base_label, fixes, err);
	free(text);
	if (ret == 1)
		return 0;
	fixes->count = before;
	if (ret < 0)
		return cx_prefix(err, ret, "%s: its changelog", deb->package);
	return cx_fail(err, -ENOENT,
		       "%s: its changelog has no entry for the base's version %s",
		       deb->package, base_label);
}
