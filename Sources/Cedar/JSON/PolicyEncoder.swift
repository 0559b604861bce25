import Bytes

/// Writes policies in Cedar's JSON format.
struct PolicyEncoder: ~Copyable {
    var writer = JSONWriter(capacity: 1024)
    private let syntax: ExpressionArena

    init(_ syntax: ExpressionArena) {
        self.syntax = syntax
    }

    mutating func write(_ policies: [Policy]) {
        writer.beginObject()
        writer.name("templates")
        writeNamed(policies.filter(\.isTemplate))
        writer.name("staticPolicies")
        writeNamed(policies.filter { !$0.isTemplate && $0.link == nil })
        writer.name("templateLinks")
        writer.beginArray()
        for policy in policies {
            if let link = policy.link { write(link) }
        }
        writer.endArray()
        writer.endObject()
    }

    private mutating func writeNamed(_ policies: [Policy]) {
        writer.beginObject()
        for policy in policies {
            writer.name(policy.id)
            write(policy)
        }
        writer.endObject()
    }

    private mutating func write(_ link: TemplateLink) {
        writer.beginObject()
        writer.member("newId", link.id)
        writer.member("templateId", link.template)
        writer.name("values")
        writer.beginObject()
        for slot in Slot.allCases {
            guard let uid = link.slots[slot] else { continue }
            writer.name(Text(slot.description))
            writer.write(uid)
        }
        writer.endObject()
        writer.endObject()
    }

    mutating func write(_ policy: Policy) {
        writer.beginObject()
        writer.member("effect", Text(policy.effect.rawValue))
        write("principal", policy.principal)
        write("action", policy.action)
        write("resource", policy.resource)
        writer.name("conditions")
        writer.beginArray()
        for condition in policy.conditions {
            writer.beginObject()
            writer.member("kind", condition.isWhen ? "when" : "unless")
            writer.name("body")
            var encoder = ExpressionEncoder(syntax)
            encoder.write(condition.root, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        write(policy.annotations)
        writer.endObject()
    }

    private mutating func write(_ annotations: [Annotation]) {
        guard !annotations.isEmpty else { return }
        writer.name("annotations")
        writer.beginObject()
        for annotation in annotations {
            writer.name(annotation.key)
            if annotation.hasValue { writer.string(annotation.value) } else { writer.null() }
        }
        writer.endObject()
    }

    private mutating func write(_ name: Text, _ constraint: ScopeConstraint) {
        writer.name(name)
        writer.beginObject()
        switch constraint {
        case .any: writer.member("op", "All")
        case .equal(let entity):
            writer.member("op", "==")
            write(entity)
        case .isIn(let entity):
            writer.member("op", "in")
            write(entity)
        case .isInAny(let entities):
            writer.member("op", "in")
            write(entities)
        case .isType(let type):
            writer.member("op", "is")
            writer.member("entity_type", type.name)
        case .isTypeIn(let type, let entity):
            writer.member("op", "is")
            writer.member("entity_type", type.name)
            writer.name("in")
            writer.beginObject()
            write(entity)
            writer.endObject()
        }
        writer.endObject()
    }

    private mutating func write(_ entity: ScopeEntity) {
        switch entity {
        case .entity(let uid):
            writer.name("entity")
            writer.write(uid)
        case .slot(let slot): writer.member("slot", Text(slot.description))
        }
    }

    /// A list of one is written as if it were no list, as by the reference implementation.
    private mutating func write(_ entities: [EntityUID]) {
        if entities.count == 1 {
            writer.name("entity")
            writer.write(entities[0])
            return
        }
        writer.name("entities")
        writer.beginArray()
        for uid in entities { writer.write(uid) }
        writer.endArray()
    }

}

extension JSONWriter {
    /// Writes `{"type": …, "id": …}`.
    mutating func write(_ uid: EntityUID) {
        beginObject()
        member("type", uid.type.name)
        member("id", uid.id)
        endObject()
    }
}
