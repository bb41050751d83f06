// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: power-replay list LOG
 *        power-replay apply LOG DEVICE FROM TO [SEED]
 *
 * Reads what dm-log-writes has recorded.  The format is that of the kernel's
 * Documentation/admin-guide/device-mapper/log-writes.rst and of the comments in
 * drivers/md/dm-log-writes.c: a superblock in the first sector, and then for each
 * entry a sector that describes it and the sectors that were written.  An entry is
 * logged when it is sure to be on the disk: at the next flush, or, written with
 * FUA, when it is done.
 *
 * `list` prints the instants at which the power may fail, a line each: the byte
 * in the log that follows it, how many writes lie before it, what made it (flush, fua
 * or mark), and the text of a mark.  `apply` writes what lies between two such bytes to DEVICE; with a SEED a
 * made-up part of it, as a disk does that loses power between two flushes.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MAGIC	0x6a736677736872ULL
#define LOG_VERSION	1
#define SECTOR_MAX	4096	/* bytes; the larger of those that disks have */

enum {
	ENTRY_FLUSH = 1 << 0,
	ENTRY_FUA = 1 << 1,
	ENTRY_DISCARD = 1 << 2,
	ENTRY_MARK = 1 << 3,
};

/* On the disk, little-endian. */
struct log_super {
	uint64_t magic;
	uint64_t version;
	uint64_t entries;
	uint32_t sector_size;
} __attribute__((packed));

struct log_entry {
	uint64_t sector;	/* of the device, in sectors of the log's size */
	uint64_t sectors;
	uint64_t flags;
	uint64_t data_size;	/* bytes of a mark's text */
};

struct log {
	int fd;
	uint32_t sector_size;
	uint64_t entries;
	uint64_t next;		/* byte of the next entry */
	uint64_t data;		/* byte of the last entry's data */
	struct log_entry entry;
	char text[SECTOR_MAX];	/* of a mark */
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "power-replay: %s: %s\n", what, why);
	exit(2);
}

static void read_at(int fd, void *to, size_t size, uint64_t at)
{
	if (pread(fd, to, size, at) != (ssize_t)size)
		die("the log cannot be read", strerror(errno));
}

static void open_log(struct log *log, const char *path)
{
	struct log_super super;

	log->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0)
		die(path, strerror(errno));
	read_at(log->fd, &super, sizeof(super), 0);
	log->sector_size = le32toh(super.sector_size);
	if (le64toh(super.magic) != LOG_MAGIC ||
	    le64toh(super.version) != LOG_VERSION ||
	    log->sector_size < 512 || log->sector_size > SECTOR_MAX)
		die(path, "is no log of dm-log-writes, version 1");
	log->entries = le64toh(super.entries);
	log->next = log->sector_size;
}

/* Return: false at the end. */
static bool next_entry(struct log *log)
{
	struct log_entry raw;

	if (!log->entries--)
		return false;
	read_at(log->fd, &raw, sizeof(raw), log->next);
	log->entry = (struct log_entry){
		.sector = le64toh(raw.sector),
		.sectors = le64toh(raw.sectors),
		.flags = le64toh(raw.flags),
		.data_size = le64toh(raw.data_size),
	};
	log->text[0] = '\0';
	if (log->entry.flags & ENTRY_DISCARD)
		die("the log", "has discards, whose effect is not known: make and mount the file system without");
	if (log->entry.flags & ENTRY_MARK) {
		if (log->entry.data_size > log->sector_size - sizeof(raw))
			die("the log", "a mark is too long");
		read_at(log->fd, log->text, log->entry.data_size,
			log->next + sizeof(raw));
		log->text[log->entry.data_size] = '\0';
	}
	log->data = log->next + log->sector_size;
	log->next = log->data + log->entry.sectors * log->sector_size;
	return true;
}

static void tell(uint64_t at, unsigned int writes, const char *kind,
		 const char *text)
{
	printf("%llu %u %s %s\n", (unsigned long long)at, writes, kind, text);
}

/* A write that asks for a flush first has an instant before and one after it. */
static int list(struct log *log)
{
	unsigned int writes = 0;
	uint64_t before;

	for (before = log->next; next_entry(log); before = log->next) {
		const struct log_entry *e = &log->entry;
		bool flush_first = e->flags & ENTRY_FLUSH && e->sectors;

		if (flush_first) {
			tell(before, writes, "flush", "");
			writes = 0;
		}
		writes += e->sectors > 0;
		if (!(e->flags & (ENTRY_MARK | ENTRY_FUA)) &&
		    (flush_first || !(e->flags & ENTRY_FLUSH)))
			continue;
		tell(log->next, writes, e->flags & ENTRY_MARK ? "mark" :
		     e->flags & ENTRY_FUA ? "fua" : "flush", log->text);
		writes = 0;
	}
	return 0;
}

static void copy_sectors(const struct log *log, int device)
{
	uint64_t size = log->entry.sectors * log->sector_size, done = 0;
	static char buf[1 << 20];

	while (done < size) {
		size_t n = size - done < sizeof(buf) ? size - done : sizeof(buf);

		read_at(log->fd, buf, n, log->data + done);
		if (pwrite(device, buf, n,
			   log->entry.sector * log->sector_size + done) !=
		    (ssize_t)n)
			die("the device cannot be written", strerror(errno));
		done += n;
	}
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (!*text || *end)
		die(text, "is no number");
	return value;
}

/* The device's page cache is not what the device mapper reads: hence the sync. */
static int apply(struct log *log, const char *path, uint64_t from, uint64_t to,
		 const char *seed)
{
	int device = open(path, O_WRONLY | O_CLOEXEC);

	if (device < 0)
		die(path, strerror(errno));
	if (seed)
		srandom(number(seed));
	if (from)
		log->next = from;
	/* How many entries are left is not known then; @to ends it. */
	while (log->next < to && next_entry(log))
		if (log->entry.sectors && (!seed || random() % 2))
			copy_sectors(log, device);
	if (log->next != to)
		die("the log", "has no entry that ends there");
	if (fsync(device) || close(device))
		die(path, strerror(errno));
	return 0;
}

int main(int argc, char **argv)
{
	static struct log log;

	if (argc == 3 && !strcmp(argv[1], "list")) {
		open_log(&log, argv[2]);
		return list(&log);
	}
	if ((argc == 6 || argc == 7) && !strcmp(argv[1], "apply")) {
		open_log(&log, argv[2]);
		return apply(&log, argv[3], number(argv[4]), number(argv[5]),
			     argc == 7 ? argv[6] : NULL);
	}
	fprintf(stderr, "Usage: power-replay list LOG\n"
		"       power-replay apply LOG DEVICE FROM TO [SEED]\n");
	return 2;
}
