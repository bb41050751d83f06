# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads a repository by the reference client of TUF, as a machine that is new to it.

Usage: reader.py REPO [--until FILE]

Downloads every target, and looks for each object and delta that an index names. With
--until it does so again and again until FILE is there. Prints how often it has read.
"""
import inspect
import json
import os
import shutil
import sys
import tempfile
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric import types

# Debian 12's cryptography has these names in upper case; without them the client would
# verify Ed25519 alone.
if not hasattr(types, "PublicKeyTypes"):
    types.PublicKeyTypes = types.PUBLIC_KEY_TYPES
    types.PrivateKeyTypes = types.PRIVATE_KEY_TYPES

from tuf.api import exceptions
from tuf.ngclient import FetcherInterface, Updater


class Files(FetcherInterface):
    """file:// URLs, which the client's own fetcher does not know"""

    def _fetch(self, url):
        path = unquote(url[len("file://"):])
        if not os.path.exists(path):
            raise exceptions.DownloadHTTPError(f"no {path}", 404)
        with open(path, "rb") as file:
            yield file.read()

    fetch = _fetch


def client(repo, local):
    root = f"{repo}/metadata/1.root.json"
    keywords = {"fetcher": Files()}
    if "bootstrap" in inspect.signature(Updater).parameters:
        with open(root, "rb") as file:
            keywords["bootstrap"] = file.read()
    else:
        shutil.copy(root, f"{local}/root.json")
    return Updater(local, f"file://{repo}/metadata/", local, f"file://{repo}/targets/", **keywords)


def names(repo, local):
    """of all targets: what the client has just verified and stored"""
    for role in os.listdir(local):
        if not role.endswith(".json"):
            continue
        with open(f"{local}/{role}", encoding="utf-8") as file:
            yield from json.load(file)["signed"].get("targets", {})


def look_for(repo, index):
    for new, entry in index["objects"].items():
        whole = f"{repo}/objects/{new[:2]}/{new[2:]}.zst"
        assert os.path.getsize(whole) == entry["packed"], whole
        for old, size in entry.get("deltas", {}).items():
            delta = f"{repo}/deltas/{new[:2]}/{new[2:]}/{old}"
            assert os.path.getsize(delta) == size, delta


def read(repo):
    with tempfile.TemporaryDirectory() as local, tempfile.TemporaryDirectory() as files:
        updater = client(repo, local)
        updater.refresh()
        with open(f"{local}/targets.json", encoding="utf-8") as file:
            roles = json.load(file)["signed"].get("delegations", {}).get("roles", [])
        for role in roles:  # whoever asks for a target of it makes the client load it
            updater.get_targetinfo(role["paths"][0].replace("*", "x"))
        for name in set(names(repo, local)):
            info = updater.get_targetinfo(name)
            assert info, name
            path = updater.download_target(info, f"{files}/target")
            if name.endswith(".index"):
                with open(path, encoding="utf-8") as file:
                    look_for(repo, json.load(file))


def main():
    repo = os.path.realpath(sys.argv[1])
    times = 0
    while True:
        last = len(sys.argv) < 4 or os.path.exists(sys.argv[3])
        read(repo)
        times += 1
        if last:
            break
    print(times)


main()
