"""The story that Writ exists for, told on real parts: an agent, a platform, and a gate between them.

    python story.py BINARIES ENVIRONMENT

BINARIES is the directory of the built `writ` and `writ-verify`, ENVIRONMENT the Python environment with the MCP SDK.
Whatever is shown behind a check mark was checked before it was shown; the first difference ends the demo with status 1.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timezone

from platform_file import PRODUCTION, STAGING, PlatformFile
from screen import Screen
from stage import PATIENCE, DemoFailure, Stage

ORIGIN = "demo.gate.example/2026"
ACTOR, SURFACE, GATEWAY = "ops-bot", "platform", "gateway"


def demand(condition, what):
    """Ends the demo unless what is about to be shown is true."""
    if not condition:
        raise DemoFailure(what)


class Story:
    """One run of the demo."""

    def __init__(self, stage, screen):
        self.stage, self.screen = stage, screen
        self.began = time.monotonic()
        self.home = stage.private / "home"
        self.token = stage.private / "gateway.token"
        self.socket = stage.run / "agents.sock"
        self.key_file = stage.receipts / "log.vkey"
        self.platform = PlatformFile(stage.private / "platform.json", stage.gate_user)
        #: The decisions that the agent met, in order: id, outcome and receipt.
        self.decisions = {}

    # MARK: Parts

    def writ(self, *words):
        """Runs a command of the gate's own user."""
        return self.stage.data_of([self.stage.writ, *words, "--home", str(self.home)], self.stage.gate_user)

    def make_home(self):
        stage = self.stage
        stage.data_of([stage.writ, "init", str(self.home), "--origin", ORIGIN], stage.gate_user)
        policies = self.home / "policies"
        shutil.rmtree(policies)
        shutil.copytree(os.path.join(os.path.dirname(os.path.abspath(__file__)), "policies"), policies)
        for directory, _, files in os.walk(policies):
            for name in [".", *files]:
                os.chown(os.path.join(directory, name), stage.gate_user.number, stage.gate_user.group)
        shutil.copy(self.home / "log.vkey", self.key_file)

    def start_gate(self):
        said = len(self.stage.said("gate")) if hasattr(self, "gate") else 0
        words = [self.stage.writ, "serve", "--home", str(self.home)]
        self.gate = self.stage.start("gate", words, self.stage.gate_user)
        self.stage.wait(self.gate, "the start of the gate", lambda: "ready" in self.stage.said("gate")[said:])

    def start_gateway(self):
        stage = self.stage
        self.writ("agent", "add", ACTOR, "--role", "actor")
        options = ["--actors", ACTOR, "--surfaces", SURFACE, "--write-token", str(self.token)]
        self.writ("agent", "add", GATEWAY, "--role", "enforcement", *options)
        words = [stage.writ, "mcp", "--surface", SURFACE, "--actor", ACTOR]
        words += ["--listen", str(self.socket), "--allow-user", str(stage.agent_user.number)]
        words += ["--gate", str(self.home / "gate.sock"), "--token-file", str(self.token)]
        words += ["--", stage.python, str(stage.programs / "platform_server.py"), str(self.platform.path)]
        self.gateway = stage.start("gateway", words, stage.gate_user)
        stage.wait(self.gateway, "the start of the gateway", self.socket.exists)

    def start_agent(self):
        stage = self.stage
        words = [stage.python, str(stage.programs / "agent.py")]
        words += [stage.writ, "mcp", "--connect", str(self.socket)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        self.agent = stage.start("agent", words, stage.agent_user, **pipes)
        self.revision = self.heard()["connected"]

    def heard(self):
        """The agent's next answer."""
        line = self.agent.stdout.readline()
        demand(line, f"the agent ended; it said:\n{self.stage.said('agent')}")
        return json.loads(line)

    def tell(self, **step):
        """Lets the agent do one step; answers what it says came of it."""
        self.agent.stdin.write(json.dumps(step) + "\n")
        return self.heard()

    def call(self, tool, key=None, **arguments):
        """Lets the agent call a tool; answers the result and the ruling in it."""
        step = {"do": "call", "tool": tool, "arguments": arguments} | ({"key": key} if key else {})
        result = self.tell(**step)
        ruling = result["ruling"]
        demand(ruling is not None, f"the result of `{tool}` says nothing of a ruling: {result['text']}")
        return result, ruling

    def decision(self, ruling):
        """The decision as the gate has it, asked over its socket with the gateway's token."""
        connection = http.client.HTTPConnection("gate", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(PATIENCE)
        connection.sock.connect(str(self.home / "gate.sock"))
        authorization = {"Authorization": f"Bearer {self.token.read_text().strip()}"}
        connection.request("GET", f"/v1/decisions/{ruling['id']}", headers=authorization)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        demand(answer.status == 200, f"the gate does not know decision {ruling['id']}: {body.decode()}")
        return json.loads(body)

    def expect(self, ruling, outcome, cause, policy=None):
        """Checks a ruling against the gate's own record, and keeps its receipt."""
        decision = self.decision(ruling)
        found = (ruling["outcome"], decision["outcome"], decision["cause"])
        demand(found == (outcome, outcome, cause), f"expected {outcome} ({cause}), found {found}")
        policies = [reason["policy"] for reason in decision["reasons"]]
        demand(policies == ([policy] if policy else []), f"expected the policy {policy}, found {policies}")
        self.decisions[ruling["id"]] = {"outcome": outcome, "cause": cause, "receipt": decision["receipt"]}
        return decision

    # MARK: Steps

    def tell_parts(self):
        stage, screen = self.stage, self.screen
        count = len(self.platform.variables(PRODUCTION))
        if stage.why_one_user:
            screen.line(f"One user for all parts: {stage.why_one_user}. What the kernel would refuse is not shown.")
        gate_user, agent_user = (f"as {user.name}" for user in (stage.gate_user, stage.agent_user))
        screen.part("platform", f"MCP server with {count} production variables in a file, {gate_user}")
        screen.part("gate", f"writ serve: policies, keys, log, {gate_user}")
        screen.part("gateway", f"writ mcp --listen: the only way to the platform, {gate_user}")
        screen.part("agent", f"MCP client (revision {self.revision}): knows only the gateway's socket, {agent_user}")

    def look_for_a_way_around(self):
        self.screen.step("The agent looks for a way around the gate")
        if self.stage.why_one_user:
            self.screen.happened("skipped", "it runs as the gate's own user here, so the kernel would let it")
            return
        attempts = {
            "read the log's key": {"what": "read", "path": str(self.home / "keys/log.key")},
            "read the gateway's token": {"what": "read", "path": str(self.token)},
            "read the platform's file": {"what": "read", "path": str(self.platform.path)},
            "write to a policy": {"what": "write", "path": str(self.home / "policies/common/agents.cedar")},
            "stop the gate": {"what": "kill", "pid": self.gate.pid},
        }
        for what, attempt in attempts.items():
            demand(self.tell(do="attempt", **attempt)["refused"], f"the agent could {what}")
        self.screen.checked("the kernel refused all of it: log key, gateway token, platform file, policies, kill")

    def list_variables(self):
        names = self.platform.variables(PRODUCTION)
        self.screen.step(f"It reads: list_variables({PRODUCTION})")
        result, ruling = self.call("list_variables", project=PRODUCTION)
        decision = self.expect(ruling, "PERMIT", "permitted", "platform/read-names")
        self.screen.ruled("PERMIT", "the gate", reason(decision))
        self.platform.expect_call("list_variables", project=PRODUCTION)
        self.platform.check()
        demand(not result["is_error"] and result["text"].split() == names, f"other names came back: {result['text']}")
        self.screen.checked(f"{len(names)} names came back, and nothing changed")

    def wipe_production(self):
        names = self.platform.variables(PRODUCTION)
        self.screen.step(f"It tidies up: delete_variables({PRODUCTION}, all {len(names)} of them)")
        result, ruling = self.call("delete_variables", project=PRODUCTION, names=names)
        decision = self.expect(ruling, "DENY", "forbidden", "platform/production-is-not-wiped")
        self.screen.ruled("DENY", "the gate", reason(decision))
        self.platform.check()
        demand(result["is_error"] and "never deleted in bulk" in result["text"], "the agent was not told why")
        self.screen.checked(f"the call never reached the platform: all {len(names)} are there; the agent was told why")

    def delete_once(self):
        self.screen.step(f"It deletes one staging variable: delete_variable({STAGING}, DEBUG)")
        result, ruling = self.call("delete_variable", "cleanup-1", project=STAGING, name="DEBUG")
        decision = self.expect(ruling, "PERMIT", "permitted", "platform/staging-delete")
        self.screen.ruled("PERMIT", "the gate", reason(decision))
        self.platform.expect_deletion(STAGING, "DEBUG")
        self.platform.check()
        demand(not result["is_error"] and not result["replayed"], f"the call failed: {result['text']}")
        self.first = ruling["id"]
        self.wait_for_effect(self.first)
        self.screen.checked("DEBUG is gone, all else is there; the log has the effect: executed")

    def wait_for_effect(self, decision):
        # The result does not wait for the report of the effect on a surface that is not irreversible.
        deadline = time.monotonic() + PATIENCE
        while self.decision({"id": decision})["state"] != "executed":
            demand(time.monotonic() < deadline, f"no effect was reported of decision {decision}")
            time.sleep(0.01)

    def retry(self):
        self.screen.step("It is not sure that this worked, and sends the same call again, with the same idempotency key")
        result, ruling = self.call("delete_variable", "cleanup-1", project=STAGING, name="DEBUG")
        demand(result["replayed"] and ruling["id"] == self.first, f"it is another decision: {result['text']}")
        again = self.decision(ruling)
        demand(again["receipt"] == self.decisions[self.first]["receipt"], "it is another receipt")
        self.screen.happened("replay", "the gate: the key is used up; the first receipt and the first result again")
        self.platform.check()
        self.screen.checked(f"no second effect: {self.platform.calls} calls have reached the platform so far, as before")

    def call_unmapped(self):
        self.screen.step(f"It calls a tool that nobody mapped: restart_project({PRODUCTION})")
        tools = self.tell(do="tools")["tools"]
        demand(tools == ["delete_variable", "delete_variables", "list_variables"], f"the agent sees {tools}")
        result, ruling = self.call("restart_project", project=PRODUCTION)
        self.expect(ruling, "SILENCE", "unknown_action")
        self.screen.ruled("SILENCE", "the gate", "unknown_action. No policy speaks of it, so there is no permission")
        self.platform.check()
        demand(result["is_error"], "the call went through")
        self.screen.checked("nothing restarted; the tool is not even listed to the agent")

    def kill_gate(self):
        self.screen.step(f"The gate is killed, and the agent goes on: delete_variable({STAGING}, TRACE)")
        self.gate.send_signal(signal.SIGKILL)
        demand(self.gate.wait(PATIENCE) == -signal.SIGKILL, "the gate was not killed")
        result, ruling = self.call("delete_variable", "cleanup-2", project=STAGING, name="TRACE")
        demand((ruling["outcome"], ruling["cause"]) == ("SILENCE", "gate_unavailable"), f"the ruling is {ruling}")
        self.screen.ruled("SILENCE", "the gateway", "gate_unavailable. No answer is no permission")
        self.platform.check()
        demand(result["is_error"], "the call went through")
        self.screen.checked("SIGKILL ended the gate, and nothing happened: TRACE is there")

    def restart_gate(self):
        self.screen.step("The gate is back, from its log alone. The agent connects anew and sends both calls again")
        self.start_gate()
        self.tell(do="reconnect", mode="legacy")
        result, ruling = self.call("delete_variable", "cleanup-1", project=STAGING, name="DEBUG")
        demand((ruling["outcome"], ruling["cause"]) == ("DENY", "permit_redeemed"), f"the ruling is {ruling}")
        demand(ruling["original"] == self.decisions[self.first]["receipt"], "it is another receipt")
        self.screen.ruled("DENY", "the gate", "permit_redeemed. DEBUG had its one use: its first receipt, byte for byte")
        result, ruling = self.call("delete_variable", "cleanup-2", project=STAGING, name="TRACE")
        self.expect(ruling, "PERMIT", "permitted", "platform/staging-delete")
        self.screen.ruled("PERMIT", "the gate", "platform/staging-delete. TRACE was never decided, so this is its first use")
        self.platform.expect_deletion(STAGING, "TRACE")
        self.platform.check()
        self.wait_for_effect(ruling["id"])
        self.screen.checked("DEBUG was deleted once, TRACE was deleted once")

    # MARK: Evidence

    def verify(self, receipt, *options):
        """Runs `writ-verify` with the log's public key alone, as the agent's user: a stranger to the gate."""
        words = [self.stage.writ_verify, "--key-file", str(self.key_file), str(receipt), *options]
        return self.stage.command(words, self.stage.agent_user).returncode

    def keep(self, name, content):
        path = self.stage.receipts / name
        path.write_bytes(content)
        path.chmod(0o644)
        return path

    def verify_receipts(self):
        self.screen.step(f"A stranger checks the receipts: writ-verify, offline, with nothing but the log's public key")
        for number, decision in self.decisions.items():
            path = self.keep(f"{number}.receipt", decision["receipt"].encode())
            demand(self.verify(path) == 0, f"the receipt of {number} is not authentic")
        outcomes = [decision["outcome"] for decision in self.decisions.values()]
        counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ("PERMIT", "DENY", "SILENCE"))
        self.screen.checked(f"all {len(outcomes)} are authentic: {counts}")
        self.alter_one()

    def alter_one(self):
        """Alters one byte of the DENY, inside of its statement."""
        denied = next(decision for decision in self.decisions.values() if decision["outcome"] == "DENY")
        content = bytearray(denied["receipt"].encode())
        place = content.index(b"extra ") + 200
        was, content[place] = content[place], ord("A") if content[place] != ord("A") else ord("B")
        demand(self.verify(self.keep("altered.receipt", bytes(content))) == 5, "an altered receipt was accepted")
        self.screen.checked(f"the DENY with one byte altered, byte {place} from {chr(was)} to {chr(content[place])}, is refused")

    def verify_action(self):
        self.screen.step("Who is about to act checks a PERMIT against the action at hand: --request, --opening")
        target = {"type": "Project", "id": STAGING}
        request = {
            "actor": {"type": "Agent", "id": ACTOR}, "surface": SURFACE, "action": "delete_variable", "target": target,
            "context": {"project": STAGING, "name": "LOG_LEVEL"},
        }
        mine = self.keep("request.json", json.dumps(request).encode())
        request["context"]["name"] = "DATABASE_URL"
        other = self.keep("other.json", json.dumps(request).encode())
        receipt, opening = self.ask(mine)
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        options = ["--opening", opening, "--audience", GATEWAY, "--at", now]
        demand(self.verify(receipt, "--request", str(mine), *options) == 0, "the PERMIT does not authorize its action")
        self.screen.checked(f"it authorizes delete_variable({STAGING}, LOG_LEVEL)")
        demand(self.verify(receipt, "--request", str(other), *options) == 5, "the PERMIT authorizes another action")
        self.platform.check()
        self.screen.checked(f"it does not authorize delete_variable({STAGING}, DATABASE_URL)")

    def ask(self, request):
        """Asks for a PERMIT that nobody redeems; answers its receipt and its opening."""
        receipt, opening = self.stage.private / "job.receipt", self.stage.private / "job.opening"
        words = [self.stage.writ, "decide", str(request), "--no-redeem", "--home", str(self.home)]
        words += ["--token-file", str(self.token), "--receipt", str(receipt), "--opening", str(opening)]
        result = self.stage.command(words, self.stage.gate_user)
        # A PERMIT that is not redeemed lets nobody act, so the status is 1.
        demand(result.returncode == 1 and receipt.exists(), f"no PERMIT: {result.stdout}{result.stderr}")
        return self.keep("job.receipt", receipt.read_bytes()), json.loads(opening.read_text())["nonce"]

    def audit(self):
        self.screen.step("The log is audited: writ log audit")
        self.stage.stop(self.agent)
        self.stage.stop(self.gateway)
        demand(self.stage.stop(self.gate) == 0, f"the gate did not end well:\n{self.stage.said('gate')}")
        found = json.loads(self.writ("log", "audit", "--json"))
        whole = found["verified"] and not found["ends_incomplete"] and found["published"] == found["size"]
        demand(whole, f"the audit found {found}")
        counts = found["counts"]
        self.screen.checked(f"{found['size']} statements add up: hashes, checkpoint, tiles, references, redemptions")
        self.platform.check()
        statements = [json.loads(line) for line in self.writ("log", "query", "--json").splitlines()]
        effects = [entry["statement"]["predicate"].get("effect") for entry in statements if entry["type"] == "effect"]
        decisions = [entry["statement"]["predicate"] for entry in statements if entry["type"] == "decision"]
        redeemed = [decision for decision in decisions if "redemption" in decision]
        demand(effects == ["executed"] * self.platform.calls, f"the log's effects are {effects}")
        demand(len(redeemed) == self.platform.calls, f"the log has {len(redeemed)} redeemed decisions")
        demand((counts["effect"], len(statements)) == (len(effects), found["size"]), "query and audit differ")
        self.screen.checked(f"{self.platform.calls} calls reached the platform: {len(redeemed)} PERMITs were redeemed, "
                            f"{len(effects)} effects are executed")
        self.alter_log()

    def alter_log(self):
        """Alters the first DENY in every file of a copy of the log that has it."""
        copy = self.stage.private / "copy"
        shutil.copytree(self.home / "log", copy)
        altered = 0
        for path in [copy, *copy.rglob("*")]:
            os.chown(path, self.stage.gate_user.number, self.stage.gate_user.group)
            if path.is_file() and b'"outcome":"DENY"' in (content := path.read_bytes()):
                path.write_bytes(content.replace(b'"outcome":"DENY"', b'"outcome":"DENI"', 1))
                altered += 1
        demand(altered > 0, "the log has no DENY")
        words = [self.stage.writ, "log", "audit", "--log", str(copy), "--key-file", str(self.key_file)]
        demand(self.stage.command(words, self.stage.gate_user).returncode == 5, "the audit of an altered log was clean")
        self.screen.checked("a copy of the log with one byte of the DENY altered is refused")

    def tell_all(self):
        self.make_home()
        self.start_gate()
        self.start_gateway()
        self.start_agent()
        self.tell_parts()
        for step in (
            self.look_for_a_way_around, self.list_variables, self.wipe_production, self.delete_once, self.retry,
            self.call_unmapped, self.kill_gate, self.restart_gate, self.verify_receipts, self.verify_action, self.audit,
        ):
            step()
        seconds = time.monotonic() - self.began
        self.screen.line(f"All {self.screen.checks} claims with a {self.screen.mark} were checked before they were shown. "
                         f"{seconds:.0f} seconds.")


def reason(decision):
    """The policy that decided, and its sentence."""
    first = decision["reasons"][0]
    return f"{first['policy']}. {first['reason']}"


def main():
    screen = Screen()
    try:
        with Stage(sys.argv[1], sys.argv[2]) as stage:
            Story(stage, screen).tell_all()
    except (DemoFailure, subprocess.TimeoutExpired) as failure:
        screen.line(screen.styled(f"The demo failed: {failure}", "bad"))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
