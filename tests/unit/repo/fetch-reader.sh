#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Usage: tests/unit/repo/fetch-reader.sh DIR
#
# Unpacks the reference client of The Update Framework into DIR, which is made anew:
# python-tuf and what it verifies signatures with, of Debian 13, as Debian 12 has none.
# Without it reader.py has nothing to read with, and its tests skip.

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../../scripts/lib.sh"

dir=${1:?usage: tests/unit/repo/fetch-reader.sh DIR}
tmp=$(cx_tmp reader)
for package in python3-tuf python3-securesystemslib; do
	deb=$(cx_apt_download "$package/trixie" "$tmp")
	dpkg -x "$deb" "$tmp/unpacked"
done
rm -rf "$dir"
mv "$tmp/unpacked" "$dir"
touch "$dir"
