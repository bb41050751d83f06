// SPDX-License-Identifier: LGPL-2.1-or-later
#include "list_view.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int list_view_load(const char *path, const struct cx_trust *trust,
		   struct list_view *view, struct cx_error *err)
{
	struct cryptex_revocation *list = &view->list.view;
	uint32_t i;
	int ret;

	*view = (struct list_view){ .is_verified = trust };
	ret = cx_list_load(path, trust, &view->list, err);
	if (!ret)
		ret = cx_cms_signer(list->signature, list->signature_size,
				    view->key_id, sizeof(view->key_id), err);
	if (ret < 0) {
		list_view_free(view);
		return ret;
	}
	for (i = 0; i < le32toh(list->header->certificate_count); i++) {
		uint32_t size;
		const uint8_t *der = cryptex_revocation_certificate(list, i,
								    &size);
		struct cx_buf buf = { (void *)der, size };

		cx_cert_from_bytes(&buf, path, &view->certificates[i], NULL);
	}
	return 0;
}

void list_view_free(struct list_view *view)
{
	size_t i;

	for (i = 0; i < CRYPTEX_REVOCATION_MAX_CERTIFICATES; i++)
		cx_cert_free(view->certificates[i]);
	cx_list_free(&view->list);
	*view = (struct list_view){ 0 };
}

static void print_head(const struct list_view *view)
{
	time_t issued = le64toh(view->list.view.header->issued);
	char text[64] = "out of range";
	struct tm tm;

	if (gmtime_r(&issued, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	printf("%-15s revocation list\n", "Kind");
	printf("%-15s %" PRIu64 "\n", "Number", cx_list_number(&view->list));
	printf("%-15s %s\n", "Issued", text);
	printf("%-15s key id %s (%s)\n", "Signer", view->key_id,
	       view->is_verified ? "verified" : "not verified");
}

static void print_seals(const struct cryptex_revocation *list)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];
	uint32_t i, count = le32toh(list->header->seal_count);

	printf("%-15s %u\n", "Seals", count);
	for (i = 0; i < count; i++)
		printf("  %s\n", cx_hex(list->seals + i * CRYPTEX_DIGEST_SIZE,
					CRYPTEX_DIGEST_SIZE, hex));
}

static void print_floors(const struct cryptex_revocation *list)
{
	uint32_t i, count = le32toh(list->header->floor_count);

	printf("%-15s %u\n", "Floors", count);
	for (i = 0; i < count; i++)
		printf("  %-24s security epoch %u or more\n",
		       (const char *)list->floors[i].name,
		       le32toh(list->floors[i].security_epoch));
}

static void print_certificates(const struct list_view *view)
{
	uint32_t i, count = le32toh(view->list.view.header->certificate_count);

	printf("%-15s %u\n", "Certificates", count);
	for (i = 0; i < count; i++) {
		const struct cx_cert *cert = view->certificates[i];
		const char *id = cert ? cx_cert_key_id(cert) : NULL;

		if (cert)
			printf("  key id %s %s\n", id ? id : "-",
			       cx_cert_subject(cert));
		else
			printf("  bytes that are no certificate\n");
	}
}

void list_view_print(const struct list_view *view)
{
	print_head(view);
	print_seals(&view->list.view);
	print_floors(&view->list.view);
	print_certificates(view);
}
