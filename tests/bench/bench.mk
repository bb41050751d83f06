# SPDX-License-Identifier: LGPL-2.1-or-later
# Measurements: `make bench` installs what it needs, builds, and measures in the
# test machine; PARTS=... names parts of it. Then the deltas, which `make
# bench-delta` does alone, on this machine; DELTAS=... are options, a list and
# names of pairs.

DELTAS ?= tests/bench/delta-corpus.tsv

BENCH_GUEST := $(addprefix $(B)/obj/tests/bench/,bench.o cpu.o dlopen.o files.o hold.o measure.o stage.o switch.o)
BENCH_WALK := $(addprefix $(B)/obj/tests/bench/,files.o measure.o walk.o)
BENCH_SEALS := $(B)/obj/tests/bench/measure.o $(B)/obj/tests/bench/seals.o \
	$(B)/obj/tests/kselftest/seal_maker.o $(B)/obj/tests/kselftest/signer.o

# Without the libraries that it loads to measure that.
$(B)/test/bench: $(BENCH_GUEST) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs libnl-genl-3.0)

$(B)/test/bench-walk: $(BENCH_WALK)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^

$(B)/test/bench-seals: $(BENCH_SEALS) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

$(B)/test/bench-report: $(B)/obj/tests/bench/report.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs smartcols jansson)

$(B)/bench/fixtures/made: tests/bench/fixtures.sh $(B)/bin/cryptex-publish $(B)/test/bench-seals
	tests/bench/fixtures.sh $(@D)

bench:
	scripts/install-deps.sh build vm
	@$(MAKE) --no-print-directory run-bench
	@$(MAKE) --no-print-directory bench-delta

bench-delta:
	scripts/install-deps.sh build bench
	@$(MAKE) --no-print-directory run-bench-delta

run-bench-delta: $(B)/bin/cryptex-delta
	tests/bench/fetch-corpus.sh $(filter %.tsv,$(DELTAS))
	@mkdir -p $(B)/bench
	$(B)/bin/cryptex-delta bench --json $(B)/bench/delta.json $(DELTAS)

run-bench: all $(B)/test/bench $(B)/test/bench-walk $(B)/test/bench-report $(B)/bench/fixtures/made
	tests/bench/run.sh $(PARTS)

.PHONY: bench run-bench bench-delta run-bench-delta
