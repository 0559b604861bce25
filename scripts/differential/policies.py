"""Random policies and templates, and texts that are damaged."""

import json

import values
from expressions import Expressions
from values import BOOL, entity_literal, quote


class Policies:
    """Makes the policies and templates of one set."""

    def __init__(self, random, schema, mistakes):
        self.random = random
        self.schema = schema
        self.mistakes = mistakes
        # The slots of each template, by its place.
        self.templates = {}

    def texts(self, count):
        return [self.policy(index) for index in range(count)]

    def policy(self, index):
        random = self.random
        action = random.choice(self.schema.applicable())
        principal = random.choice(action.principals)
        resource = random.choice(action.resources)
        slots = []
        is_template = random.chance(15)
        head = [
            self.entity_scope("principal", principal, is_template, slots),
            self.action_scope(action),
            self.entity_scope("resource", resource, is_template, slots),
        ]
        if slots:
            self.templates[index] = slots
        text = "".join(f"@{random.choice(['id', 'if', 'reason'])}({quote(random.choice(values.STRINGS))})\n"
                       if random.chance(80) else "@note\n" for _ in range(1 if random.chance(15) else 0))
        text += f"{random.choice(['permit', 'permit', 'forbid'])}({', '.join(head)})"
        expressions = Expressions(random, self.schema, principal, action, resource, self.mistakes)
        for _ in range(random.choice([0, 1, 1, 1, 1, 2, 3])):
            text += f"\n{random.choice(['when', 'when', 'unless'])} {{ {expressions.expression(BOOL)} }}"
        return text + ";"

    def entity_scope(self, variable, name, is_template, slots):
        random = self.random
        kind = random.below(10)
        if self.mistakes == 0 and kind < 6:
            return f"{variable} is {name}" if kind < 4 else f"{variable} is {name} in {self.group(name)}"
        if is_template and random.chance(70):
            slots.append((variable, name))
            form = random.choice(["== ?{0}", "in ?{0}", "is {1} in ?{0}"])
            return f"{variable} " + form.format(variable, name)
        if kind < 4:
            return variable
        if kind < 6:
            return f"{variable} == {entity_literal((name, random.choice(self.schema.identifiers)))}"
        if kind < 8:
            return f"{variable} in {self.group(name)}"
        return f"{variable} is {name}" if kind == 8 else f"{variable} is {name} in {self.group(name)}"

    def group(self, name):
        parents = self.schema.types[name].parents + [name]
        name = self.random.choice(parents if self.mistakes == 0 else self.schema.names)
        choices = self.schema.types[name].choices
        return entity_literal((name, self.random.choice(choices or self.schema.identifiers)))

    def action_scope(self, action):
        random = self.random
        if self.mistakes == 0 and random.chance(70):
            return f"action == {entity_literal(action.uid)}"
        kind = random.below(4)
        if kind == 0:
            return "action"
        if kind == 1:
            return f"action == {entity_literal(random.choice(self.schema.actions).uid)}"
        if kind == 2:
            return f"action in {entity_literal(random.choice(self.schema.actions).uid)}"
        return f"action in [{', '.join(entity_literal(each.uid) for each in random.some(self.schema.actions, 3))}]"


TOKENS = [
    "(", ")", "[", "]", "{", "}", ",", ";", ".", "::", ":", "==", "!=", "<", "<=", "=", "&&", "||", "!", "-", "+", "*",
    "/", "%", "in", "is", "has", "like", "if", "then", "else", "when", "unless", "permit", "forbid",
    "principal", "action",
    "resource", "context", "true", "1", "9223372036854775808", "\"a\"", "\"\\q\"", "\"\\u{110000}\"", "\"",
    "?principal",
    "?resource", "?x", "@id", "@", "ip", "contains", "__cedar", "é", "//", "\n", "\\", "-1", "_a", "1a", "&",
    "|", "a.b",
]


def damaged(random, text):
    """The text with a few tokens taken out, doubled, put in, moved or replaced."""
    pieces = split(text)
    for _ in range(random.between(1, 2)):
        place = random.below(len(pieces))
        kind = random.below(5)
        if kind == 0:
            del pieces[place]
        elif kind == 1:
            pieces.insert(place, pieces[place])
        elif kind == 2:
            pieces.insert(place, random.choice(TOKENS))
        elif kind == 3:
            pieces[place] = random.choice(TOKENS)
        else:
            other = random.below(len(pieces))
            pieces[place], pieces[other] = pieces[other], pieces[place]
        if not pieces:
            pieces = [";"]
    return random.choice(["", " "]).join(pieces)


SPACES = ["\n", "  ", "\n\n\n", " // note\n", "\n  // a longer note; with { marks\n", "\t"]


def noisy(random, text):
    """The text with other white space, and with comments."""
    pieces, is_string, is_escape = [], False, False
    for character in text:
        if character in " \n" and not is_string and random.chance(20):
            pieces.append(random.choice(SPACES))
            continue
        pieces.append(character)
        if is_escape:
            is_escape = False
        elif character == "\\":
            is_escape = is_string
        elif character == '"':
            is_string = not is_string
    return "".join(pieces)


def split(text):
    pieces, word = [], ""
    for character in text:
        if character.isalnum() or character == "_":
            word += character
            continue
        if word:
            pieces.append(word)
            word = ""
        pieces.append(character)
    return pieces + [word] if word else pieces


SCALARS = [
    None, True, 0, -1, 1.5, "", "a", "principal", "==", "when", "permit", "?principal", {}, [{}],
    {"Value": 1},
]
KEYS = [
    "Var", "Value", "Slot", "!", "neg", "==", "in", "+", "&&", "||", "contains", "isEmpty", ".", "has", "like", "is",
    "if-then-else", "Set", "Record", "ip", "isInRange", "left", "right", "arg", "attr", "pattern", "entity_type", "op",
    "entity", "entities", "slot", "conditions", "annotations", "kind", "body", "effect", "nosuch", "Unknown", "getTag",
]


def damaged_json(random, value):
    """JSON with a member or element taken out, doubled, renamed or replaced."""
    places = []
    collect_places(value, places)
    if not places:
        return random.choice(SCALARS)
    container, key = random.choice(places)
    kind = random.below(4)
    if kind == 0 and len(container) > 1:
        # The last argument stays: we refuse a method without a receiver, which the reference reads.
        del container[key]
    elif kind < 2:
        # Nor null for the group of `is … in`, which the reference takes for none.
        container[key] = random.choice(SCALARS[1:] if key == "in" else SCALARS)
    elif kind == 2 and isinstance(container, dict) and "op" not in container:
        # Renamed, not added: the reference often takes unknown members for nothing; we refuse them.
        container[random.choice(KEYS)] = container.pop(key)
    elif isinstance(container, list):
        container.append(container[key])
    else:
        other, other_key = random.choice(places)
        # A scope in the place of another object would again be one with unknown members.
        is_scope = isinstance(other[other_key], dict) and "op" in other[other_key]
        container[key] = "" if is_scope else json.loads(json.dumps(other[other_key]))
    return value


def collect_places(value, places):
    if isinstance(value, dict) and ("__entity" in value or "__extn" in value):
        # The reference takes escapes that are not well formed for records; we refuse them.
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        # Another operator would leave the scope with members of the one before, see above.
        if key == "op":
            continue
        places.append((value, key))
        collect_places(inner, places)
