"""Enforcement points and agents under load: they lose answers, die, come back, and write down what they did."""

import json
import random
import threading

import log
from gate import Broken, Connection, Lost, attempt, demand, may_act, request

RECENT_MAX = 64
RETRIES_MAX = 40
KEY_SHARE = 0.9
PAUSE_SECONDS_MAX = 0.02


class Book:
    """What the clients were told and what they did; safe to use from all of them."""

    def __init__(self, effects):
        self.lock = threading.Lock()
        self.effects = open(effects, "a", encoding="ascii")
        self.path = effects
        self.receipts = {}
        self.first = {}
        self.recent = []
        self.counts = {}
        self.findings = []

    def count(self, word):
        with self.lock:
            self.counts[word] = self.counts.get(word, 0) + 1

    def receipt(self, text, question=None):
        """Keeps a receipt; with the question that it must answer, if it let an enforcement point act."""
        with self.lock:
            if question or text not in self.receipts:
                self.receipts[text] = question

    def act(self, key, secret, identifier):
        """The action itself: one line, written before anything else is done."""
        with self.lock:
            self.effects.write(json.dumps({"key": key, "attempt": secret, "id": identifier}) + "\n")
            self.effects.flush()

    def same(self, secret, text):
        """One attempt gets one decision: a second answer to it must be the first one."""
        with self.lock:
            demand(self.first.setdefault(secret, text) == text, f"attempt {secret} got two decisions")

    def remember(self, key, name):
        with self.lock:
            self.recent.append((key, name))
            del self.recent[:-RECENT_MAX]

    def any_recent(self, chance):
        with self.lock:
            return chance.choice(self.recent) if self.recent else None


class Client(threading.Thread):
    """One client: picks what to do at random, until it is told to end."""

    def __init__(self, number, seed, gate, book, leave, ending):
        super().__init__(daemon=True, name=f"client-{number}")
        self.number = number
        self.chance = random.Random(f"{seed}/{number}")
        self.book = book
        self.leave = leave
        self.ending = ending
        self.serial = 0
        self.waiting = []
        self.gateway = Connection(gate.socket, gate.gateway, seconds=5)
        self.agent = Connection(gate.socket, gate.agent, seconds=5)

    def run(self):
        kinds = [self.fresh, self.fresh, self.fresh, self.reuse, self.reuse, self.later, self.redeem_earlier,
                 self.refused, self.conflict]
        try:
            while not self.ending.is_set():
                self.chance.choice(kinds)()
                self.ending.wait(self.chance.uniform(0, PAUSE_SECONDS_MAX))
        except Broken as finding:
            self.book.findings.append(str(finding))
        except Exception as error:  # Whatever it is, the test must not pass over it.
            self.book.findings.append(f"{self.name}: {error!r}")

    # What a client does.

    def fresh(self):
        """A new action, redeemed with its decision."""
        key, name = self.new_key()
        if self.chance.random() > KEY_SHARE:
            key = None
        self.ask_and_act(key, name)

    def reuse(self):
        """A key that somebody used before, or uses now: a retry by an agent that forgot, or a replay."""
        known = self.book.any_recent(self.chance)
        if known:
            self.ask_and_act(*known)

    def conflict(self):
        """Another action under a known key."""
        known = self.book.any_recent(self.chance)
        if known:
            answer = self.ask(self.gateway, request(key=known[0], redeem=attempt(), name="ANOTHER"))
            if answer and answer["dispatch"] is True:
                # An expired PERMIT that nobody redeemed gives its key back; the statement names it.
                parent = log.predicate(answer["receipt"]).get("parent")
                demand(parent, f"another action was let through under {known[0]}: {answer}")
                self.book.count("ruled_afresh")
            elif answer and answer["outcome"] != "PERMIT":
                self.book.count(answer["cause"])

    def refused(self):
        """What no policy permits, or one forbids."""
        key, name = self.new_key()
        asked = self.chance.choice([
            request(project="shop", key=key, redeem=attempt(), name=name),
            request("delete_variables", key=key, redeem=attempt(), names=[name]),
            request("format_disk", redeem=attempt()),
        ])
        answer = self.ask(self.gateway, asked)
        demand(not answer or answer["outcome"] in ("DENY", "SILENCE"), f"{answer and answer['outcome']} for a refusal")
        demand(not answer or answer["dispatch"] is False, f"a refusal dispatches: {answer}")

    def later(self):
        """A PERMIT that the agent itself asks for, and that an enforcement point may redeem some time."""
        key, name = self.new_key()
        asked = request(key=key, name=name)
        answer = self.ask(self.chance.choice([self.agent, self.gateway]), asked)
        demand(not answer or answer["dispatch"] is False, f"dispatch without a redemption: {answer}")
        if answer and answer["outcome"] == "PERMIT":
            self.waiting.append((key, answer["id"]))
            self.book.remember(key, name)

    def redeem_earlier(self):
        if not self.waiting:
            return
        key, identifier = self.chance.choice(self.waiting[-8:])
        secret = attempt()
        answer = self.persist(self.gateway, f"/v1/decisions/{identifier}/redeem", {"attempt": secret})
        if not answer:
            return
        status, body = answer
        if status == 409:
            return self.book.count("not_redeemable")
        demand(status == 200, f"a redemption was answered with {status}: {body}")
        self.keep(body)
        if may_act(body):
            self.book.count("redeemed_later")
            self.act(key, secret, identifier)
        else:
            self.book.count(body["cause"])

    def ask_and_act(self, key, name):
        """What an enforcement point does; it may lose its attempt and begin again with the same key."""
        while True:
            secret = attempt()
            asked = request(key=key, redeem=secret, name=name)
            answer = self.ask(self.gateway, asked)
            if answer:
                break
            if not key or self.chance.random() < 0.3:
                return
        if key:
            self.book.remember(key, name)
        if answer["dispatch"] is not True:
            return self.book.count(answer["cause"])
        self.book.same(secret, answer["receipt"])
        self.book.receipt(answer["receipt"], (json.dumps(asked), answer["opening"]["nonce"], secret))
        if self.chance.random() < 0.1:
            self.again(asked, secret)
        if self.chance.random() < 0.1:
            return self.book.count("died_before_acting")
        if may_act(answer):
            self.book.count("dispatched")
            self.act(key, secret, answer["id"])

    def again(self, asked, secret):
        """The same attempt once more, as after a lost answer: the same decision, and still only one action."""
        answer = self.ask(self.gateway, asked)
        if answer:
            demand(answer["outcome"] == "PERMIT", f"the same attempt was answered with {answer['cause']}")
            self.book.same(secret, answer["receipt"])
            self.book.count("asked_again")

    def act(self, key, secret, identifier):
        self.book.act(key, secret, identifier)
        if self.chance.random() < 0.2:
            return self.book.count("died_before_reporting")
        report = {"attempt": secret, "effect": "executed", "result": {"size_bytes": 1, "status": 0}}
        path = f"/v1/decisions/{identifier}/effect"
        answer = self.persist(self.gateway, path, report)
        if not answer:
            return
        demand(answer[0] == 200, f"a report was answered with {answer}")
        self.keep(answer[1])
        self.book.count("reported")
        if self.chance.random() < 0.2:
            same = self.persist(self.gateway, path, report)
            demand(not same or same[0] == 200, f"the same report again was answered with {same}")
        if self.chance.random() < 0.1:
            other = self.persist(self.gateway, path, {"attempt": secret, "effect": "failed"})
            demand(not other or other[0] == 409, f"another report was answered with {other}")
            self.book.count("contradicted")

    # How it talks.

    def new_key(self):
        self.serial += 1
        return f"k-{self.number}-{self.serial}", f"VARIABLE_{self.number}_{self.serial}"

    def ask(self, connection, asked):
        """The ruling, or nothing if the client gave up."""
        answer = self.persist(connection, "/v1/decisions", asked)
        if not answer:
            return None
        status, body = answer
        demand(status == 200, f"a decision was answered with {status}: {body}")
        self.keep(body)
        return body

    def persist(self, connection, path, body):
        """Asks the same again while the answer is lost or pending; sometimes dies instead."""
        for _ in range(RETRIES_MAX):
            self.leave.wait()
            if self.ending.is_set():
                return None
            try:
                status, answer = connection.call("POST", path, body)
            except Lost:
                self.book.count("lost")
                if self.chance.random() < 0.2:
                    return None
                self.ending.wait(0.005)
                continue
            if status != 503:
                return status, answer
            demand(answer.get("dispatch") is not True, f"dispatch from a gate that cannot: {answer}")
            self.book.count("unavailable")
            if "receipt" in answer:
                self.keep(answer)
            self.ending.wait(0.01)
        return None

    def keep(self, answer):
        for name in ("receipt", "original"):
            if name in answer:
                self.book.receipt(answer[name])
        self.book.count("answers")
