#!/usr/bin/env python3
"""Decides receipts of Writ again, with the Rust engine of Cedar instead of the gate's own.

Usage: writ_replay.py --key-file FILE --log FOLDER --bundle FOLDER... RECEIPT...

For each receipt of a decision: checks it (writ_verify.py, beside this file), takes its request and facts from the
evidence records of the log's segments, holds them against the digests in the statement, takes the bundle whose digest
the statement names, rules again with `cedarpy`, and writes the whole statement anew. Its bytes must be the same.

Says for each receipt `same`, `differs` and how, or `cannot tell` and why. Exit status 0 if all are the same, 5 if one
is not, 1 if a file cannot be read, 64 for wrong usage. What it takes on trust are the facts: who asked, what was
halted, which keys were claimed, and the clock; the log's other statements tell whether these are right.
"""

import datetime
import json
import os
import re
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import writ_verify  # noqa: E402
from writ_verify import (JSON, OUTCOME_OF, POLICIES_LISTED_MAX, Refusal, blinded, canonical,  # noqa: E402
                         milliseconds, sha256)

try:
    import cedarpy
except ImportError:
    sys.exit("writ_replay: the Python package `cedarpy` is missing: pip install cedarpy")

ENGINE = "writ/1"
PERMIT_MILLISECONDS = 60_000
ACT_MILLISECONDS = 5_000
# Of these a retry gets the same ruling, and their statements claim the key.
STICKY = ("forbidden", "policy_error", "no_permit", "unknown_surface", "unknown_action", "unknown_type",
          "request_invalid", "permitted", "override", "approval_refused")
# The gate could not know; nothing can be decided again.
INFRASTRUCTURE = ("overloaded", "clock_untrusted", "bundle_unavailable", "bundle_expired", "state_unavailable",
                  "deadline_exceeded", "log_unavailable", "internal_error")
SEGMENT_HEADER_BYTES = 4_096
FRAME_HEADER_BYTES = 64
RECORD_HEADER_BYTES = 24
REQUEST_KIND, FACTS_KIND = 1, 2


class CannotTell(Exception):
    """There is not enough to decide again; the words say what is missing."""


class Differs(Exception):
    """What the statement says is not what comes out again."""


# --- Evidence (docs/formats/segment.md) ---

def evidence(log, index):
    """The statement at an index and its records by their kinds.

    Checksums are not looked at: what is found is held against the digests in the statement, and the statement against
    that of the receipt.
    """
    folder = os.path.join(log, "segments")
    names = sorted(name for name in os.listdir(folder) if name.endswith(".segment"))
    names = [name for name in names if int(name[:16]) <= index]
    if not names:
        raise CannotTell(f"no segment in `{folder}` has index {index}")
    with open(os.path.join(folder, names[-1]), "rb") as source:
        data = source.read()
    position = SEGMENT_HEADER_BYTES
    while data[position:position + 8] == b"WRITFRM1":
        statements, records, count, record_count, first = struct.unpack_from("<IIIIQ", data, position + 8)
        body = position + FRAME_HEADER_BYTES
        end = body + statements + 32 + 8 + records
        if first <= index < first + count:
            return statement_at(data, body, index - first), records_of(data, end - records, record_count, index - first)
        position = end + -end % 8
    raise CannotTell(f"the segment `{names[-1]}` has no index {index}")


def statement_at(data, position, number):
    for _ in range(number):
        position += 2 + int.from_bytes(data[position:position + 2], "big")
    length = int.from_bytes(data[position:position + 2], "big")
    return data[position + 2:position + 2 + length]


def records_of(data, position, count, number):
    found = {}
    for _ in range(count):
        magic, kind, state, _, length, of = struct.unpack_from("<4sBBHII", data, position)
        if magic != b"WREC":
            raise CannotTell("the evidence records cannot be read")
        start = position + RECORD_HEADER_BYTES
        if of == number:
            found[kind] = None if state else data[start:start + length]
        position = start + length
    return found


def record(records, kind, digest, what):
    """The record of a kind, which must be the one whose digest the statement has."""
    content = records.get(kind)
    if content is None:
        raise CannotTell(f"the {what} record was erased" if kind in records else f"there is no {what} record")
    if sha256(content).hex() != digest:
        raise Differs(f"the {what} record is not the one of the statement")
    return JSON(content, 512 << 10, 36, 40_000).parse()


# --- Bundles (docs/formats/bundle-directory.md, docs/reference/policies.md) ---

class Bundle:
    """A policy directory: its files, its digest, and what Cedar needs of it."""

    def __init__(self, folder):
        try:
            self.read(folder)
        except (KeyError, TypeError, ValueError) as error:
            raise writ_verify.Unreadable(f"`{folder}` is not a policy directory: {error!r}") from None

    def read(self, folder):
        self.files = {}
        for place, folders, names in os.walk(folder):
            folders.sort()
            for name in names:
                path = os.path.join(place, name)
                with open(path, "rb") as source:
                    self.files[os.path.relpath(path, folder).encode()] = source.read()
        manifest = [{"path": path.decode(), "sha256": sha256(content).hex(), "size": len(content)}
                    for path, content in sorted(self.files.items())]
        self.digest = "sha256:" + sha256(canonical(manifest).encode()).hex()
        settings = self.json("bundle.json")
        self.name, self.namespace = settings["name"], settings.get("namespace", "")
        self.surfaces = sorted({path.split(b"/")[1].decode() for path in self.files if path.startswith(b"surfaces/")})
        schemas = ["common.cedarschema"] + [f"surfaces/{name}/schema.cedarschema" for name in self.surfaces]
        # One schema of all surfaces: the entities are of all of them, and each has a namespace of its own.
        self.schema_text = "\n".join(self.text(path) for path in schemas)
        self.schema = cedarpy.Schema.from_str(self.schema_text)
        self.entities = [entity for path in sorted(self.files) if path.startswith(b"entities/")
                         for entity in json.loads(self.files[path])]
        self.uids = {(uid["type"], uid["id"]) for uid in (uid_of(entity["uid"]) for entity in self.entities)}

    def text(self, path):
        return self.files[path.encode()].decode("utf-8")

    def json(self, path):
        return json.loads(self.text(path))

    def policies(self, folder, owner):
        """The policies below a folder as Cedar's JSON, by their names."""
        found = {}
        for path in sorted(self.files):
            if os.path.dirname(path) == folder.encode() and path.endswith(b".cedar"):
                policies = json.loads(cedarpy.policies_to_json_str(self.files[path].decode("utf-8")))["staticPolicies"]
                for policy in policies.values():
                    found[f"{owner}/{policy['annotations']['id']}"] = policy
        return found

    def has_word(self, scope):
        """Whether the schema declares what a policy's scope names: the reference engine's validator is asked."""
        errors = cedarpy.validate_policies(f"permit({scope});", self.schema_text).errors
        return not any("unrecognized" in error.error for error in errors)


def uid_of(value):
    return value.get("__entity", value)


def escaped(text):
    """A string of Cedar's, every character by its number."""
    return "".join("\\u{%x}" % ord(character) for character in text)


# --- The ruling (docs/reference/policies.md) ---

class Ruling:
    def __init__(self, cause, policies=(), errors=(), grant=None, act_milliseconds=ACT_MILLISECONDS):
        self.cause, self.grant, self.act_milliseconds = cause, grant, act_milliseconds
        self.policies, self.errors = sorted(policies, key=str.encode), sorted(errors, key=str.encode)


def rule(request, facts, bundle):
    """The ruling that request, facts and bundle give."""
    if facts["actor"] != "active":
        return Ruling({"mismatch": "actor_mismatch", "disabled": "actor_disabled"}[facts["actor"]])
    if facts["halted"]:
        return Ruling("halted")
    kind = facts["claim"]["kind"]
    if kind in ("redeemed", "conflict"):
        return Ruling({"redeemed": "permit_redeemed", "conflict": "idempotency_conflict"}[kind])
    if request["surface"] not in bundle.surfaces:
        return Ruling("unknown_surface")
    return Surface(bundle, request["surface"]).ruling(request, facts)


class Surface:
    def __init__(self, bundle, name):
        self.bundle, self.name = bundle, name
        self.settings = bundle.json(f"surfaces/{name}/surface.json")
        self.namespace = self.settings.get("namespace", name)

    def type(self, name, namespace, variable):
        """The entity type of a name in a request, or None: of its own namespace unless it is named in full."""
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)*", name):
            return None
        full = name if "::" in name or not namespace else f"{namespace}::{name}"
        place = full.rpartition("::")[0]
        if place not in (self.bundle.namespace, self.namespace):
            return None
        scope = {"principal": f"principal is {full}, action, resource",
                 "resource": f"principal, action, resource is {full}"}[variable]
        return full if self.bundle.has_word(scope) else None

    def has_action(self, name):
        return self.bundle.has_word(f'principal, action == {self.namespace}::Action::"{escaped(name)}", resource')

    def target(self, request):
        """The target as Cedar knows it, or None."""
        kind = self.type(request["target"]["type"], self.namespace, "resource")
        return kind and {"type": kind, "id": request["target"]["id"]}

    def ruling(self, request, facts):
        if not self.has_action(request["action"]):
            return Ruling("unknown_action")
        actor = self.type(request["actor"]["type"], self.bundle.namespace, "principal")
        target = self.target(request)
        if actor is None or target is None:
            return Ruling("unknown_type")
        if self.settings.get("irreversible") and "idempotency_key" not in request:
            return Ruling("request_invalid")
        if not self.grants_environment(request) or has_escapes(request["context"]):
            return Ruling("request_invalid")
        asked = {"principal": {"type": actor, "id": request["actor"]["id"]},
                 "action": {"type": f"{self.namespace}::Action", "id": request["action"]}, "resource": target,
                 "context": plain(request["context"])}
        # The effects apart: Cedar names the permits that apply only where no forbid does.
        found = {effect: self.evaluated(asked, facts, effect) for effect in ("forbid", "permit")}
        if found["forbid"] is None:
            if "decimal" in self.bundle.schema_text and has_numbers(request["context"]):
                raise CannotTell("the reference engine refuses the request, and numbers in it may stand for decimals")
            return Ruling("request_invalid")
        (forbids, errors), (permits, more) = found["forbid"], found["permit"]
        errors = errors + more
        if forbids:
            return Ruling("forbidden", forbids, errors)
        if errors:
            return Ruling("policy_error", (), errors)
        return self.permitting(permits) if permits else Ruling("no_permit")

    def grants_environment(self, request):
        granted = self.settings.get("exec", {}).get("environment")
        asked = request["context"].get("environment", [])
        return granted is None or type(asked) is not list or all(name in granted for name in asked)

    def policies(self):
        return {**self.bundle.policies("common", "common"),
                **self.bundle.policies(f"surfaces/{self.name}", self.name)}

    def evaluated(self, asked, facts, effect):
        """The names of the policies of an effect that apply, and of those that fail; None for an invalid request."""
        policies = {name: policy for name, policy in self.policies().items() if policy["effect"] == effect}
        texts = [one_text(with_now(policy, facts["instant"])) for policy in policies.values()]
        answer = cedarpy.is_authorized(asked, "\n".join(texts), self.bundle.entities, self.bundle.schema)
        names = list(policies)
        if answer.decision == cedarpy.Decision.NoDecision:
            words = " ".join(answer.diagnostics.errors)
            if not words.startswith("failed to build request"):
                raise CannotTell(f"the reference engine does not evaluate: {words}")
            return None
        failed = [re.search(r"policy `policy([0-9]+)`", words) for words in answer.diagnostics.errors]
        if None in failed:
            raise CannotTell(f"an error without a policy: {answer.diagnostics.errors}")
        return ([names[int(name[len("policy"):])] for name in answer.diagnostics.reasons],
                [names[int(match[1])] for match in failed])

    def permitting(self, permits):
        chosen = min(permits, key=lambda name: (name.split("/", 1)[1].encode(), name.encode()))
        lasts = self.policies()[chosen]["annotations"].get("permit_ttl")
        match = lasts and re.fullmatch("([0-9]+)([sm])", lasts)
        grant = {"policy": chosen, "audience": sorted(self.settings["audience"], key=str.encode),
                 "milliseconds": int(match[1]) * {"s": 1_000, "m": 60_000}[match[2]] if match else PERMIT_MILLISECONDS}
        return Ruling("permitted", permits, (), grant, self.settings.get("act_milliseconds", ACT_MILLISECONDS))


def one_text(policy):
    """The text of one policy, whose place among the others is then its number."""
    return cedarpy.policies_from_json_str(
        json.dumps({"templates": {}, "templateLinks": [], "staticPolicies": {"policy0": policy}}))


GATE_MEMBER = {".": {"left": {"Var": "context"}, "attr": "writ"}}


def with_now(policy, instant):
    """The policy with the gate's own member of the context put in: the schema does not know it."""
    def replaced(value):
        if value == {".": {"left": GATE_MEMBER, "attr": "now"}}:
            return {"datetime": [{"Value": instant}]}
        if value == {"has": {"left": {"Var": "context"}, "attr": "writ"}} \
                or value == {"has": {"left": GATE_MEMBER, "attr": "now"}}:
            return {"Value": True}
        if value == GATE_MEMBER:
            raise CannotTell("a policy uses the member `writ` of the context as a whole")
        if type(value) is list:
            return [replaced(element) for element in value]
        if type(value) is not dict:
            return value
        for operation in value.values():
            if type(operation) is dict and operation.get("left") == {"Var": "context"} and "attr" in operation:
                return value
        if value == {"Var": "context"}:
            raise CannotTell("a policy uses the context as a whole")
        return {name: replaced(member) for name, member in value.items()}

    return {**policy, "conditions": [replaced(condition) for condition in policy["conditions"]]}


def plain(value):
    """A part of the context as it was asked: a fraction cannot be given to the reference engine."""
    if type(value) is dict:
        if list(value) == ["$decimal"]:
            raise CannotTell("the context has a number with a fraction, which the reference engine does not read")
        return {name: plain(member) for name, member in value.items()}
    return [plain(element) for element in value] if type(value) is list else value


def has_escapes(value):
    """Whether there is one of Cedar's own escapes, or an entity with more members: the gate refuses both."""
    if type(value) is dict:
        is_stretched = {"type", "id"} < set(value)
        if is_stretched:
            raise CannotTell("an object with `type`, `id` and more is an entity with too much, or a record")
        return bool({"__entity", "__extn", "__expr"} & set(value)) or any(map(has_escapes, value.values()))
    return type(value) is list and any(map(has_escapes, value))


def has_numbers(value):
    if type(value) is dict:
        return any(map(has_numbers, value.values()))
    return any(map(has_numbers, value)) if type(value) is list else type(value) is int


# --- The statement, written anew ---

def listed(name, names):
    found = {name: names[:POLICIES_LISTED_MAX]}
    if len(names) > POLICIES_LISTED_MAX:
        found[f"{name}_more"] = {"count": len(names), "digest": "sha256:" + sha256(canonical(names).encode()).hex()}
    return found


def text_of(moment):
    stamp = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=moment)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment % 1000)


def rebuilt(origin, request, facts, bundle, ruling):
    """The bytes of the decision's statement."""
    nonce, instant = request["nonce"], milliseconds(facts["instant"])
    surface = Surface(bundle, request["surface"]) if request["surface"] in bundle.surfaces else None
    target = surface and surface.target(request)
    is_known = {"surface": surface is not None, "action": surface is not None and surface.has_action(request["action"]),
                "target": bool(target) and (target["type"], target["id"]) in bundle.uids}
    said = {"actor": request["actor"], "cause": ruling.cause, "connection": facts["caller"]["connection"],
            "enforced": True, "engine": ENGINE, "facts": "sha256:" + sha256(canonical(facts).encode()).hex(),
            "id": facts["id"], "origin": origin, "outcome": OUTCOME_OF[ruling.cause], "time": facts["instant"],
            "bundle": {"digest": bundle.digest, "name": bundle.name, "source": "directory", "version": 0}}
    for name, is_shown in is_known.items():
        said[name] = request[name] if is_shown else blinded(nonce, name, request[name])
    if "session" in request:
        said["session"] = blinded(nonce, "session", request["session"])
    said.update(listed("policies", ruling.policies))
    if ruling.errors:
        said.update(listed("errors", ruling.errors))
    said.update(claimed(facts["claim"], ruling.cause))
    if ruling.grant:
        said.update(granted(ruling, facts, instant))
    return canonical({
        "_type": "https://in-toto.io/Statement/v1", "predicate": said, "predicateType": "urn:writ:decision:v1",
        "subject": [{"digest": {"sha256": sha256(canonical(request).encode()).hex()}, "name": "request"}],
    }).encode()


def claimed(claim, cause):
    if claim["kind"] == "own" and cause in STICKY:
        return {"claims": {"key": claim["key"]}, **({"parent": claim["parent"]} if "parent" in claim else {})}
    if (claim["kind"], cause) in (("conflict", "idempotency_conflict"), ("redeemed", "permit_redeemed")):
        return {"original": claim["original"]}
    return {}


def granted(ruling, facts, instant):
    found = {"granted_by": ruling.grant["policy"], "audience": ruling.grant["audience"],
             "expires": text_of(instant + ruling.grant["milliseconds"])}
    asked = facts.get("redemption")
    if asked and facts["caller"]["role"] == "enforcement" and asked["by"] in found["audience"]:
        found["redemption"] = {**asked, "act_by": text_of(instant + ruling.act_milliseconds)}
    return found


def replay(data, keys, log, bundles):
    """Decides one receipt again; answers the words for it. Raises CannotTell and Differs."""
    try:
        found = writ_verify.verified(writ_verify.parse_receipt(data), keys)
    except Refusal as refusal:
        raise Differs(f"the receipt is not authentic: {refusal}") from None
    if found.statement.type != "decision":
        raise CannotTell(f"the statement is of type `{found.statement.type}`, not a decision")
    said = found.statement.predicate
    if said["cause"] in INFRASTRUCTURE:
        raise CannotTell(f"{said['cause']}: the gate could not know, and nothing was decided")
    if said["engine"] != ENGINE:
        raise CannotTell(f"the engine `{said['engine']}` is not `{ENGINE}`")
    if "bundle" not in said:
        raise CannotTell("the statement names no bundle")
    bundle = next((one for one in bundles if one.digest == said["bundle"]["digest"]), None)
    if bundle is None:
        raise CannotTell(f"no bundle with the digest {said['bundle']['digest']} was given")
    try:
        statement, records = evidence(log, found.receipt.index)
    except struct.error:
        raise CannotTell("the log's segment is cut off") from None
    if statement != found.receipt.statement:
        raise Differs(f"the log's segments have another statement at index {found.receipt.index}")
    request = record(records, REQUEST_KIND, found.statement.subject, "request")
    facts = record(records, FACTS_KIND, said["facts"][len("sha256:"):], "facts")
    ruling = rule(request, facts, bundle)
    again = rebuilt(said["origin"], request, facts, bundle, ruling)
    if again != statement:
        other = json.loads(again)["predicate"]
        names = sorted(name for name in {*said, *other} if said.get(name) != other.get(name))
        told = ", ".join(f"{name}: {json.dumps(said.get(name))}, again {json.dumps(other.get(name))}" for name in names)
        raise Differs(told or "the statement has another subject")
    return f"{said['outcome']} {said['cause']}"


def arguments(words):
    found = {"--key-file": [], "--log": [], "--bundle": [], "": []}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in found and word:
            if not rest:
                raise writ_verify.Usage(f"option `{word}` needs a value")
            found[word].append(rest.pop(0))
        elif word.startswith("-"):
            raise writ_verify.Usage(f"unknown option `{word}`")
        else:
            found[""].append(word)
    if not found["--key-file"] or len(found["--log"]) != 1 or not found["--bundle"] or not found[""]:
        raise writ_verify.Usage("give --key-file, one --log, --bundle, and receipts")
    return found


def main(words):
    if words[:1] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    status = 0
    try:
        found = arguments(words)
        keys = writ_verify.read_keys(found)
        bundles = [Bundle(folder) for folder in found["--bundle"]]
        for path in found[""]:
            data = writ_verify.read_file(path, writ_verify.RECEIPT_BYTES_MAX)
            try:
                answer = "same         " + replay(data, keys, found["--log"][0], bundles)
            except CannotTell as reason:
                answer, status = f"cannot tell  {reason}", 5
            except Differs as reason:
                answer, status = f"DIFFERS      {reason}", 5
            print(f"{writ_verify.printable(path)}: {writ_verify.printable(answer)}")
    except (OSError, writ_verify.Unreadable) as error:
        print(f"writ_replay: {error}", file=sys.stderr)
        return 1
    except writ_verify.Usage as error:
        print(f"writ_replay: {error}", file=sys.stderr)
        return 64
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
