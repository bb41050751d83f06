// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which release fits, and what a release may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fit.h"

#define ID "0123456789abcdef0123456789abcdef"	/* openssl is in cohort 25 */

static struct cx_release sample(const char *label)
{
	struct cx_release r = {
		.item = { .name = "openssl" },
		.digest = { 1 }, .base = { 2 },
		.build_time = 1700000000, .rollout_start = 1700000000,
		.seal_size = 5000, .security_epoch = 3, .rollout_percent = 100,
		.patch = 1, .severity = "high", .channel = "stable",
	};

	snprintf(r.item.label, sizeof(r.item.label), "%s", label);
	return r;
}

static const struct cx_machine machine = {
	.base = { 2 }, .channel = "stable", .id = ID, .now = 1800000000,
};

/* By sha256sum: printf 'cryptex-cohort\0ID\0NAME\0' | sha256sum */
static void cohorts_are_the_ones_that_were_agreed_on(void **unused)
{
	(void)unused;
	assert_int_equal(cx_cohort(ID, "openssl"), 0x50b07ab1 % 100);
	assert_int_equal(cx_cohort("00000000000000000000000000000000",
				   "webkitgtk"), 0x8f9b39b0 % 100);
	assert_int_equal(cx_cohort("ffffffffffffffffffffffffffffffff", "a"),
			 0x8ca19d8f % 100);
}

/* 100,000 machines: 1000 a cohort, with a standard deviation of 31.5.  That one
 * of the hundred is more than 5 of these off happens once in 17,000 trials. */
static void cohorts_are_of_the_same_size(void **unused)
{
	unsigned int seen[100] = { 0 }, i;
	double chi = 0;
	char id[CX_MACHINE_ID_SIZE];

	(void)unused;
	for (i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "%032x", i * 2654435761u);
		seen[cx_cohort(id, "openssl")]++;
	}
	for (i = 0; i < 100; i++) {
		assert_in_range(seen[i], 1000 - 158, 1000 + 158);
		chi += (seen[i] - 1000.0) * (seen[i] - 1000.0) / 1000;
	}
	/* 99 degrees of freedom: above 162 once in 20,000 */
	assert_true(chi < 162);
}

/* Who is the first to get one cryptex is not so for the next. */
static void cohorts_of_two_cryptexes_have_nothing_in_common(void **unused)
{
	unsigned int i, both = 0;
	char id[CX_MACHINE_ID_SIZE];

	(void)unused;
	for (i = 0; i < 100000; i++) {
		snprintf(id, sizeof(id), "%032x", i);
		both += cx_cohort(id, "openssl") < 10 &&
			cx_cohort(id, "webkitgtk") < 10;
	}
	assert_in_range(both, 850, 1150);
}

static void each_rule_keeps_a_release_away(void **unused)
{
	struct cx_release r = sample("2");
	struct cx_machine m = machine;

	(void)unused;
	assert_int_equal(cx_fit(&r, &m), CX_FITS);
	r.rollout_percent = 25;
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_COHORT);
	r.rollout_percent = 26;
	assert_int_equal(cx_fit(&r, &m), CX_FITS);
	r.rollout_percent = 0;
	r.urgent = 1;
	assert_int_equal(cx_fit(&r, &m), CX_FITS);
	m.now = r.rollout_start - 1;
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_EARLY);
	m.now = r.rollout_start;
	assert_int_equal(cx_fit(&r, &m), CX_FITS);
	r.withdrawn = 1;
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_WITHDRAWN);
	r.hardware_count = 2;
	strcpy(r.hardware[0], "server");
	strcpy(r.hardware[1], "desktop");
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_HARDWARE);
	strcpy(m.hardware, "desktop");
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_WITHDRAWN);
	strcpy(m.channel, "beta");
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_CHANNEL);
	m.base[31] = 1;
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_BASE);
	r.patch = 0;
	assert_int_equal(cx_fit(&r, &m), CX_UNFIT_KIND);
}

/* The best one is found, wherever it stands among the others. */
static void the_newest_that_fits_is_taken(void **unused)
{
	struct cx_release r[5], turned[5];
	size_t i, k;

	(void)unused;
	for (i = 0; i < 5; i++)
		r[i] = sample("2");
	strcpy(r[1].item.label, "10");		/* less than 2, byte by byte */
	r[2].build_time = 1900000000;		/* newer, */
	r[2].security_epoch = 2;		/* but of an older epoch */
	r[3].security_epoch = 9;
	r[3].withdrawn = 1;
	strcpy(r[4].item.name, "zlib");
	r[4].security_epoch = 9;
	for (i = 0; i < 5; i++) {
		for (k = 0; k < 5; k++)
			turned[k] = r[(k + i) % 5];
		assert_ptr_equal(cx_fit_best(turned, 5, "openssl", &machine),
				 &turned[(5 - i) % 5]);
	}
	assert_null(cx_fit_best(r, 5, "curl", &machine));
	assert_null(cx_fit_best(NULL, 0, "openssl", &machine));
	r[1].build_time++;
	assert_ptr_equal(cx_fit_best(r, 5, "openssl", &machine), &r[1]);
}

static void refused(const struct cx_release *r, const char *field)
{
	struct cx_error err = { "" };

	assert_int_equal(cx_release_check(r, &err), -EBADMSG);
	if (!strstr(err.text, field))
		fail_msg("'%s' does not name %s", err.text, field);
}

/* BREAK(FIELD, STATEMENT): a good record, and one thing that is wrong with it */
#define BREAK(field, change) do {		\
		struct cx_release r = sample("2");	\
							\
		change;					\
		refused(&r, field);			\
	} while (0)

static void a_record_is_checked_field_by_field(void **unused)
{
	struct cx_release good = sample("2");

	(void)unused;
	assert_int_equal(cx_release_check(&good, NULL), 0);
	BREAK("name", memset(r.item.name, 'a', sizeof(r.item.name)));
	BREAK("name", strcpy(r.item.name, "../x"));
	BREAK("name", r.item.name[0] = '\0');
	BREAK("label", memset(r.item.label, '1', sizeof(r.item.label)));
	BREAK("label", strcpy(r.item.label, "a/b"));
	BREAK("severity", memset(r.severity, 'a', sizeof(r.severity)));
	BREAK("severity", strcpy(r.severity, "grave"));
	BREAK("channel", memset(r.channel, 'a', sizeof(r.channel)));
	BREAK("channel", strcpy(r.channel, "Stable"));
	BREAK("rollout", r.rollout_percent = 101);
	BREAK("rollout", r.rollout_start = -1);
	BREAK("build_time", r.build_time = INT64_MAX);
	BREAK("kind", r.patch = 2);
	BREAK("base", r.patch = 0);
	BREAK("urgency", r.urgent = 2);
	BREAK("activation", r.at_boot = 255);
	BREAK("withdrawn", r.withdrawn = 2);
	BREAK("withdrawn", strcpy(r.reason, "\033[31mred"));
	BREAK("withdrawn", memset(r.reason, 'a', sizeof(r.reason)));
	BREAK("length", r.seal_size = 0);
	BREAK("length", r.seal_size = CX_SEAL_BYTES_MAX + 1);
	BREAK("hardware", r.hardware_count = CX_RELEASE_HARDWARE_MAX + 1);
	BREAK("hardware", r.hardware_count = 1);
	BREAK("fixes", r.fixes_count = UINT32_MAX);
	BREAK("fixes", r.fixes_count = 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cohorts_are_the_ones_that_were_agreed_on),
		cmocka_unit_test(cohorts_are_of_the_same_size),
		cmocka_unit_test(cohorts_of_two_cryptexes_have_nothing_in_common),
		cmocka_unit_test(each_rule_keeps_a_release_away),
		cmocka_unit_test(the_newest_that_fits_is_taken),
		cmocka_unit_test(a_record_is_checked_field_by_field),
	};

	return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
