"""A log, its signer and its receipts, made for the vectors: of nothing that the gate has, and able to do wrong."""

import base64
import hashlib
import os
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "verifiers", "python"))

import writ_verify  # noqa: E402
from writ_verify import FIELD, ORDER, plus, point, sha256, times  # noqa: E402

ORIGIN = "gate-1.example/2026"


def b64(data):
    return base64.b64encode(data)


def seed(name):
    return sha256(f"writ vectors {name}".encode())


def vkey(name, public, algorithm=1):
    """The text of a verifier key, whatever its bytes are."""
    data = bytes([algorithm]) + public
    return f"{name}+{sha256(name.encode() + bytes([10]) + data)[:4].hex()}+{b64(data).decode()}"


def encoded(p):
    """The encoding of a point (RFC 8032 section 5.1.2)."""
    inverse = pow(p[2], FIELD - 2, FIELD)
    x, y = p[0] * inverse % FIELD, p[1] * inverse % FIELD
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point((4 * pow(5, FIELD - 2, FIELD) % FIELD).to_bytes(32, "little"))


def torsion_point():
    """A point of order 8: what is left of a point when the prime-order part is taken away."""
    for y in range(2, 1000):
        p = point(y.to_bytes(32, "little"))
        if p is None:
            continue
        t = times(ORDER, p)
        if not writ_verify.is_neutral(times(4, t)):
            return t
    raise AssertionError("no point of order 8 below 1000")


TORSION = torsion_point()


class Signer:
    """An Ed25519 key of a name; its scalar is at hand, for signatures that no honest signer makes."""

    def __init__(self, name=ORIGIN, of="log"):
        self.name = name
        self.key = Ed25519PrivateKey.from_private_bytes(seed(of))
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.vkey = vkey(name, self.public)
        low = bytearray(hashlib.sha512(seed(of)).digest()[:32])
        low[0] &= 248
        low[31] = low[31] & 127 | 64
        self.scalar = int.from_bytes(low, "little")

    @property
    def id(self):
        return bytes.fromhex(self.vkey.split("+")[1])

    def sign(self, text):
        return self.key.sign(text)

    def line(self, value, name=None, key_id=None):
        """A signature line of a note."""
        data = (self.id if key_id is None else key_id) + value
        return "— ".encode() + (name or self.name).encode() + b" " + b64(data) + b"\n"

    def note(self, text):
        return text + b"\n" + self.line(self.sign(text))

    def challenge(self, r, message):
        return int.from_bytes(hashlib.sha512(r + self.public + message).digest(), "little") % ORDER

    def forged(self, message, r_bytes, r_scalar=0):
        """S of the equation for any bytes of R, of which the scalar is known."""
        s = (r_scalar + self.challenge(r_bytes, message) * self.scalar) % ORDER
        return r_bytes + s.to_bytes(32, "little")

    def mixed(self, message):
        """A signature that holds only where the equation is multiplied by the cofactor."""
        r = int.from_bytes(seed("mixed"), "little") % ORDER
        return self.forged(message, encoded(plus(times(r, BASE), TORSION)), r)


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def root_of(hashes):
    """The tree hash of leaf hashes (RFC 6962 section 2.1)."""
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + root_of(hashes[:split]) + root_of(hashes[split:]))


def path_of(index, hashes):
    """The inclusion path (RFC 6962 section 2.1.1)."""
    if len(hashes) == 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return path_of(index, hashes[:split]) + [root_of(hashes[split:])]
    return path_of(index - split, hashes[split:]) + [root_of(hashes[:split])]


class Parts:
    """The parts of a receipt, each of which can be replaced before it is put together."""

    def __init__(self, statement, index=0, size=1, signer=None, origin=None):
        self.signer = signer or Signer()
        self.statement, self.index, self.size = statement, index, size
        leaves = [leaf_hash(b"entry %d" % other) for other in range(size)]
        if index < size:
            leaves[index] = leaf_hash(statement)
        self.leaves = leaves
        self.hashes = path_of(index, leaves) if index < size else []
        self.root = root_of(leaves)
        self.origin = origin or self.signer.name
        self.note = None

    def checkpoint(self):
        return b"%s\n%d\n%s\n" % (self.origin.encode(), self.size, b64(self.root))

    def head(self):
        return b"c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n" % (b64(self.statement), self.index) + b"".join(
            b64(value) + b"\n" for value in self.hashes
        )

    def receipt(self):
        return self.head() + b"\n" + (self.note or self.signer.note(self.checkpoint()))


def receipt(statement, index=0, size=1, signer=None):
    return Parts(statement, index, size, signer).receipt()
