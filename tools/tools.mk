# SPDX-License-Identifier: LGPL-2.1-or-later
# The publisher.

TOOLS_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tools/*.c))
TOOLS_LIBS = $(shell pkg-config --libs libelf)

PROGRAMS += $(B)/bin/cryptex-publish
$(B)/bin/cryptex-publish: $(TOOLS_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(TOOLS_LIBS)
