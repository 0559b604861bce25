"""Questions whether a receipt authorizes an action: the right one, and every wrong one."""

import json

from signer import Parts, Signer, receipt
from statements import (
    ATTEMPT_TEXT,
    NONCE,
    OPENING,
    OTHER_ATTEMPT_TEXT,
    REDEMPTION,
    REQUEST,
    SHAPES,
    blinded,
    decision,
    permit,
    redemption,
)
from writ_verify import canonical

REDEEMED = canonical(SHAPES["decision-redeemed"]).encode()
PERMITTED = canonical(SHAPES["decision-permitted"]).encode()
INDEX, SIZE = 5, 11


def asked(**rest):
    """The question of the redeemed decision; what is given as None is left out."""
    question = {"request": REQUEST, "opening": OPENING, "audience": "mcp-gateway", "attempt": ATTEMPT_TEXT, **rest}
    return {name: value for name, value in question.items() if value is not None}


def add(cases):
    redeemed(cases)
    times(cases)
    separately(cases)
    requests(cases)
    forms(cases)
    shown(cases)


def redeemed(cases):
    data = receipt(REDEEMED, INDEX, SIZE)

    def case(name, authorizes=False, receipt_=data, **rest):
        cases.add(f"authorizes/{name}", receipt_, True, question=asked(**rest), authorizes=authorizes)

    case("redeemed", True)
    case("opening-as-digits", True, opening=NONCE)
    case("other-attempt", attempt=OTHER_ATTEMPT_TEXT)
    case("other-opening", opening='{"nonce":"%s"}' % ("f" * 32))
    case("other-audience", audience="other-gateway")
    case("audience-that-did-not-redeem", audience="exec-gateway")
    case("audience-empty", audience="")
    case("audience-capital", audience="MCP-gateway")
    case("redeemed-asked-with-a-time", attempt=None, at="2026-11-20T12:31:05.000Z")
    for shape in SHAPES:
        if shape.startswith("decision-"):
            if SHAPES[shape]["predicate"]["outcome"] != "PERMIT":
                case(f"not-a-permit-{shape}", receipt_=receipt(canonical(SHAPES[shape]).encode()))
        else:
            case(f"not-a-decision-{shape}", receipt_=receipt(canonical(SHAPES[shape]).encode()))
    case("plain-target", True, receipt_=receipt(canonical(SHAPES["decision-plain-target"]).encode()))
    case("override", True, receipt_=receipt(canonical(SHAPES["decision-override"]).encode()))
    everything = decision(surface=blinded("surface", "platform"), action=blinded("action", "delete"))
    case("all-blinded", True, receipt_=receipt(canonical(everything).encode()))
    cases.add("authorizes/not-authentic", data[:-4] + b"AA==\n", False, question=asked(), authorizes=False)


def times(cases):
    data = receipt(PERMITTED, INDEX, SIZE)
    for name, at, holds in (
        ("first-moment", "2026-11-20T12:31:04.113Z", True),
        ("just-before", "2026-11-20T12:31:04.112Z", False),
        ("last-moment", "2026-11-20T12:32:04.112Z", True),
        ("end", "2026-11-20T12:32:04.113Z", False),
        ("much-later", "9999-12-31T23:59:59.999Z", False),
    ):
        cases.add(f"time/{name}", data, True, question=asked(attempt=None, at=at), authorizes=holds)
    for name, at in (
        ("no-fraction", "2026-11-20T12:31:04Z"),
        ("no-day", "2026-02-30T00:00:00.000Z"),
        ("now", "now"),
        ("empty", ""),
    ):
        cases.add(f"time/malformed-{name}", data, True, question=asked(attempt=None, at=at), status=64)


def separately(cases):
    """Redemptions in statements of their own."""
    data = receipt(PERMITTED, INDEX, SIZE)

    def case(name, statement, authorizes=False, signer=None, data_=data, keys=None, **rest):
        made = statement if type(statement) is bytes else receipt(canonical(statement).encode(), 9, 12, signer)
        cases.add(
            f"redemption/{name}", data_, True, keys=keys, question=asked(redemption=made, **rest), authorizes=authorizes
        )

    good = redemption(INDEX, PERMITTED)
    case("good", good, True)
    case("other-attempt", good, attempt=OTHER_ATTEMPT_TEXT)
    case("by-another", redemption(INDEX, PERMITTED, by="exec-gateway"))
    case("for-another-attempt", redemption(INDEX, PERMITTED, attempt="sha256:" + "0" * 64))
    case("of-another-index", redemption(INDEX + 1, PERMITTED))
    case("of-another-leaf", redemption(INDEX, REDEEMED))
    case("last-moment", redemption(INDEX, PERMITTED, time="2026-11-20T12:32:04.112Z"), True)
    case("late", redemption(INDEX, PERMITTED, time="2026-11-20T12:32:04.113Z"))
    case("no-redemption", SHAPES["halt-all"])
    case("is-the-decision", data)
    case("not-canonical", receipt(canonical(good).encode() + b"\n"))
    other = Signer("gate-2.example/2026")
    elsewhere = redemption(INDEX, PERMITTED, origin="gate-2.example/2026")
    case("in-an-unknown-log", elsewhere, signer=other)
    case("in-another-log", elsewhere, signer=other, keys=[Signer().vkey, other.vkey])
    forged = Parts(canonical(good).encode(), 9, 12)
    forged.note = forged.checkpoint() + b"\n" + forged.signer.line(bytes(64))
    case("forged", forged.receipt())
    cases.add("redemption/missing", data, True, question=asked(), authorizes=False)
    cases.add("redemption/not-a-receipt", data, True, question=asked(redemption="nothing"), status=64)
    cases.add(
        "redemption/with-a-time",
        data,
        True,
        status=64,
        question=asked(attempt=None, at="2026-11-20T12:31:05.000Z", redemption=receipt(canonical(good).encode())),
    )
    own = receipt(REDEEMED, INDEX, SIZE)
    case("not-needed", SHAPES["halt-all"], True, data_=own)


def requests(cases):
    """Requests that are another action, and the same action in other words."""
    data = receipt(REDEEMED, INDEX, SIZE)
    value = json.loads(REQUEST.replace("1.50", '"RATE"'))

    def case(name, request, authorizes=False):
        cases.add(f"request/{name}", data, True, question=asked(request=request), authorizes=authorizes)

    def written(changed, **layout):
        return json.dumps(changed, ensure_ascii=False, **layout).replace('"RATE"', "1.50")

    case("spaces", written(value, indent=2), True)
    case("reordered", written(dict(reversed(list(value.items())))), True)
    case("escaped", json.dumps(value).replace('"RATE"', "1.50"), True)
    case("with-redeem", written({**value, "redeem": {"attempt": OTHER_ATTEMPT_TEXT}}), True)
    for name, member, other in (
        ("actor-id", "actor", {"type": "Agent", "id": "ops-bot2"}),
        ("actor-type", "actor", {"type": "User", "id": "ops-bot"}),
        ("surface", "surface", "platform2"),
        ("action", "action", "create"),
        ("session", "session", "s-2"),
        ("target-id", "target", {"type": "Variable", "id": 'staging/é"x'}),
        ("target-composed", "target", {"type": "Variable", "id": 'staging/e\u0301"x"'}),
        ("target-type", "target", {"type": "Secret", "id": 'staging/é"x"'}),
        ("key", "idempotency_key", "k-2"),
    ):
        case(f"other-{name}", written({**value, member: other}))
    for member in ("session", "idempotency_key"):
        case(f"without-{member}", written({name: one for name, one in value.items() if name != member}))
    context = value["context"]
    for name, changed in (
        ("count", {"count": 2}),
        ("count-as-text", {"count": "1"}),
        ("one-more", {"more": 1}),
        ("tags-reordered", {"tags": [context["tags"][1], "a"]}),
        ("none-gone", {"tags": ["a", {"b": True}]}),
    ):
        case(f"context-{name}", written({**value, "context": {**context, **changed}}))
    for rate in ("1.5", "1.500", "15e-1", '"1.50"', '{"$d":"1.50"}'):
        status = 64 if "$" in rate else None
        cases.add(
            f"request/rate-{rate}", data, True, question=asked(request=REQUEST.replace("1.50", rate)), status=status
        )
    case("count-as-fraction", REQUEST.replace('"count":1', '"count":1.0'))


def forms(cases):
    """What is no request, no opening and no attempt: wrong usage, whatever the receipt is."""
    data = receipt(REDEEMED, INDEX, SIZE)

    def case(name, **rest):
        cases.add(f"form/{name}", data, True, question=asked(**rest), status=64)

    value = json.loads(REQUEST)
    for member in ("actor", "surface", "action", "target", "context"):
        case(f"request-without-{member}", request=json.dumps({n: v for n, v in value.items() if n != member}))
        case(f"request-{member}-null", request=json.dumps({**value, member: None}))
    for name, rest in (
        ("unknown-member", {"user": "x"}),
        ("token", {"token": {}}),
        ("hold", {"hold": True}),
        ("surface-empty", {"surface": ""}),
        ("surface-129-bytes", {"surface": "s" * 129}),
        ("surface-control", {"surface": "a\u0001"}),
        ("surface-c1", {"surface": "a\u0085"}),
        ("surface-delete", {"surface": "a\x7f"}),
        ("id-513-bytes", {"target": {"type": "V", "id": "i" * 513}}),
        ("actor-more", {"actor": {"type": "A", "id": "b", "x": 1}}),
        ("actor-without-id", {"actor": {"type": "A"}}),
        ("actor-text", {"actor": "A"}),
        ("context-array", {"context": []}),
        ("context-writ", {"context": {"writ": {}}}),
        ("context-dollar", {"context": {"a": [{"$x": 1}]}}),
        ("session-number", {"session": 1}),
        ("redeem-short", {"redeem": {"attempt": "AA"}}),
        ("redeem-more", {"redeem": {"attempt": ATTEMPT_TEXT, "x": 1}}),
        ("redeem-empty", {"redeem": {}}),
    ):
        case(f"request-{name}", request=json.dumps({**value, **rest}, ensure_ascii=False))
    for name, text in (
        ("empty", ""),
        ("array", "[]"),
        ("cut", REQUEST[:-1]),
        ("behind", REQUEST + "x"),
        ("duplicate", REQUEST.replace('"surface"', '"surface":"x","surface"')),
        ("integer-too-large", REQUEST.replace('"count":1', '"count":9007199254740992')),
        ("byte-order-mark", "\ufeff" + REQUEST),
        ("lone-surrogate", REQUEST.replace("s-1", "\\ud800")),
        ("number-too-long", REQUEST.replace("1.50", "1." + "5" * 63)),
        ("depth-33", REQUEST.replace('"count":1', '"count":' + "[" * 31 + "]" * 31)),
        ("values-10001", REQUEST.replace('"count":1', '"count":[' + "1," * 10_000 + "1]")),
    ):
        case(f"request-{name}", request=text)
    case("request-not-utf-8", request=REQUEST.encode().replace(b"ops-bot", b"\xff"))
    case("request-too-long", request=REQUEST + " " * (256 << 10))
    for name, text in (
        ("31-digits", '{"nonce":"%s"}' % NONCE[:31]),
        ("capitals", '{"nonce":"%s"}' % NONCE.upper()),
        ("more", '{"nonce":"%s","x":1}' % NONCE),
        ("twice", '{"nonce":"%s","nonce":"%s"}' % (NONCE, NONCE)),
        ("other-member", '{"Nonce":"%s"}' % NONCE),
        ("empty", "{}"),
        ("number", '{"nonce":1}'),
        ("text", '"%s"' % NONCE),
    ):
        case(f"opening-{name}", opening=text)
    for name, text in (
        ("21", ATTEMPT_TEXT[:21]),
        ("23", ATTEMPT_TEXT + "A"),
        ("padded", ATTEMPT_TEXT + "=="),
        ("empty", ""),
        ("standard-alphabet", ATTEMPT_TEXT.replace("_", "/").replace("-", "+")),
        ("bits", ATTEMPT_TEXT[:-1] + "x"),
    ):
        case(f"attempt-{name}", attempt=text)
    case("attempt-and-time", at="2026-11-20T12:31:05.000Z")
    case("neither-attempt-nor-time", attempt=None)


def shown(cases):
    """The commitment opens, and a member that people read says something else: the gate never writes that."""
    for name, value in (
        ("actor", {"id": "other", "type": "Agent"}),
        ("surface", "other"),
        ("action", "other"),
        ("target", {"id": "other", "type": "Variable"}),
        ("session", blinded("session", "s-2")),
    ):
        made = canonical(decision(**{name: value})).encode()
        cases.add(f"shown/other-{name}", receipt(made), True, question=asked(), authorizes=False)
    for name, text in (("surface", "platform"), ("action", "delete")):
        made = canonical(decision(**{name: blinded("target", text)})).encode()
        cases.add(f"shown/{name}-blinded-as-another-member", receipt(made), True, question=asked(), authorizes=False)
    made = canonical(decision(session=None)).encode()
    cases.add("shown/session-missing", receipt(made), True, question=asked(), authorizes=False)
    bare = json.dumps(
        {name: value for name, value in json.loads(REQUEST).items() if name not in ("session", "idempotency_key")},
        ensure_ascii=False,
    )
    made = canonical(decision(request=bare, session=None, terms=permit(REDEMPTION))).encode()
    cases.add("shown/no-session-no-key", receipt(made), True, question=asked(request=bare), authorizes=True)
    made = canonical(decision(request=bare, session=blinded("session", "s-1"))).encode()
    cases.add("shown/session-not-asked", receipt(made), True, question=asked(request=bare), authorizes=False)
