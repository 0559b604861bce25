public import Bytes

/// Why policies, templates and links do not make a set.
public enum PolicySetError: Error, Hashable, Sendable {
    /// Two policies or templates have the same identifier.
    case duplicateID(Text)
    /// There is no template of that identifier.
    case unknownTemplate(Text)
    /// The policy of that identifier stands for itself, or is linked already: it has no slots to fill.
    case notATemplate(Text)
    /// A link gives nothing for a slot of its template.
    case missingSlot(Slot, template: Text)
    /// A link gives something for a slot that its template does not have.
    case superfluousSlot(Slot, template: Text)
    /// There are more policies than ``SourceLimits/declarationsMax``.
    case tooManyPolicies
    /// Two policies have the same `@id`, or a policy's `@id` is the identifier of another one.
    case duplicateAnnotation(Text)
}

extension PolicySetError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .duplicateID(let id): "there are two policies or templates with the id \(Escapes.quoted(id))"
        case .unknownTemplate(let id): "there is no template with the id \(Escapes.quoted(id))"
        case .notATemplate(let id): "\(Escapes.quoted(id)) is a policy, not a template: it has no slots"
        case .missingSlot(let slot, let template):
            "nothing is given for the slot `\(slot)` of the template \(Escapes.quoted(template))"
        case .superfluousSlot(let slot, let template):
            "the template \(Escapes.quoted(template)) has no slot `\(slot)`"
        case .tooManyPolicies: "more than \(SourceLimits.declarationsMax) policies"
        case .duplicateAnnotation(let id):
            "there are two policies or templates with the annotation `@id(\(Escapes.quoted(id)))`"
        }
    }
}
