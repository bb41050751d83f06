# SPDX-License-Identifier: LGPL-2.1-or-later
# Each tests/fuzz/fuzz_FORMAT.c is a fuzzer: build/test/fuzz_FORMAT with ASan and
# UBSan, and build/test/cover_FORMAT, the same program, which counts lines instead.

# What of each format's sources is looked into; the rest comes from the libraries.
# tests/fuzz/run.sh asks for the coverage of those that are no test's.
FUZZ_OF_seal	:= $(PARSERS)
FUZZ_OF_revocation := $(PARSERS)
FUZZ_OF_container := $(addprefix helper/lib/,container.c zstd.c file.c error.c)
FUZZ_OF_tuf	:= tests/fuzz/json_mutate.c $(addprefix helper/lib/,error.c file.c $(addprefix tuf/,canonical.c envelope.c \
		   fields.c hashes.c key.c names.c pubkey.c root.c snapshot.c targets.c))
FUZZ_OF_delta	:= $(wildcard helper/lib/delta/*.c) helper/lib/error.c $(DELTA_SRC) \
		   tests/unit/delta/trip.c tests/unit/delta/mutate.c
FUZZ_OF_delta_make := $(FUZZ_OF_delta)

FORMATS	:= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ	:= $(FORMATS:%=$(B)/test/fuzz_%)
COVER	:= $(FORMATS:%=$(B)/test/cover_%)
FUZZ_SECONDS ?= 600

FUZZ_CFLAGS = $(CX_CFLAGS) -Itools -O1 -Wno-unused-command-line-argument -Wno-missing-field-initializers
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
COUNT	:= -fprofile-instr-generate -fcoverage-mapping

# There is no constant to be found in a code's bytes, so comparisons are not traced
# there: three times as fast.
$(B)/obj/fuzz/helper/lib/delta/%.o $(B)/obj/fuzz/tools/delta/%.o: NO_TRACE := -O2 -fno-sanitize-coverage=trace-cmp

$(B)/obj/fuzz/%.o: %.c
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link $(NO_TRACE) -MMD -MP -c -o $@ $<

$(B)/obj/cover/%.o: %.c
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) $(COUNT) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

objects_of = $(patsubst %.c,$(B)/obj/$1/%.o,tests/fuzz/fuzz_$2.c $(FUZZ_OF_$2))
link_fuzzer = clang $1 -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIB) $(LIB_LIBS) $(DELTA_LIBS)

.SECONDEXPANSION:
$(FUZZ): $(B)/test/fuzz_%: $$(call objects_of,fuzz,$$*) $(LIB)
	@mkdir -p $(@D)
	$(call link_fuzzer,$(SANITIZE))

$(COVER): $(B)/test/cover_%: $$(call objects_of,cover,$$*) $(LIB)
	@mkdir -p $(@D)
	$(call link_fuzzer,$(COUNT))

$(B)/test/fuzz_delta $(B)/test/fuzz_delta_make: | $(addprefix $(B)/test/,delta-sample-0.so delta-sample-1.so delta-sample-small.so)

fuzz: $(FUZZ) $(COVER) $(B)/test/tuf-seeds programs
	tests/fuzz/run.sh $(FUZZ_SECONDS)

.PHONY: fuzz
