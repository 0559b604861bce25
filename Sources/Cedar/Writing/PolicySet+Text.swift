public import Bytes

extension PolicySet {
    /// The policies and templates in Cedar's syntax: reading the text gives the same policies in the same order.
    ///
    /// Identifiers are not part of the syntax and are lost, unless policies have them as annotations, too. Comments and
    /// layout are not kept: the formatter does that.
    ///
    /// - Returns: `nil` if there are linked policies, which Cedar's syntax cannot express.
    public func cedarText() -> Text? {
        guard policies.allSatisfy({ $0.link == nil }) else { return nil }
        return Text(policies.indices.map { "\(cedarText(ofPolicyAt: $0))\n" }.joined(separator: "\n"))
    }

    /// The policy or template at a place in Cedar's syntax; a linked policy is written with its slots filled.
    public func cedarText(ofPolicyAt index: Int) -> Text {
        let policy = policies[index]
        var text = ""
        for annotation in policy.annotations {
            text += "@\(annotation.key)\(annotation.hasValue ? "(\(Escapes.quoted(annotation.value)))" : "")\n"
        }
        text += "\(policy.effect.rawValue) ("
        text += "principal\(policy.principal.text), action\(policy.action.text), resource\(policy.resource.text))"
        for condition in policy.conditions {
            let body = ExpressionWriter.text(of: condition.root, in: syntax)
            text += "\n\(condition.isWhen ? "when" : "unless") { \(body) }"
        }
        return Text(text + ";")
    }
}

extension ScopeConstraint {
    /// The constraint as it is written behind the variable.
    fileprivate var text: String {
        switch self {
        case .any: ""
        case .equal(let entity): " == \(entity.text)"
        case .isIn(let entity): " in \(entity.text)"
        case .isInAny(let entities): " in [\(entities.map(\.description).joined(separator: ", "))]"
        case .isType(let type): " is \(type)"
        case .isTypeIn(let type, let entity): " is \(type) in \(entity.text)"
        }
    }
}

extension ScopeEntity {
    /// The entity or slot as it is written.
    fileprivate var text: String {
        switch self {
        case .entity(let uid): uid.description
        case .slot(let slot): slot.description
        }
    }
}
