"""Random policies: expressions of a wanted type over what a schema declares, and mistakes of every kind among them."""

import values
from values import BOOL, LONG, STRING, entity_literal, quote
from worlds import TAGS

DEEPEST = 4

# Expressions that have no value, whatever the request; each class of error is there.
ERRORS = [
    "(9223372036854775807 + 1)", "(-9223372036854775808 - 1)", "(9223372036854775807 * 2)", "(-(-9223372036854775808))",
    "(1 < \"a\")", "(\"a\" + 1)", "(!1)", "(1 && true)", "(true && \"a\")", "(false || 2)",
    "(if 1 then true else true)",
    "(-true)", "(1 in principal)", "(principal in 1)", "(principal in [principal, 1])", "(\"a\" like \"a\").b",
    "{a: 1}.b",
    "({} has a.b && {}.a)", "1.a", "(1 has a)", "(1 like \"a\")", "(1 is N::U)", "[1].contains(2).a", "1.contains(1)",
    "[1].containsAll(1)", "1.containsAny([1])", "1.isEmpty()", "principal.hasTag(1)", "1.hasTag(\"a\")",
    "principal.getTag(1)", "{}.getTag(\"a\")", "ip(\"bad\")", "decimal(\"1\")", "datetime(\"x\")",
    "duration(\"x\")", "ip(1)",
    "ip(\"::1\").lessThan(decimal(\"1.0\"))", "decimal(\"1.0\").lessThan(1)", "1.isIpv4()", "1.toDate()",
    "duration(\"1d\").toDate()", "datetime(\"1970-01-01\").toDays()", "decimal(\"1.0\", \"2.0\")", "ip()",
    "ip(\"::1\").isIpv4(1)", "datetime(\"1970-01-01\").offset()", "missing::\"x\".a", "missing::\"x\".getTag(\"a\")",
    "principal.nosuch", "action.nosuch", "context.nosuch", "(decimal(\"1.0\") < decimal(\"2.0\"))",
    "(datetime(\"1970-01-01\") < duration(\"1d\"))",
    "(datetime(\"9999-12-31\").offset(duration(\"9223372036854775807ms\")))",
    "(ip(\"::1\") in principal)", "(principal is missing in 1)", "(true < false)", "(principal < principal)",
    "datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\")).toDate()",
    "datetime(\"1970-01-01\").durationSince(datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\")))",
]


class Expressions:
    """Makes expressions for one request environment: a principal type, an action and a resource type."""

    def __init__(self, random, schema, principal, action, resource, mistakes):
        self.random = random
        self.schema = schema
        # How often, in percent, a subexpression is of a wrong type or has no value.
        self.mistakes = mistakes
        self.variables = [
            ("principal", ("entity", principal)), ("resource", ("entity", resource)), ("context", action.context),
        ]
        self.action = action
        # The accesses that cannot fail, and those that can unless they are guarded, each with its guard.
        self.safe = []
        self.optional = []
        for text, type_ in self.variables:
            self.collect(text, type_, 3, self.safe, None)

    def collect(self, text, type_, depth, into, guard):
        into.append((text, type_))
        if depth == 0:
            return
        if type_[0] == "entity":
            declaration = self.schema.types.get(type_[1])
            fields = declaration.attributes[1] if declaration else ()
        elif type_[0] == "record":
            fields = type_[1]
        else:
            return
        for name, field, required in fields:
            if required:
                self.collect(self.access(text, name), field, depth - 1, into, guard)
            else:
                self.optional.append((text, name, field))

    def access(self, text, name):
        if is_identifier(name) and not self.random.chance(10):
            return f"{text}.{name}"
        return f"{text}[{quote(name)}]"

    # Choosing

    def any_type(self):
        if self.random.chance(60) and self.safe:
            return self.random.choice(self.safe)[1]
        return values.any_type(self.random, self.schema.names, 1)

    def expression(self, type_, depth=DEEPEST):
        """An expression of that type, or one by mistake."""
        random = self.random
        if self.mistakes and type_ == BOOL and random.chance(self.mistakes * 2):
            return self.skeleton(3)
        if self.mistakes and random.chance(self.mistakes):
            kind = random.below(4)
            if kind == 0:
                return random.choice(ERRORS)
            if kind == 1 and self.optional:
                text, name, _ = random.choice(self.optional)
                return self.access(text, name)
            type_ = self.any_type()
        if depth > 0 and random.chance(8):
            return (
                f"(if {self.expression(BOOL, depth - 1)} then {self.expression(type_, depth - 1)} "
                f"else {self.expression(type_, depth - 1)})"
            )
        known = [text for text, found in self.safe if found == type_]
        if known and random.chance(45):
            return random.choice(known)
        kind = type_[0]
        if kind == "bool":
            return self.condition(depth)
        if depth > 0 and random.chance(10):
            tagged = [text for text, found in self.safe if self.tags_of(found) == type_]
            if tagged and self.mistakes:
                return f"{random.choice(tagged)}.getTag({self.tag(depth - 1)})"
        if kind == "long":
            return self.long(depth)
        if kind == "string":
            return quote(random.choice(self.schema.strings))
        if kind == "entity":
            return entity_literal(self.literal_uid(type_[1]))
        if kind == "ext":
            return self.extension(type_[1], depth)
        if kind == "set":
            least = 0 if self.mistakes else 1
            items = [self.expression(type_[1], depth - 1 if depth > 0 else 0) for _ in range(random.between(least, 3))]
            return "[" + ", ".join(items) + random.choice(["", ",", ""] if items else [""]) + "]"
        fields = [field for field in type_[1] if field[2] or random.chance(50)] if self.mistakes else type_[1]
        items = [f"{self.key(name)}: {self.expression(field, max(depth - 1, 0))}" for name, field, _ in fields]
        return "{" + ", ".join(random.shuffled(items)) + "}"

    def key(self, name):
        return name if is_identifier(name) and self.random.chance(60) else quote(name)

    def literal_uid(self, name):
        declaration = self.schema.types.get(name)
        if declaration is not None and declaration.choices is not None and not self.random.chance(self.mistakes):
            return (name, self.random.choice(declaration.choices))
        return (name, self.random.choice(self.schema.identifiers))

    def tags_of(self, type_):
        declaration = self.schema.types.get(type_[1]) if type_[0] == "entity" else None
        return declaration.tags if declaration else None

    def tag(self, depth):
        return self.expression(STRING, depth) if self.random.chance(15) else quote(self.random.choice(TAGS))

    # Booleans

    def skeleton(self, depth):
        """Truth tables: every operator that may leave an operand out, over values, errors and values of other types."""
        random = self.random
        if depth == 0 or random.chance(10):
            kind = random.below(10)
            if kind < 3:
                return "true"
            if kind < 6:
                return "false"
            if kind < 8:
                return random.choice(ERRORS)
            return random.choice(["1", "\"a\"", "principal", "(principal == principal)", "context has a", "[]"])
        kind = random.below(8)
        parts = [self.operand(self.skeleton(depth - 1)) for _ in range(3)]
        if kind < 3:
            return f"({' && '.join(parts[: random.between(2, 3)])})"
        if kind < 6:
            return f"({' || '.join(parts[: random.between(2, 3)])})"
        if kind == 6:
            return f"(if {parts[0]} then {parts[1]} else {parts[2]})"
        return f"(!{parts[0]})"

    def condition(self, depth=DEEPEST):
        random = self.random
        if depth <= 0:
            return random.choice(["true", "false", self.comparison(0)])
        kind = random.below(20)
        if kind < 5:
            return self.guarded(depth) if random.chance(40) else self.conjunction("&&", depth)
        if kind < 8:
            return self.conjunction("||", depth)
        if kind < 10:
            marks = "!" * random.between(1, 4 if random.chance(5) else 2)
            return marks + self.operand(self.expression(BOOL, depth - 1))
        if kind < 11:
            return random.choice(["true", "false"])
        return self.comparison(depth - 1)

    def conjunction(self, operator, depth):
        parts = [self.expression(BOOL, depth - 1) for _ in range(self.random.between(2, 4))]
        return "(" + f" {operator} ".join(self.operand(part) for part in parts) + ")"

    def operand(self, text):
        """Parentheses where they may be needed, and sometimes where they are not, or not where they are."""
        if self.mistakes and self.random.chance(15):
            bare = text[1:-1] if text.startswith("(") and text.endswith(")") else text
            return bare if bare.count("(") == bare.count(")") and balanced(bare) else text
        return text if text.startswith("(") and not self.random.chance(5) else f"({text})"

    def guarded(self, depth):
        """A test whether something is there, and then a use of it."""
        random = self.random
        if random.chance(30):
            tagged = [(text, self.tags_of(type_)) for text, type_ in self.safe if self.tags_of(type_)]
            if tagged:
                text, type_ = random.choice(tagged)
                tag = quote(random.choice(TAGS))
                return self.guard(f"{text}.hasTag({tag})", f"{text}.getTag({tag})", type_, depth)
        if not self.optional:
            return self.conjunction("&&", depth)
        text, name, type_ = random.choice(self.optional)
        guard = f"{text} has {name if is_identifier(name) else quote(name)}"
        return self.guard(guard, self.access(text, name), type_, depth)

    def guard(self, guard, use, type_, depth):
        saved, more = list(self.safe), len(self.optional)
        self.collect(use, type_, 1, self.safe, guard)
        use = self.use(use, type_, depth - 1)
        rest = self.expression(BOOL, depth - 1) if self.random.chance(30) else None
        self.safe = saved
        del self.optional[more:]
        parts = [guard, use] + ([self.operand(rest)] if rest else [])
        return "(" + " && ".join(parts) + ")"

    def use(self, text, type_, depth):
        if type_ == BOOL:
            return text
        return f"({text} {self.random.choice(['==', '!='])} {self.expression(type_, depth)})"

    def comparison(self, depth):
        random = self.random
        kinds = [
            self.equality, self.order, self.membership, self.membership, self.has, self.like, self.is_type,
            self.contains, self.decimals, self.addresses, self.has_tag, self.equality,
        ]
        text = random.choice(kinds)(depth)
        return text if self.mistakes and random.chance(5) else f"({text})"

    def equality(self, depth):
        type_ = self.any_type()
        other = self.any_type() if self.mistakes and self.random.chance(15) else type_
        operator = self.random.choice(["==", "!="])
        return f"{self.term(type_, depth)} {operator} {self.term(other, depth)}"

    def term(self, type_, depth):
        return self.expression(type_, depth)

    def order(self, depth):
        type_ = self.random.choice([LONG, LONG, LONG, ("ext", "datetime"), ("ext", "duration")])
        operator = self.random.choice(["<", "<=", ">", ">="])
        return f"{self.term(type_, depth)} {operator} {self.term(type_, depth)}"

    def entity(self, depth):
        entities = [text for text, type_ in self.safe if type_[0] == "entity"] + ["action"]
        if self.random.chance(75):
            return self.random.choice(entities)
        return self.expression(("entity", self.random.choice(self.schema.names)), depth)

    def membership(self, depth):
        random = self.random
        text = self.entity(depth)
        if text == "action":
            uids = [entity_literal(action.uid) for action in random.some(self.schema.actions, 3)]
            if self.mistakes and random.chance(20):
                uids.append(self.entity(depth))
            if len(uids) == 1 and random.chance(50):
                return f"{text} in {uids[0]}"
            return f"{text} in [{', '.join(uids)}]" if uids else f"{text} == {entity_literal(self.action.uid)}"
        name = random.choice(self.schema.names)
        if random.chance(30):
            return f"{text} in {self.expression(('set', ('entity', name)), depth)}"
        return f"{text} in {self.expression(('entity', name), depth)}"

    def has(self, depth):
        random = self.random
        if self.optional and random.chance(70):
            text, name, type_ = random.choice(self.optional)
        else:
            text, type_ = random.choice(self.safe)
            if type_[0] not in ("entity", "record") and not self.mistakes:
                text, type_ = self.variables[0]
            name = random.choice(values.ATTRIBUTES)
            type_ = self.attribute(type_, name)
        if not is_identifier(name):
            return f"{text} has {quote(name)}"
        path = [name]
        while random.chance(60) and len(path) < 4:
            fields = self.fields(type_)
            names = [field for field in fields if is_identifier(field)]
            if names and not random.chance(self.mistakes):
                name = random.choice(names)
            elif self.mistakes:
                name = random.choice(["a", "b", "owner"])
            else:
                break
            type_ = fields.get(name)
            path.append(name)
        return f"{text} has {'.'.join(path)}"

    def fields(self, type_):
        if type_ is None:
            return {}
        if type_[0] == "entity":
            declaration = self.schema.types.get(type_[1])
            type_ = declaration.attributes if declaration else ("record", ())
        return {name: field for name, field, _ in type_[1]} if type_[0] == "record" else {}

    def attribute(self, type_, name):
        return self.fields(type_).get(name)

    def like(self, depth):
        pieces = [self.random.choice(["*", "*", "a", "b", "\\*", "é", "?", "%", "ab", "\\\\", ".", "\\u{1F600}"])]
        pieces += [self.random.choice(["*", "a", "b", "c", "", "\\*"]) for _ in range(self.random.below(4))]
        return f"{self.term(STRING, depth)} like \"{''.join(pieces)}\""

    def is_type(self, depth):
        random = self.random
        name = random.choice(self.schema.names)
        if self.mistakes and random.chance(10):
            name = random.choice(["missing", "N::missing", self.schema.action_type])
        text = f"{self.entity(depth)} is {name}"
        return f"{text} in {self.entity_of(name, depth)}" if random.chance(40) else text

    def entity_of(self, name, depth):
        if self.random.chance(30):
            return self.expression(("set", ("entity", name)), depth) if name in self.schema.names else "[]"
        return self.entity(depth)

    def contains(self, depth):
        random = self.random
        sets = [type_ for _, type_ in self.safe if type_[0] == "set"]
        type_ = random.choice(sets) if sets and random.chance(60) else ("set", self.any_type())
        text = self.term(type_, depth)
        kind = random.below(4)
        if kind == 0:
            return f"{text}.contains({self.expression(type_[1], depth)})"
        if kind == 1:
            return f"{text}.containsAll({self.expression(type_, depth)})"
        if kind == 2:
            return f"{text}.containsAny({self.expression(type_, depth)})"
        return f"{text}.isEmpty()"

    def decimals(self, depth):
        method = self.random.choice(["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"])
        type_ = ("ext", "decimal")
        return f"{self.term(type_, depth)}.{method}({self.expression(type_, depth)})"

    def addresses(self, depth):
        type_ = ("ext", "ipaddr")
        method = self.random.choice(["isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange", "isInRange"])
        argument = self.expression(type_, depth) if method == "isInRange" else ""
        return f"{self.term(type_, depth)}.{method}({argument})"

    def has_tag(self, depth):
        tagged = [text for text, type_ in self.safe if self.tags_of(type_)]
        if not tagged and not self.mistakes:
            return self.equality(depth)
        text = self.random.choice(tagged) if tagged and not self.random.chance(self.mistakes) else self.entity(depth)
        return f"{text}.hasTag({self.tag(depth)})"

    # Other types

    def long(self, depth):
        random = self.random
        if depth <= 0 or random.chance(45):
            return self.number(random.choice(self.schema.longs))
        kind = random.below(10)
        if kind < 6:
            parts = [self.operand(self.expression(LONG, depth - 1)) for _ in range(random.between(2, 4))]
            text = parts[0]
            for part in parts[1:]:
                text += f" {random.choice(['+', '-', '*'])} {part}"
            return f"({text})"
        if kind < 8:
            return f"({'-' * random.between(1, 2)}{self.operand(self.expression(LONG, depth - 1))})"
        method = random.choice(["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"])
        return f"{self.expression(('ext', 'duration'), depth - 1)}.{method}()"

    def number(self, value):
        return f"({value})" if value < 0 else str(value)

    def extension(self, name, depth):
        random = self.random
        if depth > 0 and random.chance(30):
            instant, span = ("ext", "datetime"), ("ext", "duration")
            if name == "datetime":
                if random.chance(60):
                    return f"{self.expression(instant, depth - 1)}.offset({self.expression(span, depth - 1)})"
                return f"{self.expression(instant, depth - 1)}.toDate()"
            if name == "duration":
                if random.chance(60):
                    return f"{self.expression(instant, depth - 1)}.durationSince({self.expression(instant, depth - 1)})"
                return f"{self.expression(instant, depth - 1)}.toTime()"
        bad = random.chance(self.mistakes)
        text = random.choice((values.BAD_EXTENSION_TEXTS if bad else values.EXTENSION_TEXTS)[name])
        argument = self.expression(STRING, depth - 1) if bad and depth > 0 and random.chance(30) else quote(text)
        return f"{values.CONSTRUCTORS[name]}({argument})"


def balanced(text):
    """Whether no parenthesis is closed before it is opened; what stands in strings counts, too, and does no harm."""
    depth = 0
    for character in text:
        depth += 1 if character == "(" else -1 if character == ")" else 0
        if depth < 0:
            return False
    return True


WORDS = {"true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"}


def is_identifier(name):
    return name not in WORDS and name.isascii() and name.replace("_", "a").isalnum() and not name[0].isdigit()
