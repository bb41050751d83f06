/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Work on foreign bytes, in a child that can do nothing else.
 *
 * The child has the descriptors that it was given, memory and processor time.
 * It is nobody, without capabilities; it cannot open a file or a socket, start a
 * program or another process, map memory as code, signal or trace anyone: any
 * other system call ends it.  What it hands back is taken for no more than a
 * number and a sentence.
 */
#ifndef _CX_CONFINE_H
#define _CX_CONFINE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct cx_confinement - what the child may use up
 * @memory: bytes of address space, on top of what this process has
 * @file_size: bytes that a file may grow to
 * @seconds: of processor time
 */
struct cx_confinement {
	uint64_t memory;
	uint64_t file_size;
	unsigned int seconds;
};

/**
 * typedef cx_confined_job - what the child does
 * @fds: the descriptors, under other numbers
 * @ctx: as given to cx_confine(); a copy
 * @err: filled on failure
 *
 * A library that loads something when it is first used must have been used
 * before: the child cannot open it.
 *
 * Return: 0 or a negative errno.
 */
typedef int (*cx_confined_job)(const int *fds, void *ctx, struct cx_error *err);

#define CX_CONFINED_FDS 8

/**
 * cx_confine - do something in a confined child, and wait for it
 * @job: what to do
 * @ctx: for @job
 * @fds: the descriptors that it gets; they stay open here
 * @count: how many, at most CX_CONFINED_FDS
 * @limits: what it may use up
 * @err: filled on failure
 *
 * The calling process must have one thread only.
 *
 * Return: what @job returned; -EACCES: it tried what it may not; -ETIME: it took
 * too long; -EIO: a page of its files could not be read or written; -ECHILD: it
 * ended in another way; or another negative errno.
 */
int cx_confine(cx_confined_job job, void *ctx, const int *fds, size_t count,
	       const struct cx_confinement *limits, struct cx_error *err);

#endif /* _CX_CONFINE_H */
