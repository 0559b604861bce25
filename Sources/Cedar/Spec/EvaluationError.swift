public import Bytes

/// Why an expression has no value.
///
/// Cedar knows more classes which cannot occur here: unknown functions, expressions that are no values, slots in
/// conditions and nesting beyond the limit are refused when the text is parsed, and templates do not take part in an
/// evaluation.
public indirect enum EvaluationError: Error, Hashable, Sendable {
    /// An attribute or tag is asked of an entity that is not in the store.
    case entityDoesNotExist(EntityUID)
    /// An entity has no such attribute.
    case entityAttributeDoesNotExist(EntityUID, attribute: Text)
    /// An entity has no such tag.
    case entityTagDoesNotExist(EntityUID, tag: Text)
    /// A record has no such attribute.
    case recordAttributeDoesNotExist(attribute: Text)
    /// A value is of another kind than the operation takes.
    case type(expected: [Value.Kind], found: Value.Kind)
    /// A function is called with another number of arguments than it takes.
    case wrongNumberOfArguments(function: String, expected: Int, found: Int)
    /// The result of an addition, subtraction, multiplication or negation does not fit in 64 bits.
    case integerOverflow
    /// A function of an extension type has no result for this argument.
    case extensionFunctionFailed(function: String, argument: Text)
}

extension EvaluationError: CustomStringConvertible {
    /// What went wrong, in one line.
    public var description: String {
        switch self {
        case .entityDoesNotExist(let uid): "entity `\(uid)` does not exist"
        case .entityAttributeDoesNotExist(let uid, let attribute): "`\(uid)` does not have the attribute `\(attribute)`"
        case .entityTagDoesNotExist(let uid, let tag): "`\(uid)` does not have the tag `\(tag)`"
        case .recordAttributeDoesNotExist(let attribute): "record does not have the attribute `\(attribute)`"
        case .type(let expected, let found):
            "type error: expected \(expected.map(\.description).joined(separator: " or ")), got \(found)"
        case .wrongNumberOfArguments(let function, let expected, let found):
            "wrong number of arguments for `\(function)`: expected \(expected), got \(found)"
        case .integerOverflow: "integer overflow"
        case .extensionFunctionFailed(let function, let argument): "`\(function)` has no result for `\(argument)`"
        }
    }
}

extension Value {
    func asBool() throws(EvaluationError) -> Bool {
        guard case .bool(let value) = self else { throw .type(expected: [.bool], found: kind) }
        return value
    }

    func asLong() throws(EvaluationError) -> Int64 {
        guard case .long(let value) = self else { throw .type(expected: [.long], found: kind) }
        return value
    }

    func asString() throws(EvaluationError) -> Text {
        guard case .string(let value) = self else { throw .type(expected: [.string], found: kind) }
        return value
    }

    func asEntity() throws(EvaluationError) -> EntityUID {
        guard case .entity(let value) = self else { throw .type(expected: [.entity], found: kind) }
        return value
    }

    func asSet() throws(EvaluationError) -> ValueSet {
        guard case .set(let value) = self else { throw .type(expected: [.set], found: kind) }
        return value
    }

    func asDecimal() throws(EvaluationError) -> Decimal {
        guard case .decimal(let value) = self else { throw .type(expected: [.decimal], found: kind) }
        return value
    }

    func asIPAddress() throws(EvaluationError) -> IPAddress {
        guard case .ipaddr(let value) = self else { throw .type(expected: [.ipaddr], found: kind) }
        return value
    }

    func asDatetime() throws(EvaluationError) -> Datetime {
        guard case .datetime(let value) = self else { throw .type(expected: [.datetime], found: kind) }
        return value
    }

    func asDuration() throws(EvaluationError) -> TimeSpan {
        guard case .duration(let value) = self else { throw .type(expected: [.duration], found: kind) }
        return value
    }
}
