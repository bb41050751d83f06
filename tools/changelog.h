/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fixes as a Debian changelog tells them. */
#ifndef _CHANGELOG_H
#define _CHANGELOG_H

#include "input.h"
#include "lib/error.h"
#include "lib/fixes.h"

/**
 * changelog_label - a Debian version as a version label
 * @version: for example "1:2.0-1"
 * @label: set; %CRYPTEX_LABEL_SIZE bytes, NUL-terminated
 * @err: filled on failure: too long, or no label even so
 *
 * What a label may not hold becomes '_'.
 *
 * Return: 0, -ENAMETOOLONG, or -EINVAL.
 */
int changelog_label(const char *version, char *label, struct cx_error *err);

/**
 * changelog_fixes - the holes closed since the base
 * @deb: a package
 * @base_label: the entry of this version and older ones do not count
 * @fixes: grows by ids that it does not list yet
 * @err: filled on failure; -ENOENT if the changelog does not know the base's
 *	version, and then nothing is added
 *
 * Return: 0, -ENOENT, -ENOMEM, or what a list of fixes cannot hold (see
 * cx_fixes_parse()).
 */
int changelog_fixes(const struct deb *deb, const char *base_label,
		    struct cx_fixes *fixes, struct cx_error *err);

#endif /* _CHANGELOG_H */
