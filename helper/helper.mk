# SPDX-License-Identifier: LGPL-2.1-or-later
# The helper: libcryptex.a (helper/lib and the formats' parsers) and cryptexctl.

PARSERS	:= kmod/envelope.c kmod/seal.c kmod/seal_xattr.c kmod/revocation.c
LIB_SRC	:= $(wildcard helper/lib/*.c helper/lib/delta/*.c helper/lib/tuf/*.c) $(PARSERS)
LIB_OBJ	:= $(LIB_SRC:%.c=$(B)/obj/%.o)
LIB	:= $(B)/libcryptex.a
CTL_OBJ	:= $(patsubst %.c,$(B)/obj/%.o,$(wildcard helper/ctl/*.c))

LIB_PKGS := libarchive libcrypto libzstd jansson libeconf libfsverity libnl-genl-3.0 libelf libseccomp
CTL_PKGS := smartcols
# Only what fetches from the network links to this.
NET_PKGS := libcurl
CX_CFLAGS += $(shell pkg-config --cflags $(LIB_PKGS) $(CTL_PKGS) $(NET_PKGS) 2>/dev/null)
LIB_LIBS = $(shell pkg-config --libs $(LIB_PKGS)) -lm
CTL_LIBS = $(shell pkg-config --libs $(CTL_PKGS))
NET_LIBS = $(shell pkg-config --libs $(NET_PKGS))

# The tool that takes a fix back must not run the code that it takes back, nor
# keep the mount busy that it unmounts: it finds its libraries in the system's
# own folder, before the dynamic linker's cache, which leads into a cryptex.
# (The old kind of tag, because it holds for the libraries' libraries as well.)
SYSTEM_LIBS = $(shell pkg-config --variable=libdir libcrypto)
CTL_LDFLAGS = -Wl,--disable-new-dtags,-rpath,$(SYSTEM_LIBS)

# A patch is applied in short loops over every bit and every instruction.
$(B)/obj/helper/lib/delta/%.o: CX_CFLAGS += -O3

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

PROGRAMS += $(B)/bin/cryptexctl
$(B)/bin/cryptexctl: $(CTL_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(CTL_LDFLAGS) -o $@ $^ $(LIB_LIBS) $(CTL_LIBS)

# It brings the next fix, and so does without the last one, too.
FETCH_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard helper/fetch/*.c))
PROGRAMS += $(B)/bin/cryptex-fetch
$(B)/bin/cryptex-fetch: $(FETCH_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $(CTL_LDFLAGS) -o $@ $^ $(LIB_LIBS) $(NET_LIBS)
