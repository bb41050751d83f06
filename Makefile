# SPDX-License-Identifier: LGPL-2.1-or-later
# Cryptex: see `make help`.

B	:= build
PREFIX	?= /usr/local
CC	?= gcc
CFLAGS	?= -O2 -g
WARN	:= -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
CX_CFLAGS = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(WARN) -Iinclude -Iinclude/uapi -Ihelper $(CFLAGS)

PROGRAMS :=
all: programs module

help:
	@echo 'Cryptex: background security improvements for Linux'
	@echo
	@echo '  make demo       build all, boot a virtual machine, show a fix going live'
	@echo '  make check      build all, run every test'
	@echo '  make check-all  the tests of the module, on every kernel of: $(KERNELS)'
	@echo '  make check-debug  the tests of the module, on kernels with KASAN, lockdep, KCSAN'
	@echo '  make bench      measure, against named peers; make bench-delta: deltas alone,'
	@echo '                  DELTAS="--max-size 10000000 tests/bench/delta-corpus.tsv" those of files'
	@echo '  make            the programs (build/bin/) and the module (build/cryptex.ko)'
	@echo '  make programs   the programs alone'
	@echo '  make module     the module alone; KDIR=... for the headers of any kernel,'
	@echo '                  CERTIFICATE=... to trust that one from the start'
	@echo '  make fuzz       the parsers'"'"' fuzzers, for as long each, FUZZ_SECONDS=600'
	@echo '  make lint       sparse, coccinelle, checkpatch, shellcheck'
	@echo '  make install    the programs, into DESTDIR/PREFIX (PREFIX=$(PREFIX))'
	@echo '  make modules_install'
	@echo '                  the module, into DESTDIR/lib/modules'
	@echo '  make clean      remove build/'
	@echo
	@echo 'KERNEL=... is one of Debian'"'"'s kernels, named by its suite and if need be its'
	@echo 'series: trixie, trixie-backports, trixie-backports-7.0. It is now $(KERNEL).'
	@echo
	@echo 'demo, check and bench install the Debian packages that they need and say'
	@echo 'which; downloads are kept in $${XDG_CACHE_HOME:-~/.cache}/cryptex.'

# One rule compiles every userland object; it is tied to its headers by -MMD.
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CX_CFLAGS) -MMD -MP -c -o $@ $<

include helper/helper.mk
include tools/tools.mk
include kmod/kmod.mk
include tests/tests.mk

programs: $(PROGRAMS)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

install: programs
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include/linux \
		$(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/lib/sysusers.d \
		$(DESTDIR)$(PREFIX)/libexec/cryptex
	install -m 755 $(B)/bin/cryptexctl $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(B)/bin/cryptex-publish $(B)/bin/cryptex-repo $(B)/bin/cryptex-delta \
		$(DESTDIR)$(PREFIX)/bin/
	install -m 644 include/uapi/linux/cryptex.h $(DESTDIR)$(PREFIX)/include/linux/
	install -m 755 $(B)/bin/cryptex-fetch $(DESTDIR)$(PREFIX)/libexec/cryptex/
	install -m 644 helper/sysusers.d/cryptex.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/
	install -m 644 helper/systemd/cryptex-boot.service $(DESTDIR)$(PREFIX)/lib/systemd/system/

clean:
	rm -rf $(B)

.PHONY: all help programs install clean
.DELETE_ON_ERROR:
