"""Reads a gate's log from its segments, by docs/formats/segment.md alone, and holds its statements to each other."""

import base64
import hashlib
import json
import mmap
import os
import struct

from gate import demand

HEADER = 4096


def statements(directory):
    """Every statement in the segments, in order, with the roots that the frames state: [(size, root)]."""
    found, roots = [], []
    folder = os.path.join(directory, "segments")
    names = sorted(name for name in os.listdir(folder) if name.endswith(".segment"))
    demand(names, "the log has no segment")
    for name in names:
        with open(os.path.join(folder, name), "rb") as source:
            if os.path.getsize(source.name) == 0:
                demand(False, f"{name} is empty")
            with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data:
                demand(data[:8] == b"WRITSEG1", f"{name} is no segment")
                demand(struct.unpack("<Q", data[8:16])[0] == len(found), f"{name} does not continue the log")
                _frames(name, data, found, roots)
    return found, roots


def _frames(name, data, found, roots):
    position = HEADER
    while position + 64 <= len(data) and data[position:position + 8] == b"WRITFRM1":
        length, records, count, _, first = struct.unpack("<IIIIQ", data[position + 8:position + 32])
        demand(first == len(found), f"{name} at {position}: the frame begins with {first}, not {len(found)}")
        cursor, end = position + 64, position + 64 + length
        for _ in range(count):
            size = struct.unpack(">H", data[cursor:cursor + 2])[0]
            found.append(data[cursor + 2:cursor + 2 + size])
            cursor += 2 + size
        demand(cursor == end, f"{name} at {position}: the frame's statements have another length")
        roots.append((len(found), data[end:end + 32]))
        position = (end + 40 + records + 7) // 8 * 8
    demand(data[position:position + 8].strip(b"\0") == b"", f"{name} at {position}: neither a frame nor the end")


def leaf(statement):
    return hashlib.sha256(b"\0" + statement).digest()


def _node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """RFC 6962 section 2.1: the roots of the complete subtrees, largest first."""

    def __init__(self):
        self.size = 0
        self.parts = []

    def append(self, hashed):
        self.parts.append(hashed)
        self.size += 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            right = self.parts.pop()
            self.parts.append(_node(self.parts.pop(), right))

    def root(self):
        if not self.parts:
            return hashlib.sha256(b"").digest()
        total = self.parts[-1]
        for part in reversed(self.parts[:-1]):
            total = _node(part, total)
        return total


def checkpoint(directory):
    """Size and root of the published checkpoint, as a list of one; empty while none is published."""
    path = os.path.join(directory, "checkpoint")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as source:
        lines = source.read().split("\n")
    demand(len(lines) > 3, f"the published checkpoint is none: {lines}")
    return [(int(lines[1]), base64.b64decode(lines[2]))]


def check_roots(leaves, roots):
    """Every stated root must be the root of as many statements."""
    wanted = {}
    for size, root in roots:
        demand(size <= len(leaves), f"a root is stated of {size} statements, the log has {len(leaves)}")
        demand(wanted.setdefault(size, root) == root, f"two roots are stated of {size} statements")
    tree = Tree()
    for hashed in leaves:
        tree.append(hashed)
        if tree.size in wanted:
            demand(tree.root() == wanted[tree.size], f"the root stated of {tree.size} statements is wrong")


def attempt_digest(attempt):
    """An attempt as statements state it."""
    return "sha256:" + hashlib.sha256(base64.urlsafe_b64decode(attempt + "==")).hexdigest()


def read_receipt(text):
    """Index and statement of a receipt, unverified."""
    lines = text.split("\n")
    demand(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra "), "a receipt of another form")
    demand(lines[2].startswith("index "), "a receipt without an index")
    return int(lines[2][6:]), base64.b64decode(lines[1][6:])


def predicate(text):
    """What the statement of a receipt says, unverified."""
    return json.loads(read_receipt(text)[1])["predicate"]


class Story:
    """What the statements of a log say happened, and that nothing in it happened twice."""

    def __init__(self, raw):
        self.decisions = {}
        self.redeemed = {}
        self.effects = {}
        self.keys = {}
        self.attempts = {}
        self.unclean = 0
        self.last = None
        for index, statement in enumerate(raw):
            parsed = json.loads(statement)
            kind = parsed["predicateType"].split(":")[2]
            predicate = parsed["predicate"]
            self.last = (kind, predicate)
            take = getattr(self, "_" + kind, None)
            if take:
                take(index, predicate)

    def _decision(self, index, predicate):
        self.decisions[index] = predicate
        if "parent" in predicate:
            parent = self.decisions[predicate["parent"]["index"]]
            demand(parent["outcome"] == "PERMIT" and parent["expires"] <= predicate["time"],
                   f"decision {index} is made afresh though the PERMIT before had not expired")
            demand(predicate["parent"]["index"] not in self.redeemed,
                   f"decision {index} is made afresh though the PERMIT before was redeemed")
        if "redemption" in predicate:
            demand(predicate["outcome"] == "PERMIT", f"statement {index} redeems what is no PERMIT")
            self._redeem(index, predicate["redemption"])

    def _redemption(self, _, predicate):
        self._redeem(predicate["decision"]["index"], predicate)

    def _redeem(self, index, redemption):
        demand(index not in self.redeemed, f"decision {index} is redeemed twice")
        decision = self.decisions.get(index)
        demand(decision and decision["outcome"] == "PERMIT", f"decision {index} is redeemed and is no PERMIT")
        self.redeemed[index] = redemption["attempt"]
        self.attempts[decision["id"]] = redemption["attempt"]
        key = decision.get("claims", {}).get("key")
        demand(key, f"decision {index} is redeemed and claims nothing")
        demand(key not in self.keys, f"decisions {self.keys.get(key)} and {index} are two redeemed PERMITs of a key")
        self.keys[key] = index

    def _effect(self, index, predicate):
        decision = predicate["decision"]["index"]
        demand(self.redeemed.get(decision) == predicate["attempt"], f"effect {index} is of no redemption")
        demand(decision not in self.effects or "contradicts" in predicate, f"effect {index} is a second one")
        self.effects.setdefault(decision, predicate["effect"])

    def _gate(self, _, predicate):
        if predicate["change"] == "started" and predicate["clean"] is False:
            self.unclean += 1
