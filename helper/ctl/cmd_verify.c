// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/text.h"

static void report_text(void *ctx, const char *where, const char *text)
{
	char line[2048];

	(void)ctx;
	snprintf(line, sizeof(line), "verify: %s: %s", where, text);
	ctl_warn(line);
}

static void report_json(void *ctx, const char *where, const char *text)
{
	json_array_append_new(ctx, json_pack("{s:o, s:o}",
					     "where", ctl_json_text(where),
					     "text", ctl_json_text(text)));
}

static void print_text(const struct cx_verify_result *result)
{
	char size[CTL_SIZE_SIZE];

	ctl_size(result->bytes, size);
	printf("%zu seals, %zu objects, %s read: ", result->seals,
	       result->objects, size);
	if (result->faults)
		printf("%zu faults\n", result->faults);
	else
		puts("all is as it was sealed");
}

static int print_json(const struct cx_verify_result *result, json_t *faults)
{
	return ctl_json_print(json_pack("{s:I, s:I, s:I, s:O}",
		"seals", (json_int_t)result->seals,
		"objects", (json_int_t)result->objects,
		"bytes", (json_int_t)result->bytes,
		"faults", faults));
}

static int verify(const struct ctl *ctl, struct cx_ops *ops, json_t *faults,
		  struct cx_error *err)
{
	struct cx_verify_result result = { 0 };
	int rc = cx_op_verify(ops, ctl->argc ? ctl->argv[0] : NULL,
			      ctl->json ? report_json : report_text, faults,
			      &result, err);

	if (rc)
		return rc;
	if (ctl->json)
		rc = print_json(&result, faults);
	else
		print_text(&result);
	return result.faults ? CTL_FAILED : rc;
}

int ctl_verify(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_ops ops;
	json_t *faults;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_TRUST, err);

	if (rc)
		return rc;
	faults = json_array();
	rc = verify(ctl, &ops, faults, err);
	json_decref(faults);
	cx_ops_close(&ops);
	return rc;
}
