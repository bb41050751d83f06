/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What metadata says of one release: the custom fields of its seal. */
#ifndef _REPO_RELEASE_H
#define _REPO_RELEASE_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "lib/error.h"
#include "lib/sealfile.h"
#include "repo.h"

#define CLASS_MAX	32	/* bytes of a channel or hardware class */
#define CLASSES_MAX	16	/* classes of hardware that one release is for */

/* The largest target name: NAME/LABEL.index */
#define TARGET_SIZE	(2 * CRYPTEX_LABEL_SIZE + 8)

/**
 * struct terms - for whom a release is; members that are NULL or false are not
 * asked for
 * @channel: [a-z0-9-]
 * @hardware: classes with commas between them
 * @urgency: "routine" or "urgent"
 * @activation: "relaunch" or "boot"
 * @has_percent: @percent is given
 * @percent: 0 to 100
 * @has_start: @start is given
 * @start: when it begins
 */
struct terms {
	const char *channel;
	const char *hardware;
	const char *urgency;
	const char *activation;
	bool has_percent;
	unsigned int percent;
	bool has_start;
	time_t start;
};

/* Options for terms, and their help. */
enum {
	OPT_CHANNEL = 768, OPT_HARDWARE, OPT_URGENCY, OPT_ACTIVATION,
	OPT_PERCENT, OPT_START,
};

/**
 * terms_take - take an option
 * @terms: filled
 * @option: one of those above
 * @value: its value
 * @err: filled on failure
 *
 * Return: 0, or -EINVAL (no such value).
 */
int terms_take(struct terms *terms, int option, const char *value,
	       struct cx_error *err);

/**
 * release_target - name of a release's target
 * @name: of the cryptex
 * @label: of the generation
 * @suffix: SUFFIX_SEAL or SUFFIX_INDEX
 * @target: set
 */
void release_target(const char *name, const char *label, const char *suffix,
		    char target[TARGET_SIZE]);

/**
 * release_describe - the custom fields for a seal
 * @seal: what is released
 * @terms: for whom
 * @now: when a rollout begins unless @terms says so
 * @custom: set on success; the caller gives it back with json_decref()
 * @err: filled on failure
 *
 * Return: 0, what is wrong with the list of fixes (see cx_fixes_parse()), or -ENOMEM.
 */
int release_describe(const struct cx_seal *seal, const struct terms *terms,
		     time_t now, json_t **custom, struct cx_error *err);

/**
 * release_agrees - is what was released what is asked for now?
 * @custom: of the release that is there
 * @terms: of the command line
 * @what: set to the member that differs
 */
bool release_agrees(const json_t *custom, const struct terms *terms,
		    const char **what);

/**
 * release_custom - the custom fields of a release
 * @repo: open
 * @target: its seal's
 *
 * Return: JSON that belongs to @repo, or NULL.
 */
json_t *release_custom(const struct repo *repo, const char *target);

/**
 * release_find - find a release by what people call it
 * @repo: open
 * @text: NAME@LABEL
 * @role: set to the role that signs it
 * @target: set to its seal's
 * @custom: set to its custom fields, which belong to @repo
 * @err: filled on failure
 *
 * Return: 0, -EINVAL (not NAME@LABEL), or -ENOENT (no such release, or no team for it).
 */
int release_find(const struct repo *repo, const char *text, const char **role,
		 char target[TARGET_SIZE], json_t **custom,
		 struct cx_error *err);

/**
 * release_newer - which of two is the newer one?
 * @a: custom fields
 * @b: custom fields
 *
 * Return: as strcmp(), of security epoch, build time and label.
 */
int release_newer(const json_t *a, const json_t *b);

#endif /* _REPO_RELEASE_H */
