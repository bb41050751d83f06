// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "ctl/text.h"

static const char *validity(const struct cx_cert *cert)
{
	switch (cx_cert_check_date(cert, time(NULL), NULL)) {
	case 0: return "valid";
	case -EKEYEXPIRED: return "expired";
	default: return "not yet valid";
	}
}

static int print_json(const struct cx_trust *trust)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < trust->count; i++) {
		const struct cx_cert *cert = trust->certs[i];
		const char *id = cx_cert_key_id(cert);

		json_array_append_new(array,
			json_pack("{s:o, s:o, s:o, s:s}",
				  "subject", ctl_json_text(cx_cert_subject(cert)),
				  "key_id", ctl_json_text(id ? id : ""),
				  "file", ctl_json_text(cx_cert_path(cert)),
				  "validity", validity(cert)));
	}
	return ctl_json_print(array);
}

static int print_table(const struct ctl *ctl, const struct cx_trust *trust)
{
	static const char *const titles[] = { "SUBJECT", "KEY ID", "VALIDITY" };
	struct ctl_table *table;
	size_t i;

	if (!trust->count) {
		ctl_say("no certificate is trusted: `cryptexctl trust CERTIFICATE`");
		return CTL_OK;
	}
	table = ctl_table_new(titles, 3, ctl->color);
	for (i = 0; i < trust->count; i++) {
		const struct cx_cert *cert = trust->certs[i];
		char *subject = ctl_clean_copy(cx_cert_subject(cert));
		const char *id = cx_cert_key_id(cert), *valid = validity(cert);
		const char *const cells[] = { subject, id ? id : "-", valid };

		ctl_table_row(table, cells);
		ctl_table_paint(table, 2, *valid == 'v' ? "green" : "red");
		free(subject);
	}
	ctl_table_end(table);
	return CTL_OK;
}

static int list(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_TRUST, err);

	if (rc)
		return rc;
	rc = ctl->json ? print_json(&ops.trust) : print_table(ctl, &ops.trust);
	cx_ops_close(&ops);
	return rc;
}

int ctl_trust(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	int i, rc;

	if (!ctl->argc)
		return list(ctl, err);
	if (ctl->json)
		return ctl_usage_error(ctl, "--json is for the list");
	rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_LOCK | CX_OPS_KERNEL_IF,
		      err);
	if (rc)
		return rc;
	for (i = 0; i < ctl->argc && !rc; i++)
		rc = cx_op_trust(&ops, ctl->argv[i], err);
	cx_ops_close(&ops);
	return rc;
}
