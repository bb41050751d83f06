#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints every x86-64 opcode, with prefixes and kinds of operands, as a flat binary.

Each stands in 32 bytes of its own, the rest of which are nops, so that one
that is invalid leads no disassembler astray for long.
"""
import itertools
import sys

MODRM = (0x00, 0x05, 0x04, 0x44, 0x84, 0x80, 0x40, 0xc0, 0xd8, 0x08, 0x18, 0x38, 0xff)
SIB = itertools.cycle((0x24, 0x25, 0x00, 0x65, 0x2d))
PREFIXES = ([], [0x66], [0xf2], [0xf3], [0x48], [0x66, 0x48], [0x41], [0x67], [0x66, 0x41],
            [0xf2, 0x48], [0x64])
ESCAPES = ([], [0x0f], [0x0f, 0x38], [0x0f, 0x3a])


def legacy():
    for escape, prefix in itertools.product(ESCAPES, PREFIXES):
        yield prefix + escape


def vex():
    for pp, length in itertools.product(range(4), range(2)):
        yield [0xc5, 0xf8 | length << 2 | pp]
        for number, wide in itertools.product((1, 2, 3), range(2)):
            yield [0xc4, 0xe0 | number, wide << 7 | 0x78 | length << 2 | pp]


def evex():
    for number, pp, wide, length in itertools.product((1, 2, 3, 5, 6), range(4), range(2), range(3)):
        yield [0x62, 0xf0 | number, wide << 7 | 0x7c | pp, 0x08 | length << 5]


def xop():
    for number, wide, length in itertools.product((8, 9, 10), range(2), range(2)):
        yield [0x8f, 0xe0 | number, wide << 7 | 0x78 | length << 2]


for start in itertools.chain(legacy(), vex(), evex(), xop()):
    for opcode, modrm in itertools.product(range(256), MODRM):
        sys.stdout.buffer.write(bytes(start + [opcode, modrm, next(SIB)]).ljust(32, b'\x90'))
