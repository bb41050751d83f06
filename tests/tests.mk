# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests: `make check` installs what it needs, builds, and runs every suite.

-include tests/kselftest/kselftest.mk
-include tests/power/power.mk
-include tests/e2e/e2e.mk
-include tests/bench/bench.mk
-include tests/debug/debug.mk
include tests/fuzz/fuzz.mk
-include tests/tuf/tuf.mk
-include tests/fetch/fetch.mk

# Each tests/unit/test_*.c is one cmocka program.
UNIT	:= $(patsubst tests/unit/%.c,$(B)/test/%,$(wildcard tests/unit/test_*.c))
$(UNIT): $(B)/test/%: $(B)/obj/tests/unit/%.o $(DELTA) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIB_LIBS) $(NET_LIBS) $(TOOLS_LIBS) $(DELTA_LIBS) -lcmocka

# What the fetcher reads of a seal's index
$(B)/test/test_release: $(B)/obj/helper/fetch/index.o

# Deltas: round trips in memory, of libraries that sample.sh makes.
DELTA_TRIP := $(addprefix $(B)/obj/tests/unit/delta/,trip.o)
$(B)/test/test_delta $(B)/test/test_delta_lies: $(DELTA_TRIP)
$(B)/test/test_delta: $(B)/test/delta-sample-0.so $(B)/test/delta-sample-1.so
$(B)/test/test_delta_lies: $(B)/test/delta-sample-small.so
$(DELTA_TRIP): CFLAGS += -Itools

$(B)/test/delta-sample-%.so: tests/unit/delta/sample.sh
	@mkdir -p $(@D)
	$< $* 40 $@ -s

$(B)/test/delta-sample-small.so: tests/unit/delta/sample.sh
	@mkdir -p $(@D)
	$< 0 4 $@ -s -Wl,-z,noseparate-code

# A repository, a misbehaving web server and a client's folder.
TUF_WORLD := $(addprefix $(B)/obj/tests/unit/tuf/,repo.o server.o world.o)
$(addprefix $(B)/test/test_tuf_,attacks client delegations http mirror): $(TUF_WORLD)
$(addprefix $(B)/test/test_tuf_,attacks mirror): $(B)/obj/tests/unit/tuf/attack.o

# What the scripts of tests/unit call.
UNIT_PROGRAMS := $(B)/test/delta-x86 $(B)/test/delta-pairs
$(B)/test/delta-x86: $(B)/obj/tests/unit/delta/x86.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/test/delta-pairs: $(addprefix $(B)/obj/tests/unit/delta/,pairs.o mutate.o) $(DELTA_TRIP) $(DELTA) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(DELTA_LIBS)

# Metadata for their fuzzer to begin with, and a repository for the client program
UNIT_PROGRAMS += $(B)/test/tuf-seeds $(B)/test/tuf-make
$(B)/test/tuf-seeds $(B)/test/tuf-make: $(B)/test/tuf-%: $(B)/obj/tests/unit/tuf/%.o $(B)/obj/tests/unit/tuf/repo.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

# The reference client of repositories; where it can't be had, its tests skip.
READER := $(B)/test/tuf-reader
$(READER): tests/unit/repo/fetch-reader.sh
	$< $@ || true

unit: $(UNIT) $(UNIT_PROGRAMS)

lint: $(KENV_LINT)
	tests/lint.sh

# Compiling is all that may go side by side: the rest asks apt, or keeps caches.
check:
	scripts/install-deps.sh build vm check
	@$(MAKE) --no-print-directory -j$$(nproc) programs unit
	@$(MAKE) --no-print-directory run-checks

# First everything is built, so that a suite that fails has failed by itself.
run-checks: all unit $(FUZZ) $(COVER) $(CHECK_DEPS) $(READER) $(KENV_LINT)
	tests/check.sh

# What concerns the kernel, on every kernel of the matrix.
kernel-suites: all $(CHECK_DEPS)

check-all:
	scripts/install-deps.sh build vm check
	@tests/check-all.sh

kernels:
	@printf '%s\n' $(KERNELS)

.PHONY: unit lint check run-checks kernel-suites check-all kernels
