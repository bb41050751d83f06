/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From inputs to an unsigned container. */
#ifndef _GENERATION_H
#define _GENERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "input.h"
#include "lib/error.h"
#include "lib/fixes.h"

/**
 * struct input - one input
 * @path: of a folder or a Debian package
 * @is_deb: which of both
 */
struct input {
	const char *path;
	bool is_deb;
};

/**
 * struct request - what to build
 * @name: of the cryptex
 * @label: version label; NULL takes the packages' version
 * @inputs: @input_count inputs, which make one tree
 * @input_count: how many, at least one
 * @filter: what to take of them; no include pattern means everything of a
 *	folder, and the libraries of a package
 * @base: container of the base, or NULL to build a base
 * @has_epoch: @security_epoch is given; else that of the base, or 0
 * @security_epoch: see the seal's header
 * @has_time: @build_time is given; else the newest time of the files
 * @build_time: seconds since 1970 UTC
 * @has_machine: @machine is given; else the one of the programs and libraries
 * @machine: e_machine, 0 for any
 * @fixes: what a patch closes; grows by what the packages' changelogs say
 * @fixes_file: JSON with more of them, or NULL; read by the command line
 * @allow_abi_break: only warn where the patch's libraries lack something
 * @out: the container to write
 */
struct request {
	const char *name;
	const char *label;
	struct input *inputs;
	size_t input_count;
	struct filter filter;
	const char *base;
	bool has_epoch;
	uint32_t security_epoch;
	bool has_time;
	uint64_t build_time;
	bool has_machine;
	uint16_t machine;
	struct cx_fixes fixes;
	const char *fixes_file;
	bool allow_abi_break;
	const char *out;
};

/* A container's header has 33 bits for a time. */
#define BUILD_TIME_MAX	((1ULL << 33) - 1)

/**
 * generation_build - build a container
 * @request: what to build
 * @err: filled on failure, and then nothing is left
 *
 * Return: 0; -EINVAL, -ERANGE or -EEXIST (what is asked for does not fit the base),
 * -ENODATA (nothing is in it), -ENOEXEC (machines differ), -ENOTUNIQ (the ABI is
 * broken), or what its inputs and writing gave.
 */
int generation_build(struct request *request, struct cx_error *err);

#endif /* _GENERATION_H */
