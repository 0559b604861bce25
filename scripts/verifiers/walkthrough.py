"""The ten prepared cases of docs/verify.md: their files, and the commands of the document with what they print."""

import os
import re
import shlex
import subprocess
import sys

from signer import Parts, Signer, receipt
from statements import NONCE, TIME, decision, permit, redemption
from writ_verify import canonical

SECONDS_MAX = 60
PROGRAM = "verifiers/python/writ_verify.py"
REQUEST = (
    '{"actor":{"type":"Agent","id":"ops-bot"},"surface":"platform","action":"delete",'
    '"target":{"type":"Project","id":"shop-staging"},"context":{"project":"shop-staging","name":"DEBUG"},'
    '"idempotency_key":"job-7"}\n'
)


def files():
    """The content of each file by its name."""
    redeemed = canonical(decision(request=REQUEST)).encode()
    permitted = canonical(decision(request=REQUEST, terms=permit(None))).encode()
    refused = decision("DENY", "forbidden", request=REQUEST, policies=["platform/never-production"])
    # The forger has the receipt of a DENY and writes PERMIT into its statement; proof and signature stay.
    forged = Parts(canonical(refused).encode(), 7, 11)
    note = forged.signer.note(forged.checkpoint())
    forged.note, forged.statement = note, redeemed
    mallory = Parts(redeemed, 5, 11, Signer(of="mallory"))
    return {
        "log.vkey": (Signer().vkey + "\n").encode(),
        "request.json": REQUEST.encode(),
        "other-request.json": REQUEST.replace("shop-staging", "shop-production").encode(),
        "opening.json": ('{"nonce":"%s"}\n' % NONCE).encode(),
        "redeemed.receipt": receipt(redeemed, 5, 11),
        "edited.receipt": forged.receipt(),
        "other-key.receipt": mallory.receipt(),
        "refused.receipt": receipt(canonical(refused).encode(), 7, 11),
        "permitted.receipt": receipt(permitted, 5, 11),
        "redemption.receipt": receipt(canonical(redemption(5, permitted, time=TIME)).encode(), 9, 12),
        "other-redemption.receipt": receipt(canonical(redemption(4, redeemed)).encode(), 9, 12),
    }


def differences(folder):
    """The files that are not what they should be."""
    for name, content in sorted(files().items()):
        path = os.path.join(folder, name)
        if not os.path.exists(path) or open(path, "rb").read() != content:
            yield path


def write(folder):
    os.makedirs(folder, exist_ok=True)
    for name, content in files().items():
        with open(os.path.join(folder, name), "wb") as out:
            out.write(content)


def sessions(text):
    """Each command of the document with what it prints and its exit status."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        match = re.fullmatch(r"\$ ((?:[^\n]*\\\n)*[^\n]*)\n(.*)\$ echo \$\?\n(\d+)\n", block, re.DOTALL)
        yield match[1].replace("\\\n", " "), match[2], int(match[3])


def findings(root, verify):
    """Runs each command with the Python verifier, and again with writ-verify; answers how many, or what differs."""
    with open(os.path.join(root, "docs", "verify.md"), encoding="utf-8") as source:
        listed = list(sessions(source.read()))
    if len(listed) != 10:
        return 0, [f"docs/verify.md has {len(listed)} cases, not ten"]
    found = []
    for command, printed, status in listed:
        words = shlex.split(command)
        if words[0] != PROGRAM:
            found.append(f"docs/verify.md does not run {PROGRAM}: {command}")
        for program in ([sys.executable, os.path.join(root, PROGRAM)], [verify]):
            done = subprocess.run([*program, *words[1:]], cwd=root, capture_output=True, text=True, timeout=SECONDS_MAX)
            if (done.stdout, done.returncode) != (printed, status):
                told = f"{done.stdout}{done.stderr}$ echo $?\n{done.returncode}"
                found.append(f"docs/verify.md says otherwise than {program[-1]}: {command}\n{told}")
    return len(listed), found
