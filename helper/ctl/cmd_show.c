// SPDX-License-Identifier: LGPL-2.1-or-later
#include <elf.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/view.h"

static const char *machine_name(unsigned int machine)
{
	static char number[32];

	switch (machine) {
	case EM_NONE: return "any";
	case EM_X86_64: return "x86-64";
	case EM_AARCH64: return "aarch64";
	case EM_386: return "i386";
	case EM_ARM: return "arm";
	case EM_RISCV: return "riscv";
	case EM_PPC64: return "ppc64";
	case EM_S390: return "s390";
	default:
		snprintf(number, sizeof(number), "ELF machine %u", machine);
		return number;
	}
}

static const char *type_of(uint16_t mode)
{
	return S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : "file";
}

/* Target of the link @index, to be freed; NULL for anything else. */
static char *target_of(const struct cryptex_seal *seal, uint32_t index)
{
	const struct cryptex_seal_entry *e = &seal->entries[index];

	if (!S_ISLNK(le16toh(e->mode)))
		return NULL;
	return strndup(seal->strings + le32toh(e->first), le64toh(e->size));
}

static json_t *entry_json(const struct cryptex_seal *seal, uint32_t index)
{
	const struct cryptex_seal_entry *e = &seal->entries[index];
	uint16_t mode = le16toh(e->mode);
	char octal[8], *path = cx_seal_path(seal, index);
	char *target = target_of(seal, index);
	json_t *object;

	snprintf(octal, sizeof(octal), "%04o", mode & 07777);
	object = json_pack("{s:o, s:s, s:s}", "path",
			   ctl_json_text(path ? path : "?"), "type",
			   type_of(mode), "mode", octal);
	if (S_ISREG(mode)) {
		json_object_set_new(object, "size", json_integer(le64toh(e->size)));
		json_object_set_new(object, "digest",
				    ctl_json_hex(e->digest, sizeof(e->digest)));
	}
	if (target)
		json_object_set_new(object, "target", ctl_json_text(target));
	free(target);
	free(path);
	return object;
}

static int print_json(const struct ctl *ctl, const struct ctl_view *v)
{
	const struct cryptex_seal *seal = &v->seal.view;
	const struct cryptex_seal_header *h = seal->header;
	json_t *entries, *object = json_pack(
		"{s:s, s:s, s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:b, s:o, s:o}",
		"name", cx_seal_name(&v->seal), "label", cx_seal_label(&v->seal),
		"base", cryptex_seal_is_base(seal),
		"digest", ctl_json_hex(v->seal.digest, CRYPTEX_DIGEST_SIZE),
		"security_epoch", (json_int_t)le32toh(h->security_epoch),
		"build_time", (json_int_t)le64toh(h->build_time),
		"machine", (json_int_t)le16toh(h->machine),
		"files", (json_int_t)v->files,
		"directories", (json_int_t)v->folders,
		"links", (json_int_t)v->links, "bytes", (json_int_t)v->bytes,
		"signer_key_id", v->key_id, "verified", v->verified,
		"verdict", ctl_json_text(v->verdict),
		"fixes", ctl_json_fixes(&v->fixes));
	uint32_t i;

	json_object_set_new(object, "cost",
			    ctl_json_cost(v->has_cost ? &v->cost : NULL));
	if (!cryptex_seal_is_base(seal))
		json_object_set_new(object, "base_digest",
				    ctl_json_hex(h->base_digest,
						 CRYPTEX_DIGEST_SIZE));
	if (ctl->files) {
		entries = json_array();
		for (i = 1; i < seal->entry_count; i++)
			json_array_append_new(entries, entry_json(seal, i));
		json_object_set_new(object, "entries", entries);
	}
	return ctl_json_print(object);
}

static void print_summary(const struct ctl *ctl, const struct ctl_view *v)
{
	const struct cryptex_seal_header *h = v->seal.view.header;
	char date[CTL_DATE_SIZE], size[CTL_SIZE_SIZE], cost[CTL_COST_SIZE];
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1], *verdict;
	const char *paint = !ctl->color ? "" : v->verified ? "\033[32m" :
							     "\033[31m";

	printf("Cryptex:         %s\n", cx_seal_name(&v->seal));
	printf("Generation:      %s (%s)\n", cx_seal_label(&v->seal),
	       cryptex_seal_is_base(&v->seal.view) ? "base" : "patch");
	printf("Digest:          %s\n",
	       cx_hex(v->seal.digest, CRYPTEX_DIGEST_SIZE, hex));
	if (!cryptex_seal_is_base(&v->seal.view))
		printf("For base:        %s\n",
		       cx_hex(h->base_digest, CRYPTEX_DIGEST_SIZE, hex));
	printf("Security epoch:  %u\n", le32toh(h->security_epoch));
	printf("Built:           %s\n", ctl_date(le64toh(h->build_time), date));
	printf("Machine:         %s\n", machine_name(le16toh(h->machine)));
	printf("Content:         %u files, %u directories, %u links, %s\n",
	       v->files, v->folders, v->links, ctl_size(v->bytes, size));
	if (v->has_cost)
		printf("Fetched:         %s\n", ctl_cost(&v->cost, cost));
	if (v->key_id[0])
		printf("Signer key id:   %s\n", v->key_id);
	verdict = ctl_clean_copy(v->verdict);
	printf("Signature:       %s%s%s\n", paint, verdict,
	       *paint ? "\033[0m" : "");
	free(verdict);
}

static void print_fixes(const struct ctl *ctl, const struct cx_fixes *fixes)
{
	static const char *const titles[] = { "FIXES", "SEVERITY", "WHAT" };
	struct ctl_table *table;
	size_t i;

	if (!fixes->count)
		return;
	puts("");
	table = ctl_table_new(titles, 3, ctl->color);
	for (i = 0; i < fixes->count; i++) {
		const struct cx_fix *fix = &fixes->list[i];
		const char *const cells[] = { fix->id, fix->severity, fix->text };

		ctl_table_row(table, cells);
	}
	ctl_table_end(table);
}

static void print_entry(struct ctl_table *table, const struct cryptex_seal *seal,
			uint32_t index)
{
	const struct cryptex_seal_entry *e = &seal->entries[index];
	uint16_t mode = le16toh(e->mode);
	char octal[8], size[24] = "", digest[CTL_SHORT_SIZE] = "";
	char *path = cx_seal_path(seal, index), *target = target_of(seal, index);
	char *shown = NULL;

	snprintf(octal, sizeof(octal), "%04o", mode & 07777);
	if (S_ISREG(mode)) {
		snprintf(size, sizeof(size), "%llu",
			 (unsigned long long)le64toh(e->size));
		ctl_short(e->digest, digest);
	}
	if (asprintf(&shown, "%s%s%s%s", path ? path : "?",
		     S_ISDIR(mode) ? "/" : "", target ? " -> " : "",
		     target ? target : "") < 0)
		shown = NULL;
	ctl_table_row(table, (const char *const[]){
		octal, size, digest, shown ? ctl_clean(shown) : "?" });
	free(shown);
	free(target);
	free(path);
}

static void print_files(const struct ctl *ctl, const struct cryptex_seal *seal)
{
	static const char *const titles[] = { "MODE", ">SIZE", "DIGEST", "PATH" };
	struct ctl_table *table = ctl_table_new(titles, 4, ctl->color);
	uint32_t i;

	puts("");
	for (i = 1; i < seal->entry_count; i++)
		print_entry(table, seal, i);
	ctl_table_end(table);
}

int ctl_show(const struct ctl *ctl, struct cx_error *err)
{
	struct ctl_view view;
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE_IF | CX_OPS_TRUST, err);

	if (rc)
		return rc;
	rc = ctl_view_load(&ops, ctl->argv[0], &view, err);
	if (!rc && ctl->json) {
		rc = print_json(ctl, &view);
	} else if (!rc) {
		print_summary(ctl, &view);
		print_fixes(ctl, &view.fixes);
		if (ctl->files)
			print_files(ctl, &view.seal.view);
	}
	if (rc >= 0)
		ctl_view_free(&view);
	cx_ops_close(&ops);
	return rc;
}
