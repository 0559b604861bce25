"""Compares the Cedar library with the reference engine on random policies: decisions, reasons, erroring policies, why
they erred, verdicts of the strict validator, and what is refused.

    run.py PEER CASES SEED [--world NUMBER]

A case is one request decided over one policy set. The cases come in worlds: one schema, entities, a set of policies and
links, and some requests. A world depends on the seed and on its number alone.
"""

import json
import multiprocessing
import os
import re
import subprocess
import sys
import time
from collections import Counter

import cedarpy

import values
from policies import Policies, damaged, damaged_json, noisy
from randomness import Random
from worlds import Data, Schema

REQUESTS_PER_WORLD = 10
BATCH = 50
FAILURES_SHOWN = 5


def make_world(seed, number):
    """One world as the peer reads it: texts, and JSON within JSON as text, so that both sides read the same bytes."""
    random = Random(seed, number)
    schema = Schema(random)
    # Well-formed worlds mostly pass the validator, strange ones mostly do not.
    mistakes = random.choice([0, 0, 2, 5, 12])
    with_schema = random.chance(40)
    data = Data(random, schema, random.choice([0, 0, 4] if with_schema else [0, 10, 25]))
    data.implicit = with_schema
    entities = data.entities()
    if not with_schema and random.chance(70):
        entities += data.action_entities()
    policies = Policies(random, schema, mistakes)
    texts = policies.texts(random.between(1, 8))
    text = "\n".join(texts)
    if random.chance(25):
        text = noisy(random, text)
    if random.chance(15):
        text = damaged(random, text)
        policies.templates = {}
    world = {
        "number": number,
        # How policies are written is compared in some of the worlds: it takes longer than deciding.
        "forms": number % 4 == 0,
        "schema": damaged(random, schema.text()) if random.chance(5) else schema.text(),
        "withSchema": with_schema,
        "policies": text,
        "links": make_links(random, data, policies),
        "entities": json.dumps(entities, ensure_ascii=False),
        "requests": [make_request(data.request()) for _ in range(REQUESTS_PER_WORLD)],
    }
    if world["forms"]:
        world["policiesJSON"] = make_policies_json(random, world["policies"])
    return world


def make_policies_json(random, text):
    """The policies in JSON, mostly damaged; only whether they are read is compared, and what as."""
    policies = json_of(text)
    if isinstance(policies, str):
        policies = {"staticPolicies": {}, "templates": {}, "templateLinks": []}
    return json.dumps(damaged_json(random, policies) if random.chance(80) else policies)


def make_links(random, data, policies):
    links = []
    for index, slots in policies.templates.items():
        for number in range(random.between(0, 2)):
            filled = {variable: values.entity_json(data.uid(name)) for variable, name in slots}
            links.append({"template": f"policy{index}", "id": f"link{index}-{number}", "values": filled})
    return links


def make_request(request):
    return {**request, "context": json.dumps(request["context"], ensure_ascii=False)}


# The reference


def reference(world):
    """What the reference engine answers, in the peer's form."""
    try:
        schema = cedarpy.Schema.from_str(world["schema"])
    except ValueError as error:
        return {"schema": str(error)}
    answer = {"schema": None}
    if world["forms"]:
        answer["schemaText"] = str(schema)
        try:
            cedarpy.PolicySet.from_json_str(world["policiesJSON"])
            answer["policiesJSON"] = None
        except ValueError as error:
            answer["policiesJSON"] = str(error)
    try:
        policies = cedarpy.PolicySet.from_str(world["policies"])
        links = [
            {"template_id": link["template"], "new_id": link["id"],
             "values": {"?" + slot: uid for slot, uid in link["values"].items()}}
            for link in world["links"]
        ]
        if links:
            policies = policies.with_linked_batch(links)
        answer["policies"] = None
    except ValueError as error:
        answer["policies"] = str(error)
        return answer
    if world["forms"]:
        answer["json"] = json.loads(cedarpy.policies_to_json_str(world["policies"]))
        answer["formatted"] = cedarpy.format_policies(world["policies"])
    strict = cedarpy.validate_policies(world["policies"], schema)
    answer["strict"] = strict.validation_passed
    used = schema if world["withSchema"] else None
    try:
        entities = cedarpy.Entities.from_json_str(world["entities"], used)
        answer["entities"] = None
    except ValueError as error:
        answer["entities"] = str(error)
        return answer
    results = cedarpy.is_authorized_batch(world["requests"], policies, entities, used)
    answer["results"] = [result_of(result) for result in results]
    return answer


# Differences of interface are kept out of what is made: duplicate keys in JSON, of which cedarpy takes the last;
# malformed escapes; nesting beyond our limits.
POLICY = re.compile(r"^error while evaluating policy `([^`]*)`: (.*)$", re.DOTALL)
CLASSES = [
    ("integer overflow", "overflow"), ("type error", "type"), ("wrong number of arguments", "arity"),
    ("error while evaluating `", "extension"), ("does not have the tag", "tag"),
    ("does not have the attribute", "attribute"), ("does not exist", "entity"),
]


def result_of(result):
    if result.decision == cedarpy.Decision.NoDecision:
        return {"invalid": "; ".join(result.diagnostics.errors)}
    errors = {}
    for text in result.diagnostics.errors:
        policy, message = POLICY.match(text).groups()
        # The class is told by how the message begins or ends: its middle may quote anything.
        errors[policy] = next((name for mark, name in CLASSES if message.startswith(mark)), None) or next(
            (name for mark, name in CLASSES if mark in message), message
        )
    return {
        "decision": result.decision.value.lower(), "reasons": sorted(result.diagnostics.reasons), "errors": errors,
    }


# Comparing


def differences(world, ours, theirs):
    """What the two sides say differently, in words."""
    found = []
    for name in ("schema", "policiesJSON", "policies", "entities"):
        if name in theirs and (ours.get(name) is None) != (theirs[name] is None):
            found.append(f"{name}: we say {ours.get(name) or 'accepted'}, the reference {theirs[name] or 'accepted'}")
            return found
    if ours.get("strict") != theirs.get("strict"):
        found.append(f"strict validation: we say {ours.get('strict')}, the reference {theirs.get('strict')}")
    found += ours.get("faults", [])
    if "schemaText" in theirs:
        found += schema_differences(ours, theirs)
    if "json" in theirs:
        if ours.get("formatted") != theirs["formatted"]:
            found.append(f"formatter: we write\n{ours.get('formatted')}\nthe reference\n{theirs['formatted']}")
        if ours.get("json") != theirs["json"]:
            found.append(f"JSON: we write {ours.get('json')}, the reference {theirs['json']}")
        elif theirs["json"] != (again := json_of(ours["text"])):
            found.append(f"text: we write {ours['text']}, which the reference reads as {again}")
    for index, (our, their) in enumerate(zip(ours.get("results", []), theirs.get("results", []))):
        if "invalid" in our and "invalid" in their:
            continue
        if our != their:
            found.append(f"request {index}: we say {our}, the reference {their}")
    if len(ours.get("results", [])) != len(theirs.get("results", [])):
        found.append("the numbers of answers differ")
    return found


def schema_differences(ours, theirs):
    """The schema in both formats as we write it has to be read by the reference as the one that it read itself."""
    readers = {"schemaJSON": cedarpy.Schema.from_json_str, "schemaCedar": cedarpy.Schema.from_str}
    found = []
    for name, read in readers.items():
        written = ours.get(name)
        if written is None:
            found.append(f"{name}: we write nothing")
            continue
        try:
            again = str(read(written))
        except ValueError as error:
            again = str(error)
        if again != theirs["schemaText"]:
            found.append(f"{name}: we write {written}, which the reference reads as {again}")
    return found


def json_of(text):
    """A text in the reference's JSON, or why it is refused."""
    try:
        return json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        return str(error)


def count(counts, ours, theirs):
    """Counts what occurred, to show that the cases are worth something."""
    counts["partial evaluations"] += ours.get("partial", 0)
    counts["sets written"] += 1 if "json" in theirs else 0
    for name in ("schema", "policiesJSON", "policies", "entities"):
        if theirs.get(name):
            counts[f"refused {name}"] += 1
    if "strict" in theirs:
        counts["strict passes" if theirs["strict"] else "strict fails"] += 1
    for result in theirs.get("results", []):
        if "invalid" in result:
            counts["invalid requests"] += 1
            continue
        counts[result["decision"]] += 1
        counts["with reasons"] += 1 if result["reasons"] else 0
        counts["with errors"] += 1 if result["errors"] else 0
        counts["with link as reason"] += 1 if any(name.startswith("link") for name in result["reasons"]) else 0
        for kind in result["errors"].values():
            counts[f"error {kind}"] += 1


def work(job):
    """Runs one worker's share of the worlds."""
    path, seed, numbers = job
    counts, failures = Counter(), []
    for start in range(0, len(numbers), BATCH):
        # A process for each batch: one that crashes takes no other batch with it.
        batch = [(number, make_world(seed, number)) for number in numbers[start:start + BATCH]]
        lines = b"".join(json.dumps(world).encode() + b"\n" for _, world in batch)
        process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        output, _ = process.communicate(lines)
        ours = [json.loads(line) for line in output.splitlines()]
        if process.returncode != 0 or len(ours) != len(batch):
            number = batch[min(len(ours), len(batch) - 1)][0]
            failures.append((number, [f"the peer ended with status {process.returncode} in this world or after it"]))
            continue
        for (number, world), our in zip(batch, ours):
            their = reference(world)
            count(counts, our, their)
            counts["worlds"] += 1
            found = differences(world, our, their)
            if found:
                failures.append((number, found))
    return counts, failures


def main():
    arguments = sys.argv[1:]
    world = None
    if "--world" in arguments:
        place = arguments.index("--world")
        world = int(arguments[place + 1])
        del arguments[place:place + 2]
    path, cases, seed = arguments[0], int(arguments[1]), int(arguments[2])
    if world is not None:
        print(json.dumps(make_world(seed, world), indent=1, ensure_ascii=False))
        numbers = [world]
    else:
        numbers = list(range(-(-cases // REQUESTS_PER_WORLD)))
    started = time.monotonic()
    workers = min(os.cpu_count() or 1, len(numbers))
    # In small pieces, so that no worker waits for another at the end.
    size = max(1, min(500, -(-len(numbers) // (workers * 4))))
    jobs = [(path, seed, numbers[start:start + size]) for start in range(0, len(numbers), size)]
    counts, failures = Counter(), []
    with multiprocessing.Pool(workers) as pool:
        for some_counts, some_failures in pool.imap_unordered(work, jobs):
            counts += some_counts
            failures += some_failures
    seconds = time.monotonic() - started
    for name in sorted(counts):
        print(f"{counts[name]:>9,}  {name}")
    for number, found in sorted(failures)[:FAILURES_SHOWN]:
        print(f"world {number}:")
        for line in found:
            print(f"  {line}")
        print(f"  again: scripts/cedar-differential {REQUESTS_PER_WORLD} {seed} --world {number}")
    total = len(numbers) * REQUESTS_PER_WORLD
    print(f"{total:,} cases in {len(numbers):,} worlds, seed {seed}, {seconds:.0f} s: {len(failures)} worlds differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
