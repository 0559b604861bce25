import Bytes

/// Counts the steps of validating one policy, and says when there were too many.
final class ValidationSteps {
    /// How many there may be.
    let limit: Int
    private var left: Int
    /// Whether there were more steps than may be; then no result counts.
    private(set) var isExceeded = false

    init(limit: Int = ValidationLimits.stepsMax) {
        self.limit = limit
        left = limit
    }

    /// Takes steps.
    ///
    /// - Returns: Whether there were enough of them.
    func take(_ count: Int = 1) -> Bool {
        left -= count
        if left < 0 { isExceeded = true }
        return !isExceeded
    }
}

/// Why two types do not go together.
enum Incompatibility: Error {
    /// An attribute is required in one type and optional in the other.
    case optionality
    /// Two records do not have the same attributes.
    case attributes
    /// Two entity types.
    case entityTypes
    /// An entity and a record.
    case entityAndRecord
    /// Any two other types.
    case types

    /// What the rule is.
    var help: String {
        switch self {
        case .optionality: "an attribute has to be required in both records or optional in both"
        case .attributes: "both records have to have exactly the same attributes"
        case .entityTypes: "different entity types never go together, even if their attributes are the same"
        case .entityAndRecord: "an entity and a record never go together"
        case .types: "both have to be of the same type"
        }
    }
}

/// Compares types (cedar-spec `Validation/Subtyping.lean`; permissive rules as in the Rust engine).
struct TypeLattice {
    let isStrict: Bool
    let steps: ValidationSteps

    /// The same comparisons by the permissive rules, which expectations are compared by in both modes.
    var permissive: TypeLattice { TypeLattice(isStrict: false, steps: steps) }

    // MARK: Subtypes

    /// Whether every value of the first type may stand where the second is expected.
    func isSubtype(_ left: InferredType, _ right: InferredType) -> Bool {
        guard steps.take() else { return false }
        switch (left, right) {
        case (.never, _), (.always, .bool), (.bool, .bool), (.long, .long), (.string, .string),
            (.anyEntity, .anyEntity), (.set, .set(nil)):
            return true
        case (.always(let left), .always(let right)): return left == right
        case (.set(.some(let left)), .set(.some(let right))): return isSubtype(left, right)
        case (.record(let left), .record(let right)): return isSubtype(left, right)
        case (.entity(let left), .entity(let right)): return isStrict ? left == right : Set(right).isSuperset(of: left)
        case (.entity, .anyEntity): return !isStrict
        case (.extension(let left), .extension(let right)): return left == right
        case (_, _): return false
        }
    }

    private func isSubtype(_ left: InferredRecord, _ right: InferredRecord) -> Bool {
        guard !left.isOpen || right.isOpen else { return false }
        guard left.count == right.count || (right.isOpen && !isStrict) else { return false }
        for index in 0..<right.count {
            let expected = right.attribute(at: index)
            guard let attribute = left[expected.name] else { return false }
            let isRequirementMet =
                isStrict
                ? attribute.isRequired == expected.isRequired : attribute.isRequired || !expected.isRequired
            guard isRequirementMet, isSubtype(attribute.type, expected.type) else { return false }
        }
        return true
    }

    // MARK: Least upper bounds

    /// The least type that the values of both have.
    func leastUpperBound(_ left: InferredType, _ right: InferredType) throws(Incompatibility) -> InferredType {
        if isSubtype(left, right) { return right }
        if isSubtype(right, left) { return left }
        switch (left, right) {
        case (.always, .always): return .bool
        case (.set(.some(let left)), .set(.some(let right))): return .set(try leastUpperBound(left, right))
        case (.record(let left), .record(let right)): return .record(try leastUpperBound(left, right))
        case (.entity(let left), .entity(let right)):
            guard !isStrict else { throw .entityTypes }
            return .entity(Set(left).union(right).sorted())
        case (.entity, .anyEntity), (.anyEntity, .entity):
            guard !isStrict else { throw .entityTypes }
            return .anyEntity
        case (.entity, .record), (.record, .entity), (.anyEntity, .record), (.record, .anyEntity):
            throw .entityAndRecord
        case (_, _): throw .types
        }
    }

    /// The least upper bound of any number of types; that of none is ``InferredType/never``.
    func leastUpperBound(_ types: [InferredType]) throws(Incompatibility) -> InferredType {
        var bound = InferredType.never
        for type in types { bound = try leastUpperBound(bound, type) }
        return bound
    }

    private func leastUpperBound(
        _ left: InferredRecord,
        _ right: InferredRecord
    ) throws(Incompatibility) -> InferredRecord {
        if isStrict, left.count != right.count { throw .attributes }
        var attributes: [InferredRecord.Attribute] = []
        for index in 0..<left.count {
            let attribute = left.attribute(at: index)
            guard let other = right[attribute.name] else {
                if isStrict { throw .attributes }
                continue
            }
            do throws(Incompatibility) {
                attributes.append(try leastUpperBound(attribute, other))
            } catch {
                // Permissively, an attribute without a common type is one that only the values know.
                if isStrict { throw error }
            }
        }
        // Every name of both is known exactly if none was left out on either side.
        let isComplete = attributes.count == left.count && attributes.count == right.count
        return .inferred(.init(attributes, isOpen: left.isOpen || right.isOpen || !isComplete))
    }

    private func leastUpperBound(
        _ left: InferredRecord.Attribute,
        _ right: InferredRecord.Attribute
    ) throws(Incompatibility) -> InferredRecord.Attribute {
        let type = try leastUpperBound(left.type, right.type)
        if isStrict, left.isRequired != right.isRequired { throw .optionality }
        return .init(name: left.name, type: type, isRequired: left.isRequired && right.isRequired)
    }

    /// Whether no value can be of both types; when in doubt, not.
    static func areDisjoint(_ left: InferredType, _ right: InferredType) -> Bool {
        guard case .entity(let left) = left, case .entity(let right) = right else { return false }
        return Set(left).isDisjoint(with: right)
    }
}
