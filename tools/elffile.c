// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elffile.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parts of a library's dynamic section and symbol table. */
struct dynamic {
	Elf *elf;
	Elf_Data *symbols;
	size_t symbol_count;
	size_t strings;		/* section of the symbols' names */
	Elf_Data *versyms;
	Elf_Data *verdefs;
	size_t verdef_strings;
	size_t verdef_count;
};

static int fail_elf(const char *name, struct cx_error *err)
{
	int code = elf_errno();

	return cx_fail(err, -EBADMSG, "%s: is a broken ELF file: %s", name,
		       code ? elf_errmsg(code)
			    : "its section headers are missing");
}

static int find_sections(struct dynamic *d)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(d->elf, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			return -EBADMSG;
		switch (header.sh_type) {
		case SHT_DYNSYM:
			d->symbols = elf_getdata(section, NULL);
			d->strings = header.sh_link;
			if (header.sh_entsize)
				d->symbol_count = header.sh_size /
						  header.sh_entsize;
			break;
		case SHT_GNU_versym:
			d->versyms = elf_getdata(section, NULL);
			break;
		case SHT_GNU_verdef:
			d->verdefs = elf_getdata(section, NULL);
			d->verdef_strings = header.sh_link;
			d->verdef_count = header.sh_info;
			break;
		}
	}
	return 0;
}

/* Name of a version index that this library defines; NULL if it has none. */
static const char *version_name(const struct dynamic *d, unsigned int index)
{
	size_t i, offset = 0;

	for (i = 0; d->verdefs && i < d->verdef_count; i++) {
		GElf_Verdef def;
		GElf_Verdaux aux;

		if (!gelf_getverdef(d->verdefs, offset, &def))
			return NULL;
		if (def.vd_ndx == index && !(def.vd_flags & VER_FLG_BASE)) {
			if (!gelf_getverdaux(d->verdefs, offset + def.vd_aux,
					     &aux))
				return NULL;
			return elf_strptr(d->elf, d->verdef_strings,
					  aux.vda_name);
		}
		if (!def.vd_next)
			return NULL;
		offset += def.vd_next;
	}
	return NULL;
}

/* Can another file link against this symbol? */
static bool is_export(const GElf_Sym *symbol, GElf_Versym version)
{
	unsigned int bind = GELF_ST_BIND(symbol->st_info);
	unsigned int visibility = GELF_ST_VISIBILITY(symbol->st_other);

	return symbol->st_shndx != SHN_UNDEF && version != VER_NDX_LOCAL &&
	       (bind == STB_GLOBAL || bind == STB_WEAK ||
		bind == STB_GNU_UNIQUE) &&
	       (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

static char *export_text(const struct dynamic *d, const GElf_Sym *symbol,
			 GElf_Versym version)
{
	const char *name = elf_strptr(d->elf, d->strings, symbol->st_name);
	const char *of = version_name(d, version);
	char *text;

	if (!name)
		return NULL;
	if (asprintf(&text, "%s%s%s", name, of ? "@" : "", of ? of : "") < 0)
		return NULL;
	return text;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_exports(const struct dynamic *d, struct elf_facts *facts)
{
	size_t i;

	facts->exports = calloc(d->symbol_count + 1, sizeof(char *));
	if (!facts->exports)
		return -ENOMEM;
	for (i = 1; d->symbols && i < d->symbol_count; i++) {
		GElf_Versym version = VER_NDX_GLOBAL;
		GElf_Sym symbol;
		char *text;

		if (!gelf_getsym(d->symbols, i, &symbol))
			return -EBADMSG;
		if (d->versyms && !gelf_getversym(d->versyms, i, &version))
			return -EBADMSG;
		version &= 0x7fff;	/* without the "hidden" bit */
		if (!is_export(&symbol, version))
			continue;
		text = export_text(d, &symbol, version);
		if (!text)
			return -EBADMSG;
		facts->exports[facts->export_count++] = text;
	}
	qsort(facts->exports, facts->export_count, sizeof(char *), compare);
	return 0;
}

/* The dynamic section: SONAME, and whether this is a program. */
static int read_dynamic(Elf *elf, struct elf_facts *facts, bool *is_program)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t i;

	while ((section = elf_nextscn(elf, section))) {
		Elf_Data *data;
		GElf_Dyn entry;

		if (!gelf_getshdr(section, &header))
			return -EBADMSG;
		if (header.sh_type != SHT_DYNAMIC)
			continue;
		data = elf_getdata(section, NULL);
		for (i = 0; data && gelf_getdyn(data, i, &entry); i++) {
			const char *text;

			if (entry.d_tag == DT_NULL)
				break;
			if (entry.d_tag == DT_FLAGS_1 &&
			    entry.d_un.d_val & DF_1_PIE)
				*is_program = true;
			if (entry.d_tag != DT_SONAME || facts->soname)
				continue;
			text = elf_strptr(elf, header.sh_link, entry.d_un.d_val);
			facts->soname = text ? strdup(text) : NULL;
			if (!facts->soname)
				return -EBADMSG;
		}
	}
	return 0;
}

static int examine(Elf *elf, size_t size, struct elf_facts *facts)
{
	struct dynamic d = { .elf = elf };
	bool is_program = false;
	GElf_Ehdr header;
	int ret;

	if (!gelf_getehdr(elf, &header))
		return -EBADMSG;
	facts->is_elf = true;
	facts->machine = header.e_machine;
	facts->is_loadable = header.e_type == ET_EXEC ||
			     header.e_type == ET_DYN;
	if (header.e_type != ET_DYN)
		return 0;
	/* libelf takes a file that is cut short for one without sections, and
	 * so without symbols that could be missed. */
	if (!header.e_shoff || header.e_shoff >= size)
		return -EBADMSG;
	ret = read_dynamic(elf, facts, &is_program);
	if (ret < 0)
		return ret;
	/* A library may also be a program (libc.so.6): then it has a SONAME. */
	facts->is_library = facts->soname || !is_program;
	if (!facts->is_library)
		return 0;
	ret = find_sections(&d);
	return ret < 0 ? ret : read_exports(&d, facts);
}

int elf_read_facts(const void *data, size_t size, const char *name,
		   struct elf_facts *facts, struct cx_error *err)
{
	Elf *elf;
	int ret;

	*facts = (struct elf_facts){ 0 };
	if (size < SELFMAG || memcmp(data, ELFMAG, SELFMAG))
		return 0;
	elf_version(EV_CURRENT);
	/* libelf promises not to write where the mapping is read-only. */
	elf = elf_memory((char *)data, size);
	if (!elf)
		return fail_elf(name, err);
	ret = examine(elf, size, facts);
	if (ret < 0) {
		fail_elf(name, err);
		elf_free_facts(facts);
	}
	elf_end(elf);
	return ret;
}

void elf_free_facts(struct elf_facts *facts)
{
	size_t i;

	for (i = 0; i < facts->export_count; i++)
		free(facts->exports[i]);
	free(facts->exports);
	free(facts->soname);
	*facts = (struct elf_facts){ 0 };
}

bool elf_exports(const struct elf_facts *facts, const char *symbol)
{
	return facts->export_count &&
	       bsearch(&symbol, facts->exports, facts->export_count,
		       sizeof(char *), compare);
}
