# SPDX-License-Identifier: LGPL-2.1-or-later
# Measurements: `make bench` installs what it needs, builds, and measures in the
# test machine; PARTS=... names parts of it.

BENCH_GUEST := $(addprefix $(B)/obj/tests/bench/,bench.o measure.o files.o dlopen.o switch.o)

# Without the libraries that it loads to measure that.
$(B)/test/bench: $(BENCH_GUEST) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs libnl-genl-3.0)

$(B)/test/bench-report: $(B)/obj/tests/bench/report.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs smartcols jansson)

$(B)/bench/fixtures/made: tests/bench/fixtures.sh $(B)/bin/cryptex-publish
	tests/bench/fixtures.sh $(@D)

bench:
	scripts/install-deps.sh build vm
	@$(MAKE) --no-print-directory run-bench

run-bench: all $(B)/test/bench $(B)/test/bench-report $(B)/bench/fixtures/made
	tests/bench/run.sh $(PARTS)

.PHONY: bench run-bench
