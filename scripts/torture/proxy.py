"""A relay between an enforcement point and the gate that strikes at one chosen step of one chosen call."""

import os
import select
import socket
import threading
import time

CALLS = {"ask": b"POST /v1/decisions HTTP", "redeem": b"/redeem HTTP", "report": b"/effect HTTP"}
MOMENTS = ["before", "sent", "answered", "after"]
MESSAGE_BYTES_MAX = 1 << 20
PATIENCE_SECONDS = 20


class Proxy:
    """Listens on `path`, passes every message on to the gate, and calls `strike` at the chosen step, once.

    `strike` answers whether a message that has not been passed on yet still is.
    before: the call has arrived here, the gate does not know of it. sent: the gate has it, its answer is unread.
    answered: the answer is here, the enforcement point does not have it. after: the enforcement point has it.
    """

    def __init__(self, path, gate):
        self.gate = gate
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        self.step = None
        self.strike = None
        self.has_struck = False
        self.seen = []
        threading.Thread(target=self._accept, daemon=True).start()

    def plan(self, step, strike):
        self.step, self.strike, self.has_struck, self.seen = step, strike, False, []

    def end(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(PATIENCE_SECONDS)
        upstream = None
        try:
            while True:
                message = read_message(client)
                call = next((name for name, words in CALLS.items() if words in message.split(b"\r\n")[0]), "other")
                self.seen.append(call)
                self._pass((call, "before"))
                upstream = upstream or self._connect()
                demand_open(client)
                upstream.sendall(message)
                self._pass((call, "sent"))
                answer = read_message(upstream)
                self._pass((call, "answered"))
                client.sendall(answer)
                self._pass((call, "after"))
        except OSError:
            pass
        finally:
            client.close()
            if upstream:
                upstream.close()

    def _pass(self, step):
        if step == self.step and not self.has_struck:
            self.has_struck = True
            if not self.strike() and step[1] == "before":
                raise ConnectionError("the message dies with its sender")

    def _connect(self):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(PATIENCE_SECONDS)
            try:
                made.connect(self.gate)
                return made
            except OSError:
                made.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def demand_open(client):
    """OSError if the other end has hung up: what it had sent while the gate was away is not said in its name."""
    if select.select([client], [], [], 0)[0] and client.recv(1, socket.MSG_PEEK) == b"":
        raise ConnectionError("the sender has hung up")


def read_message(source):
    """One whole HTTP message with a length; OSError if there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(source, data)
    head = data.split(b"\r\n\r\n")[0]
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(data) < len(head) + 4 + length:
        data += _more(source, data)
    return data


def _more(source, data):
    part = source.recv(65536)
    if not part or len(data) > MESSAGE_BYTES_MAX:
        raise ConnectionError("the message ends early, or never")
    return part


def remove(path):
    """A path that may be there from before."""
    if os.path.exists(path):
        os.unlink(path)
