"""One statement of every shape, as values that can be altered before they are written."""

from signer import ORIGIN, leaf_hash
from writ_verify import canonical, parse_request, sha256

NONCE = "000102030405060708090a0b0c0d0e0f"
ATTEMPT = bytes(range(0xF0, 0x100))
ATTEMPT_TEXT = "8PHy8_T19vf4-fr7_P3-_w"
OTHER_ATTEMPT_TEXT = "AAECAwQFBgcICQoLDA0ODw"
TIME = "2026-11-20T12:31:04.113Z"
ACT_BY = "2026-11-20T12:31:09.113Z"
EXPIRES = "2026-11-20T12:32:04.113Z"
ID = "01JD3Z5K9V7Q2M8N4R6T0W1X3Y"
OPENING = '{"nonce":"%s"}' % NONCE

REQUEST = (
    '{"actor":{"type":"Agent","id":"ops-bot"},"surface":"platform","action":"delete",'
    '"target":{"type":"Variable","id":"staging/é\\"x\\""},'
    '"context":{"count":1,"rate":1.50,"tags":["a",{"b":true,"none":null}],"\U0001f600":-7,"\ue000":""},'
    '"session":"s-1","idempotency_key":"k-1"}'
)


def digest(text):
    return "sha256:" + sha256(text.encode()).hex()


def reference(index):
    return {"index": index, "leaf": leaf_hash(b"entry %d" % index).hex()}


def header(**rest):
    return {"id": ID, "origin": ORIGIN, "time": TIME, **rest}


def statement(kind, predicate, name, subject):
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": predicate,
        "predicateType": f"urn:writ:{kind}:v1",
        "subject": [{"digest": {"sha256": subject}, "name": name}],
    }


def blinded(member, value):
    return digest(canonical(["writ-blind-v1", NONCE, member, value]))


BUNDLE = {"digest": digest("bundle"), "name": "demo", "source": "directory", "version": 0}
REDEMPTION = {"act_by": ACT_BY, "attempt": "sha256:" + sha256(ATTEMPT).hex(), "by": "mcp-gateway"}
MANY = [f"platform/policy-{number}" for number in range(100, 164)]
MORE = {"count": 70, "digest": digest("all seventy")}


def permit(redemption=REDEMPTION):
    terms = {"audience": ["exec-gateway", "mcp-gateway"], "expires": EXPIRES, "granted_by": "platform/staging-delete"}
    return {**terms, "redemption": redemption} if redemption else terms


def decision(outcome="PERMIT", cause="permitted", terms=None, request=REQUEST, **rest):
    """A decision about a request; what is given as None is left out."""
    asked = parse_request(request.encode())
    predicate = header(
        action=asked.action,
        actor=asked.actor,
        bundle=BUNDLE,
        cause=cause,
        claims={"key": "hmac:" + "5" * 64},
        connection="token:mcp-gateway",
        enforced=True,
        engine="writ/1",
        facts=digest("facts"),
        outcome=outcome,
        policies=["platform/staging-delete"],
        session=asked.session and blinded("session", asked.session),
        surface=asked.surface,
        target=blinded("target", asked.target),
    )
    predicate.update(terms if terms is not None else permit() if outcome == "PERMIT" else {})
    predicate.update(rest)
    predicate = {name: value for name, value in predicate.items() if value is not None}
    return statement("decision", predicate, "request", sha256(asked.record(NONCE)).hex())


def redemption(index, decision_bytes, **rest):
    leaf = leaf_hash(decision_bytes).hex()
    predicate = header(decision={"index": index, "leaf": leaf}, **{**REDEMPTION, **rest})
    return statement("redemption", predicate, "decision", leaf)


def effect(**rest):
    predicate = header(
        attempt=REDEMPTION["attempt"],
        by="mcp-gateway",
        decision=reference(5),
        effect="executed",
        redemption=reference(6),
    )
    predicate.update(rest)
    return statement("effect", predicate, "decision", predicate["decision"]["leaf"])


def scoped(kind, scope, **rest):
    subject = sha256(canonical(scope).encode()).hex()
    return statement(kind, header(by="peer:operator", scope=scope, **rest), "scope", subject)


def identity(change, **members):
    subject = sha256(members["name"].encode()).hex()
    return statement("identity", header(by="peer:operator", change=change, identity=members), "identity", subject)


def bundle():
    return statement("bundle", header(bundle=BUNDLE, change="loaded"), "bundle", BUNDLE["digest"][7:])


def gate(**rest):
    return statement("gate", header(engine="writ/1", **rest), "gate", sha256(b"configuration").hex())


RESULT = {"digest": digest("result"), "duration_milliseconds": 14, "size_bytes": (1 << 53) - 1, "status": -9}
TOKEN = {"kind": "token", "sha256": "7" * 64}

# One statement of each shape, by name: each is a positive case, and the ones that are altered are named below.
SHAPES = {
    "decision-redeemed": decision(parent=reference(3)),
    "decision-permitted": decision(terms=permit(None)),
    "decision-override": decision(cause="override"),
    "decision-plain-target": decision(target={"id": 'staging/é"x"', "type": "Variable"}),
    "decision-blinded": decision(
        "SILENCE", "unknown_surface", surface=digest("surface"), action=digest("action"), policies=[]
    ),
    "decision-without-bundle": decision(
        "SILENCE", "bundle_unavailable", bundle=None, claims=None, session=None, policies=[]
    ),
    "decision-error": decision("SILENCE", "policy_error", policies=[], errors=["platform/bad", "platform/worse"]),
    "decision-many-errors": decision("SILENCE", "policy_error", policies=[], errors=MANY, errors_more=MORE),
    "decision-many-policies": decision("DENY", "forbidden", policies=MANY, policies_more=MORE),
    "decision-sixty-four-policies": decision("DENY", "forbidden", policies=MANY),
    "decision-conflict": decision(
        "DENY", "idempotency_conflict", policies=[], original={**reference(7), "commitment": digest("original")}
    ),
    "decision-hold": decision("HOLD", "approval_required"),
    "decision-escapes": decision(
        "DENY",
        "halted",
        policies=[],
        actor={
            "id": 'quote " backslash \\ controls \x00\x01\b\t\n\f\r\x1f delete \x7f slash / e\u0301 \U0001f600 \ufeff',
            "type": "Agent",
        },
    ),
    "redemption": redemption(5, b"entry 5"),
    "effect-executed": effect(result=RESULT, contradicts=reference(2)),
    "effect-failed": effect(effect="failed", result={"size_bytes": 0}),
    "effect-not-started": effect(effect="not_started"),
    "halt-all": scoped("halt", {"kind": "all"}),
    "halt-surface": scoped("halt", {"kind": "surface", "name": "platform"}, reason=digest("note")),
    "halt-actor": scoped("halt", {"id": "ops-bot", "kind": "actor", "type": "Agent"}),
    "resume-actor": scoped("resume", {"id": "ops-bot", "kind": "actor", "type": "Agent"}),
    "identity-added": identity(
        "added",
        actors=["ops-bot", "other-bot"],
        credential=TOKEN,
        name="mcp-gateway",
        role="enforcement",
        surfaces=["*"],
    ),
    "identity-rotated": identity(
        "rotated", credential={"kind": "peer", "uid": (1 << 32) - 1}, name="operator", role="operator"
    ),
    "identity-retired": identity("retired", name="ops-bot", role="actor"),
    "bundle-loaded": bundle(),
    "gate-started": gate(
        change="started",
        clean=False,
        key="gate-1.example/2026+00000000+AQ==",
        refused={"overloaded": 3, "log_unavailable": (1 << 53) - 1},
    ),
    "gate-stopped": gate(change="stopped"),
}

# The shapes of which every member is altered, with the members that may be left out.
ALTERED = {
    "decision-redeemed": {
        "predicate.bundle",
        "predicate.claims",
        "predicate.parent",
        "predicate.redemption",
        "predicate.session",
    },
    "decision-many-errors": {"predicate.errors_more"},
    "decision-conflict": {"predicate.original"},
    "redemption": set(),
    "effect-executed": {
        "predicate.contradicts",
        "predicate.result",
        "predicate.result.digest",
        "predicate.result.duration_milliseconds",
        "predicate.result.size_bytes",
        "predicate.result.status",
    },
    "halt-surface": {"predicate.reason"},
    "resume-actor": set(),
    "identity-added": {"predicate.identity.actors", "predicate.identity.surfaces"},
    "bundle-loaded": set(),
    "gate-started": {"predicate.refused", "predicate.refused.overloaded", "predicate.refused.log_unavailable"},
}

# The only members that are altered, where it is not all of them.
ONLY = {"decision-many-errors": ["predicate.errors"], "decision-conflict": ["predicate.original"]}
