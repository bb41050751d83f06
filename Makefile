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

# One rule compiles every userland object; it is tied to its headers by -MMD.
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CX_CFLAGS) $(CPPFLAGS_$(notdir $*)) -MMD -MP -c -o $@ $<

include helper/helper.mk
include tools/tools.mk
-include tests/tests.mk

programs: $(PROGRAMS)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

clean:
	rm -rf $(B)

.PHONY: all programs clean
