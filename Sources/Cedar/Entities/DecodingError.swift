import Bytes

/// Why a JSON value, or a Cedar value, is not what a schema or Cedar's data format asks for, and where.
public struct DecodingError: Error, Hashable, Sendable {
    /// The kinds of refusal.
    public enum Reason: Hashable, Sendable {
        /// `null` is no Cedar value.
        case null
        /// A number with a fraction or an exponent, where none may be.
        case notAnInteger
        /// An integer that does not fit in 64 bits.
        case integerOutOfRange
        /// A number with more than four fractional digits, or too large, where a decimal number is expected.
        case decimalOutOfRange
        /// Another kind of thing than expected; both are named.
        case mismatch(expected: String, found: String)
        /// A required member is missing.
        case missing
        /// A member that nothing declares.
        case unexpected
        /// The same name twice.
        case duplicate
        /// An escape such as `__entity` or `__extn` that is not well formed.
        case malformedEscape
        /// A name that is not one of an entity type.
        case invalidEntityType
        /// A function of an extension type that does not exist.
        case unknownFunction(String)
        /// A function of an extension type has no result for its arguments.
        case extensionFailed(EvaluationError)
        /// An entity type that the schema does not declare.
        case undeclaredEntityType(EntityType)
        /// An entity that is not among those that its type lists.
        case undeclaredEntity(EntityUID)
        /// A parent of a type that the schema does not allow.
        case parentNotAllowed(EntityUID)
        /// An action that differs from its declaration.
        case actionMismatch(EntityUID)
        /// The entities do not make a store.
        case store(EntitiesError)
        /// Nested deeper than ``SourceLimits/nestingMax``, or more than ``SourceLimits/declarationsMax`` declarations.
        case limitExceeded
        /// Something of a policy or schema that cannot be; it says what.
        case invalid(String)
        /// The policies, templates and links do not make a set.
        case policySet(PolicySetError)
    }

    /// What is wrong.
    public let reason: Reason
    /// Where, from the outermost name inwards, such as `context.input.amount`; empty at the top.
    public let path: String

    /// Makes an error at a path.
    public init(_ reason: Reason, at path: String = "") {
        self.reason = reason
        self.path = path
    }

    /// The same error, seen from one level further out.
    func inside(_ component: String) -> DecodingError {
        let joint = path.isEmpty || path.utf8.first == UInt8(ascii: "[") ? "" : "."
        return DecodingError(reason, at: component + joint + path)
    }
}

extension DecodingError: CustomStringConvertible {
    /// What is wrong and where, in one line.
    public var description: String { path.isEmpty ? reasonText : "`\(path)`: \(reasonText)" }

    private var reasonText: String {
        switch reason {
        case .null: "null is not a value"
        case .notAnInteger: "numbers have to be integers"
        case .integerOutOfRange: "integer does not fit in 64 bits"
        case .decimalOutOfRange: "number does not fit a decimal with four fractional digits"
        case .mismatch(let expected, let found): "expected \(expected), got \(found)"
        case .missing: "required member is missing"
        case .unexpected: "member is not declared"
        case .duplicate: "member is given twice"
        case .malformedEscape: "malformed escape"
        case .invalidEntityType: "not the name of an entity type"
        case .unknownFunction(let name): "`\(name)` is not a function"
        case .extensionFailed(let error): error.description
        case .undeclaredEntityType(let type): "entity type `\(type)` is not declared"
        case .undeclaredEntity(let uid): "`\(uid)` is not one of its type's entities"
        case .parentNotAllowed(let uid): "`\(uid)` is not allowed as a parent"
        case .actionMismatch(let uid): "action `\(uid)` differs from its declaration"
        case .store(let error): error.description
        case .limitExceeded:
            "nested deeper than \(SourceLimits.nestingMax) levels, or more than \(SourceLimits.declarationsMax) declarations"
        case .invalid(let message): message
        case .policySet(let error): error.description
        }
    }
}
