"""Statements that the log has, under good proofs and signatures, and that are not what the format says."""

import copy
import json

from signer import Signer, receipt
from statements import (
    ALTERED,
    EXPIRES,
    MANY,
    MORE,
    ONLY,
    REDEMPTION,
    SHAPES,
    decision,
    digest,
    gate,
    identity,
    permit,
    scoped,
)
from writ_verify import canonical

HALT = canonical(SHAPES["halt-all"]).encode()


def add(cases):
    members(cases)
    spellings(cases)
    values(cases)
    lists(cases)
    rules(cases)


def paths(value, path=()):
    """The paths of all members and elements."""
    inner = value.items() if type(value) is dict else enumerate(value) if type(value) is list else ()
    for name, member in inner:
        yield path + (name,)
        yield from paths(member, path + (name,))


def at(value, path):
    for name in path:
        value = value[name]
    return value


def edited(value, path, edit):
    """A copy in which the container of the last name of the path was edited."""
    made = copy.deepcopy(value)
    edit(at(made, path[:-1]), path[-1])
    return made


def of_another_kind(value):
    """A value of another kind that no reader may take for this one."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    if type(value) is str:
        return [value]
    return {} if type(value) is list else []


def members(cases):
    """Each member of each type of statement: gone, null, of another kind; and one more in each object."""
    for shape, may_go in ALTERED.items():
        good = SHAPES[shape]
        for path in paths(good):
            # Elements of long lists are all alike.
            if any(type(name) is int and name > 0 for name in path):
                continue
            name = ".".join(str(part) for part in path)
            # Of further decisions only what the first does not have.
            if not any(name.startswith(prefix) for prefix in ONLY.get(shape, [""])):
                continue
            where = f"member/{shape}/{name}"
            if type(path[-1]) is str:
                cases.statement(f"{where}/gone", edited(good, path, lambda c, n: c.pop(n)), name in may_go)
            cases.statement(f"{where}/null", edited(good, path, lambda c, n: c.__setitem__(n, None)), False)
            kind = edited(good, path, lambda c, n: c.__setitem__(n, of_another_kind(c[n])))
            cases.statement(f"{where}/other-kind", kind, False)
            if type(at(good, path)) is dict:
                more = edited(good, path, lambda c, n: c[n].__setitem__("x", "y"))
                cases.statement(f"{where}/one-more", more, False)
        cases.statement(f"member/{shape}/one-more", {**good, "x": "y"}, False)


def spellings(cases):
    """The same value in other bytes, and bytes that are no JSON."""

    def case(name, data, holds=False):
        cases.statement(f"json/{name}", data, holds)

    def changed(name, old, new):
        assert HALT.count(old) >= 1, old
        case(name, HALT.replace(old, new, 1))

    case("as-it-is", HALT, True)
    for name, data in (
        ("space-before", b" " + HALT),
        ("line-feed-behind", HALT + b"\n"),
        ("behind", HALT + b"{}"),
        ("byte-order-mark", b"\xef\xbb\xbf" + HALT),
        ("zero-behind", HALT + b"\x00"),
        ("cut", HALT[:-1]),
        ("one-byte", b"{"),
        ("array", b"[" + HALT + b"]"),
        ("string", b'"halt"'),
        ("number", b"1"),
        ("null", b"null"),
        ("utf-16", HALT.decode().encode("utf-16-le")),
        ("python-spaces", json.dumps(SHAPES["halt-all"]).encode()),
    ):
        case(name, data)
    changed("space-after-colon", b'"by":"', b'"by": "')
    changed("space-after-comma", b',"id"', b', "id"')
    changed("tab", b"{", b"{\t")
    changed("trailing-comma", b'"},', b'",},')
    changed("leading-comma", b"{", b"{,")
    changed("single-quotes", b'"by"', b"'by'")
    changed("bare-name", b'"by"', b"by")
    changed("comment", b"{", b"{/* */")
    changed("escape-of-a-letter", b"peer:operator", b"\\u0070eer:operator")
    changed("escape-of-a-slash", b"in-toto.io/S", b"in-toto.io\\/S")
    changed("escape-in-a-name", b'"by"', b'"\\u0062y"')
    changed("escape-unknown", b"peer:operator", b"\\peer:operator")
    changed("escape-capital", b"peer:operator", b"\\u000Apeer:operator")
    changed("escape-long-for-short", b"peer:operator", b"\\u000apeer:operator")
    changed("escape-of-delete", b"peer:operator", b"\\u007fpeer:operator")
    changed("escape-cut", b"peer:operator", b"\\u12")
    changed("escape-no-digits", b"peer:operator", b"\\u00g0")
    changed("escape-braces", b"peer:operator", b"\\u{70}")
    changed("surrogate-high-alone", b"peer:operator", b"\\ud83d")
    changed("surrogate-low-alone", b"peer:operator", b"\\ude00")
    changed("surrogate-high-twice", b"peer:operator", b"\\ud83d\\ud83d")
    changed("surrogates-swapped", b"peer:operator", b"\\ude00\\ud83d")
    changed("surrogate-pair-escaped", b"peer:operator", b"\\ud83d\\ude00")
    for name, byte in (
        ("continuation", b"\x80"),
        ("overlong-slash", b"\xc0\xaf"),
        ("overlong-3", b"\xe0\x80\xaf"),
        ("overlong-4", b"\xf0\x80\x80\xaf"),
        ("surrogate", b"\xed\xa0\x80"),
        ("cut", b"\xe2\x82"),
        ("beyond", b"\xf4\x90\x80\x80"),
        ("five-bytes", b"\xf8\x88\x80\x80\x80"),
        ("ff", b"\xff"),
        ("latin-1", b"\xe9"),
    ):
        changed(f"utf-8-{name}", b"peer:operator", b"peer:" + byte)
    for code in (0, 1, 9, 10, 13, 31):
        changed(f"raw-control-{code}", b"peer:operator", b"peer:" + bytes([code]))
    duplicates(case)
    reordered = dict(reversed(list(json.loads(HALT).items())))
    case("members-reordered", json.dumps(reordered, separators=(",", ":")).encode())
    changed(
        "inner-members-reordered",
        b'"by":"peer:operator","id":"01JD3Z5K9V7Q2M8N4R6T0W1X3Y"',
        b'"id":"01JD3Z5K9V7Q2M8N4R6T0W1X3Y","by":"peer:operator"',
    )
    for depth in (7, 8, 9):
        changed(f"depth-{depth}", b'"peer:operator"', b"[" * (depth - 2) + b"]" * (depth - 2))
    for count in (19_000, 20_000):
        changed(f"values-{count}", b'"peer:operator"', b"[" + b"1," * count + b"1]")


def duplicates(case):
    """A member twice: equal, different, and at every level."""
    case("duplicate-equal", HALT.replace(b'"by":"peer:operator"', b'"by":"peer:operator","by":"peer:operator"', 1))
    case("duplicate-different", HALT.replace(b'"by":"peer:operator"', b'"by":"x","by":"peer:operator"', 1))
    case("duplicate-escaped", HALT.replace(b'"by":"peer:operator"', b'"by":"peer:operator","\\u0062y":"x"', 1))
    case("duplicate-top", HALT.replace(b"{", b'{"_type":"x",', 1))
    case("duplicate-inner", HALT.replace(b'"kind":"all"', b'"kind":"all","kind":"all"', 1))
    permitted = canonical(SHAPES["decision-redeemed"]).encode()
    # More than sixteen members: a reader may look for duplicates in another way there.
    case("duplicate-of-many", permitted.replace(b'"outcome":"PERMIT"', b'"outcome":"DENY","outcome":"PERMIT"', 1))
    case(
        "duplicate-of-many-at-the-end", permitted.replace(b'"},"predicateType"', b'","action":"x"},"predicateType"', 1)
    )
    case(
        "duplicate-of-many-escaped",
        permitted.replace(b'"},"predicateType"', b'","\\u0061ction":"x"},"predicateType"', 1),
    )


def values(cases):
    """Values at and beyond their limits."""
    halt, effect, started = SHAPES["halt-all"], SHAPES["effect-executed"], SHAPES["gate-started"]

    def case(name, value, holds=False):
        cases.statement(f"value/{name}", value, holds)

    def raw(name, value, old, new, holds=False):
        data = canonical(value).encode()
        assert data.count(old) == 1, (name, old, data)
        case(name, data.replace(old, new), holds)

    def header(name, member, text, holds=False):
        case(f"{member}-{name}", {**halt, "predicate": {**halt["predicate"], member: text}}, holds)

    for name, text, holds in (
        ("first", "1970-01-01T00:00:00.000Z", True),
        ("last", "9999-12-31T23:59:59.999Z", True),
        ("leap-day", "2028-02-29T00:00:00.000Z", True),
        ("leap-day-2000", "2000-02-29T00:00:00.000Z", True),
        ("no-leap-day-2100", "2100-02-29T00:00:00.000Z", False),
        ("no-leap-day", "2026-02-29T00:00:00.000Z", False),
        ("before-1970", "1969-12-31T23:59:59.999Z", False),
        ("february-30", "2028-02-30T00:00:00.000Z", False),
        ("month-0", "2026-00-20T00:00:00.000Z", False),
        ("month-13", "2026-13-20T00:00:00.000Z", False),
        ("day-0", "2026-11-00T00:00:00.000Z", False),
        ("november-31", "2026-11-31T00:00:00.000Z", False),
        ("hour-24", "2026-11-20T24:00:00.000Z", False),
        ("minute-60", "2026-11-20T23:60:00.000Z", False),
        ("leap-second", "2016-12-31T23:59:60.000Z", False),
        ("no-fraction", "2026-11-20T12:31:04Z", False),
        ("two-decimals", "2026-11-20T12:31:04.11Z", False),
        ("four-decimals", "2026-11-20T12:31:04.1130Z", False),
        ("small-t", "2026-11-20t12:31:04.113Z", False),
        ("small-z", "2026-11-20T12:31:04.113z", False),
        ("space", "2026-11-20 12:31:04.113Z", False),
        ("offset", "2026-11-20T12:31:04.113+00:00", False),
        ("comma", "2026-11-20T12:31:04,113Z", False),
        ("five-digit-year", "12026-11-20T12:31:04.113Z", False),
        ("other-digits", "٢٠٢٦-11-20T12:31:04.113Z", False),
        ("sign", "+026-11-20T12:31:04.113Z", False),
        ("line-feed", "2026-11-20T12:31:04.113Z\n", False),
        ("empty", "", False),
    ):
        header(name, "time", text, holds)
    for name, text, holds in (
        ("largest", "7" + "Z" * 25, True),
        ("zero", "0" * 26, True),
        ("too-large", "8" + "0" * 25, False),
        ("small-letters", "01jd3z5k9v7q2m8n4r6t0w1x3y", False),
        ("25-characters", "01JD3Z5K9V7Q2M8N4R6T0W1X3", False),
        ("27-characters", "01JD3Z5K9V7Q2M8N4R6T0W1X3YZ", False),
        ("letter-i", "01JD3Z5K9V7Q2M8N4R6T0W1X3I", False),
        ("letter-l", "01JD3Z5K9V7Q2M8N4R6T0W1X3L", False),
        ("letter-o", "01JD3Z5K9V7Q2M8N4R6T0W1X3O", False),
        ("letter-u", "01JD3Z5K9V7Q2M8N4R6T0W1X3U", False),
        ("line-feed", "01JD3Z5K9V7Q2M8N4R6T0W1X3\n", False),
    ):
        header(name, "id", text, holds)
    header("other", "origin", "gate-2.example/2026")
    header("prefix", "origin", "gate-1.example/202")
    for name, text in (
        ("capitals", digest("note").upper()),
        ("capital-digits", "sha256:" + "A" * 64),
        ("63-digits", digest("note")[:-1]),
        ("65-digits", digest("note") + "0"),
        ("no-prefix", digest("note")[7:]),
        ("sha512", "sha512:" + "0" * 64),
        ("no-digit", "sha256:" + "g" * 64),
        ("space", " " + digest("note")),
        ("line-feed", digest("note")[:-1] + "\n"),
    ):
        surface = SHAPES["halt-surface"]
        case(f"digest-{name}", {**surface, "predicate": {**surface["predicate"], "reason": text}})
    for name, number, holds in (
        ("0", b"0", True),
        ("largest", b"9007199254740991", True),
        ("2-to-53", b"9007199254740992", False),
        ("2-to-64", b"18446744073709551616", False),
        ("fraction", b"14.0", False),
        ("exponent", b"14e0", False),
        ("leading-zero", b"014", False),
        ("minus-zero", b"-0", False),
        ("negative", b"-1", False),
        ("plus", b"+14", False),
        ("string", b'"14"', False),
        ("hexadecimal", b"0x14", False),
        ("point-before", b".5", False),
        ("point-behind", b"14.", False),
        ("nan", b"NaN", False),
        ("infinity", b"Infinity", False),
        ("minus", b"-", False),
        ("65-digits", b"1" * 65, False),
        ("65-digits-fraction", b"1." + b"1" * 64, False),
        ("huge-exponent", b"1e400", False),
    ):
        raw(f"integer-{name}", effect, b'"duration_milliseconds":14', b'"duration_milliseconds":' + number, holds)
    for number, holds in (
        (b"0", True),
        (b"-9007199254740991", True),
        (b"-9007199254740992", False),
        (b"-0", False),
        (b"-01", False),
    ):
        raw(f"signed-{number.decode()}", effect, b'"status":-9', b'"status":' + number, holds)
    raw("count-0", started, b'"overloaded":3', b'"overloaded":0')
    raw("count-1", started, b'"overloaded":3', b'"overloaded":1', True)
    raw("count-of-unknown-cause", started, b'"overloaded":3', b'"tired":3')
    raw("clean-as-a-number", started, b'"clean":false', b'"clean":0')
    rotated = SHAPES["identity-rotated"]
    raw("uid-0", rotated, b'"uid":4294967295', b'"uid":0', True)
    raw("uid-2-to-32", rotated, b'"uid":4294967295', b'"uid":4294967296')
    length = len(canonical({**halt, "predicate": {**halt["predicate"], "by": ""}}))
    for total, holds in ((65_534, True), (65_535, True)):
        header(f"{total}-byte-statement", "by", "b" * (total - length), holds)


def lists(cases):
    """Lists that must be ascending, bounded, or not empty."""

    def case(name, value, holds=False):
        cases.statement(f"list/{name}", value, holds)

    def deny(name, holds=False, **rest):
        case(name, decision("DENY", "forbidden", **rest), holds)

    deny("policies-empty", True, policies=[])
    deny("policies-descending", policies=["b", "a"])
    deny("policies-twice", policies=["a", "a"])
    # U+E000 stands before U+10000 by bytes, and behind it by UTF-16 code units.
    deny("policies-by-bytes", True, policies=["\ue000", "\U00010000"])
    deny("policies-by-code-units", policies=["\U00010000", "\ue000"])
    deny("policies-composed-and-not", True, policies=["e\u0301", "\u00e9"])
    deny("policies-65", policies=MANY + ["platform/policy-164"])
    deny("policies-65-and-more", policies=MANY + ["platform/policy-164"], policies_more=MORE)
    deny("policies-63-and-more", policies=MANY[:63], policies_more=MORE)
    deny("more-count-64", policies=MANY, policies_more={**MORE, "count": 64})
    deny("more-count-65", True, policies=MANY, policies_more={**MORE, "count": 65})
    deny("errors-empty", errors=[])
    deny("errors-more-without-errors", errors_more=MORE)
    deny("audience-without-permit", audience=["mcp-gateway"])
    deny("granted-by-without-permit", granted_by="a")
    deny("expires-without-permit", expires=EXPIRES)
    deny("redemption-without-permit", redemption=REDEMPTION)

    def audience(name, holds=False, redemption=None, names=()):
        case(f"audience-{name}", decision(terms={**permit(redemption), "audience": list(names)}), holds)

    audience("empty")
    audience("one", True, names=["a"])
    audience("16", True, names=[f"gateway-{n}" for n in range(10, 26)])
    audience("17", names=[f"gateway-{n}" for n in range(10, 27)])
    audience("descending", names=["b", "a"])
    audience("twice", names=["a", "a"])
    audience("without-the-redeemer", redemption=REDEMPTION, names=["a", "b"])
    audience("of-the-redeemer", True, redemption=REDEMPTION, names=["mcp-gateway"])

    def added(name, **rest):
        members_ = {**SHAPES["identity-added"]["predicate"]["identity"], **rest}
        case(f"identity-{name}", identity("added", **members_), False)

    added("actors-empty", actors=[])
    added("actors-descending", actors=["b", "a"])
    added("actors-twice", actors=["a", "a"])
    added("surfaces-empty", surfaces=[])
    added("surfaces-descending", surfaces=["b", "a"])
    case("refused-empty", gate(change="stopped", refused={}))
    effect = SHAPES["effect-executed"]
    case("result-empty", {**effect, "predicate": {**effect["predicate"], "result": {}}})
    for name, subject in (("none", []), ("two", effect["subject"] * 2), ("object", effect["subject"][0])):
        case(f"subject-{name}", {**effect, "subject": subject})


def rules(cases):
    """Words of closed lists, and members that contradict each other."""
    halt = SHAPES["halt-all"]

    def case(name, value, holds=False):
        cases.statement(f"rule/{name}", value, holds)

    for kind in (
        "urn:writ:halt:v2",
        "urn:writ:approval:v1",
        "urn:writ::v1",
        "urn:writ:HALT:v1",
        "halt",
        "",
        "urn:writ:halt:v1 ",
        "urn:writ:decision:v1",
        "urn:writ:resume:v1",
    ):
        # A halt without a reason has the members of a resume.
        case(f"type-{kind or 'empty'}", {**halt, "predicateType": kind}, kind == "urn:writ:resume:v1")
    case("statement-type", {**halt, "_type": "https://in-toto.io/Statement/v0.1"})
    case("subject-name", {**halt, "subject": [{**halt["subject"][0], "name": "request"}]})
    other = {"digest": {"sha256": "0" * 64}, "name": "scope"}
    case("subject-digest", {**halt, "subject": [other]})
    for shape in ("redemption", "effect-executed", "resume-actor", "identity-added", "bundle-loaded"):
        name = SHAPES[shape]["subject"][0]["name"]
        case(f"subject-of-{shape}", {**SHAPES[shape], "subject": [{**other, "name": name}]})
    case(
        "subject-more-digests",
        {**halt, "subject": [{"digest": {**halt["subject"][0]["digest"], "sha512": "0"}, "name": "scope"}]},
    )
    for outcome, cause, holds in (
        ("PERMIT", "forbidden", False),
        ("DENY", "permitted", False),
        ("ALLOW", "permitted", False),
        ("permit", "permitted", False),
        ("SILENCE", "tired", False),
        ("DENY", "halted", True),
        ("SILENCE", "no_permit", True),
        ("HOLD", "no_permit", False),
    ):
        case(
            f"outcome-{outcome}-{cause}", decision(outcome, cause, terms=permit() if outcome == "PERMIT" else {}), holds
        )
    case("permit-without-terms", decision(terms={}))
    case("not-enforced", decision(enforced=False))
    case("bundle-source", decision(bundle={**SHAPES["bundle-loaded"]["predicate"]["bundle"], "source": "registry"}))
    case("target-without-digest", decision(target="staging"))
    case("session-in-clear", decision(session="s-1"))
    case("claim-without-hmac", decision(claims={"key": digest("claim")}))
    for name, scope in (
        ("unknown", {"kind": "planet"}),
        ("all-with-a-name", {"kind": "all", "name": "x"}),
        ("surface-without-a-name", {"kind": "surface"}),
        ("empty", {}),
    ):
        case(f"scope-{name}", scoped("halt", scope))
    case("resume-with-a-reason", scoped("resume", {"kind": "all"}, reason=digest("note")))
    token = {"kind": "token", "sha256": "7" * 64}
    case("retired-with-a-credential", identity("retired", name="a", role="actor", credential=token))
    case("added-without-a-credential", identity("added", name="a", role="actor"))
    case("rotated-without-a-credential", identity("rotated", name="a", role="actor"))
    case("role-unknown", identity("added", name="a", role="admin", credential=token))
    case("credential-unknown", identity("added", name="a", role="actor", credential={"kind": "password"}))
    case("change-unknown", identity("renamed", name="a", role="actor", credential=token))
    case("stopped-with-a-key", gate(change="stopped", key="k"))
    case("stopped-with-clean", gate(change="stopped", clean=True))
    case("gate-changed", gate(change="paused"))
    case(
        "effect-unknown",
        {**SHAPES["effect-failed"], "predicate": {**SHAPES["effect-failed"]["predicate"], "effect": "done"}},
    )
    strange = Signer("gate-2.example/2026")
    cases.add("rule/statement-of-another-log", receipt(HALT, signer=strange), False, keys=[strange.vkey])
