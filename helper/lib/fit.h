/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which release fits a machine: Documentation/repository.rst. */
#ifndef _CX_FIT_H
#define _CX_FIT_H

#include <stddef.h>

#include "lib/release.h"

#define CX_MACHINE_ID_SIZE 33	/* 32 hex digits, NUL */

/**
 * struct cx_machine - what a release is compared with
 * @base: digest of the base that is mounted
 * @channel: that the machine follows
 * @hardware: its class; empty if it has none
 * @id: the machine id
 * @now: seconds since 1970 UTC
 */
struct cx_machine {
	uint8_t base[CRYPTEX_DIGEST_SIZE];
	char channel[CX_CHANNEL_MAX + 1];
	char hardware[CX_CHANNEL_MAX + 1];
	char id[CX_MACHINE_ID_SIZE];
	int64_t now;
};

/**
 * enum cx_unfit - why a release does not fit
 * @CX_FITS: it does
 * @CX_UNFIT_KIND: it is a base
 * @CX_UNFIT_BASE: it is for another base
 * @CX_UNFIT_CHANNEL: it is of another channel
 * @CX_UNFIT_HARDWARE: it is for other machines
 * @CX_UNFIT_WITHDRAWN: it was taken back
 * @CX_UNFIT_EARLY: its rollout has not begun
 * @CX_UNFIT_COHORT: its rollout does not take in this machine yet
 */
enum cx_unfit {
	CX_FITS,
	CX_UNFIT_KIND,
	CX_UNFIT_BASE,
	CX_UNFIT_CHANNEL,
	CX_UNFIT_HARDWARE,
	CX_UNFIT_WITHDRAWN,
	CX_UNFIT_EARLY,
	CX_UNFIT_COHORT,
};

/**
 * cx_cohort - in which cohort a machine is
 * @id: the machine id, 32 hex digits
 * @name: the cryptex
 *
 * Return: 0 to 99; the same for ever.
 */
unsigned int cx_cohort(const char *id, const char *name);

/**
 * cx_fit - does a release fit?
 * @release: checked
 * @machine: with the base of the release's cryptex
 */
enum cx_unfit cx_fit(const struct cx_release *release,
		     const struct cx_machine *machine);

/**
 * cx_fit_text - why a release does not fit, for people
 * @unfit: the reason
 *
 * Return: half a sentence, such as "is for another base".
 */
const char *cx_fit_text(enum cx_unfit unfit);

/**
 * cx_release_newer - which of two releases a machine takes
 * @a: checked
 * @b: checked
 *
 * Return: whether @a comes before @b: by security epoch, build time and label.
 */
bool cx_release_newer(const struct cx_release *a, const struct cx_release *b);

/**
 * cx_fit_best - the release that a machine takes
 * @releases: of any cryptexes
 * @count: how many
 * @name: the cryptex
 * @machine: with the base of that
 *
 * Return: one of @releases, or NULL if none fits.
 */
const struct cx_release *cx_fit_best(const struct cx_release *releases,
				     size_t count, const char *name,
				     const struct cx_machine *machine);

/**
 * cx_machine_id - read this machine's id
 * @id: set on success
 * @err: filled on failure, with the remedy
 */
int cx_machine_id(char id[CX_MACHINE_ID_SIZE], struct cx_error *err);

#endif /* _CX_FIT_H */
