"""Receipts whose text, proof, checkpoint, signatures or keys are not what they should be."""

from signer import BASE, ORIGIN, TORSION, Parts, Signer, b64, encoded, seed, vkey
from statements import SHAPES
from writ_verify import FIELD, ORDER, canonical, plus, times

STATEMENT = canonical(SHAPES["halt-all"]).encode()


def parts(index=5, size=11):
    return Parts(STATEMENT, index, size)


def add(cases):
    text(cases)
    base64_forms(cases)
    proofs(cases)
    checkpoints(cases)
    notes(cases)
    signatures(cases)
    keys(cases)


def text(cases):
    """The text of the receipt, line by line."""
    good = parts().receipt()
    lines = good.split(b"\n")[:-1]

    def case(name, data, holds=False):
        cases.add(f"text/{name}", data, holds)

    case("empty", b"")
    case("only-header", lines[0] + b"\n")
    for count in range(1, len(lines)):
        case(f"cut-after-line-{count}", b"\n".join(lines[:count]) + b"\n")
    case("cut-last-byte", good[:-1])
    case("cut-two-bytes", good[:-2])
    case("cut-first-byte", good[1:])
    for name, more in (("line-feed", b"\n"), ("space", b" "), ("zero", b"\x00"), ("line", b"more\n"), ("itself", good)):
        case(f"extended-by-{name}", good + more)
    case("byte-order-mark", b"\xef\xbb\xbf" + good)
    case("line-feed-before", b"\n" + good)
    case("carriage-returns", good.replace(b"\n", b"\r\n"))
    case("version-2", good.replace(b"@v1", b"@v2", 1))
    case("header-capital", good.replace(b"c2sp", b"C2SP", 1))
    case("header-space", good.replace(b"@v1\n", b"@v1 \n", 1))
    for number in range(1, len(lines)):
        if lines[number]:
            rest = lines[:number] + lines[number + 1 :]
            case(f"without-line-{number + 1}", b"\n".join(rest) + b"\n")
        case(f"doubled-line-{number + 1}", b"\n".join(lines[: number + 1] + lines[number:]) + b"\n")
        if number + 1 < len(lines) and lines[number] != lines[number + 1]:
            swapped = lines[:number] + [lines[number + 1], lines[number]] + lines[number + 2 :]
            case(f"swapped-lines-{number + 1}-{number + 2}", b"\n".join(swapped) + b"\n")
    case("extra-capital", good.replace(b"\nextra ", b"\nExtra ", 1))
    case("extra-two-spaces", good.replace(b"\nextra ", b"\nextra  ", 1))
    case("extra-tab", good.replace(b"\nextra ", b"\nextra\t", 1))
    case("extra-empty", good.replace(lines[1], b"extra ", 1))
    for name, number in (
        ("leading-zero", b"05"),
        ("plus", b"+5"),
        ("minus", b"-5"),
        ("hexadecimal", b"0x5"),
        ("space", b" 5"),
        ("space-behind", b"5 "),
        ("empty", b""),
        ("fraction", b"5.0"),
        ("exponent", b"5e0"),
        ("underscore", b"0_5"),
        ("other-digits", "٥".encode()),
        ("full-width", "５".encode()),
    ):
        case(f"index-{name}", good.replace(b"index 5\n", b"index " + number + b"\n", 1))
    for number in (0, 4, 6, 10, 11, 12, 5 + 16, 5 + (1 << 32), (1 << 63) - 1, 1 << 63, (1 << 64) - 1, (1 << 64) + 5):
        case(f"index-{number}", good.replace(b"index 5\n", b"index %d\n" % number, 1))
    long = Parts(b"x" * 65_536)
    case("statement-too-long", long.receipt())
    case("receipt-too-long", good.replace(lines[1], b"extra " + b64(b"y" * 200_000), 1))


def base64_forms(cases):
    """Every place that has base64, in spellings that a lenient reader takes."""
    good = parts().receipt()
    lines = good.split(b"\n")[:-1]
    places = {
        "extra": (1, b"extra "),
        "hash": (3, b""),
        "root": (len(lines) - 3, b""),
        "signature": (len(lines) - 1, b"\xe2\x80\x94 " + ORIGIN.encode() + b" "),
    }
    for place, (number, prefix) in places.items():
        value = lines[number][len(prefix) :]
        body = value.rstrip(b"=")
        forms = {
            "without-padding": body,
            "more-padding": value + b"=",
            "line-in-it": value[:8] + b"\n" + value[8:],
            "space-in-it": value[:8] + b" " + value[8:],
            "space-before": b" " + value,
            "space-behind": value + b" ",
            "tab-behind": value + b"\t",
            "padding-in-it": value[:4] + b"====" + value[4:],
            "one-symbol-less": value[1:],
            "group-less": value[4:],
            "group-more": b"AAAA" + value,
            "no-symbol": value[:4] + b"*" + value[5:],
            "high-byte": value[:4] + b"\xff" + value[5:],
            "url-alphabet": value.replace(b"+", b"-").replace(b"/", b"_"),
            "carriage-return": value + b"\r",
        }
        if body == value:
            del forms["without-padding"]
        else:
            # The last symbol has bits that no byte takes: the same bytes in another spelling.
            symbols = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            last = symbols.index(body[-1:])
            forms["bits-left-over"] = body[:-1] + symbols[last + 1 : last + 2] + value[len(body) :]
        for form, other in forms.items():
            if other != value:
                changed = lines[:number] + [prefix + other] + lines[number + 1 :]
                cases.add(f"base64/{place}-{form}", b"\n".join(changed) + b"\n", False)


def proofs(cases):
    """Inclusion paths that are too long, too short or of something else."""

    def case(name, alter, index=5, size=11, holds=False):
        made = parts(index, size)
        alter(made)
        cases.add(f"proof/{name}", made.receipt(), holds)

    case("too-short", lambda p: p.hashes.pop())
    case("first-missing", lambda p: p.hashes.pop(0))
    case("empty", lambda p: p.hashes.clear())
    case("too-long", lambda p: p.hashes.append(p.root))
    case("zero-hash-more", lambda p: p.hashes.append(bytes(32)))
    case("reversed", lambda p: p.hashes.reverse())
    case("first-altered", lambda p: p.hashes.__setitem__(0, bytes(32)))
    case("hash-of-31-bytes", lambda p: p.hashes.__setitem__(0, p.hashes[0][:31]))
    case("hash-of-33-bytes", lambda p: p.hashes.__setitem__(0, p.hashes[0] + b"\x00"))
    case("hashes-63", lambda p: p.hashes.extend([bytes(32)] * (63 - len(p.hashes))))
    case("hashes-64", lambda p: p.hashes.extend([bytes(32)] * (64 - len(p.hashes))))
    case("one-leaf-with-a-hash", lambda p: p.hashes.append(bytes(32)), 0, 1)
    case("root-as-leaf-of-larger-tree", lambda p: (p.hashes.clear(), setattr(p, "size", 2)), 0, 1)
    case("size-larger", lambda p: setattr(p, "size", 17))
    case("size-smaller", lambda p: setattr(p, "size", 8))
    # A root hash does not bind the size. A log that signs this lies about its size, not about the statement: only a
    # consistency proof can tell.
    case("size-12-has-the-same-path", lambda p: setattr(p, "size", 12), holds=True)
    case("size-5", lambda p: setattr(p, "size", 5))
    case("size-huge", lambda p: setattr(p, "size", (1 << 63) - 1))
    case("index-beyond-size", lambda p: setattr(p, "index", 11))
    case("index-of-another", lambda p: setattr(p, "index", 4))
    case("other-statement", lambda p: setattr(p, "statement", canonical(SHAPES["halt-actor"]).encode()))
    case("statement-with-node-prefix", lambda p: setattr(p, "statement", b"\x01" + p.statement))
    case("root-other", lambda p: setattr(p, "root", bytes(32)))
    case("empty-tree", lambda p: (setattr(p, "size", 0), p.hashes.clear()), 0, 1)


def checkpoints(cases):
    """Checkpoints that the log's key signed and that are none of this log, or none at all."""
    made = parts()
    good = made.checkpoint()
    root = b64(made.root)
    origin = ORIGIN.encode()

    def case(name, checkpoint, holds=False):
        made.note = made.signer.note(checkpoint)
        cases.add(f"checkpoint/{name}", made.receipt(), holds)

    case("as-it-is", good, True)
    case("other-origin", good.replace(origin, b"gate-2.example/2026"))
    case("origin-prefix", good.replace(origin, b"gate-1.example/202"))
    case("origin-capital", good.replace(origin, b"Gate-1.example/2026"))
    case("origin-empty", good.replace(origin, b""))
    case("origin-space", good.replace(origin, origin + b" "))
    case("origin-plus", good.replace(origin, origin + b"+"))
    case("origin-256-bytes", good.replace(origin, b"o" * 256))
    case("extension-line", good + b"extension\n")
    case("extension-line-empty", good + b"\n")
    case("two-lines", origin + b"\n11\n")
    case("one-line", origin + b"\n")
    for name, size in (
        ("leading-zero", b"011"),
        ("plus", b"+11"),
        ("empty", b""),
        ("space", b"11 "),
        ("minus", b"-11"),
        ("2-to-63", b"%d" % (1 << 63)),
        ("2-to-64-and-11", b"%d" % ((1 << 64) + 11)),
    ):
        case(f"size-{name}", good.replace(b"\n11\n", b"\n" + size + b"\n"))
    for name, value in (
        ("31-bytes", b64(made.root[:31])),
        ("33-bytes", b64(made.root + b"\x00")),
        ("empty", b""),
        ("hexadecimal", made.root.hex().encode()),
    ):
        case(f"root-{name}", good.replace(root, value))
    case("lines-swapped", origin + b"\n" + root + b"\n11\n")
    case("size-0-with-root", good.replace(b"\n11\n", b"\n0\n"))


def notes(cases):
    """Signature lines."""
    made = parts()
    signer, text_ = made.signer, made.checkpoint()
    good = signer.line(signer.sign(text_))
    stranger = Signer("witness.example/w1", of="witness")
    other = stranger.line(b"\x00" * 8 + stranger.sign(text_))

    def case(name, lines, holds=False):
        made.note = text_ + b"\n" + lines
        cases.add(f"note/{name}", made.receipt(), holds)

    case("stranger-before", other + good, True)
    case("stranger-behind", good + other, True)
    case("same-name-other-id", good + signer.line(bytes(64), key_id=b"\x01\x02\x03\x04"), True)
    case("signatures-16", good + other * 15, True)
    case("signatures-17", good + other * 16)
    case("signatures-64", good + other * 63)
    case("signatures-65", good + other * 64)
    case("none", b"")
    case("only-stranger", other)
    case("twice", good + good)
    case("good-then-bad", good + signer.line(bytes(64)))
    case("bad-then-good", signer.line(bytes(64)) + good)
    case("name-other", signer.line(signer.sign(text_), name="gate-2.example/2026"))
    case("name-empty", good.replace(ORIGIN.encode(), b""))
    case("name-plus", good + signer.line(bytes(64), name="a+b"))
    case("name-no-break-space", good + signer.line(bytes(64), name="a\u00a0b"))
    case("name-not-utf-8", good + b"\xe2\x80\x94 \xff AAAAAAA=\n")
    case("name-overlong-utf-8", good + b"\xe2\x80\x94 \xc1\x81 AAAAAAA=\n")
    case("name-surrogate-utf-8", good + b"\xe2\x80\x94 \xed\xa0\x80 AAAAAAA=\n")
    case("id-other", signer.line(signer.sign(text_), key_id=b"\x00\x00\x00\x00"))
    case("id-only", good + signer.line(b""))
    case("id-short", good + "— a AAAA\n".encode())
    case("hyphen", good.replace("—".encode(), b"-"))
    case("en-dash", good.replace("—".encode(), "–".encode()))
    case("no-space", good.replace("— ".encode(), "—".encode()))
    case("control-character", good + "— a\x01b AAAAAAA=\n".encode())
    case("zero-byte", good + b"\x00\n")
    case("empty-line-behind", good + b"\n")
    case("empty-line-between", good + b"\n" + other)
    case("over-text-without-line-feed", signer.line(signer.sign(text_[:-1])))
    case("over-text-with-empty-line", signer.line(signer.sign(text_ + b"\n")))


def signatures(cases):
    """Ed25519 signatures that lenient verifiers take, and others."""
    made = parts()
    signer, text_ = made.signer, made.checkpoint()
    good = signer.sign(text_)
    s = int.from_bytes(good[32:], "little")

    def case(name, value, holds=False):
        made.note = text_ + b"\n" + signer.line(value)
        cases.add(f"signature/{name}", made.receipt(), holds)

    case("as-it-is", good, True)
    case("s-plus-order", good[:32] + (s + ORDER).to_bytes(32, "little"))
    case("s-order", good[:32] + ORDER.to_bytes(32, "little"))
    case("s-zero", good[:32] + bytes(32))
    case("s-high-bit", good[:63] + bytes([good[63] | 0x80]))
    case("63-bytes", good[:63])
    case("65-bytes", good + b"\x00")
    case("1-byte", good[:1])
    case("zeros", bytes(64))
    case("ones", b"\xff" * 64)
    case("over-other-text", signer.sign(text_ + b" "))
    case("other-key", Signer(of="other").sign(text_))
    # The equation holds for these; R is weak, or has a second spelling.
    neutral = (1).to_bytes(32, "little")
    case("r-neutral", signer.forged(text_, neutral))
    case("r-neutral-not-canonical", signer.forged(text_, (FIELD + 1).to_bytes(32, "little")))
    case("r-neutral-with-sign", signer.forged(text_, neutral[:31] + b"\x80"))
    case("r-of-order-8", signer.forged(text_, encoded(TORSION)))
    case("r-of-order-4", signer.forged(text_, encoded(times(2, TORSION))))
    case("r-of-order-2", signer.forged(text_, encoded(times(4, TORSION))))
    case("r-of-mixed-order", signer.mixed(text_))
    case("r-not-a-point", signer.forged(text_, (2).to_bytes(32, "little")))
    r = int.from_bytes(seed("own nonce"), "little") % ORDER
    case("own-nonce", signer.forged(text_, encoded(times(r, BASE)), r), True)


def keys(cases):
    """Keys that were not those of the log, and texts that are no keys."""
    data = parts().receipt()
    signer = Signer()

    def case(name, *texts, holds=False, status=None):
        cases.add(f"key/{name}", data, holds, keys=list(texts), status=status)

    case("as-it-is", signer.vkey, holds=True)
    case("other", Signer(of="other").vkey)
    case("other-name", Signer("gate-2.example/2026").vkey)
    case("among-others", Signer(of="other").vkey, Signer("gate-2.example/2026").vkey, signer.vkey, holds=True)
    case("twice", signer.vkey, signer.vkey, holds=True)
    case("32", *[Signer(f"log-{n}.example", of="other").vkey for n in range(31)], signer.vkey, holds=True)
    case("33", *[Signer(f"log-{n}.example", of="other").vkey for n in range(32)], signer.vkey, status=64)
    mallory = Signer(of="mallory")
    forged = parts()
    forged.note = forged.checkpoint() + b"\n" + mallory.line(mallory.sign(forged.checkpoint()), key_id=signer.id)
    cases.add("key/id-of-the-log-signature-of-another", forged.receipt(), False)
    other_log = Parts(STATEMENT, 5, 11, Signer("gate-2.example/2026"))
    cases.add("key/other-log-own-key", other_log.receipt(), False, keys=[Signer("gate-2.example/2026").vkey])
    cases.add("key/other-log", other_log.receipt(), False)

    name, key_id, value = signer.vkey.split("+", 2)
    for form, text_ in (
        ("id-other", f"{name}+00000000+{value}"),
        ("id-capital", f"{name}+{key_id.upper()}+{value}"),
        ("id-short", f"{name}+{key_id[:7]}+{value}"),
        ("id-empty", f"{name}++{value}"),
        ("two-parts", f"{name}+{value}"),
        ("one-part", name),
        ("four-parts", f"{signer.vkey}+"),
        ("space-behind", signer.vkey + " "),
        ("carriage-return", signer.vkey + "\r"),
        ("without-padding", signer.vkey.rstrip("=")),
        ("url-alphabet", signer.vkey + "_"),
        ("31-bytes", vkey(name, signer.public[:31])),
        ("33-bytes", vkey(name, signer.public + b"\x00")),
        ("no-bytes", vkey(name, b"")),
        ("algorithm-0", vkey(name, signer.public, 0)),
        ("algorithm-2", vkey(name, signer.public, 2)),
        ("algorithm-cosignature", vkey(name, signer.public, 4)),
        ("algorithm-255", vkey(name, signer.public, 255)),
        ("name-empty", vkey("", signer.public)),
        ("name-space", vkey("gate 1", signer.public)),
        ("name-no-break-space", vkey("gate\u00a01", signer.public)),
        ("name-ideographic-space", vkey("gate\u30001", signer.public)),
        ("name-delete", vkey("gate\x7f", signer.public)),
        ("name-next-line", vkey("gate\u0085", signer.public)),
        ("name-256-bytes", vkey("n" * 256, signer.public)),
    ):
        if text_ != signer.vkey:
            case(form, text_, status=64)
    case("name-255-bytes", vkey("n" * 255, signer.public))
    public = {
        "zeros": bytes(32),
        "neutral": (1).to_bytes(32, "little"),
        "ones": b"\xff" * 32,
        "neutral-not-canonical": (FIELD + 1).to_bytes(32, "little"),
        "y-is-the-prime": FIELD.to_bytes(32, "little"),
        "minus-one": (FIELD - 1).to_bytes(32, "little"),
        "neutral-with-sign": b"\x01" + bytes(30) + b"\x80",
        "not-a-point": (2).to_bytes(32, "little"),
        "mixed-order": encoded(plus(times(signer.scalar, BASE), TORSION)),
    }
    public.update({f"torsion-{n}": encoded(times(n, TORSION)) for n in range(1, 8)})
    for form, weak in public.items():
        case(f"weak-{form}", vkey(ORIGIN, weak), status=64)
