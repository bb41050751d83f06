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
 * @revoked: it may not become active any more
 * @floor: lowest security epoch that may be activated of this cryptex; 0 for any
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
	bool revoked;
	uint32_t floor;
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
 * cx_netlink_reopen - another connection in place of one whose answer was lost
 * @nl: the connection; stays as it is on failure
 * @err: filled on failure
 *
 * That answer may still come, and must not pass for the one to what is asked next.
 *
 * Return: 0 or a negative errno, as cx_netlink_open() does.
 */
int cx_netlink_reopen(struct cx_netlink **nl, struct cx_error *err);

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
 * cx_generation_ok - may a generation become active, as far as lists and floors go?
 * @generation: from the kernel
 */
bool cx_generation_ok(const struct cx_generation *generation);

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

/**
 * cx_netlink_retire - free a generation that nobody uses or needs
 * @nl: the connection
 * @item: the generation
 * @err: filled on failure
 *
 * Return: 0 or the negative errno that linux/cryptex.h lists for RETIRE.
 */
int cx_netlink_retire(struct cx_netlink *nl, const struct cx_item *item,
		      struct cx_error *err);

/**
 * cx_netlink_revoke - hand a revocation list to the kernel, which puts it in
 * force
 * @nl: the connection
 * @list_fd: a regular file that holds the list, open for reading
 * @epoch: set to the epoch in force afterwards; may be NULL
 * @err: filled on failure
 *
 * Return: 0 (also if it is in force already) or the negative errno that
 * linux/cryptex.h lists for REVOKE.
 */
int cx_netlink_revoke(struct cx_netlink *nl, int list_fd, uint64_t *epoch,
		      struct cx_error *err);

/**
 * cx_netlink_lock - no more keys and cryptexes until the module goes
 * @nl: the connection
 * @err: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int cx_netlink_lock(struct cx_netlink *nl, struct cx_error *err);

/**
 * struct cx_kernel_state - what holds for all cryptexes together
 * @epoch: in force
 * @sequence: of the last event
 * @list_number: of the newest revocation list; 0 if there is none
 * @locked: no more keys and cryptexes
 */
struct cx_kernel_state {
	uint64_t epoch;
	uint64_t sequence;
	uint64_t list_number;
	bool locked;
};

/**
 * cx_netlink_state - read what holds for all cryptexes together
 * @nl: the connection
 * @state: set on success
 * @err: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int cx_netlink_state(struct cx_netlink *nl, struct cx_kernel_state *state,
		     struct cx_error *err);

/**
 * struct cx_event - something that happened; what does not apply is zero
 * @command: of enum cryptex_command, what kind of event
 * @sequence: rises by one from event to event
 * @name: the cryptex
 * @label: the generation's version label
 * @epoch: from which epoch on
 * @list_number: of a revocation list
 * @request: REJECTED: the command that was refused, 0 for a mount
 * @error: REJECTED: why, a positive errno
 * @text: REJECTED: the reason; CORRUPTED: the file; KEY_ADDED: the key; foreign
 *	text on the heap, or NULL
 * @items: generations, on the heap
 */
struct cx_event {
	uint8_t command;
	uint64_t sequence;
	char name[CRYPTEX_LABEL_SIZE];
	char label[CRYPTEX_LABEL_SIZE];
	uint64_t epoch;
	uint64_t list_number;
	uint32_t request;
	uint32_t error;
	char *text;
	struct cx_items items;
};

/**
 * cx_event_free - free what an event holds and empty it
 * @event: may be empty
 */
void cx_event_free(struct cx_event *event);

/**
 * cx_netlink_listen - connect to the module's events
 * @nl: set to a connection for cx_netlink_event() alone
 * @err: filled on failure; -EPERM without CAP_SYS_ADMIN
 *
 * Return: 0 or a negative errno.
 */
int cx_netlink_listen(struct cx_netlink **nl, struct cx_error *err);

/**
 * cx_netlink_fd - what to poll for the next event
 * @nl: from cx_netlink_listen()
 */
int cx_netlink_fd(const struct cx_netlink *nl);

/**
 * cx_netlink_event - take the next event, without waiting
 * @nl: from cx_netlink_listen()
 * @event: set on success; the caller frees it
 * @err: filled on failure
 *
 * Events that the socket had no room for are lost; the next one's sequence
 * tells how many.
 *
 * Return: 1, 0 if there is none, or a negative errno.
 */
int cx_netlink_event(struct cx_netlink *nl, struct cx_event *event,
		     struct cx_error *err);

#endif
