# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests: `make check` installs what it needs, builds, and runs every suite.

-include tests/kselftest/kselftest.mk
-include tests/e2e/e2e.mk
-include tests/bench/bench.mk
-include tests/debug/debug.mk

# Each tests/unit/test_*.c is one cmocka program.
UNIT	:= $(patsubst tests/unit/%.c,$(B)/test/%,$(wildcard tests/unit/test_*.c))
$(UNIT): $(B)/test/%: $(B)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) $(TOOLS_LIBS) -lcmocka

unit: $(UNIT)

# The parsers with libFuzzer, ASan and UBSan; the corpus is kept.
FUZZ_SECONDS ?= 600
FUZZ_CFLAGS := -std=gnu11 -g -O1 -Iinclude -Iinclude/uapi -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
FUZZ	:= $(patsubst tests/fuzz/%.c,$(B)/test/%,$(wildcard tests/fuzz/fuzz_*.c))
$(FUZZ): $(B)/test/%: tests/fuzz/%.c $(PARSERS) $(wildcard kmod/*.h include/cryptex/*.h include/uapi/linux/*.h)
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $< $(PARSERS)

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
