# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests: `make check` installs what it needs, builds, and runs every suite.

-include tests/kselftest/kselftest.mk
-include tests/e2e/e2e.mk
-include tests/bench/bench.mk
-include tests/debug/debug.mk

# Each tests/unit/test_*.c is one cmocka program.
UNIT	:= $(patsubst tests/unit/%.c,$(B)/test/%,$(wildcard tests/unit/test_*.c))
$(UNIT): $(B)/test/%: $(B)/obj/tests/unit/%.o $(DELTA) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIB_LIBS) $(TOOLS_LIBS) $(DELTA_LIBS) -lcmocka

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

# What the scripts of tests/unit call.
UNIT_PROGRAMS := $(B)/test/delta-x86 $(B)/test/delta-pairs
$(B)/test/delta-x86: $(B)/obj/tests/unit/delta/x86.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/test/delta-pairs: $(addprefix $(B)/obj/tests/unit/delta/,pairs.o mutate.o) $(DELTA_TRIP) $(DELTA) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(DELTA_LIBS)

unit: $(UNIT) $(UNIT_PROGRAMS)

# The parsers with libFuzzer, ASan and UBSan; the corpus is kept.
FUZZ_SECONDS ?= 600
FUZZ_CFLAGS := -std=gnu11 -g -O1 -Iinclude -Iinclude/uapi -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ	:= $(patsubst tests/fuzz/%.c,$(B)/test/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_DELTA := $(filter $(B)/test/fuzz_delta%,$(FUZZ))
$(filter-out $(FUZZ_DELTA),$(FUZZ)): $(B)/test/%: tests/fuzz/%.c $(PARSERS) $(wildcard kmod/*.h include/cryptex/*.h include/uapi/linux/*.h)
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $< $(PARSERS)

# Deltas have more sources, which both of their fuzzers share.  There is no constant
# to be found in a code's bytes, so comparisons are not traced: three times as fast.
FUZZ_DELTA_OBJ := $(patsubst $(B)/obj/%,$(B)/obj/fuzz/%,$(DELTA_OBJ)) \
	$(patsubst %.c,$(B)/obj/fuzz/%.o,$(wildcard helper/lib/delta/*.c) helper/lib/error.c \
	tests/unit/delta/trip.c tests/unit/delta/mutate.c)
$(B)/obj/fuzz/%.o: %.c
	@mkdir -p $(@D)
	clang $(patsubst -fsanitize=fuzzer%,-fsanitize=fuzzer-no-link%,$(FUZZ_CFLAGS)) -O2 -fno-sanitize-coverage=trace-cmp \
		-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Ihelper -Itools -MMD -MP -c -o $@ $<

$(FUZZ_DELTA): $(B)/test/%: $(B)/obj/fuzz/tests/fuzz/%.o $(FUZZ_DELTA_OBJ) $(LIB) $(addprefix $(B)/test/,delta-sample-0.so delta-sample-1.so delta-sample-small.so)
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIB_LIBS) $(DELTA_LIBS)

fuzz: $(FUZZ) programs
	tests/fuzz/run.sh $(FUZZ_SECONDS)

lint: $(KENV_LINT)
	tests/lint.sh

check:
	scripts/install-deps.sh build vm check
	@$(MAKE) --no-print-directory run-checks

# First everything is built, so that a suite that fails has failed by itself.
run-checks: all unit $(FUZZ) $(CHECK_DEPS) $(KENV_LINT)
	tests/check.sh

# What concerns the kernel, on every kernel of the matrix.
kernel-suites: all $(CHECK_DEPS)

check-all:
	scripts/install-deps.sh build vm check
	@tests/check-all.sh

kernels:
	@printf '%s\n' $(KERNELS)

.PHONY: unit fuzz lint check run-checks kernel-suites check-all kernels
