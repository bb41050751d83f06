/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store in a folder of its own, for each test of a program. */
#ifndef _STORE_SAMPLE_H
#define _STORE_SAMPLE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/store.h"

static char dir[64];
static struct cx_store store;
static struct cx_error err;

static inline int remove_one(const char *path, const struct stat *st, int type,
			     struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int set_up(void **unused)
{
	(void)unused;
	strcpy(dir, "/tmp/cx-store-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	return cx_store_create(dir, &err) || cx_store_open(&store, dir, &err);
}

static inline int tear_down(void **unused)
{
	(void)unused;
	cx_store_close(&store);
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif /* _STORE_SAMPLE_H */
