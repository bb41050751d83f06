#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/tuf/conformance.sh SUITE [ARGUMENT]...
#
# Runs the public TUF conformance suite, whose sources are in the folder SUITE, against
# build/bin/cryptex-tuf-client, with further ARGUMENTs for pytest. The suite needs
# python-tuf, securesystemslib, pytest and faketime, which $PYTHONPATH may lead to;
# $PYTHON is the interpreter.

set -euo pipefail

suite=$(realpath "${1:?usage: tests/tuf/conformance.sh SUITE [ARGUMENT]...}")
shift
client=$(realpath "$(dirname "$0")/../..")/build/bin/cryptex-tuf-client
[ -x "$client" ] || { echo "$client is missing: make it first" >&2; exit 1; }
cd "$suite/tuf_conformance"
export PYTHONPATH="$suite${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python3}" -m pytest -q -p no:cacheprovider --entrypoint "$client" "$@" .
