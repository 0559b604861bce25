"""Random schemas, with entities and requests that fit them, or nearly."""

import values
from values import BOOL, LONG, STRING

TYPE_NAMES = ["U", "G", "R", "Doc", "T9_"]
ACTION_NAMES = ["read", "write", "all", "x y", "é"]


class EntityTypeDeclaration:
    def __init__(self, name, attributes, tags, parents, choices):
        self.name = name
        self.attributes = attributes
        self.tags = tags
        self.parents = parents
        self.choices = choices


class ActionDeclaration:
    def __init__(self, uid, parents, principals, resources, context):
        self.uid = uid
        self.parents = parents
        self.principals = principals
        self.resources = resources
        self.context = context


class Schema:
    """A schema that can be written in Cedar's syntax."""

    def __init__(self, random):
        # A few values of each pool, so that policies, entities and requests often speak of the same ones.
        self.identifiers = pick(random, values.IDENTIFIERS, 4)
        self.longs = pick(random, values.LONGS, 6)
        self.strings = pick(random, values.STRINGS, 6)
        self.namespace = random.choice(["", "", "N", "N::M"])
        prefix = self.namespace + "::" if self.namespace else ""
        names = TYPE_NAMES[: random.between(1, len(TYPE_NAMES))]
        self.names = [prefix + name for name in names]
        self.types = {}
        for index, name in enumerate(self.names):
            self.types[name] = self.entity_type(random, index, name)
        self.action_type = prefix + "Action"
        self.actions = []
        for name in ACTION_NAMES[: random.between(1, len(ACTION_NAMES))]:
            self.actions.append(self.action(random, name))
        self.common = self.common_types(random)
        self.annotations = random.choice(["", "", "@doc(\"x\") ", "@note\n"])
        if all(not action.principals for action in self.actions):
            self.actions[0].principals, self.actions[0].resources = self.names[:1], self.names[-1:]

    def entity_type(self, random, index, name):
        if index > 0 and random.chance(12):
            choices = [random.choice(self.identifiers)] + random.some(self.identifiers, 2)
            return EntityTypeDeclaration(name, ("record", ()), None, [], sorted(set(choices)))
        attributes = values.record_type(random, self.names, 2, most=5)
        tags = values.any_type(random, self.names, 1) if random.chance(40) else None
        return EntityTypeDeclaration(name, attributes, tags, random.some(self.names, 2), None)

    def action(self, random, name):
        groups = [action.uid for action in random.some(self.actions, 2)]
        uid = (self.action_type, name)
        if random.chance(15):
            return ActionDeclaration(uid, groups, [], [], ("record", ()))
        principals = [random.choice(self.names)]
        if random.chance(30):
            principals = sorted(set(principals + [random.choice(self.names)]))
        resources = [random.choice(self.names)]
        if random.chance(30):
            resources = sorted(set(resources + [random.choice(self.names)]))
        return ActionDeclaration(uid, groups, principals, resources, values.record_type(random, self.names, 2))

    def applicable(self):
        return [action for action in self.actions if action.principals and action.resources]

    # Writing

    def common_types(self, random):
        """Some of the types under a name of their own."""
        types = [declaration.attributes for declaration in self.types.values() if declaration.choices is None]
        types += [field for record in types for _, field, _ in record[1]]
        types += [action.context for action in self.actions if action.principals]
        chosen = random.some(types, 3) if random.chance(50) else []
        return {type_: f"C{index}" for index, type_ in enumerate(dict.fromkeys(chosen))}

    def text(self):
        lines = []
        for type_, name in self.common.items():
            lines.append(f"{self.annotations}type {name} = {self.own_type_text(type_)};")
        for name in self.names:
            lines.append(self.entity_text(self.types[name]))
        for action in self.actions:
            lines.append(self.action_text(action))
        body = "\n".join(lines)
        return f"namespace {self.namespace} {{\n{body}\n}}\n" if self.namespace else body + "\n"

    def entity_text(self, declaration):
        name = declaration.name.split("::")[-1]
        if declaration.choices is not None:
            choices = ", ".join(values.quote(choice) for choice in declaration.choices)
            return f"{self.annotations}entity {name} enum [{choices}];"
        parents = f" in [{', '.join(declaration.parents)}]" if declaration.parents else ""
        tags = f" tags {self.type_text(declaration.tags)}" if declaration.tags else ""
        return f"{self.annotations}entity {name}{parents} {self.own_type_text(declaration.attributes)}{tags};"

    def action_text(self, action):
        parents = f" in [{', '.join(values.quote(parent[1]) for parent in action.parents)}]" if action.parents else ""
        if not action.principals:
            return f"{self.annotations}action {values.quote(action.uid[1])}{parents};"
        return (
            f"action {values.quote(action.uid[1])}{parents} appliesTo {{ principal: [{', '.join(action.principals)}], "
            f"resource: [{', '.join(action.resources)}], context: {self.type_text(action.context)} }};"
        )

    def type_text(self, type_):
        return self.common.get(type_) or self.own_type_text(type_)

    def own_type_text(self, type_):
        kind = type_[0]
        if kind in ("bool", "long", "string"):
            return {"bool": "Bool", "long": "Long", "string": "String"}[kind]
        if kind in ("entity", "ext"):
            return type_[1]
        if kind == "set":
            return f"Set<{self.type_text(type_[1])}>"
        fields = [
            f"{self.annotations}{values.quote(name)}{'' if required else '?'}: {self.type_text(field)}"
            for name, field, required in type_[1]
        ]
        return "{" + ", ".join(fields) + "}"


def pick(random, items, count):
    return random.shuffled(items)[:count]


class Data:
    """Makes the JSON of values, entities and requests for a schema."""

    def __init__(self, random, schema, wild):
        self.random = random
        self.schema = schema
        # How often, in percent, a thing is not what the schema says.
        self.wild = wild
        # Whether entities and extension values may be written without escapes, which takes a schema to read.
        self.implicit = False

    def id_of(self, name):
        declaration = self.schema.types.get(name)
        if declaration is not None and declaration.choices is not None and not self.random.chance(self.wild):
            return self.random.choice(declaration.choices)
        return self.random.choice(self.schema.identifiers)

    def uid(self, name):
        return (name, self.id_of(name))

    def value(self, type_):
        random = self.random
        if self.wild and random.chance(1):
            return random.choice(STRANGE)
        if random.chance(self.wild):
            type_ = values.any_type(random, self.schema.names, 1)
        kind = type_[0]
        if kind == "bool":
            return random.chance(50)
        if kind == "long":
            return random.choice(self.schema.longs)
        if kind == "string":
            return random.choice(self.schema.strings)
        if kind == "entity":
            json = values.entity_json(self.uid(type_[1]))
            return json if self.implicit and random.chance(50) else {"__entity": json}
        if kind == "ext":
            return self.extension(type_[1])
        if kind == "set":
            return [self.value(type_[1]) for _ in range(random.below(4))]
        return self.record(type_)

    def extension(self, name):
        random = self.random
        texts = values.BAD_EXTENSION_TEXTS if random.chance(self.wild // 4) else values.EXTENSION_TEXTS
        text = random.choice(texts[name])
        if self.implicit and random.chance(40):
            return text
        if name == "datetime" and random.chance(20):
            day = {"__extn": {"fn": "datetime", "arg": text}}
            span = {"__extn": {"fn": "duration", "arg": random.choice(values.EXTENSION_TEXTS["duration"][:8])}}
            return {"__extn": {"fn": "offset", "args": [day, span]}}
        return {"__extn": {"fn": values.CONSTRUCTORS[name], "arg": text}}

    def record(self, type_):
        json = {}
        for name, field, required in type_[1]:
            if required and not self.random.chance(self.wild) or not required and self.random.chance(60):
                json[name] = self.value(field)
        if self.random.chance(self.wild // 2):
            json[self.random.choice(values.ATTRIBUTES)] = self.value(LONG)
        return json

    def entity(self, declaration, identifier):
        random = self.random
        uid = values.entity_json((declaration.name, identifier))
        json = {
            "uid": {"__entity": uid} if random.chance(20) else uid,
            "attrs": self.record(declaration.attributes),
            "parents": self.parents(declaration, identifier),
        }
        if declaration.tags is not None or random.chance(self.wild // 2):
            tags = declaration.tags or STRING
            json["tags"] = {name: self.value(tags) for name in random.some(TAGS, 3)}
        return json

    def parents(self, declaration, identifier):
        parents = []
        for name in declaration.parents:
            for _ in range(self.random.below(3)):
                # Only upwards in an order of all entities, so that there are no cycles.
                parent = self.uid(name)
                above = (self.schema.names.index(name), values.IDENTIFIERS.index(parent[1]))
                here = (self.schema.names.index(declaration.name), values.IDENTIFIERS.index(identifier))
                if (above < here or self.random.chance(self.wild // 8)) and parent not in parents:
                    parents.append(parent)
        if self.random.chance(self.wild // 3):
            parents.append(self.uid(self.random.choice(self.schema.names)))
        return [values.entity_json(parent) for parent in parents]

    def entities(self):
        random = self.random
        result = []
        for name in self.schema.names:
            declaration = self.schema.types[name]
            identifiers = declaration.choices if declaration.choices is not None else self.schema.identifiers
            for identifier in identifiers if random.chance(50) else random.some(identifiers, 4):
                result.append(self.entity(declaration, identifier))
        if random.chance(self.wild // 4) and result:
            result.append(random.choice(result))
        return random.shuffled(result)

    def action_entities(self):
        """The schema's actions as entities, for stores that are read without the schema."""
        return [
            {
                "uid": values.entity_json(action.uid),
                "attrs": {},
                "parents": [values.entity_json(parent) for parent in action.parents],
            }
            for action in self.schema.actions
        ]

    def request(self):
        random = self.random
        action = random.choice(self.schema.applicable())
        principal = self.uid(random.choice(action.principals))
        resource = self.uid(random.choice(action.resources))
        uid = action.uid
        if random.chance(self.wild // 2):
            principal = self.uid(random.choice(self.schema.names))
        if random.chance(self.wild // 2):
            resource = self.uid(random.choice(self.schema.names))
        if random.chance(self.wild // 4):
            uid = random.choice(self.schema.actions).uid
        if random.chance(self.wild // 8):
            uid = (self.schema.action_type, "none")
        return {
            "principal": values.entity_json(principal),
            "action": values.entity_json(uid),
            "resource": values.entity_json(resource),
            "context": self.record(action.context),
        }


# JSON that is no value, or one of another form than the usual. Escapes that are not well formed are not among them: we
# refuse them, where the reference drops their other members or takes them for records.
STRANGE = [
    None, 1.5, 1e3, 9223372036854775808, -9223372036854775809, 1e400, {"__entity": {"type": "U", "id": "a", "x": 1}},
    {"__entity": {"type": "U U", "id": "a"}}, {"__entity": {"type": "", "id": "a"}}, {"type": "U", "id": "a"},
    {"__extn": {"fn": "nosuch", "arg": "x"}}, {"__extn": {"fn": "ip", "arg": 1}}, {"__extn": {"fn": "ip", "args": []}},
    {"__extn": {"fn": "ip", "args": ["::1"]}}, {"__extn": {"fn": "offset", "arg": "x"}}, {"__expr": "1 + 1"},
    {"__extn": {"fn": "isIpv4", "arg": {"__extn": {"fn": "ip", "arg": "::1"}}}}, {"fn": "ip", "arg": "::1"}, [[], [[]]],
    [1, "a", True], {"": {}}, {"a b": 1}, {"__entity": {"id": "a", "type": "N::U"}},
]

TAGS = ["a", "b", "", "é", "owner", "x y"]
