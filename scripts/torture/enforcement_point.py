"""A small enforcement point: asks, redeems, acts, reports, with one attempt that only this process knows.

Usage: enforcement_point.py SOCKET TOKEN_FILE KEY EFFECTS at-once|later

The action is one line in the file EFFECTS. Exit status 0 if it acted, 2 if it may not.
"""

import sys
import time

from gate import Connection, Lost, attempt, may_act, request

TRIES_MAX = 100


def persist(connection, path, body):
    """The same again, with the same attempt, until there is an answer."""
    for _ in range(TRIES_MAX):
        try:
            status, answer = connection.call("POST", path, body)
            if status != 503:
                return status, answer
        except Lost:
            pass
        time.sleep(0.02)
    sys.exit("no answer")


def main(path, token_file, key, effects, form):
    with open(token_file, encoding="ascii") as source:
        connection = Connection(path, source.read().strip())
    secret = attempt()
    asked = request(key=key, redeem=secret if form == "at-once" else None, name="TRAPPED")
    status, answer = persist(connection, "/v1/decisions", asked)
    if form == "later" and answer.get("outcome") == "PERMIT":
        status, answer = persist(connection, f"/v1/decisions/{answer['id']}/redeem", {"attempt": secret})
    if status != 200 or not may_act(answer):
        return 2
    with open(effects, "a", encoding="ascii") as out:
        out.write(f"{key}\n")
    persist(connection, f"/v1/decisions/{answer['id']}/effect", {"attempt": secret, "effect": "executed"})
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
