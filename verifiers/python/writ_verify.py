#!/usr/bin/env python3
"""Checks receipts of Writ offline, with nothing but the public key of their log.

One file: Python 3.9 or later, its standard library, and the package `cryptography` for Ed25519. It shares no line
with the gate or with `writ-verify`, takes the same arguments, says the same words and ends with the same status.
The formats are docs/formats/receipt.md and docs/formats/statement.md; docs/vectors holds all verifiers to them.
"""

import base64
import dataclasses
import datetime
import functools
import hashlib
import hmac
import os
import re
import sys
import unicodedata

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("writ_verify: the Python package `cryptography` is missing: apt-get install python3-cryptography")

VERSION = "0.1.0"

RECEIPT_BYTES_MAX = 256 << 10
STATEMENT_BYTES_MAX = 65_535
HASHES_MAX = 63
RECEIPT_SIGNATURES_MAX = 16
NOTE_SIGNATURES_MAX = 64
NAME_BYTES_MAX = 255
CHECKPOINT_BYTES_MAX = NAME_BYTES_MAX + 1 + 19 + 1 + 44 + 1
KEY_BYTES_MAX = NAME_BYTES_MAX + 1 + 8 + 1 + 44
KEYS_MAX = 32
SIZE_MAX = (1 << 63) - 1
POLICIES_LISTED_MAX = 64
AUDIENCE_MAX = 16
REQUEST_NAME_BYTES_MAX = 128
REQUEST_ID_BYTES_MAX = 512
OPENING_BYTES_MAX = 1_024
WORDS_MAX = 128


class Refusal(Exception):
    """Bytes are not what they should be, or a claim does not hold; the words say why."""


# --- Encodings: one spelling for each value ---

def base64_bytes(text, is_url=False):
    """The bytes of canonical base64, or None: padded in the standard alphabet, unpadded in that for URLs.

    Python's readers take more than one spelling; writing the bytes again shows whether it is this one.
    """
    try:
        if is_url:
            data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
            return data if base64.urlsafe_b64encode(data).rstrip(b"=") == text else None
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data) == text else None


def hex_bytes(text, count):
    """The bytes of so many lower-case digits, or None."""
    if not re.fullmatch("[0-9a-f]{%d}" % (2 * count), text):
        return None
    return bytes.fromhex(text)


def decimal(digits):
    """A number without sign and leading zero up to SIZE_MAX, or None."""
    if not re.fullmatch(rb"0|[1-9][0-9]{0,18}", digits) or int(digits) > SIZE_MAX:
        return None
    return int(digits)


def sha256(data):
    return hashlib.sha256(data).digest()


def quoted(text):
    """A string as RFC 8785 writes it."""
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return '"' + re.sub(r'[\x00-\x1f"\\]', lambda m: short.get(m[0]) or "\\u%04x" % ord(m[0]), text) + '"'


def canonical(value):
    """The RFC 8785 form of dictionaries, lists, strings, integers and truth values, as text."""
    if value is True or value is False:
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(canonical(element) for element in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(quoted(name) + ":" + canonical(value[name]) for name in names) + "}"


def milliseconds(text):
    """An instant as `2026-11-20T12:31:04.113Z` in milliseconds since 1970, or None for any other spelling."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", text):
        return None
    year, month, day, hour, minute, second, fraction = (int(digits) for digits in re.findall("[0-9]+", text))
    if year < 1970:
        return None
    try:
        moment = datetime.datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(seconds=1) * 1000 + fraction


# --- Ed25519, stricter than RFC 8032 asks ---

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, FIELD - 2, FIELD) % FIELD
ROOT_OF_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)
NEUTRAL = (0, 1, 1, 0)


def point(encoded):
    """The point of a canonical encoding (RFC 8032 section 5.1.3) in extended coordinates, or None."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if y >= FIELD:
        return None
    u, v = (y * y - 1) % FIELD, (CURVE_D * y * y + 1) % FIELD
    x = u * pow(v, 3, FIELD) * pow(u * pow(v, 7, FIELD), (FIELD - 5) // 8, FIELD) % FIELD
    if v * x * x % FIELD == -u % FIELD:
        x = x * ROOT_OF_MINUS_ONE % FIELD
    if v * x * x % FIELD != u or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else FIELD - x
    return (x, y, 1, x * y % FIELD)


def plus(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % FIELD
    b = (p[1] + p[0]) * (q[1] + q[0]) % FIELD
    c = 2 * CURVE_D * p[3] * q[3] % FIELD
    d = 2 * p[2] * q[2] % FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD)


def times(number, p):
    result = NEUTRAL
    while number:
        if number & 1:
            result = plus(result, p)
        p = plus(p, p)
        number >>= 1
    return result


def is_neutral(p):
    return p[0] == 0 and p[1] == p[2]


@functools.lru_cache(maxsize=64)
def is_strong_point(encoded):
    """Whether these are the canonical bytes of a point of the prime-order group other than the neutral one."""
    p = point(encoded)
    return p is not None and not is_neutral(p) and is_neutral(times(ORDER, p))


def is_signature(public_key, signature, message):
    """Whether it is this strong key's signature: S below the order, R strong, and the equation without cofactor.

    A verifier that multiplies by the cofactor gives the same answer once R is known to be strong, so that what the
    library does makes no difference.
    """
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= ORDER or not is_strong_point(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# --- Keys and signed notes (C2SP signed-note) ---

SPACES = frozenset([*range(0x21), 0x7F, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F,
                    0x3000])


@dataclasses.dataclass(frozen=True)
class Key:
    """The public key of a log."""
    name: str
    id: bytes
    public_key: bytes


def key_name(data):
    """The name of a key, or None."""
    try:
        name = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not 1 <= len(data) <= NAME_BYTES_MAX or any(c == "+" or ord(c) in SPACES for c in name):
        return None
    return name


def parse_key(text):
    """Reads the text of a verifier key, `<name>+<key id>+<base64 of 01 and the public key>`."""
    parts = text.split(b"+", 2)
    if len(text) > KEY_BYTES_MAX or len(parts) != 3:
        raise Refusal("the key text has not the parts of a key")
    name = key_name(parts[0])
    if name is None:
        raise Refusal("the key name is empty, too long, or has a character that names must not have")
    data = base64_bytes(parts[2])
    if data is None:
        raise Refusal("the key is not canonical base64")
    if not data:
        raise Refusal("the key text has not the parts of a key")
    if data[0] not in (0x01, 0x04):
        raise Refusal("the key is of an algorithm that is not supported")
    if len(data) != 33:
        raise Refusal("a key has 32 bytes")
    if not is_strong_point(data[1:]):
        raise Refusal("the public key is weak or malformed")
    identity = sha256(parts[0] + b"\n" + data)[:4]
    if parts[1] != identity.hex().encode():
        raise Refusal("the key id does not belong to this name and key")
    if data[0] != 0x01:
        raise Refusal("the key is of an algorithm that is not supported")
    return Key(name, identity, data[1:])


@dataclasses.dataclass(frozen=True)
class Signature:
    name: str
    id: bytes
    value: bytes


@dataclasses.dataclass(frozen=True)
class Note:
    """A text with signatures, none of which was checked."""
    text: bytes
    signatures: list


def parse_note(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("the signed note has bytes that a note must not have") from None
    if re.search(rb"[\x00-\x09\x0b-\x1f]", data):
        raise Refusal("the signed note has bytes that a note must not have")
    separator = data.rfind(b"\n\n")
    if not data.endswith(b"\n") or separator < 0:
        raise Refusal("the signed note has not the form of one")
    lines = data[separator + 2:].split(b"\n")[:-1]
    signatures = []
    for line in lines:
        if len(signatures) == NOTE_SIGNATURES_MAX:
            raise Refusal(f"the note has more than {NOTE_SIGNATURES_MAX} signatures")
        signatures.append(parse_signature(line))
    if not signatures:
        raise Refusal("the signed note has not the form of one")
    return Note(data[:separator + 1], signatures)


def parse_signature(line):
    match = re.fullmatch("— ([^ ]*) (.*)".encode(), line, re.DOTALL)
    name = key_name(match[1]) if match else None
    value = base64_bytes(match[2]) if match else None
    if name is None or value is None or len(value) <= 4:
        raise Refusal("a signature line of the note is malformed")
    return Signature(name, value[:4], value[4:])


def check_note(note, key):
    """Checks that the key signed, once and validly; signatures of others say nothing."""
    known = [signature for signature in note.signatures if (signature.name, signature.id) == (key.name, key.id)]
    if known and not is_signature(key.public_key, known[0].value, note.text):
        raise Refusal(f"the signature of `{key.name}` is not valid")
    if len(known) > 1:
        raise Refusal(f"the key `{key.name}` signed more than once")
    if not known:
        raise Refusal("no known key signed the note")


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes


def parse_checkpoint(text):
    """Reads a checkpoint of three lines (C2SP tlog-checkpoint without extension lines)."""
    lines = text.split(b"\n")
    if len(text) > CHECKPOINT_BYTES_MAX or len(lines) < 4:
        raise Refusal("the checkpoint has not three lines")
    if len(lines) > 4 or lines[3]:
        raise Refusal("the checkpoint has extension lines")
    size = decimal(lines[1])
    if size is None:
        raise Refusal("the tree size of the checkpoint is malformed")
    root = base64_bytes(lines[2])
    if root is None or len(root) != 32:
        raise Refusal("the root hash of the checkpoint is malformed")
    origin = key_name(lines[0])
    if origin is None:
        raise Refusal("the checkpoint is not of the expected origin")
    if size == 0 and root != sha256(b""):
        raise Refusal("the root hash of the checkpoint is malformed")
    return Checkpoint(origin, size, root)


def check_inclusion(leaf, index, checkpoint, hashes):
    """Checks an inclusion proof (RFC 6962 section 2.1.1), which must have exactly its length."""
    if index >= checkpoint.size:
        raise Refusal("the index or the older size is outside of the tree")
    # Each hash is that of the sibling of the node at `first` of a level whose last node is at `last`.
    first, last, value, rest = index, checkpoint.size - 1, leaf, list(hashes)
    while last > 0:
        # A last node without a right sibling rises as it is.
        if first & 1 or first < last:
            if not rest:
                raise Refusal("the proof has not the length that it must have")
            sibling = rest.pop(0)
            pair = sibling + value if first & 1 else value + sibling
            value = sha256(b"\x01" + pair)
        first, last = first >> 1, last >> 1
    if rest:
        raise Refusal("the proof has not the length that it must have")
    if value != checkpoint.root:
        raise Refusal("the proof does not lead to the root hash")


# --- Receipts (C2SP tlog-proof with the statement in its `extra` line) ---

@dataclasses.dataclass(frozen=True)
class Receipt:
    """A receipt as it was read; nothing of it is checked."""
    statement: bytes
    index: int
    hashes: list
    note: Note

    @property
    def leaf(self):
        return sha256(b"\x00" + self.statement)


def parse_receipt(data):
    if len(data) > RECEIPT_BYTES_MAX:
        raise Refusal(f"the receipt is longer than {RECEIPT_BYTES_MAX} bytes")
    header = b"c2sp.org/tlog-proof@v1\n"
    if not data.startswith(header):
        raise Refusal("this is not a proof of a transparency log")
    position, statement = len(header), None

    def line():
        nonlocal position
        end = data.find(b"\n", position)
        if end < 0:
            return None
        found, position = data[position:end], end + 1
        return found

    text = line()
    if text is not None and text.startswith(b"extra "):
        statement = base64_bytes(text[6:])
        if not statement or len(statement) > STATEMENT_BYTES_MAX:
            raise Refusal("the `extra` line of the proof is malformed")
        text = line()
    index = decimal(text[6:]) if text is not None and text.startswith(b"index ") else None
    if index is None:
        raise Refusal("the `index` line of the proof is malformed")
    hashes = []
    text = line()
    while text:
        value = base64_bytes(text)
        if len(hashes) == HASHES_MAX or value is None or len(value) != 32:
            raise Refusal("the hashes of the proof are malformed")
        hashes.append(value)
        text = line()
    if text is None:
        raise Refusal("the hashes of the proof are malformed")
    note = parse_note(data[position:])
    if statement is None:
        raise Refusal("the receipt has no statement")
    if len(note.signatures) > RECEIPT_SIGNATURES_MAX:
        raise Refusal(f"the checkpoint has more than {RECEIPT_SIGNATURES_MAX} signatures")
    return Receipt(statement, index, hashes, note)


@dataclasses.dataclass(frozen=True)
class Verified:
    """An authentic receipt."""
    receipt: Receipt
    checkpoint: Checkpoint
    statement: "Statement"


def verified_by(receipt, key):
    """Checks that the log of this key has the statement: *authentic*."""
    check_note(receipt.note, key)
    checkpoint = parse_checkpoint(receipt.note.text)
    if checkpoint.origin != key.name:
        raise Refusal("the checkpoint is not of the expected origin")
    check_inclusion(receipt.leaf, receipt.index, checkpoint, receipt.hashes)
    statement = parse_statement(receipt.statement)
    if statement.origin != key.name:
        raise Refusal("the statement belongs to another log")
    return Verified(receipt, checkpoint, statement)


def verified(receipt, keys):
    """Checks that one of the logs has the statement; a refusal is that of the key whose name the checkpoint bears."""
    failure = Refusal("the log did not sign the checkpoint")
    for key in keys:
        try:
            return verified_by(receipt, key)
        except Refusal as refusal:
            if len(keys) == 1 or any(signature.name == key.name for signature in receipt.note.signatures):
                failure = refusal
    raise failure


# --- Strict JSON (RFC 8259 and 7493), with the position of the first byte that is wrong ---

@dataclasses.dataclass(frozen=True)
class Fraction:
    """A number with a fraction or an exponent, as it was written."""
    token: str


class JSON:
    """Reads one text; numbers keep their spelling, member names are unique, everything has a limit."""

    INTEGER_MAX = (1 << 53) - 1
    NUMBER_BYTES_MAX = 64
    # Objects up to this size find a duplicate when they meet it, larger ones at their end.
    PAIRWISE_MAX = 16

    def __init__(self, data, bytes_max, depth_max, nodes_max):
        self.data, self.end, self.position = data, len(data), 0
        self.bytes_max, self.depth_max, self.nodes_max = bytes_max, depth_max, nodes_max
        self.depth = self.nodes = 0

    def fail(self, reason, position=None):
        raise Refusal(f"{reason} at byte {self.position if position is None else position}")

    def parse(self):
        if self.end > self.bytes_max:
            self.fail(f"the text is longer than {self.bytes_max} bytes", self.bytes_max)
        self.skip()
        value = self.value()
        self.skip()
        if self.position != self.end:
            self.fail("something follows the value")
        return value

    def byte(self):
        if self.position >= self.end:
            self.fail("the text ends too early")
        return self.data[self.position]

    def skip(self):
        while self.position < self.end and self.data[self.position] in b" \t\n\r":
            self.position += 1

    def node(self):
        if self.nodes >= self.nodes_max:
            self.fail(f"more than {self.nodes_max} values")
        self.nodes += 1

    def value(self):
        byte = self.byte()
        if byte == 0x7B:
            return self.object()
        if byte == 0x5B:
            return self.array()
        if byte == 0x22:
            return self.string()[0]
        if byte in b"-0123456789":
            return self.number()
        for word, value in ((b"true", True), (b"false", False), (b"null", None)):
            if byte == word[0]:
                return self.word(word, value)
        return self.fail("expected a value")

    def word(self, word, value):
        if self.end - self.position < len(word):
            self.fail("the text ends too early", self.end)
        if not self.data.startswith(word, self.position):
            self.fail("expected a value")
        self.node()
        self.position += len(word)
        return value

    def items(self, close, expected):
        """Stops before each element or member of a container, and behind the container's end."""
        if self.depth >= self.depth_max:
            self.fail(f"nested deeper than {self.depth_max}")
        self.depth += 1
        self.node()
        self.position += 1
        count = 0
        while True:
            self.skip()
            if self.byte() == close:
                self.position += 1
                self.depth -= 1
                return
            if count:
                if self.data[self.position] != 0x2C:
                    self.fail(f"expected {expected}")
                self.position += 1
                self.skip()
            count += 1
            yield count

    def array(self):
        return [self.value() for _ in self.items(0x5D, "`,` or `]`")]

    def object(self):
        members, names = {}, []
        for count in self.items(0x7D, "`,` or `}`"):
            if self.byte() != 0x22:
                self.fail("expected a member name")
            start = self.position
            name, offset = self.string()
            if count <= self.PAIRWISE_MAX and name in members:
                self.fail(f"duplicate member `{name}`", start)
            names.append((name.encode(), len(names), offset))
            self.skip()
            if self.byte() != 0x3A:
                self.fail("expected `:`")
            self.position += 1
            self.skip()
            members[name] = self.value()
        names.sort()
        for left, right in zip(names, names[1:]):
            if left[0] == right[0]:
                self.fail(f"duplicate member `{right[0].decode()}`", right[2])
        return members

    def number(self):
        start = self.position
        match = re.compile(rb"-?([0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]*)?").match(self.data, start)
        digits, fraction, exponent = match[1], match[2], match[3]
        if not digits or (digits[0] == 0x30 and len(digits) > 1) or fraction == b"." \
                or (exponent and exponent[-1] not in b"0123456789"):
            self.fail("not a number", start)
        token = match[0]
        is_fraction = fraction is not None or exponent is not None
        if len(token) > self.NUMBER_BYTES_MAX:
            self.fail("not a number" if is_fraction else "integer out of range", start)
        if not is_fraction and int(digits) > self.INTEGER_MAX:
            self.fail("integer out of range", start)
        if not is_fraction and token == b"-0":
            self.fail("not a number", start)
        self.position = match.end()
        self.node()
        return Fraction(token.decode()) if is_fraction else int(token)

    def string(self):
        """A string, and where its content begins: at the end of the text where it has escapes."""
        self.position += 1
        start, text = self.position, bytearray()
        offset = start
        while self.position < self.end:
            byte = self.data[self.position]
            if byte == 0x22:
                self.node()
                self.position += 1
                return text.decode(), offset
            if byte == 0x5C:
                offset = self.end
                text += self.escape().encode()
            elif byte < 0x20:
                self.fail("unescaped control character")
            else:
                length = self.scalar_length()
                text += self.data[self.position:self.position + length]
                self.position += length
        return self.fail("the text ends too early", self.end)

    def scalar_length(self):
        lead = self.data[self.position]
        if lead < 0x80:
            return 1
        length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        try:
            self.data[self.position:self.position + length].decode("utf-8")
        except UnicodeDecodeError:
            self.fail("invalid UTF-8")
        return length

    def escape(self):
        start = self.position
        if start + 1 >= self.end:
            self.fail("the text ends too early", self.end)
        plain = {0x22: '"', 0x5C: "\\", 0x2F: "/", 0x62: "\b", 0x66: "\f", 0x6E: "\n", 0x72: "\r", 0x74: "\t"}
        letter = self.data[start + 1]
        if letter in plain:
            self.position += 2
            return plain[letter]
        if letter != 0x75:
            self.fail("unknown escape")
        code = self.four_digits(start + 2)
        self.position += 6
        if 0xD800 <= code < 0xDC00:
            if self.data[self.position:self.position + 2] != b"\\u":
                self.fail("lone surrogate in an escape", start)
            low = self.four_digits(self.position + 2)
            if not 0xDC00 <= low < 0xE000:
                self.fail("lone surrogate in an escape", start)
            self.position += 6
            return chr(0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF))
        if 0xDC00 <= code < 0xE000:
            self.fail("lone surrogate in an escape", start)
        return chr(code)

    def four_digits(self, start):
        digits = self.data[start:start + 4]
        if len(digits) < 4:
            self.fail("the text ends too early", self.end)
        if not re.fullmatch(rb"[0-9A-Fa-f]{4}", digits):
            self.fail("unknown escape", start - 2)
        return int(digits, 16)


# --- Statements ---

OUTCOMES = {
    "PERMIT": ["permitted", "override"],
    "DENY": ["forbidden", "halted", "idempotency_conflict", "actor_mismatch", "actor_disabled", "approval_refused",
             "permit_redeemed"],
    "HOLD": ["approval_required"],
    "SILENCE": ["no_permit", "limit_reached", "policy_error", "unknown_surface", "unknown_action", "unknown_type",
                "request_invalid", "bundle_unavailable", "bundle_expired", "state_unavailable", "log_unavailable",
                "deadline_exceeded", "overloaded", "clock_untrusted", "internal_error"],
}
OUTCOME_OF = {cause: outcome for outcome, causes in OUTCOMES.items() for cause in causes}
ROLES = ("actor", "enforcement", "operator", "auditor")


class Members:
    """The members of one object of a statement, each taken by its name and in its form."""

    def __init__(self, value, path=""):
        if not isinstance(value, dict):
            self.refuse_path(path)
        self.value, self.path = value, path

    @staticmethod
    def refuse_path(path):
        raise Refusal(f"member `{path}` has a value that is not known or does not fit")

    def full(self, name):
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, name):
        self.refuse_path(self.full(name))

    def has(self, name):
        return name in self.value

    def member(self, name):
        if name not in self.value:
            raise Refusal(f"member `{self.full(name)}` is missing")
        return self.value[name]

    def typed(self, name, kind):
        value = self.member(name)
        if type(value) is not kind:
            self.refuse(name)
        return value

    def text(self, name):
        return self.typed(name, str)

    def word(self, name, words):
        text = self.text(name)
        if text not in words:
            self.refuse(name)
        return text

    def boolean(self, name):
        return self.typed(name, bool)

    def integer(self, name):
        value = self.typed(name, int)
        if value < 0:
            self.refuse(name)
        return value

    def object(self, name):
        return Members(self.member(name), self.full(name))

    def time(self, name):
        text = self.text(name)
        if milliseconds(text) is None:
            self.refuse(name)
        return text

    def identifier(self, name):
        text = self.text(name)
        if not re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", text):
            self.refuse(name)
        return text

    def digest(self, name, prefix="sha256:"):
        text = self.text(name)
        if not text.startswith(prefix) or hex_bytes(text[len(prefix):], 32) is None:
            self.refuse(name)
        return text

    def texts(self, name):
        texts = self.typed(name, list)
        if any(type(text) is not str for text in texts):
            self.refuse(name)
        return texts

    def ascending(self, name):
        texts = self.texts(name)
        if not is_ascending(texts):
            self.refuse(name)
        return texts

    def entity(self, name):
        entity = self.object(name)
        return {"type": entity.text("type"), "id": entity.text("id")}

    def reference(self, name):
        reference = self.object(name)
        return {"index": reference.integer("index"), "leaf": reference.digest("leaf", "")}


def is_ascending(texts):
    keys = [text.encode() for text in texts]
    return all(left < right for left, right in zip(keys, keys[1:]))


def optional(found, members, **readers):
    """Takes the members that are there."""
    for name, read in readers.items():
        if members.has(name):
            found[name] = read(name)
    return found


@dataclasses.dataclass(frozen=True)
class Statement:
    """What a statement says: its type's word, its predicate, the digest of its subject."""
    type: str
    predicate: dict
    subject: str

    @property
    def origin(self):
        return self.predicate["origin"]


def parse_statement(data):
    """Reads a statement, strictly: every member known and in its form, the bytes those of the RFC 8785 form.

    Each reader rebuilds what it understood; a member that nobody took, and every other spelling, shows when the
    canonical form of that is not the very bytes.
    """
    statement = Members(JSON(data, STATEMENT_BYTES_MAX, 8, 20_000).parse())
    kind = statement.text("predicateType")
    predicate = statement.object("predicate")
    subjects = statement.member("subject")
    if type(subjects) is not list or len(subjects) != 1:
        statement.refuse("subject")
    subject = Members(subjects[0], "subject").object("digest").digest("sha256", "")
    word = kind[len("urn:writ:"):-len(":v1")]
    if kind != f"urn:writ:{word}:v1" or word not in READERS:
        raise Refusal(f"statement type `{kind}` is not known")
    found, name, digest = READERS[word](predicate, subject)
    rebuilt = canonical({
        "_type": "https://in-toto.io/Statement/v1", "predicate": found, "predicateType": kind,
        "subject": [{"digest": {"sha256": digest}, "name": name}],
    })
    if rebuilt.encode() != data:
        raise Refusal("the statement is not in canonical form, or has members that are not known")
    return Statement(word, found, digest)


def read_header(p):
    return {"id": p.identifier("id"), "origin": p.text("origin"), "time": p.time("time")}


def read_policies(p, name):
    listed = p.ascending(name)
    if len(listed) > POLICIES_LISTED_MAX:
        p.refuse(name)
    found = {name: listed} if listed or name == "policies" else {}
    if p.has(f"{name}_more"):
        more = p.object(f"{name}_more")
        count = more.integer("count")
        if len(listed) != POLICIES_LISTED_MAX or count <= len(listed):
            p.refuse(f"{name}_more")
        found[f"{name}_more"] = {"count": count, "digest": more.digest("digest")}
    return found


def read_redemption_terms(p):
    return {"by": p.text("by"), "attempt": p.digest("attempt"), "act_by": p.time("act_by")}


def read_permit(p):
    found = {"granted_by": p.text("granted_by"), "audience": p.texts("audience"), "expires": p.time("expires")}
    if p.has("redemption"):
        found["redemption"] = read_redemption_terms(p.object("redemption"))
    return found


def read_bundle_reference(p):
    return {"digest": p.digest("digest"), "name": p.text("name"), "source": p.word("source", ("directory",)),
            "version": p.integer("version")}


def read_target(p):
    if type(p.member("target")) is dict:
        return p.entity("target")
    return p.digest("target")


def read_original(p):
    return {"index": p.integer("index"), "leaf": p.digest("leaf", ""), "commitment": p.digest("commitment")}


def read_decision(p, subject):
    if not p.boolean("enforced"):
        p.refuse("enforced")
    found = {"enforced": True, "cause": p.word("cause", OUTCOME_OF)}
    outcome = OUTCOME_OF[found["cause"]]
    found.update(read_policies(p, "policies"))
    if p.has("errors"):
        found.update(read_policies(p, "errors"))
    if outcome == "PERMIT":
        found.update(read_permit(p))
    found["outcome"] = p.word("outcome", (outcome,))
    if p.has("bundle"):
        found["bundle"] = read_bundle_reference(p.object("bundle"))
    found.update(read_header(p))
    found.update(actor=p.entity("actor"), surface=p.text("surface"), action=p.text("action"), target=read_target(p))
    optional(found, p, session=p.digest)
    if p.has("claims"):
        found["claims"] = {"key": p.object("claims").digest("key", "hmac:")}
    optional(found, p, original=lambda name: read_original(p.object(name)), parent=p.reference)
    found.update(connection=p.text("connection"), engine=p.text("engine"), facts=p.digest("facts"))
    if outcome == "PERMIT":
        audience = found["audience"]
        by = found.get("redemption", {}).get("by")
        if not 1 <= len(audience) <= AUDIENCE_MAX or not is_ascending(audience) or by not in (None, *audience):
            Members.refuse_path("audience")
    return found, "request", subject


def read_redemption(p, _):
    found = {**read_header(p), "decision": p.reference("decision"), **read_redemption_terms(p)}
    return found, "decision", found["decision"]["leaf"]


def read_effect(p, _):
    found = {"effect": p.word("effect", ("executed", "failed", "not_started"))}
    if p.has("result"):
        result = p.object("result")
        said = optional({}, result, digest=result.digest, duration_milliseconds=result.integer,
                        size_bytes=result.integer, status=lambda name: result.typed(name, int))
        if said:
            found["result"] = said
    found.update(read_header(p))
    found.update(decision=p.reference("decision"), redemption=p.reference("redemption"), by=p.text("by"),
                 attempt=p.digest("attempt"))
    optional(found, p, contradicts=p.reference)
    return found, "decision", found["decision"]["leaf"]


def read_scope(p):
    kind = p.word("kind", ("all", "surface", "actor"))
    if kind == "surface":
        return {"kind": kind, "name": p.text("name")}
    return {"kind": kind, "type": p.text("type"), "id": p.text("id")} if kind == "actor" else {"kind": kind}


def scope_digest(scope):
    return sha256(canonical(scope).encode()).hex()


def read_halt(p, _):
    found = {**read_header(p), "by": p.text("by"), "scope": read_scope(p.object("scope"))}
    optional(found, p, reason=p.digest)
    return found, "scope", scope_digest(found["scope"])


def read_resume(p, _):
    found = {**read_header(p), "by": p.text("by"), "scope": read_scope(p.object("scope"))}
    return found, "scope", scope_digest(found["scope"])


def read_credential(p):
    if p.word("kind", ("token", "peer")) == "token":
        return {"kind": "token", "sha256": p.digest("sha256", "")}
    uid = p.integer("uid")
    if uid >= 1 << 32:
        p.refuse("uid")
    return {"kind": "peer", "uid": uid}


def read_identity(p, _):
    change = p.word("change", ("added", "rotated", "retired"))
    found = {"change": change, **read_header(p), "by": p.text("by")}
    i = p.object("identity")
    identity = {"role": i.word("role", ROLES)}
    if i.has("credential"):
        identity["credential"] = read_credential(i.object("credential"))
    identity["name"] = i.text("name")
    lists = optional({}, i, actors=i.ascending, surfaces=i.ascending)
    identity.update({name: texts for name, texts in lists.items() if texts})
    if ("credential" in identity) == (change == "retired"):
        Members.refuse_path("identity.credential")
    found["identity"] = identity
    return found, "identity", sha256(identity["name"].encode()).hex()


def read_bundle(p, _):
    found = {**read_header(p), "bundle": read_bundle_reference(p.object("bundle")),
             "change": p.word("change", ("loaded",))}
    return found, "bundle", found["bundle"]["digest"][len("sha256:"):]


def read_gate(p, subject):
    found = {"change": p.word("change", ("started", "stopped"))}
    if found["change"] == "started":
        found.update(clean=p.boolean("clean"), key=p.text("key"))
    counts = {}
    if p.has("refused"):
        refused = p.object("refused")
        counts = optional({}, refused, **{cause: refused.integer for cause in OUTCOME_OF})
        if counts:
            found["refused"] = counts
    found.update(read_header(p))
    found["engine"] = p.text("engine")
    if 0 in counts.values():
        Members.refuse_path("refused")
    return found, "gate", subject


READERS = {"decision": read_decision, "redemption": read_redemption, "effect": read_effect, "halt": read_halt,
           "resume": read_resume, "identity": read_identity, "bundle": read_bundle, "gate": read_gate}


# --- The action at hand, in the asker's own words ---

@dataclasses.dataclass(frozen=True)
class Request:
    actor: dict
    surface: str
    action: str
    target: dict
    context: dict
    session: str = None
    idempotency_key: str = None

    def record(self, nonce):
        """The request record, whose SHA-256 is the subject of the decision."""
        record = {name: value for name, value in dataclasses.asdict(self).items() if value is not None}
        return canonical({**record, "nonce": nonce}).encode()


def request_text(value, path, bytes_max=REQUEST_NAME_BYTES_MAX):
    if type(value) is not str or not 1 <= len(value.encode()) <= bytes_max \
            or any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in value):
        raise Refusal(f"member `{path}` must be a string of 1 to {bytes_max} bytes without control characters")
    return value


def request_entity(value, path):
    if type(value) is not dict:
        raise Refusal(f"member `{path}` must be an object with `type` and `id`")
    if set(value) != {"type", "id"}:
        raise Refusal(f"member `{path}` has `type` and `id` and nothing else")
    return {"type": request_text(value["type"], f"{path}.type"),
            "id": request_text(value["id"], f"{path}.id", REQUEST_ID_BYTES_MAX)}


def request_value(value):
    """A part of the context as it stands in the record: a fraction is its token."""
    if isinstance(value, Fraction):
        return {"$decimal": value.token}
    if isinstance(value, list):
        return [request_value(element) for element in value]
    if not isinstance(value, dict):
        return value
    for name in value:
        if name.startswith("$"):
            raise Refusal(f"member name `{name}` begins with `$`, which is reserved")
    return {name: request_value(member) for name, member in value.items()}


def parse_request(data):
    value = JSON(data, 256 << 10, 32, 10_000).parse()
    if type(value) is not dict:
        raise Refusal("the request is not an object")
    readers = {"actor": request_entity, "surface": request_text, "action": request_text, "target": request_entity,
               "session": request_text, "idempotency_key": request_text}
    found = {}
    for name, member in value.items():
        if name in readers:
            found[name] = readers[name](member, name)
        elif name == "context":
            if type(member) is not dict or "writ" in member:
                raise Refusal("member `context` must be an object without the gate's own member `writ`")
            found[name] = request_value(member)
        elif name == "redeem":
            if type(member) is not dict or set(member) != {"attempt"} or parse_attempt(member["attempt"]) is None:
                raise Refusal("member `redeem.attempt` must be 16 bytes as 22 characters of base64url")
        else:
            raise Refusal(f"unknown member `{name}`")
    for name in ("actor", "surface", "action", "target", "context"):
        if name not in found:
            raise Refusal(f"member `{name}` is missing")
    return Request(**found)


def parse_attempt(text):
    """The 16 bytes of an attempt, or None."""
    attempt = base64_bytes(text.encode(), is_url=True) if type(text) is str else None
    return attempt if attempt is not None and len(attempt) == 16 else None


def parse_opening(data):
    """The nonce of `{"nonce":"<32 hexadecimal digits>"}`."""
    value = JSON(data, 256 << 10, 32, 10_000).parse()
    if type(value) is not dict or list(value) != ["nonce"] or type(value["nonce"]) is not str \
            or hex_bytes(value["nonce"], 16) is None:
        raise Refusal('{"nonce":"<32 hexadecimal digits>"}')
    return value["nonce"]


@dataclasses.dataclass(frozen=True)
class Question:
    """Whether a receipt authorizes one action: for an attempt, or still at a time."""
    request: Request
    nonce: str
    audience: str
    attempt: bytes = None
    time: int = None
    redemption: Receipt = None


def blinded(nonce, member, value):
    return "sha256:" + sha256(canonical(["writ-blind-v1", nonce, member, value]).encode()).hex()


def authorizes(found, question, keys):
    """Checks *authorizes this*; answers what the receipt cannot tell."""
    if found.statement.type != "decision":
        raise Refusal(f"the statement is of type `{found.statement.type}`, not a decision")
    decision = found.statement.predicate
    if decision["outcome"] != "PERMIT":
        raise Refusal(f"the outcome is {decision['outcome']}")
    check_subject(found.statement, question)
    if question.audience not in decision["audience"]:
        raise Refusal("the audience does not contain this enforcement point")
    expires = milliseconds(decision["expires"])
    if question.attempt is None:
        if "redemption" in decision:
            raise Refusal("it was redeemed with the decision: ask with the attempt")
        if question.time < milliseconds(decision["time"]):
            raise Refusal("the time lies before the decision")
        if question.time >= expires:
            raise Refusal("the PERMIT had ended")
        return ["whether it was redeemed, or halted, since then is not in the receipt"]
    terms = decision.get("redemption") or separate_redemption(found, question, keys, expires)
    if terms["by"] != question.audience:
        raise Refusal("another enforcement point redeemed it")
    if not hmac.compare_digest(terms["attempt"], "sha256:" + sha256(question.attempt).hex()):
        raise Refusal("it was redeemed for another attempt")
    return [f"the action had to be started by {terms['act_by']}; when it was is not in the receipt"]


def check_subject(statement, question):
    """Checks that the statement speaks of the very action, session and key of the question."""
    request, nonce, said = question.request, question.nonce, statement.predicate
    if sha256(request.record(nonce)).hex() != statement.subject:
        raise Refusal("the opening and this request do not give the statement's subject")
    for name in ("actor", "surface", "action", "target", "session"):
        own, shown = getattr(request, name), said.get(name)
        if name != "actor" and type(shown) is str and re.fullmatch("sha256:[0-9a-f]{64}", shown):
            own = None if own is None else blinded(nonce, name, own)
        if own != shown:
            raise Refusal(f"the statement's `{name}` is not that of the request")


def separate_redemption(found, question, keys, expires):
    if question.redemption is None:
        raise Refusal("it was not redeemed with the decision: give the receipt of its redemption")
    try:
        redemption = verified(question.redemption, keys)
    except Refusal as refusal:
        raise Refusal(f"the redemption does not hold: {refusal}") from None
    statement = redemption.statement
    if statement.type != "redemption":
        raise Refusal(f"the redemption does not hold: its statement is of type `{statement.type}`")
    reference = {"index": found.receipt.index, "leaf": found.receipt.leaf.hex()}
    if statement.origin != found.statement.origin or statement.predicate["decision"] != reference:
        raise Refusal("the redemption does not hold: it redeems another decision")
    if milliseconds(statement.predicate["time"]) >= expires:
        raise Refusal("the PERMIT had ended")
    return statement.predicate


# --- The answer ---

@dataclasses.dataclass(frozen=True)
class Report:
    """What became of each claim: (result, reason or None), in the order of the answer."""
    claims: dict
    remarks: list
    found: Verified = None

    @property
    def is_verified(self):
        return self.claims["authentic"][0] == "holds" and self.claims["authorizes"][0] in ("holds", "not_asked")


def verify(keys, data, question=None):
    """Checks the bytes of a receipt; the question is what it is to authorize, None when nobody asks."""
    claims = {
        "authentic": ("holds", None),
        "witnessed": ("not_checked", "witnesses are not supported by this release"),
        "authorizes": ("not_asked", None),
        "consented": ("not_checked", "approvals are not supported by this release"),
        "complete": ("not_checked", "needs the whole log: `writ log audit`"),
    }
    try:
        found = verified(parse_receipt(data), keys)
    except Refusal as refusal:
        claims["authentic"] = ("fails", str(refusal))
        if question:
            claims["authorizes"] = ("fails", "the receipt is not authentic")
        return Report(claims, [])
    remarks = []
    if question:
        try:
            remarks = authorizes(found, question, keys)
            claims["authorizes"] = ("holds", None)
        except Refusal as refusal:
            claims["authorizes"] = ("fails", str(refusal))
    return Report(claims, remarks, found)


def report_json(report):
    claims = [quoted(name) + ":" + canonical({"result": result, **({"reason": reason} if reason else {})})
              for name, (result, reason) in report.claims.items()]
    parts = ['"claims":{' + ",".join(claims) + "}"]
    found = report.found
    if found:
        parts += [f'"index":{found.receipt.index}', f'"leaf":"{found.receipt.leaf.hex()}"',
                  '"origin":' + quoted(found.checkpoint.origin)]
    parts.append('"remarks":' + canonical(report.remarks))
    if found:
        parts += [f'"root":"{found.checkpoint.root.hex()}"', f'"size":{found.checkpoint.size}',
                  '"statement":' + found.receipt.statement.decode(), '"type":' + quoted(found.statement.type)]
    parts.append('"verified":' + canonical(report.is_verified))
    return "{" + ",".join(parts) + "}\n"


def printable(text):
    """The text without what could move a terminal's cursor or change the direction of writing."""
    hidden = ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")
    return "".join("\ufffd" if unicodedata.category(c) in hidden else c for c in text)


def report_text(report):
    lines = []
    for name, (result, reason) in report.claims.items():
        words = {"holds": "yes", "fails": f"NO   {printable(reason or '')}", "not_asked": "not asked",
                 "not_checked": f"not checked: {reason}"}
        lines.append(f"{name:<12}{words[result]}")
    lines += [f"remark      {remark}" for remark in report.remarks]
    found = report.found
    if found:
        said = found.statement.predicate
        lines.append(f"statement   {found.statement.type} {said['id']}, {said['time']}")
        if found.statement.type == "decision":
            lines += decision_lines(said)
        lines.append(f"log         {printable(found.checkpoint.origin)}, index {found.receipt.index} of "
                     f"{found.checkpoint.size}")
    return "\n".join(lines) + "\n"


def decision_lines(said):
    def shown(text):
        return "(blinded)" if re.fullmatch("sha256:[0-9a-f]{64}", text) else printable(text)

    actor = f'{said["actor"]["type"]}::"{said["actor"]["id"]}"'
    lines = [f"outcome     {said['outcome']} {said['cause']}", f"actor       {printable(actor)}",
             f"action      {shown(said['surface'])} / {shown(said['action'])}"]
    if said["policies"]:
        lines.append("policies    " + ", ".join(printable(policy) for policy in said["policies"]))
    if said["outcome"] == "PERMIT":
        lines.append("audience    " + ", ".join(printable(name) for name in said["audience"]))
        redemption = said.get("redemption")
        if redemption:
            lines.append(f"redeemed    by {printable(redemption['by'])}, to act by {redemption['act_by']}")
        else:
            lines.append(f"expires     {said['expires']}")
    return lines


# --- The command line ---

HELP = """usage: writ_verify.py --key VKEY | --key-file FILE  RECEIPT  [options]

Checks a receipt offline, with nothing but the public key of its log.
RECEIPT is a file, or - for standard input.

  --key VKEY           the log's verifier key, <name>+<id>+<base64>; may be repeated
  --key-file FILE      a file with such keys, one on each line
  --json               answer in JSON
  --version            say which release this is

To ask whether the receipt authorizes an action, give the action as you see it yourself:

  --request FILE       the request as JSON, with session and idempotency_key if they were given
  --opening NONCE      the nonce of the opening (32 hexadecimal digits), or a file {"nonce":"..."}
  --audience NAME      the enforcement point that runs the action
  --attempt ATTEMPT    the attempt for which it was redeemed (22 characters of base64url), or
  --at TIME            a time at which it must still be redeemable, as 2026-11-20T12:31:04.113Z
  --redemption FILE    the receipt of the redemption, if it was not redeemed with the decision

Exit status: 0 every claim that was asked for holds, 5 one does not, 1 a file cannot be read, 64 wrong usage.
"""
VERIFIED, UNREADABLE, NOT_VERIFIED, USAGE = 0, 1, 5, 64
OPTIONS = ("--key", "--key-file", "--request", "--opening", "--audience", "--attempt", "--at", "--redemption")


class Usage(Exception):
    """The command line, or a value on it, is wrong."""


class Unreadable(Exception):
    """A file cannot be read."""


def parse_arguments(words):
    """The values of each option, and the receipt's path under the empty name."""
    if len(words) > WORDS_MAX:
        raise Usage("too many arguments")
    found, rest, ends_options = {}, list(words), False
    while rest:
        word = rest.pop(0)
        if ends_options or not word.startswith("-") or word == "-":
            name, value = "", word
        elif word == "--":
            ends_options = True
            continue
        elif word in ("--help", "-h", "--version", "--json"):
            found[{"-h": "--help"}.get(word, word)] = [True]
            continue
        elif word not in OPTIONS:
            raise Usage(f"unknown option `{word}`")
        elif not rest:
            raise Usage(f"option `{word}` needs a value")
        else:
            name, value = word, rest.pop(0)
        if name in found and name not in ("--key", "--key-file"):
            raise Usage(f"`{name or 'RECEIPT'}` is given twice")
        found.setdefault(name, []).append(value)
    if "--help" not in found and "--version" not in found:
        check_arguments(found)
    return found


def check_arguments(found):
    """Half a question is refused: an answer to none of it must not look like an answer to all of it."""
    if "" not in found:
        raise Usage("which RECEIPT?")
    if "--key" not in found and "--key-file" not in found:
        raise Usage("give the log's key with `--key` or `--key-file`")
    if not any(name in found for name in OPTIONS[2:]):
        return
    for name in ("--request", "--opening", "--audience"):
        if name not in found:
            raise Usage(f"`{name}` is missing")
    if ("--attempt" in found) == ("--at" in found):
        raise Usage("give either `--attempt` or `--at`")
    if "--redemption" in found and "--attempt" not in found:
        raise Usage("`--redemption` needs `--attempt`")


def read_file(path, bytes_max):
    """Reads a file or standard input; one byte more than the limit, so that a longer one is seen to be longer."""
    try:
        with (os.fdopen(0, "rb", closefd=False) if path == "-" else open(path, "rb")) as source:
            return source.read(bytes_max + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot read `{path}`: {getattr(error, 'strerror', None) or error}") from None


def understood(path, what, read, *arguments):
    try:
        return read(*arguments)
    except Refusal as refusal:
        raise Usage(f"`{path}`{what}: {refusal}") from None


def read_keys(found):
    texts = [os.fsencode(text) for text in found.get("--key", [])]
    for path in found.get("--key-file", []):
        data = read_file(path, KEY_BYTES_MAX * KEYS_MAX)
        texts += [line for line in data.split(b"\n") if line]
    if not texts:
        raise Usage("the key file has no key")
    if len(texts) > KEYS_MAX:
        raise Usage(f"more than {KEYS_MAX} keys")
    return [understood(os.fsdecode(text), "", parse_key, text) for text in texts]


def read_question(found):
    if "--request" not in found:
        return None
    (path,) = found["--request"]
    request = understood(path, " is not a request", parse_request, read_file(path, 256 << 10))
    (opening,) = found["--opening"]
    if hex_bytes(opening, 16) is None:
        data = read_file(opening, OPENING_BYTES_MAX)
        opening = understood(opening, " is not an opening", parse_opening, data)
    (audience,) = found["--audience"]
    attempt = time = redemption = None
    if "--attempt" in found:
        attempt = parse_attempt(os.fsencode(found["--attempt"][0]).decode("utf-8", "replace"))
        if attempt is None:
            raise Usage("`--attempt` must be 16 bytes as 22 characters of base64url")
    else:
        time = milliseconds(found["--at"][0])
        if time is None:
            raise Usage("`--at` must be a time like 2026-11-20T12:31:04.113Z")
    if "--redemption" in found:
        (path,) = found["--redemption"]
        redemption = understood(path, " is not a receipt", parse_receipt, read_file(path, RECEIPT_BYTES_MAX))
    return Question(request, opening, os.fsencode(audience).decode("utf-8", "replace"), attempt, time, redemption)


def say(text, stream):
    stream.buffer.write(text.encode("utf-8", "replace"))
    stream.flush()


def main(words):
    try:
        found = parse_arguments(words)
        if "--help" in found or "--version" in found:
            say(HELP if "--help" in found else f"writ_verify {VERSION}\n", sys.stdout)
            return VERIFIED
        keys = read_keys(found)
        data = read_file(found[""][0], RECEIPT_BYTES_MAX)
        report = verify(keys, data, read_question(found))
        say(report_json(report) if "--json" in found else report_text(report), sys.stdout)
        return VERIFIED if report.is_verified else NOT_VERIFIED
    except Unreadable as error:
        say(f"writ_verify: {error}\n", sys.stderr)
        return UNREADABLE
    except Usage as error:
        say(f"writ_verify: {error}\nwrit_verify: try `writ_verify.py --help`\n", sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
