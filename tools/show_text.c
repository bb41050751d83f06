// SPDX-License-Identifier: LGPL-2.1-or-later
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "machine.h"
#include "view.h"

static void print_digest(const char *title, const uint8_t *digest)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];

	printf("%-15s %s\n", title, cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
}

static void print_time(uint64_t seconds)
{
	time_t time = seconds;
	char text[64] = "out of range";
	struct tm tm;

	if (gmtime_r(&time, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	printf("%-15s %s\n", "Built", text);
}

static void print_header(const struct view *view)
{
	const struct cx_seal *seal = &view->contents.seal;
	const struct cryptex_seal_header *h = seal->view.header;
	bool is_base = cryptex_seal_is_base(&seal->view);

	printf("%-15s %s\n", "Cryptex", cx_seal_name(seal));
	printf("%-15s %s\n", "Label", cx_seal_label(seal));
	printf("%-15s %s\n", "Kind", is_base ? "base" : "patch");
	if (!is_base)
		print_digest("Base digest", h->base_digest);
	print_digest("Digest", seal->digest);
	printf("%-15s %u\n", "Security epoch", le32toh(h->security_epoch));
	print_time(le64toh(h->build_time));
	printf("%-15s %s\n", "Machine", machine_name(le16toh(h->machine)));
}

/* What is fetched, and what it brings */
static void print_share(uint64_t fetched, uint64_t made)
{
	printf("%-15s %" PRIu64 " bytes, for files of %" PRIu64 " bytes",
	       "Fetched", fetched, made);
	if (made)
		printf(" (%.2f %%)", 100.0 * fetched / made);
	putchar('\n');
}

static void print_content(const struct view *view)
{
	const struct contents *c = &view->contents;

	printf("%-15s %u files, %u links, %u directories, %" PRIu64 " bytes\n",
	       "Content", view->files, view->links, view->directories,
	       view->bytes);
	if (view->is_container)
		printf("%-15s %zu of %zu objects, %" PRIu64 " bytes packed\n",
		       "Container", c->held, c->count, c->packed);
	if (c->deltas)
		printf("%-15s %zu of %zu objects, %" PRIu64 " bytes, not applied\n",
		       "Deltas", c->deltas, c->count, c->delta_bytes);
	if (view->is_container)
		print_share(c->size, c->made_bytes);
}

static void print_signer(const struct view *view)
{
	if (!view->contents.seal.is_signed)
		printf("%-15s not signed\n", "Signer");
	else
		printf("%-15s key id %s (%s)\n", "Signer", view->key_id,
		       view->is_verified ? "verified" : "not verified");
}

static void print_fixes(const struct cx_fixes *fixes)
{
	size_t i;

	if (fixes->count)
		printf("%-15s %zu\n", "Fixes", fixes->count);
	for (i = 0; i < fixes->count; i++)
		printf("  %-16s %-8s %s\n", fixes->list[i].id,
		       fixes->list[i].severity, fixes->list[i].text);
}

/* As getfattr does it: what is not plain ASCII is octal. */
static void print_value(const uint8_t *value, size_t size)
{
	for (; size--; value++) {
		if (*value < 0x20 || *value > 0x7e)
			printf("\\%03o", *value);
		else
			printf("%s%c", strchr("\"\\", *value) ? "\\" : "",
			       *value);
	}
}

static void print_xattrs(const struct cryptex_seal *seal,
			 const struct cryptex_seal_entry *e)
{
	struct cryptex_seal_xattr it = { NULL };

	while (cryptex_seal_xattr_next(seal, e, &it)) {
		printf("       %.*s=\"", (int)it.name_len, it.name);
		print_value(it.value, it.value_len);
		puts("\"");
	}
}

static int print_entry(const struct cryptex_seal *seal, uint32_t index,
		       struct cx_error *err)
{
	const struct cryptex_seal_entry *e = &seal->entries[index];
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1] = "-";
	mode_t mode = le16toh(e->mode);
	char *path = cx_seal_path(seal, index);

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (S_ISREG(mode))
		cx_hex(e->digest, CRYPTEX_DIGEST_SIZE, hex);
	printf("%c %04o %12" PRIu64 " %-64s %s",
	       S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : '-', mode & 0777,
	       S_ISDIR(mode) ? 0 : le64toh(e->size), hex, path);
	if (S_ISLNK(mode))
		printf(" -> %.*s", (int)le64toh(e->size),
		       seal->strings + le32toh(e->first));
	putchar('\n');
	print_xattrs(seal, e);
	free(path);
	return 0;
}

int view_print(const struct view *view, bool with_files, struct cx_error *err)
{
	const struct cryptex_seal *seal = &view->contents.seal.view;
	uint32_t i;
	int ret = 0;

	print_header(view);
	print_content(view);
	print_signer(view);
	print_fixes(&view->fixes);
	if (!with_files)
		return 0;
	putchar('\n');
	for (i = 1; !ret && i < seal->entry_count; i++)
		ret = print_entry(seal, i, err);
	return ret;
}
