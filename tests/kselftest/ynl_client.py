#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Drives the module with the kernel tree's own netlink client, which knows the
family from its specification alone, and compares the kernel's policies with
that specification.  ynl_test sets the scene.  Prints TAP.
"""
import errno
import json
import mmap
import os
import select
import subprocess
import sys
import time

YNL, STORE, DIR, NAME, OTHER = sys.argv[1:]
sys.path.append(YNL)
from lib import NlError, YnlFamily  # noqa: E402

SPEC = f"{YNL}/specs/cryptex.yaml"
SCALARS = {"u32": 0xFFFFFFFF, "u64": 0xFFFFFFFFFFFFFFFF}
OPTIONAL = {
    "get": {"floor", "base-digest", "epoch"},
    "state": {"list-number", "locked"},
    "rejected-ntf": {"name", "label"},
}


def family(name):
    return YnlFamily(f"{YNL}/specs/{name}.yaml", "")


client = family("cryptex")
# Another socket, so that no answer is between the events.
listener = family("cryptex")


def same(wanted, got):
    assert wanted == got, f"wanted {wanted}, got {got}"


def path(name):
    return f"{DIR}/{name}"


def attributes_of(op, mode, way):
    return set(client.msgs[op].yaml[mode].get(way, {}).get("attributes", []))


def told(op, mode, answer):
    """An answer has what the specification says, no more and no less."""
    spec = attributes_of(op, mode, "reply")
    assert set(answer) <= spec, f"{op}: not in the specification: {set(answer) - spec}"
    missing = spec - set(answer) - OPTIONAL.get(op, set())
    assert not missing, f"{op}: missing: {missing}"
    return answer


def do(op, **vals):
    answer = client.do(op, {name.replace("_", "-"): value for name, value in vals.items()})
    if not attributes_of(op, "do", "reply"):
        return same(None, answer)
    return told(op, "do", answer)


def dump(op):
    return [told(op, "dump", answer) for answer in client.dump(op, {})]


def refused(number, op, **vals):
    try:
        do(op, **vals)
    except NlError as err:
        same(errno.errorcode[number], errno.errorcode[err.error])
        assert err.nl_msg.extack.get("msg"), "no extended ACK"
        return err.nl_msg.extack
    raise AssertionError(f"{op} succeeded")


def with_file(op, attribute, name):
    with open(path(name), "rb") as file:
        return do(op, **{attribute: file.fileno()})


def stage(name):
    return with_file("stage", "seal_fd", name)


def item(label):
    return {"name": NAME, "label": label}


# Policies


class Policies:
    """What the kernel tells of its policies, and what the specification asks."""

    def __init__(self):
        self.control = family("nlctrl")
        self.problems = []

    def fetch(self, op):
        """The policies of a command: index of each way's, and their entries."""
        ways, entries = {}, {}
        request = {"family-name": "cryptex", "op": op.req_value}
        for answer in self.control.dump("getpolicy", request):
            for way in {"do", "dump"} & set(answer.get("op-policy", {})):
                ways[way] = answer["op-policy"][way]
            if "policy" in answer:
                entry = answer["policy"]
                entries.setdefault(entry["policy-id"], {})[entry["attr-id"]] = entry
        return ways, entries

    def expect(self, where, wanted, got):
        if wanted != got:
            self.problems.append(f"{where}: wanted {wanted}, got {got}")

    def compare_length(self, where, checks, entry):
        for check, told_as in ("min-len", "min-length"), ("max-len", "max-length"):
            wanted = checks.get(check)
            if isinstance(wanted, str):
                wanted = client.consts[wanted]["value"]
            self.expect(f"{where} {check}", wanted, entry.get(told_as))

    def compare_attribute(self, where, attr, entry):
        kind = attr.yaml["type"]
        self.expect(f"{where} type", {"string": "nul-string", "nest": "nested"}.get(kind, kind),
                    entry["type"])
        if kind in ("string", "binary"):
            self.compare_length(where, attr.yaml.get("checks", {}), entry)
        if kind in SCALARS:
            self.expect(f"{where} range", (0, SCALARS[kind]),
                        (entry.get("min-value-u"), entry.get("max-value-u")))
        if kind == "nest":
            space = client.attr_sets[attr.yaml["nested-attributes"]]
            self.expect(f"{where} maxtype", max(space.attrs_by_val),
                        entry.get("policy-maxtype"))
            self.compare_set(where, set(space), space, entry["policy-idx"])

    def compare_set(self, where, names, space, index):
        entries = self.entries.get(index, {})
        numbers = {space[name].value: name for name in names}
        self.expect(f"{where} attributes", sorted(numbers), sorted(entries))
        for number in set(numbers) & set(entries):
            name = numbers[number]
            self.compare_attribute(f"{where}.{name}", space[name], entries[number])

    def compare_op(self, op):
        ways = [way for way in ("do", "dump") if way in op.yaml]
        wanted = {way: attributes_of(op.name, way, "request") for way in ways}
        try:
            told_ways, self.entries = self.fetch(op)
        except NlError as err:
            # What the kernel says of a command that takes no attribute.
            if err.error != errno.ENODATA or any(wanted.values()):
                self.problems.append(f"{op.name}: {os.strerror(err.error)}")
            return
        self.expect(f"{op.name} ways", set(ways), set(told_ways))
        for way in set(ways) & set(told_ways):
            self.compare_set(f"{op.name} {way}", wanted[way], op.attr_set, told_ways[way])

    def compare(self):
        for op in client.msgs.values():
            if not op.is_async:
                self.compare_op(op)
        return self.problems


def policies():
    problems = Policies().compare()
    assert not problems, "\n".join(problems)


def operations():
    """What the family tells of itself: commands, groups, and who may."""
    spec = {op.req_value: op for op in client.msgs.values() if not op.is_async}
    info = family("nlctrl").do("getfamily", {"family-name": "cryptex"})
    # Decoded as {index: attributes}.
    told_ops = {op["id"]: op["flags"] for one in info["ops"] for op in one.values()}
    same(sorted(spec), sorted(told_ops))
    for number, flags in told_ops.items():
        ways = {f"cmd-cap-{way}" for way in ("do", "dump") if way in spec[number].yaml}
        same(ways, flags - {"cmd-cap-haspol", "admin-perm"})
    groups = [group["name"] for one in info["mcast-groups"] for group in one.values()]
    same(["events"], groups)


# Commands and dumps

def get():
    ours = [g for g in dump("get") if g["name"] == NAME]
    same(["1"], [g["label"] for g in ours])
    same({"base", "active"}, ours[0]["flags"])
    same(3, ours[0]["entries"])


def users():
    with open(path("y/current/f"), "rb") as file, \
            mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ):
        ours = [u for u in dump("users") if u["pid"] == os.getpid()]
    same([(NAME, "1", {"active"})], [(u["name"], u["label"], u["flags"]) for u in ours])


def mount_and_unmount():
    os.mkdir(path("mnt"))
    subprocess.run(["mount", "-t", "cryptex", "-o", f"store={STORE}", path("other.seal"),
                    path("mnt")], check=True)
    event("mounted-ntf", name=OTHER, label="1")
    subprocess.run(["umount", path("mnt")], check=True)
    event("unmounted-ntf", name=OTHER)


def stage_one():
    answer = stage("2.seal")
    same((NAME, "2"), (answer["name"], answer["label"]))
    event("staged-ntf", **answer)
    same(32, len(answer["digest"]))
    stage("3.seal")
    event("staged-ntf", label="3")


def stage_refused():
    with open(path("strange.seal"), "rb") as file:
        text = refused(errno.ENOKEY, "stage", seal_fd=file.fileno())["msg"]
    event("rejected-ntf", command=client.msgs["stage"].req_value, error=errno.ENOKEY,
          reason=text)


def activate():
    with open(path("y/1/f"), "rb") as held:
        held.read()
        epoch = do("activate", item=[item("2")])["epoch"]
        event("activated-ntf", epoch=epoch, item=[item("2")])
    event("drained-ntf", name=NAME, label="1")
    refused(errno.ENOENT, "activate", item=[item("9")])
    event("rejected-ntf", command=client.msgs["activate"].req_value, error=errno.ENOENT)
    do("activate", item=[item("1")])
    event("activated-ntf", item=[item("1")])


def retire():
    refused(errno.EBUSY, "retire", name=NAME, label="1")
    event("rejected-ntf", command=client.msgs["retire"].req_value, error=errno.EBUSY)
    # Its last use may be over a moment later than its last user.
    deadline = time.monotonic() + 10
    while True:
        try:
            do("retire", name=NAME, label="2")
            break
        except NlError as err:
            if err.error != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    event("retired-ntf", name=NAME, label="2")
    same(["1", "3"], [g["label"] for g in dump("get") if g["name"] == NAME])


def corrupted():
    try:
        with open(path("y/1/damaged"), "rb") as file:
            file.read()
        raise AssertionError("a damaged file could be read")
    except OSError as err:
        same("EIO", errno.errorcode[err.errno])
    event("corrupted-ntf", name=NAME, label="1", path="damaged")


def revoke():
    do("activate", item=[item("3")])
    answer = with_file("revoke", "list_fd", "list")
    same(7, answer["list-number"])
    event("revoked-ntf", list_number=7, item=[item("3")])
    event("activated-ntf", epoch=answer["epoch"], item=[item("1")])
    flags = {g["label"]: g["flags"] for g in dump("get") if g["name"] == NAME}
    same({"1": {"base", "active"}, "3": {"revoked"}}, flags)
    refused(errno.EKEYREVOKED, "activate", item=[item("3")])


def key_add():
    with open(path("certificate"), "rb") as file:
        do("key-add", certificate=file.read())
    assert "another key" in event("key-added-ntf")["key"]


def lock():
    assert "locked" not in do("state")
    do("lock")
    event("locked-ntf")
    refused(errno.EPERM, "key-add", certificate=b"0")
    event("rejected-ntf", command=client.msgs["key-add"].req_value, error=errno.EPERM)


def state():
    answer = do("state")
    same((7, True), (answer["list-number"], answer["locked"]))
    same(seen[-1]["sequence"], answer["sequence"])


# Events

seen = []


def next_event(deadline):
    while not listener.async_msg_queue:
        left = deadline - time.monotonic()
        assert left > 0, "no such event came"
        select.select([listener.sock], [], [], left)
        listener.check_ntf()
    message = listener.async_msg_queue.pop(0)
    seen.append({"event": message["name"], **message["msg"]})
    return seen[-1]


def event(kind, **wanted):
    """Wait for the next one of this kind, which has these attributes."""
    deadline = time.monotonic() + 10
    while True:
        got = next_event(deadline)
        if got["event"] == kind:
            break
    for name, value in wanted.items():
        same((kind, name, value), (kind, name, got.get(name.replace("_", "-"))))
    return got


def every_event():
    """All kinds came; each had what is specified; none was lost."""
    spec = {name: set(op.yaml["event"]["attributes"])
            for name, op in listener.msgs.items() if op.is_async}
    same(set(spec), {one["event"] for one in seen})
    for one in seen:
        kind, names = one["event"], set(one) - {"event"}
        assert names <= spec[kind], f"{kind}: not in the specification: {names - spec[kind]}"
        missing = spec[kind] - names - OPTIONAL.get(kind, set())
        assert not missing, f"{kind}: missing: {missing}"
    numbers = [one["sequence"] for one in seen]
    same(list(range(numbers[0], numbers[0] + len(numbers))), numbers)


# The client's command line

def command_line():
    words = [sys.executable, f"{YNL}/cli.py", "--spec", SPEC, "--no-schema", "--output-json"]
    shown = json.loads(subprocess.check_output([*words, "--dump", "get"]))
    assert NAME in [g["name"] for g in shown]
    shown = json.loads(subprocess.check_output([*words, "--do", "state"]))
    same(True, shown["locked"])


TESTS = [operations, policies, get, users, mount_and_unmount, stage_one, stage_refused,
         activate, retire, corrupted, revoke, key_add, lock, state, every_event, command_line]


def report(number, test):
    try:
        test()
    except Exception as err:  # whatever it is, it is this test's failure
        print(*[f"# {line}" for line in f"{type(err).__name__}: {err}".splitlines()], sep="\n")
        print(f"not ok {number} - {test.__name__}", flush=True)
        return False
    print(f"ok {number} - {test.__name__}", flush=True)
    return True


def main():
    print(f"1..{len(TESTS)}", flush=True)
    try:
        listener.ntf_subscribe("events")
    except Exception as err:
        print(f"# events: {err}")
    good = [report(number, test) for number, test in enumerate(TESTS, 1)]
    return 0 if all(good) else 1


sys.exit(main())
