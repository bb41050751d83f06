/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client of the module's generic netlink family (linux/cryptex.h).
 *
 * All calls are synchronous.  Where the kernel refuses, its one sentence
 * (extended ACK) and the name of the error number become the error's text.
 */
#ifndef _CX_NETLINK_H
#define _CX_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/store.h"

#define CX_COMM_SIZE 64

struct cx_netlink;

/**
 * struct cx_generation - one generation that the kernel knows
 * @name: the cryptex
 * @label: the generation's version label
 * @digest: SHA-256 of its manifest
 * @base_digest: that of its base's manifest; zero in a base
 * @base: it is what a rollback returns to
 * @active: it is what a new process gets
 * @security_epoch: as in the seal
 * @entries: files, directories and links
 * @users: regular files of it that are in use
 * @build_time: seconds since 1970 UTC
 * @since_epoch: since when it is active; zero if it is not
 * @sealed_bytes: content of all its regular files
 */
struct cx_generation {
	char name[CRYPTEX_LABEL_SIZE];
	char label[CRYPTEX_LABEL_SIZE];
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	uint8_t base_digest[CRYPTEX_DIGEST_SIZE];
	bool base;
	bool active;
	uint32_t security_epoch;
	uint32_t entries;
	uint32_t users;
	uint64_t build_time;
	uint64_t since_epoch;
	uint64_t sealed_bytes;
};

/**
 * struct cx_generations - what a dump of generations brought
 * @items: @count of them, owned; cx_generations_free()
 * @count: number of generations
 */
struct cx_generations {
	struct cx_generation *items;
	size_t count;
};

/**
 * struct cx_user - a process that maps a generation
 * @pid: in the initial pid namespace
 * @start_time: nanoseconds since boot
 * @comm: the command; the process chooses it, so it may hold any byte
 * @name: the cryptex
 * @label: the generation's version label
 * @active: it is the active generation; otherwise the process runs old code
 */
struct cx_user {
	uint32_t pid;
	uint64_t start_time;
	char comm[CX_COMM_SIZE];
	char name[CRYPTEX_LABEL_SIZE];
	char label[CRYPTEX_LABEL_SIZE];
	bool active;
};

/**
 * struct cx_users - what a dump of users brought
 * @items: @count of them, owned; cx_users_free()
 * @count: number of process and generation pairs
 */
struct cx_users {
	struct cx_user *items;
	size_t count;
};

/**
 * cx_netlink_open - connect to the module
 * @nl: set to the connection, which cx_netlink_close() frees
 * @err: filled on failure
 *
 * Return: 0, -ENODEV if the module is not loaded, or a negative errno.
 */
int cx_netlink_open(struct cx_netlink **nl, struct cx_error *err);

/**
 * cx_netlink_close - end the connection
 * @nl: the connection, or NULL
 */
void cx_netlink_close(struct cx_netlink *nl);

/**
 * cx_netlink_generations - list all generations of all mounted cryptexes
 * @nl: the connection
 * @out: set on success; the caller frees it
 * @err: filled on failure
 *
 * The list is consistent: a dump that a change interrupted is made again.
 *
 * Return: 0 or a negative errno.
 */
int cx_netlink_generations(struct cx_netlink *nl, struct cx_generations *out,
			   struct cx_error *err);

/**
 * cx_generations_free - free a list of generations
 * @list: the list; empty afterwards
 */
void cx_generations_free(struct cx_generations *list);

/**
 * cx_generations_find - find a generation
 * @list: the list
 * @name: the cryptex
 * @label: the label, or NULL for the base
 *
 * Return: the generation, which @list owns, or NULL.
 */
const struct cx_generation *
cx_generations_find(const struct cx_generations *list, const char *name,
		    const char *label);

/**
 * cx_generations_active - find the active generation of a cryptex
 * @list: the list
 * @name: the cryptex
 *
 * Return: the generation, which @list owns, or NULL.
 */
const struct cx_generation *
cx_generations_active(const struct cx_generations *list, const char *name);

/**
 * cx_netlink_users - list every process that maps a cryptex
 * @nl: the connection
 * @out: set on success; the caller frees it
 * @err: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int cx_netlink_users(struct cx_netlink *nl, struct cx_users *out,
		     struct cx_error *err);

/**
 * cx_users_free - free a list of users
 * @list: the list; empty afterwards
 */
void cx_users_free(struct cx_users *list);

/**
 * cx_netlink_stage - hand a seal to the kernel, which verifies and adds it
 * @nl: the connection
 * @seal_fd: a regular file that holds the seal, open for reading
 * @err: filled on failure
 *
 * Return: 0 (also if it is staged already) or the negative errno that
 * linux/cryptex.h lists for STAGE.
 */
int cx_netlink_stage(struct cx_netlink *nl, int seal_fd, struct cx_error *err);

/**
 * cx_netlink_activate - switch a set of cryptexes, all or none
 * @nl: the connection
 * @items: what shall be active, one for each cryptex
 * @count: number of @items
 * @epoch: set to the epoch in force afterwards; may be NULL
 * @err: filled on failure
 *
 * Return: 0 or the negative errno that linux/cryptex.h lists for ACTIVATE.
 */
int cx_netlink_activate(struct cx_netlink *nl, const struct cx_item *items,
			size_t count, uint64_t *epoch, struct cx_error *err);

/**
 * cx_netlink_key_add - make a certificate's key a trusted one
 * @nl: the connection
 * @der: the certificate, X.509 in DER
 * @size: bytes at @der
 * @err: filled on failure
 *
 * Return: 0 or the negative errno that linux/cryptex.h lists for KEY_ADD.
 */
int cx_netlink_key_add(struct cx_netlink *nl, const void *der, size_t size,
		       struct cx_error *err);

#endif
