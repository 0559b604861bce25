public import Bytes

/// A Cedar value: what expressions evaluate to and what attributes hold.
///
/// Equality is total: values of different kinds are unequal, never an error (cedar-spec `Value.lean`). Sets and records
/// compare by content whatever the order they were written in.
public enum Value: Hashable, Sendable {
    /// A truth value.
    case bool(Bool)
    /// A signed 64-bit integer.
    case long(Int64)
    /// A string, compared byte for byte.
    case string(Text)
    /// A reference to an entity, which need not exist.
    case entity(EntityUID)
    /// A set of values without order or duplicates.
    case set(ValueSet)
    /// A record of named values.
    case record(Record)
    /// A decimal number with four fractional digits.
    case decimal(Decimal)
    /// An IP address or range.
    case ipaddr(IPAddress)
    /// An instant, in milliseconds since 1970.
    case datetime(Datetime)
    /// A length of time, in milliseconds.
    case duration(TimeSpan)
}

extension Value {
    /// The kind of a value, as error messages name it.
    public enum Kind: UInt8, BitwiseCopyable, Sendable, CaseIterable, CustomStringConvertible {
        /// A truth value.
        case bool
        /// An integer.
        case long
        /// A string.
        case string
        /// A reference to an entity.
        case entity
        /// A set.
        case set
        /// A record.
        case record
        /// A decimal number.
        case decimal
        /// An IP address or range.
        case ipaddr
        /// An instant.
        case datetime
        /// A length of time.
        case duration

        /// The name of the kind in messages.
        public var description: String {
            switch self {
            case .bool: "bool"
            case .long: "long"
            case .string: "string"
            case .entity: "entity"
            case .set: "set"
            case .record: "record"
            case .decimal: "decimal"
            case .ipaddr: "ipaddr"
            case .datetime: "datetime"
            case .duration: "duration"
            }
        }
    }

    /// The kind of this value.
    public var kind: Kind {
        switch self {
        case .bool: .bool
        case .long: .long
        case .string: .string
        case .entity: .entity
        case .set: .set
        case .record: .record
        case .decimal: .decimal
        case .ipaddr: .ipaddr
        case .datetime: .datetime
        case .duration: .duration
        }
    }
}

extension Value: Comparable {
    /// A total order, first by kind, then by content, which sets are sorted by; it is not Cedar's `<`.
    public static func < (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): !left && right
        case (.long(let left), .long(let right)): left < right
        case (.string(let left), .string(let right)): left < right
        case (.entity(let left), .entity(let right)): left < right
        case (.set(let left), .set(let right)): left.elements.lexicographicallyPrecedes(right.elements)
        case (.record(let left), .record(let right)): left.fields.lexicographicallyPrecedes(right.fields)
        case (.decimal(let left), .decimal(let right)): left < right
        case (.ipaddr(let left), .ipaddr(let right)): left < right
        case (.datetime(let left), .datetime(let right)): left < right
        case (.duration(let left), .duration(let right)): left < right
        case (_, _): left.kind.rawValue < right.kind.rawValue
        }
    }
}

extension Value: CustomStringConvertible {
    /// The value in Cedar's notation; the same value always gives the same text.
    public var description: String {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .long(let value): "\(value)"
        case .string(let value): Escapes.quoted(value)
        case .entity(let value): value.description
        case .set(let value): "[\(value.elements.map(\.description).joined(separator: ", "))]"
        case .record(let value):
            "{\(value.fields.map { "\(Escapes.quoted($0.name)): \($0.value)" }.joined(separator: ", "))}"
        case .decimal(let value): "decimal(\"\(value)\")"
        case .ipaddr(let value): "ip(\"\(value)\")"
        case .datetime(let value): "datetime(\"1970-01-01\").offset(duration(\"\(value.milliseconds)ms\"))"
        case .duration(let value): "duration(\"\(value.milliseconds)ms\")"
        }
    }
}
