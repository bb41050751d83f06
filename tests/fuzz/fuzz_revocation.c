// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzes the revocation list's parser (libFuzzer with ASan and UBSan).
 *
 * Whatever is accepted is asked for each thing that it holds, and must have it.
 */
#include <endian.h>
#include <stdint.h>
#include <stdlib.h>

#include <cryptex/revocation.h>

#include "fuzz.h"

static void check_content(const struct cryptex_revocation *list)
{
	const struct cryptex_revocation_header *h = list->header;
	uint32_t i, size;

	for (i = 0; i < le32toh(h->seal_count); i++)
		need(cryptex_revocation_has_seal(list, list->seals +
						 i * CRYPTEX_DIGEST_SIZE));
	for (i = 0; i < le32toh(h->floor_count); i++) {
		const struct cryptex_revocation_floor *f = &list->floors[i];

		need(cryptex_revocation_floor_of(list, (const char *)f->name) ==
		     le32toh(f->security_epoch));
	}
	for (i = 0; i < le32toh(h->certificate_count); i++) {
		const uint8_t *der = cryptex_revocation_certificate(list, i,
								    &size);

		need(der && size);
		touch(der, size);
	}
	need(!cryptex_revocation_certificate(list, i, &size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cryptex_seal_fault fault = { 0 };
	struct cryptex_revocation list;

	if (cryptex_revocation_frame(data, size, &list, &fault) ||
	    cryptex_revocation_parse(&list, &fault)) {
		need(fault.what && fault.offset <= size);
		return 0;
	}
	touch(list.signature, list.signature_size);
	touch(list.checksum, CRYPTEX_CHECKSUM_SIZE);
	check_content(&list);
	need(cryptex_revocation_contains(&list, &list));
	return 0;
}
