"""The workloads: those of the repository, and balanced ones made from them."""

import gzip
import json
import pathlib
import random
import re

DATA = pathlib.Path(__file__).resolve().parents[2] / "Benchmarks/cedar-data"
OOPSLA = ("gdrive", "github", "tinytodo")
OOPSLA_SIZES = (5, 20, 50)
AGENT_KINDS = ("scoped", "unscoped")
AGENT_SIZES = (10, 100, 1_000, 10_000)
BALANCED_REQUESTS = 400


def read(name):
    return gzip.decompress((DATA / f"{name}.gz").read_bytes()).decode()


def bare(uid):
    """An entity without Cedar's escape."""
    return uid.get("__entity", uid)


def request(question):
    return {
        "principal": bare(question["principal"]),
        "action": bare(question["action"]),
        "resource": bare(question["resource"]),
        "context": question["context"],
    }


def workload(name, policies, worlds, schema=None):
    return {"name": name, "policies": policies, "worlds": worlds, "schema": schema}


def oopsla():
    """The data of the Cedar paper: five stores of each size with a hundred requests each."""
    for app in OOPSLA:
        data = json.loads(read(f"oopsla_{app}.json"))
        for size in OOPSLA_SIZES:
            worlds = [
                {"entities": run["entities"], "requests": [request(q) for q in run["requests"]]}
                for run in data["runs"]
                if run["n"] == size
            ]
            yield workload(f"oopsla_{app}_{size}", data["policies"], worlds)


def agent():
    """Agents that call tools; nearly all requests are denied."""
    entities = json.loads(read("agent_entities.json"))
    for kind in AGENT_KINDS:
        for size in AGENT_SIZES:
            name = f"agent_{kind}_{size}"
            policies = read(f"{name}.cedar")
            requests = [request(q) for q in json.loads(read(f"{name}.requests.json"))["requests"]]
            yield workload(name, policies, [{"entities": entities, "requests": requests}])


# --- the balanced variant -------------------------------------------------------------------------------------------

SCOPED = re.compile(
    r'permit\(principal (in|==) (\w+)::"(\w+)", action == Action::"(\w+)", resource in Server::"(\w+)"\)\s*'
    r"(?:when \{ context\.input\.amount <= (\d+) && context\.input\.path like \"([^\"*]*)\*\" \}"
    r"|unless \{ resource\.sensitivity > (\d+) \});"
)
UNSCOPED = re.compile(
    r'permit\(principal, action, resource\)\s*when \{ principal\.trust >= (\d+) && resource in Server::"(\w+)" && '
    r'action in \[Action::"(\w+)", Action::"(\w+)"\] && context\.input\.amount <= (\d+) && '
    r'context\.input\.path like "([^"*]*)\*" \};'
)


class Directory:
    """The agents and resources of the store by what policies ask of them."""

    def __init__(self, entities):
        self.agents = [e for e in entities if e["uid"]["type"] == "Agent"]
        self.resources = [e for e in entities if e["uid"]["type"] == "Resource"]

    def in_group(self, members, group):
        return [e for e in members if any(p["id"] == group for p in e["parents"])]


def ask(principal, action, resource, amount, path, source):
    session = {"approved": source.random() < 0.5, "taint": ["web"]}
    context = {"input": {"amount": amount, "path": path, "tags": ["a", "b"]}, "session": session}
    return {
        "principal": principal,
        "action": {"type": "Action", "id": action},
        "resource": resource,
        "context": context,
    }


def permitted_scoped(match, directory, source):
    relation, kind, name, action, server, amount, path, sensitivity = match.groups()
    if relation == "==":
        principal = {"type": kind, "id": name}
    else:
        principal = source.choice(directory.in_group(directory.agents, name))["uid"]
    resources = directory.in_group(directory.resources, server)
    if sensitivity is not None:
        resources = [r for r in resources if r["attrs"]["sensitivity"] <= int(sensitivity)]
    if not resources:
        return None
    limit = 500 if amount is None else int(amount)
    prefix = "/srv/data/0/" if path is None else path
    resource = source.choice(resources)["uid"]
    return ask(principal, action, resource, source.randint(0, limit), prefix + "file.txt", source)


def permitted_unscoped(match, directory, source):
    trust, server, first, second, amount, path = match.groups()
    agents = [a for a in directory.agents if a["attrs"]["trust"] >= int(trust)]
    resources = directory.in_group(directory.resources, server)
    if not agents or not resources:
        return None
    action = source.choice([first, second])
    resource = source.choice(resources)["uid"]
    principal = source.choice(agents)["uid"]
    return ask(principal, action, resource, source.randint(0, int(amount)), path + "file.txt", source)


def balanced(name, policies, world, decide):
    """As many requests that are allowed as requests that are denied.

    Those that are denied are the workload's own. Each of the others is made for a permit that is drawn at random: a
    principal, action, resource and context that it asks for; it is kept if the reference engine allows it.
    """
    source = random.Random(name)
    directory = Directory(world["entities"])
    scoped = "unscoped" not in name
    permits = list((SCOPED if scoped else UNSCOPED).finditer(policies))
    make = permitted_scoped if scoped else permitted_unscoped
    wanted = min(BALANCED_REQUESTS // 2, len(world["requests"]))
    made = []
    while len(made) < wanted * 2:
        question = make(source.choice(permits), directory, source)
        if question:
            made.append(question)
    allowed = [q for q, a in zip(made, decide(made)) if a["decision"] == "allow"][:wanted]
    denied = [q for q, a in zip(world["requests"], decide(world["requests"])) if a["decision"] == "deny"]
    denied = denied[: len(allowed)]
    requests = [q for pair in zip(allowed, denied) for q in pair]
    return workload(f"{name}_balanced", policies, [{"entities": world["entities"], "requests": requests}])
