# SPDX-License-Identifier: LGPL-2.1-or-later
# The publisher.

TOOLS_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tools/*.c))

# What making seals and making a repository have in common.
SHARED_OBJ := $(patsubst %,$(B)/obj/tools/%.o,candidates command contents denial denial_sign \
	key pkcs11 signature spool tree ways pack)
TOOLS_LIBS = $(shell pkg-config --libs libelf)

# Making deltas is a library, for the publisher and for the command cryptex-delta.
DELTA_SRC := $(filter-out tools/delta/main.c tools/delta/cmd_%,$(wildcard tools/delta/*.c))
DELTA_OBJ := $(DELTA_SRC:%.c=$(B)/obj/%.o)
DELTA	:= $(B)/libcryptex-delta.a
DELTA_LIBS = $(shell pkg-config --libs libdivsufsort)

$(DELTA): $(DELTA_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

DELTA_CMD_OBJ := $(patsubst %.c,$(B)/obj/%.o,tools/delta/main.c $(wildcard tools/delta/cmd_*.c))
PROGRAMS += $(B)/bin/cryptex-delta
$(B)/bin/cryptex-delta: $(DELTA_CMD_OBJ) $(DELTA) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(DELTA_LIBS) $(CTL_LIBS)

PROGRAMS += $(B)/bin/cryptex-publish
$(B)/bin/cryptex-publish: $(TOOLS_OBJ) $(DELTA) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(TOOLS_LIBS) $(DELTA_LIBS)

# The repository.
REPO_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tools/repo/*.c))
PROGRAMS += $(B)/bin/cryptex-repo
$(B)/bin/cryptex-repo: $(REPO_OBJ) $(SHARED_OBJ) $(DELTA) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(DELTA_LIBS)
$(REPO_OBJ): CX_CFLAGS += -Itools
