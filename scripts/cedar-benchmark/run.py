"""Measures the Cedar library beside the reference engine (cedarpy) on the same data, in the same run.

usage: run.py BENCH OUTPUT [--only PREFIX] [--rounds N]

BENCH is the built cedar-bench. OUTPUT gets the numbers as JSON; a table goes to stdout.
"""

import json
import pathlib
import subprocess
import sys
import time

import cedarpy

import workloads

FOLDER = pathlib.Path(".build/cedar-bench")
# The reference engine decides so many of the requests for its time; it takes 14 ms for each of 10,000 policies.
REFERENCE_SAMPLES = 200
TARGETS = {"oopsla": (2.0, None), "agent_scoped": (1.0, 3.0), "agent_unscoped": (2.0, 6.0)}


def text(uid):
    return f'{uid["type"]}::{json.dumps(uid["id"], ensure_ascii=False)}'


def questions(requests):
    return [
        {
            "principal": text(q["principal"]),
            "action": text(q["action"]),
            "resource": text(q["resource"]),
            "context": q["context"],
        }
        for q in requests
    ]


def number(name):
    """policy12 is the thirteenth of the text."""
    return int(name.removeprefix("policy"))


class Reference:
    """The reference engine over one policy set and one store."""

    def __init__(self, policies, entities):
        self.policies = cedarpy.PolicySet.from_str(policies)
        self.entities = cedarpy.Entities.from_json_str(json.dumps(entities))

    def decide(self, requests):
        results = cedarpy.is_authorized_batch(questions(requests), self.policies, self.entities)
        return [self.answer(result) for result in results]

    @staticmethod
    def answer(result):
        errors = [error for error in result.diagnostics.errors]
        return {
            "decision": result.decision.value.lower(),
            "reasons": sorted(number(reason) for reason in result.diagnostics.reasons),
            "errors": sorted(number(error.split("`")[1]) for error in errors),
            "micros": result.metrics["authz_duration_micros"],
        }


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def write(work):
    """Writes a workload with the reference engine's answers, and returns how long those took, in microseconds."""
    micros = []
    worlds = []
    for world in work["worlds"]:
        reference = Reference(work["policies"], world["entities"])
        answers = reference.decide(world["requests"])
        # The second time, when the caches are warm, counts.
        share = max(1, REFERENCE_SAMPLES // len(work["worlds"]))
        micros += [a["micros"] for a in reference.decide(world["requests"][:share])]
        requests = [
            {"request": q, "decision": a["decision"], "reasons": a["reasons"], "errors": a["errors"]}
            for q, a in zip(world["requests"], answers)
        ]
        worlds.append({"entities": world["entities"], "requests": requests})
    path = FOLDER / f'{work["name"]}.json'
    path.write_text(json.dumps({"name": work["name"], "policies": work["policies"], "worlds": worlds}))
    return path, micros


def all_workloads(prefix):
    for work in workloads.oopsla():
        if work["name"].startswith(prefix):
            yield work
    for work in workloads.agent():
        if work["name"].startswith(prefix):
            yield work
        if f'{work["name"]}_balanced'.startswith(prefix):
            world = work["worlds"][0]
            reference = Reference(work["policies"], world["entities"])
            yield workloads.balanced(work["name"], work["policies"], world, reference.decide)


def row(found):
    target = next((t for name, t in TARGETS.items() if found["name"].startswith(name)), (None, None))
    cells = [found["name"], str(found["policies"]), f'{100 * found["allowed"] / found["requests"]:.0f} %']
    for key, limit in (("p50_ns", target[0]), ("p99_ns", target[1])):
        value = found[key] / 1000
        missed = " !" if limit is not None and value > limit else "  "
        cells.append(f"{value:.2f}{missed}")
    cells.append(f'{found["request_p99_ns"] / 1000:.2f}')
    cells.append(f'{found["batch_mean_ns"] / 1000:.2f}')
    cells.append(f'{found["json_p50_ns"] / 1000:.1f}')
    cells.append(f'{found["two_threads_per_second"] / 1e6:.2f}')
    cells.append(f'{found["reference_p50_us"]:,.0f}')
    cells.append(f'{found["reference_p50_us"] * 1000 / max(1, found["p50_ns"]):,.0f}')
    return cells


HEAD = [
    "workload",
    "policies",
    "allowed",
    "p50 µs",
    "p99 µs",
    "slowest 1 %",
    "mean µs",
    "JSON p50 µs",
    "2 threads M/s",
    "cedarpy p50 µs",
    "ratio",
]


def table(rows):
    rows = [HEAD] + rows
    widths = [max(len(r[i]) for r in rows) for i in range(len(HEAD))]
    for cells in rows:
        print("  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths))))


def main(arguments):
    bench, output = arguments[:2]
    options = dict(zip(arguments[2::2], arguments[3::2]))
    FOLDER.mkdir(parents=True, exist_ok=True)
    results = []
    for work in all_workloads(options.get("--only", "")):
        path, micros = write(work)
        began = time.monotonic()
        line = subprocess.run(
            [bench, "--rounds", options.get("--rounds", "100"), str(path)],
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
        found = json.loads(line)
        found["reference_p50_us"] = quantile(micros, 0.5)
        found["reference_p99_us"] = quantile(micros, 0.99)
        found["seconds"] = round(time.monotonic() - began, 1)
        results.append(found)
        print(f'cedar-bench: {found["name"]}', file=sys.stderr)
    report = {"cedarpy": "4.12.2", "workloads": results}
    pathlib.Path(output).write_text(json.dumps(report, indent=1) + "\n")
    table([row(found) for found in results])
    largest = [f for f in results if f["policies"] == 10_000 and not f["name"].endswith("balanced")]
    for found in largest:
        print(
            f'{found["name"]}: parse {found["parse_ms"]:.0f} ms, compile {found["prepare_ms"]:.0f} ms, '
            f'tables {found["prepared_bytes"] / 1e6:.1f} MB, resident {found["resident_bytes"] / 1e6:.0f} MB more'
        )
    print("! misses the target. One decision is timed between two readings of the clock, whose own cost is subtracted;")
    print("slowest 1 %: from there on stand the medians of the slowest requests, which says what they cost")
    print("without what else runs on the machine; mean is over many in a row without clock.")
    print("cedarpy: the engine's own time, as it says.")


if __name__ == "__main__":
    main(sys.argv[1:])
