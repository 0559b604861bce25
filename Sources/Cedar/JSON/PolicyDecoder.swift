import Bytes

/// Reads policies in Cedar's JSON format.
struct PolicyDecoder {
    static let setMembers: [Text] = ["staticPolicies", "templates", "templateLinks"]
    static let policyMembers: [Text] = ["effect", "principal", "action", "resource", "conditions", "annotations"]

    private var expressions = ExpressionDecoder()
    private var policies: [Policy] = []

    mutating func set(_ json: JSONValue) throws(DecodingError) -> PolicySet {
        try json.checkMembers(required: Self.setMembers)
        for name in ["templates", "staticPolicies"] as [Text] {
            try inside(name.string) { (decoder) throws(DecodingError) in
                try decoder.policies(json.member(name), areTemplates: name == "templates")
            }
        }
        let links = try inside("templateLinks") { (decoder) throws(DecodingError) in
            try json.member("templateLinks").decodeElements { (link) throws(DecodingError) in try Self.link(link) }
        }
        return try finish(links)
    }

    mutating func single(_ json: JSONValue, id: Text) throws(DecodingError) -> PolicySet {
        policies = [try policy(json, id: id)]
        return try finish([])
    }

    private func finish(_ links: [TemplateLink]) throws(DecodingError) -> PolicySet {
        var seen: Set<Text> = []
        for policy in policies where !seen.insert(policy.id).inserted {
            throw DecodingError(.policySet(.duplicateID(policy.id)))
        }
        let builder = expressions.builder
        let source = PolicySet.Parts.Source(firstNode: 0, lines: nil)
        let set = PolicySet(
            PolicySet.Parts(policies: policies, syntax: builder.arena, ranges: builder.ranges, sources: [source])
        )
        guard !links.isEmpty else { return set }
        do throws(PolicySetError) {
            return try set.linking(links)
        } catch {
            throw DecodingError(.policySet(error), at: "templateLinks")
        }
    }

    /// Runs a part, and puts its name before the path of its error.
    private mutating func inside<Result>(
        _ component: String,
        _ body: (inout PolicyDecoder) throws(DecodingError) -> Result
    ) throws(DecodingError) -> Result {
        do throws(DecodingError) {
            return try body(&self)
        } catch {
            throw error.inside(component)
        }
    }

    private mutating func policies(_ json: JSONValue, areTemplates: Bool) throws(DecodingError) {
        guard json.kind == .object else { throw json.mismatch("object") }
        guard json.count <= SourceLimits.declarationsMax - policies.count else { throw DecodingError(.limitExceeded) }
        for member in json.members {
            let id = member.name
            try inside(id.string) { (decoder) throws(DecodingError) in
                let policy = try decoder.policy(member.value, id: id)
                guard policy.isTemplate == areTemplates else {
                    throw DecodingError(.invalid(areTemplates ? "a template needs a slot" : "a policy has no slots"))
                }
                decoder.policies.append(policy)
            }
        }
    }

    private static func link(_ json: JSONValue) throws(DecodingError) -> TemplateLink {
        try json.checkMembers(required: ["templateId", "newId", "values"])
        var slots: [Slot: EntityUID] = [:]
        let values = try json.member("values")
        guard values.kind == .object else { throw values.mismatch("object").inside("values") }
        for member in values.members {
            do throws(DecodingError) {
                slots[try slot(member.name)] = try ValueDecoder().entityUID(member.value)
            } catch {
                throw error.inside(member.name.string).inside("values")
            }
        }
        return TemplateLink(id: try json.text("newId"), template: try json.text("templateId"), slots: slots)
    }

    private static func slot(_ name: Text) throws(DecodingError) -> Slot {
        guard let slot = Slot.allCases.first(where: { Text($0.description) == name }) else {
            throw DecodingError(.invalid("not one of the slots `?principal` and `?resource`"))
        }
        return slot
    }

    // MARK: Policies

    private mutating func policy(_ json: JSONValue, id: Text) throws(DecodingError) -> Policy {
        try json.checkMembers(required: Array(Self.policyMembers.dropLast()), optional: ["annotations"])
        guard let effect = Effect(rawValue: try json.text("effect").string) else {
            throw DecodingError(.invalid("neither `permit` nor `forbid`"), at: "effect")
        }
        let scope = Scope(
            principal: try constraint(json, "principal", .principal),
            action: try constraint(json, "action", nil),
            resource: try constraint(json, "resource", .resource)
        )
        let conditions = try inside("conditions") { (decoder) throws(DecodingError) in
            try json.member("conditions").decodeElements { (json) throws(DecodingError) in
                try decoder.condition(json)
            }
        }
        return Policy(
            id: id,
            effect: effect,
            annotations: try inside("annotations") { (decoder) throws(DecodingError) in
                try decoder.annotations(json["annotations"])
            },
            scope: scope,
            conditions: conditions,
            range: .unknown
        )
    }

    private func annotations(_ json: JSONValue?) throws(DecodingError) -> [Annotation] {
        guard let json else { return [] }
        guard json.kind == .object else { throw json.mismatch("object") }
        var annotations: [Annotation] = []
        for member in json.members {
            guard Identifier.isIdentifier(member.nameBytes) else {
                throw DecodingError(.invalid("not a name of an annotation"), at: member.name.string)
            }
            guard member.value.kind == .string || member.value.kind == .null else {
                throw member.value.mismatch("string or null").inside(member.name.string)
            }
            let value = member.value.string
            annotations.append(
                Annotation(key: member.name, value: value ?? "", hasValue: value != nil, range: .unknown)
            )
        }
        return annotations
    }

    private mutating func condition(_ json: JSONValue) throws(DecodingError) -> Condition {
        try json.checkMembers(required: ["kind", "body"])
        let kind = try json.text("kind")
        guard kind == "when" || kind == "unless" else {
            throw DecodingError(.invalid("neither `when` nor `unless`"), at: "kind")
        }
        let root = try inside("body") { (decoder) throws(DecodingError) in
            try decoder.expressions.expression(try json.member("body"))
        }
        return Condition(isWhen: kind == "when", range: .unknown, root: root)
    }

    // MARK: Scopes

    private func constraint(
        _ policy: JSONValue,
        _ name: Text,
        _ slot: Slot?
    ) throws(DecodingError) -> ScopeConstraint {
        do throws(DecodingError) {
            return try constraint(policy.member(name), slot)
        } catch {
            throw error.inside(name.string)
        }
    }

    /// Reads what is asked of the principal or the resource, with their slot, or of the action, which has none.
    private func constraint(_ json: JSONValue, _ slot: Slot?) throws(DecodingError) -> ScopeConstraint {
        guard json.kind == .object else { throw json.mismatch("object") }
        switch try json.text("op") {
        case "All":
            try json.checkMembers(required: ["op"])
            return .any
        case "==": return .equal(try entity(json, slot, besides: ["op"]))
        case "in" where slot == nil && json["entities"] != nil: return .isInAny(try actions(json))
        case "in": return .isIn(try entity(json, slot, besides: ["op"]))
        case "is" where slot != nil: return try typeConstraint(json, slot)
        default: throw DecodingError(.invalid("not an operator that can stand here"), at: "op")
        }
    }

    private func typeConstraint(_ json: JSONValue, _ slot: Slot?) throws(DecodingError) -> ScopeConstraint {
        try json.checkMembers(required: ["op", "entity_type"], optional: ["in"])
        let type = try json.entityType("entity_type")
        guard let ancestor = json["in"] else { return .isType(type) }
        do throws(DecodingError) {
            return .isTypeIn(type, try entity(ancestor, slot, besides: []))
        } catch {
            throw error.inside("in")
        }
    }

    /// Reads the member `entity`, or `slot` in its place.
    private func entity(_ json: JSONValue, _ slot: Slot?, besides others: [Text]) throws(DecodingError) -> ScopeEntity {
        guard json.kind == .object else { throw json.mismatch("object") }
        guard let slot, json["slot"] != nil else {
            try json.checkMembers(required: others + ["entity"])
            return .entity(try uid(json.member("entity"), isAction: slot == nil, at: "entity"))
        }
        try json.checkMembers(required: others + ["slot"])
        guard try json.text("slot") == Text(slot.description) else {
            throw DecodingError(.invalid("only the slot `\(slot)` can stand here"), at: "slot")
        }
        return .slot(slot)
    }

    private func actions(_ json: JSONValue) throws(DecodingError) -> [EntityUID] {
        try json.checkMembers(required: ["op", "entities"])
        do throws(DecodingError) {
            return try json.member("entities").decodeElements { (json) throws(DecodingError) in
                try uid(json, isAction: true)
            }
        } catch {
            throw error.inside("entities")
        }
    }

    private func uid(_ json: JSONValue, isAction: Bool, at path: String = "") throws(DecodingError) -> EntityUID {
        do throws(DecodingError) {
            let uid = try ValueDecoder().entityUID(json)
            guard !isAction || uid.type.isAction else {
                throw DecodingError(.invalid("not an entity of type `Action`"))
            }
            return uid
        } catch {
            throw path.isEmpty ? error : error.inside(path)
        }
    }
}

extension JSONValue {
    /// Refuses anything but an object with all of these members, perhaps with the optional ones, and with no others.
    func checkMembers(required: [Text], optional: [Text] = []) throws(DecodingError) {
        guard kind == .object else { throw mismatch("object") }
        for member in members where !required.contains(member.name) && !optional.contains(member.name) {
            throw DecodingError(.unexpected, at: member.name.string)
        }
        for name in required where self[name] == nil { throw DecodingError(.missing, at: name.string) }
    }

    /// The member of that name, which has to be there.
    func member(_ name: Text) throws(DecodingError) -> JSONValue {
        guard let value = self[name] else { throw DecodingError(.missing, at: name.string) }
        return value
    }

    /// The member of that name, which has to be a string.
    func text(_ name: Text) throws(DecodingError) -> Text {
        let value = try member(name)
        guard let text = value.string else { throw value.mismatch("string").inside(name.string) }
        return text
    }

    /// The member of that name, which has to be the name of an entity type.
    func entityType(_ name: Text) throws(DecodingError) -> EntityType {
        guard let type = EntityType(try text(name).string) else {
            throw DecodingError(.invalidEntityType, at: name.string)
        }
        return type
    }

    /// What is made of the elements of an array, which this has to be.
    func decodeElements<Element>(
        _ decode: (JSONValue) throws(DecodingError) -> Element
    ) throws(DecodingError) -> [Element] {
        guard kind == .array else { throw mismatch("array") }
        var decoded: [Element] = []
        decoded.reserveCapacity(count)
        for (index, element) in elements.enumerated() {
            do throws(DecodingError) {
                decoded.append(try decode(element))
            } catch {
                throw error.inside("[\(index)]")
            }
        }
        return decoded
    }

    /// What to say when another kind of value was expected.
    func mismatch(_ expected: String) -> DecodingError {
        if kind == .null { return DecodingError(.null) }
        return DecodingError(.mismatch(expected: expected, found: kind.name))
    }
}

extension JSONValue.Kind {
    /// The kind as messages name it.
    var name: String {
        switch self {
        case .null: "null"
        case .true, .false: "bool"
        case .integer: "integer"
        case .fraction: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
