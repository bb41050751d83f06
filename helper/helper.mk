# SPDX-License-Identifier: LGPL-2.1-or-later
# The helper: libcryptex.a (helper/lib and the seal parser) and cryptexctl.

LIB_SRC	:= $(wildcard helper/lib/*.c) kmod/seal.c
LIB_OBJ	:= $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB	:= $(B)/libcryptex.a
CTL_OBJ	:= $(patsubst %.c,$(B)/obj/%.o,$(wildcard helper/ctl/*.c))

LIB_PKGS := libarchive libcrypto libzstd jansson libfsverity libnl-genl-3.0
CTL_PKGS := smartcols
CX_CFLAGS += $(shell pkg-config --cflags $(LIB_PKGS) $(CTL_PKGS) 2>/dev/null)
LIB_LIBS = $(shell pkg-config --libs $(LIB_PKGS))
CTL_LIBS = $(shell pkg-config --libs $(CTL_PKGS))

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

PROGRAMS += $(B)/bin/cryptexctl
$(B)/bin/cryptexctl: $(CTL_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(CTL_LIBS)
