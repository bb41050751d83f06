/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a container to a generation of the repository. */
#ifndef _REPO_INTAKE_H
#define _REPO_INTAKE_H

#include "lib/cms.h"
#include "lineage.h"

/**
 * intake - take a container's seal and objects
 * @lineage: grows
 * @path: the container, whole and signed
 * @trust: certificates of which one must have signed the seal; empty: any
 * @terms: for whom it is to be
 * @member: set to the generation; NULL if the same is released already
 * @err: filled on failure: -EEXIST if another one has its name and label
 *
 * What is in the repository by then is measured as well as what comes with the
 * container.
 *
 * Return: 0, -ENOKEY (not signed), -EKEYREVOKED (the revocation list has it), -ENOENT
 * (no team for it, or no base), -EBADMSG, -EEXIST, -ENOMEM, or what reading and writing
 * gave.
 */
int intake(struct lineage *lineage, const char *path,
	   const struct cx_trust *trust, const struct terms *terms,
	   struct member **member, struct cx_error *err);

#endif /* _REPO_INTAKE_H */
