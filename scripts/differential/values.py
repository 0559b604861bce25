"""Values of Cedar's types: the literals of policies and the JSON of data, from small pools, so that they often meet.

Types are tuples: ("bool",), ("long",), ("string",), ("ext", name), ("entity", name), ("set", type) and
("record", ((name, type, is_required), ...)).
"""

BOOL, LONG, STRING = ("bool",), ("long",), ("string",)
EXTENSIONS = ["decimal", "ipaddr", "datetime", "duration"]
CONSTRUCTORS = {"decimal": "decimal", "ipaddr": "ip", "datetime": "datetime", "duration": "duration"}

LONGS = [
    0, 1, -1, 2, 3, 7, 10, 100, -100, 4294967296, 3037000500, 9223372036854775806, 9223372036854775807,
    -9223372036854775807, -9223372036854775808, 86400000, 1000000000000,
]
STRINGS = [
    "", "a", "b", "ab", "abc", "a*b", "*", "**", "\\", '"', "'", "é", "e\u0301", "\U0001F600", "\n", "\t", "\0",
    "\x7f",
    "\u200b", "rm -rf /", "x.y", "true", "1", "ünï", "aaaaaaaab", "User", 'U::"a"',
]
IDENTIFIERS = ["a", "b", "c", "", "é", "e\u0301", 'x"y', "a::b", "0", "\\", "\n"]
EXTENSION_TEXTS = {
    "decimal": [
        "0.0", "1.0", "1.00", "-1.5", "1.2345", "922337203685477.5807", "-922337203685477.5808", "0.0001", "-0.0",
        "00.10", "12.34",
    ],
    "ipaddr": [
        "127.0.0.1", "10.0.0.0/8", "10.1.2.3", "10.1.2.3/32", "0.0.0.0/0", "224.0.0.1", "255.255.255.255", "::1", "::",
        "::/0", "2001:db8::/32", "2001:db8::1", "ff00::1", "1:2:3:4:5:6:7:8", "fe80::1/64", "10.1.2.3/24", "::ffff:1:2",
        "127.0.0.0/7", "127.3.2.1/8", "ff00::/7", "::1/127", "224.0.0.0/3",
    ],
    "datetime": [
        "1970-01-01", "2024-02-29", "2024-10-15T11:35:00Z", "2024-10-15T11:35:00.123Z", "2024-10-15T11:35:00+0100",
        "2024-10-15T11:35:00.000-2359", "0000-01-01", "9999-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z",
        "0001-01-01T00:00:00+2359", "1900-03-01",
    ],
    "duration": [
        "0ms", "1d", "1h", "1m", "1s", "1ms", "-1d2h3m4s5ms", "1d12h30m45s", "9223372036854775807ms",
        "-9223372036854775808ms", "106751991167d", "-1ms", "24h", "86400s", "00001s", "59s999ms",
    ],
}
BAD_EXTENSION_TEXTS = {
    "decimal": [
        "", "1", "1.", ".1", "1.00000", "+1.0", "922337203685477.5808", "1e3", " 1.0", "1.0 ", "--1.0",
        "0x1.0", "1_0.0",
        "-922337203685477.5809", "١.٠", "99999999999999999999.0",
    ],
    "ipaddr": [
        "", "1.2.3", "256.0.0.1", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/08", "::1/129", ":::",
        "1::2::3", "g::",
        "::1%eth0", "::ffff:1.2.3.4", "1.2.3.4/8/8", " 1.2.3.4", "1:2:3:4:5:6:7:8:9", "12345::", "1.2.3.4/+8", "::1/ 1",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::8",
    ],
    "datetime": [
        "", "1970", "1970-1-1", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-10-15T11:35:00",
        "2024-10-15T24:00:00Z", "2024-10-15T11:60:00Z", "2024-10-15T11:35:60Z", "2024-10-15T11:35:00.1Z",
        "2024-10-15T11:35:00+2400", "2024-10-15T11:35:00+01:00", "2024-10-15t11:35:00z", "2024-10-15 11:35:00Z",
        "2024-10-15Z", "2024-10-15T11:35:00+0060", "-2024-10-15", "10000-01-01", "2024-10-15T11:35:00Z ", "1900-02-29",
    ],
    "duration": [
        "", "1", "d", "1x", "1m1h", "1d1d", "-", "+1d", "1.5h", " 1d", "1d ", "9223372036854775808ms",
        "106751991168d", "1D", "--1d", "1d -1h", "ms",
    ],
}


def quote(text):
    """A string literal of Cedar; what need not be escaped mostly is not."""
    out = ['"']
    for character in text:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        elif character == "\t":
            out.append("\\t")
        elif character == "\0":
            out.append("\\0")
        elif code < 0x20 or code == 0x7F:
            out.append("\\x%02x" % code)
        elif code == 0x200B:
            out.append("\\u{200b}")
        else:
            out.append(character)
    out.append('"')
    return "".join(out)


def entity_literal(uid):
    return f"{uid[0]}::{quote(uid[1])}"


def entity_json(uid):
    return {"type": uid[0], "id": uid[1]}


def any_type(random, names, depth=2):
    """A random type; records may have optional attributes."""
    kind = random.below(12 if depth > 0 else 8)
    if kind < 2:
        return LONG
    if kind < 4:
        return STRING
    if kind == 4:
        return BOOL
    if kind < 7:
        return ("entity", random.choice(names)) if random.chance(60) else ("ext", random.choice(EXTENSIONS))
    if kind == 7:
        return ("ext", random.choice(EXTENSIONS))
    if kind < 10:
        return ("set", any_type(random, names, depth - 1))
    return record_type(random, names, depth - 1)


ATTRIBUTES = ["a", "b", "c", "name", "owner", "if", "tags", "x y", "é"]


def record_type(random, names, depth, most=3):
    fields = []
    for name in random.some(ATTRIBUTES, most):
        fields.append((name, any_type(random, names, depth), random.chance(60)))
    return ("record", tuple(fields))
