"""A real gate in a home of its own, and connections to it: what the torturing scripts share."""

import base64
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ORIGIN = "torture.example/2026"
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
RESPONSE_BYTES_MAX = 1 << 20


class Lost(Exception):
    """A connection ended, or nothing came in time: what was asked may have been done or not."""


class Broken(Exception):
    """Something that must hold does not."""


def demand(holds, words):
    if not holds:
        raise Broken(words)


class Binaries:
    """The built programs."""

    def __init__(self, folder=None):
        folder = folder or os.environ.get("WRIT_BIN") or os.path.join(ROOT, ".build", "debug")
        self.writ = os.path.join(folder, "writ")
        self.verify = os.path.join(folder, "writ-verify")
        for path in (self.writ, self.verify):
            demand(os.access(path, os.X_OK), f"there is no `{path}`: build first, or name the folder with --bin")


class Connection:
    """HTTP/1.1 over a Unix socket's path or a TCP address, one request at a time, reconnecting after each loss."""

    def __init__(self, address, token=None, seconds=10):
        self.address = address
        self.token = token
        self.seconds = seconds
        self.socket = None
        self.rest = b""

    def open(self):
        self.close()
        kind = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        made = socket.socket(kind, socket.SOCK_STREAM)
        made.settimeout(self.seconds)
        try:
            made.connect(self.address)
            if kind == socket.AF_INET:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            made.close()
            raise Lost(str(error)) from error
        self.socket = made
        self.rest = b""

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def send(self, method, path, body=None):
        """Sends a request whole."""
        if not self.socket:
            self.open()
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: gate\r\n"
        if self.token:
            head += f"Authorization: Bearer {self.token}\r\n"
        if body is not None:
            head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        try:
            self.socket.sendall(head.encode() + b"\r\n" + content)
        except OSError as error:
            self.close()
            raise Lost(str(error)) from error

    def receive(self):
        """Answers status and body of the next response."""
        try:
            while b"\r\n\r\n" not in self.rest:
                self._more()
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            length = int(fields.get("content-length", "0"))
            while len(self.rest) < length:
                self._more()
        except (OSError, ValueError) as error:
            self.close()
            raise Lost(str(error)) from error
        content, self.rest = self.rest[:length], self.rest[length:]
        if fields.get("connection", "").lower() == "close":
            self.close()
        status = int(lines[0].split(" ")[1])
        return status, json.loads(content) if "json" in fields.get("content-type", "") else content

    def _more(self):
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("closed")
        self.rest += part
        if len(self.rest) > RESPONSE_BYTES_MAX:
            raise ConnectionError("a response without end")

    def call(self, method, path, body=None):
        self.send(method, path, body)
        return self.receive()


class Gate:
    """A gate's home, and the process that serves it while one does."""

    def __init__(self, binaries, preload=None, keep=None):
        self.binaries = binaries
        self.top = keep or tempfile.mkdtemp(prefix="writ-torture-")
        self.is_kept = keep is not None
        self.home = os.path.realpath(os.path.join(self.top, "home"))
        self.socket = os.path.join(self.home, "gate.sock")
        self.words = os.path.join(self.top, "gate.words")
        self.preload = preload
        self.process = None
        self.address = None
        # A script that is told to end must come to its `finally`, or its gate outlives it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        os.makedirs(self.top, exist_ok=True)
        self.run("init", self.home, "--origin", ORIGIN)
        with open(os.path.join(self.home, "log.vkey"), encoding="ascii") as source:
            self.key = source.read().strip()

    def run(self, *arguments, program=None, statuses=(0,)):
        """Runs a command of `writ` to its end."""
        words = [program or self.binaries.writ, *arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
        told = f"`{' '.join(words[:4])}` ended with {done.returncode}: {done.stderr.strip()[-2000:]}"
        demand(done.returncode in statuses, told + done.stdout.strip()[-2000:])
        return done

    def spawn(self, *flags):
        """Starts the gate without waiting for it."""
        environment = dict(os.environ)
        if self.preload:
            environment.update(LD_PRELOAD=self.preload, WRIT_DROP_DIR=self.home)
        self.since = os.path.getsize(self.words) if os.path.exists(self.words) else 0
        with open(self.words, "ab") as words:
            command = [self.binaries.writ, "serve", "--home", self.home, *flags]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words,
                                            env=environment)

    def said(self):
        with open(self.words, encoding="utf-8", errors="replace") as source:
            source.seek(self.since)
            return source.read()

    def start(self, *flags):
        """Starts the gate and waits until it takes requests."""
        self.spawn(*flags)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not re.search(r"^writ: ready$", self.said(), re.MULTILINE):
            demand(self.process.poll() is None, f"the gate does not start:\n{self.said()}")
            demand(time.monotonic() < deadline, f"the gate is not ready in time:\n{self.said()}")
            time.sleep(0.005)
        found = re.search(r"listening on 127\.0\.0\.1:(\d+)", self.said())
        self.address = ("127.0.0.1", int(found.group(1))) if found else None

    def kill(self, meanwhile=lambda: None):
        """SIGKILL: no word, no chance to write anything."""
        self.process.send_signal(signal.SIGKILL)
        meanwhile()
        self.process.wait()

    def stop(self):
        """SIGTERM: the gate ends in good order, or that is a finding."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=STOP_SECONDS_MAX)
        demand(status == 0, f"the gate ended with {status}:\n{self.said()}")

    def end(self):
        """Leaves nothing running, and nothing behind unless it is wanted."""
        if self.process and self.process.poll() is None:
            self.kill()
        if not self.is_kept:
            shutil.rmtree(self.top, ignore_errors=True)

    def add(self, name, role, **rest):
        """Adds an identity as the operator that `writ init` made of this user; answers its token."""
        status, body = Connection(self.socket).call("POST", "/v1/agents", {"name": name, "role": role, **rest})
        demand(status in (200, 201), f"the identity `{name}` was not added: {status} {body}")
        return body["token"]

    def add_all(self):
        """The identities of the example policies: an agent, and the enforcement point that may redeem for it."""
        self.agent = self.add("ops-bot", "actor")
        self.gateway = self.add("gateway", "enforcement", actors=["ops-bot"], surfaces=["*"])


def attempt():
    """A fresh attempt: 16 random bytes as base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def request(action="delete_variable", project="shop-staging", key=None, redeem=None, **context):
    """A request on the platform of the example policies."""
    asked = {
        "actor": {"type": "Agent", "id": "ops-bot"},
        "surface": "platform",
        "action": action,
        "target": {"type": "Project", "id": project},
        "context": {"project": project, **context},
    }
    if key:
        asked["idempotency_key"] = key
    if redeem:
        asked["redeem"] = {"attempt": redeem}
    return asked


def may_act(answer):
    """Whether an enforcement point may begin now: on `dispatch` alone, and only until `act_by`."""
    if answer.get("dispatch") is not True:
        return False
    demand(answer.get("outcome") == "PERMIT", f"dispatch without a PERMIT: {answer}")
    stamp = answer["act_by"]
    seconds = time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
    return time.time() < seconds + float(stamp[19:-1])
