"""Receipts of a real gate, kept as files: what the gate writes, not what we think that it writes."""

import base64
import json
import os
import shutil
import sys

from gate import Binaries, Connection, Gate, demand

ATTEMPT = "8PHy8_T19vf4-fr7_P3-_w"
LATER_ATTEMPT = "AAECAwQFBgcICQoLDA0ODw"


def asked(action="delete_variable", project="shop-staging", **rest):
    return {
        "actor": {"type": "Agent", "id": "ops-bot"},
        "surface": "platform",
        "action": action,
        "target": {"type": "Project", "id": project},
        "context": {"project": project, "name": "DEBUG"},
        **rest,
    }


class Recorder:
    """Keeps receipts and what they are asked for."""

    def __init__(self, folder, key):
        self.folder, self.listed = folder, {"key": key, "receipts": []}

    def keep(self, name, body, request=None, **question):
        demand("receipt" in body, f"{name}: no receipt in {body}")
        with open(os.path.join(self.folder, name + ".receipt"), "w", encoding="utf-8", newline="") as out:
            out.write(body["receipt"])
        entry = {"name": name, "file": name + ".receipt"}
        if request:
            entry["question"] = {
                "request": json.dumps(request, ensure_ascii=False),
                "opening": json.dumps(body["opening"]),
                "audience": "gateway",
                **question,
            }
        self.listed["receipts"].append(entry)

    def end(self):
        with open(os.path.join(self.folder, "index.json"), "w", encoding="utf-8") as out:
            out.write(json.dumps(self.listed, ensure_ascii=False, indent=1) + "\n")


def record(binaries, folder):
    """Runs a gate once and keeps a receipt of each kind that it gives to callers."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    gate = Gate(Binaries(binaries))
    try:
        gate.start()
        converse(gate, Recorder(folder, gate.key))
        gate.stop()
    finally:
        gate.end()
    print(f"vectors: recorded {len(os.listdir(folder)) - 1} receipts of a real gate", file=sys.stderr)


def converse(gate, recorder):
    operator = Connection(gate.socket)
    added = operator.call("POST", "/v1/agents", {"name": "ops-bot", "role": "actor"})[1]
    recorder.keep("identity-added", added)
    gateway = Connection(gate.socket, gate.add("gateway", "enforcement", actors=["ops-bot"], surfaces=["*"]))

    def call(path, body):
        return gateway.call("POST", "/v1/decisions" + path, body)[1]

    request = asked(session="run-17", idempotency_key="job-7", redeem={"attempt": ATTEMPT})
    redeemed = call("", request)
    demand(redeemed.get("dispatch"), f"not dispatched: {redeemed}")
    recorder.keep("decision-redeemed", redeemed, request, attempt=ATTEMPT)
    result = {"digest": "sha256:" + "5" * 64, "size_bytes": 120, "duration_milliseconds": 14, "status": 0}
    effect = call(f"/{redeemed['id']}/effect", {"attempt": ATTEMPT, "effect": "executed", "result": result})
    recorder.keep("effect", effect)

    later = asked(idempotency_key="job-8")
    permitted = call("", later)
    demand(permitted.get("outcome") == "PERMIT", f"not permitted: {permitted}")
    recorder.keep("decision-permitted", permitted, later, at=time_of(permitted))
    redemption = call(f"/{permitted['id']}/redeem", {"attempt": LATER_ATTEMPT})
    recorder.keep("redemption", redemption)
    recorder.keep(
        "decision-redeemed-later", permitted, later, attempt=LATER_ATTEMPT, redemption_file="redemption.receipt"
    )

    conflict = asked(project="shop-production", idempotency_key="job-7", redeem={"attempt": LATER_ATTEMPT})
    recorder.keep("decision-conflict", call("", conflict))
    recorder.keep("decision-production", call("", asked(project="shop-production", idempotency_key="job-9")))
    recorder.keep("decision-unknown-surface", call("", {**asked(), "surface": "nowhere"}))
    recorder.keep("decision-strange-names", call("", asked(project='staging "\u00e9\u0301" \U0001f600 \\')))
    scope = {"scope": {"kind": "actor", "name": "ops-bot"}}
    recorder.keep("halt", operator.call("POST", "/v1/halts", {**scope, "reason": "a drill"})[1])
    recorder.keep("decision-halted", call("", asked(idempotency_key="job-10")))
    recorder.keep("resume", operator.call("POST", "/v1/halts/resume", scope)[1])
    recorder.keep("identity-rotated", operator.call("POST", "/v1/agents/ops-bot/rotate", {})[1])
    recorder.keep("identity-retired", operator.call("POST", "/v1/agents/ops-bot/retire", {})[1])
    recorder.end()


def time_of(body):
    """The moment of a decision: its receipt's own time, at which it was redeemable."""
    line = body["receipt"].split("\n")[1]
    return json.loads(base64.b64decode(line.split(" ")[1]))["predicate"]["time"]
