/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The messages between the process that owns the store and the fetcher, over a
 * socket of type SOCK_SEQPACKET.
 *
 *	asks			answered by
 *	REFRESH			LIST?, RELEASE..., DONE
 *	SEAL			FILE, DONE
 *	HAVE..., WANT..., GO	FILE..., DONE; each FILE by TAKEN or REFUSED
 *
 * PROGRESS and NOTE may come at any time, FAIL instead of the rest of an answer. The end
 * of the socket is the end of the work.  All messages have the size of their
 * type, and hold neither pointers nor text that is not ended.  Files come as
 * descriptors, never as paths.  Neither side believes the other.
 */
#ifndef _CX_CHANNEL_H
#define _CX_CHANNEL_H

#include <stdint.h>

#include "lib/error.h"
#include "lib/release.h"
#include "lib/sealfile.h"

#define CX_CHANNEL_BATCH 256	/* digests in one message */

enum cx_message_type {
	CX_MESSAGE_REFRESH = 1,	/* bring the metadata up to date */
	CX_MESSAGE_SEAL,	/* get a seal, and where its objects are */
	CX_MESSAGE_HAVE,	/* these objects are in the store */
	CX_MESSAGE_WANT,	/* these objects of the last seal are missing */
	CX_MESSAGE_GO,		/* get them */
	CX_MESSAGE_TAKEN,	/* a file was what it had to be */
	CX_MESSAGE_REFUSED,	/* a file was not: take another way */
	CX_MESSAGE_RELEASE,	/* of the repository */
	CX_MESSAGE_LIST,	/* its revocation list, with a descriptor */
	CX_MESSAGE_FILE,	/* a seal, or an object in one way; likewise */
	CX_MESSAGE_PROGRESS,
	CX_MESSAGE_NOTE,	/* something for people */
	CX_MESSAGE_DONE,
	CX_MESSAGE_FAIL,
	CX_MESSAGE_TYPES
};

/**
 * enum cx_side - who sends
 * @CX_SIDE_OWNER: the process that owns the store
 * @CX_SIDE_FETCHER: the fetcher
 */
enum cx_side {
	CX_SIDE_OWNER,
	CX_SIDE_FETCHER,
};

/**
 * enum cx_way - what a file holds
 * @CX_WAY_SEAL: a seal
 * @CX_WAY_WHOLE: an object, as one zstd frame
 * @CX_WAY_DELTA: a delta
 */
enum cx_way {
	CX_WAY_SEAL,
	CX_WAY_WHOLE,
	CX_WAY_DELTA,
};

/**
 * struct cx_message_refresh - REFRESH
 * @not_before: a time that has passed for certain, in seconds since 1970 UTC
 * @list_number: of the revocation list that is here; only a newer one is fetched
 */
struct cx_message_refresh {
	int64_t not_before;
	uint64_t list_number;
};

/**
 * struct cx_message_batch - HAVE, WANT
 * @count: how many of @objects; of HAVE only the digests count
 * @objects: the objects
 */
struct cx_message_batch {
	uint32_t count;
	uint32_t reserved;
	struct cx_object objects[CX_CHANNEL_BATCH];
};

/**
 * struct cx_message_file - FILE; TAKEN and REFUSED send it back
 * @way: of enum cx_way
 * @digest: of the object, or zeros
 * @old: of the object that a delta is for, or zeros
 * @size: bytes of the file
 * @fetched: bytes that came over the network for it, now
 */
struct cx_message_file {
	uint32_t way;
	uint32_t reserved;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	uint8_t old[CRYPTEX_DIGEST_SIZE];
	uint64_t size;
	uint64_t fetched;
};

/**
 * struct cx_message_progress - PROGRESS
 * @done: bytes that came
 * @total: bytes that are to come in all; 0 if that is not known
 */
struct cx_message_progress {
	uint64_t done;
	uint64_t total;
};

/**
 * struct cx_message_done - DONE
 * @fetched: bytes that came for the whole answer, metadata included
 */
struct cx_message_done {
	uint64_t fetched;
};

/**
 * struct cx_message_list - LIST
 * @number: of the list, as the metadata says
 */
struct cx_message_list {
	uint64_t number;
};

/**
 * struct cx_message_fail - FAIL, NOTE
 * @code: a negative errno
 * @reason: why
 */
struct cx_message_fail {
	int32_t code;
	struct cx_error reason;
};

/**
 * struct cx_message - a message
 * @type: of enum cx_message_type
 * @reserved: 0
 * @refresh: REFRESH
 * @batch: HAVE, WANT
 * @item: SEAL
 * @file: FILE, TAKEN, REFUSED
 * @release: RELEASE
 * @list: LIST
 * @progress: PROGRESS
 * @done: DONE
 * @fail: FAIL, NOTE
 */
struct cx_message {
	uint32_t type;
	uint32_t reserved;
	union {
		struct cx_message_refresh refresh;
		struct cx_message_batch batch;
		struct cx_item item;
		struct cx_message_file file;
		struct cx_release release;
		struct cx_message_list list;
		struct cx_message_progress progress;
		struct cx_message_done done;
		struct cx_message_fail fail;
	};
};

/**
 * cx_channel_send - send a message
 * @sock: the socket
 * @message: its type says what of it is sent
 * @fd: descriptor to go with it, which stays open here; -1 for none
 * @err: filled on failure; -EPIPE: the other side has ended
 *
 * Waits while the other side does not read.
 */
int cx_channel_send(int sock, const struct cx_message *message, int fd,
		    struct cx_error *err);

/**
 * cx_channel_recv - receive a message and check it
 * @sock: the socket
 * @from: who is at the other end; what that side does not send is refused
 * @message: set on success
 * @fd: set to the descriptor that came with it, a regular file open for
 *	reading, which the caller closes; or -1
 * @err: filled on failure; -EBADMSG: that was no message
 *
 * Return: 1; 0 at the end of the socket; or a negative errno.
 */
int cx_channel_recv(int sock, enum cx_side from, struct cx_message *message,
		    int *fd, struct cx_error *err);

#endif /* _CX_CHANNEL_H */
