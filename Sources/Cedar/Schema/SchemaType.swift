public import Bytes

/// A type of a schema: what an attribute, a tag or a context may hold.
public indirect enum SchemaType: Hashable, Sendable {
    /// A truth value.
    case bool
    /// A 64-bit integer.
    case long
    /// A string.
    case string
    /// A set whose members are all of one type.
    case set(SchemaType)
    /// A record.
    case record(RecordType)
    /// A reference to an entity of that type.
    case entity(EntityType)
    /// A value of an extension type.
    case `extension`(ExtensionType)
}

/// The extension types.
public enum ExtensionType: String, Hashable, Sendable, CaseIterable {
    /// A decimal number.
    case decimal
    /// An IP address or range.
    case ipaddr
    /// An instant.
    case datetime
    /// A length of time.
    case duration
}

/// An attribute of a record or entity type.
public struct AttributeType: Hashable, Sendable {
    /// The attribute's name.
    public let name: Text
    /// The type of its value.
    public let type: SchemaType
    /// Whether it has to be there.
    public let isRequired: Bool

    /// Makes an attribute.
    public init(name: Text, type: SchemaType, isRequired: Bool = true) {
        self.name = name
        self.type = type
        self.isRequired = isRequired
    }
}

/// A type of records: closed, so that a record has no attributes but these.
public struct RecordType: Hashable, Sendable {
    /// The attributes, sorted by name.
    public let attributes: [AttributeType]

    /// The type of the empty record alone.
    public static let empty = RecordType(sorted: [])

    /// Makes a type of attributes in any order.
    ///
    /// - Returns: `nil` if two attributes have the same name.
    public init?(_ attributes: [AttributeType]) {
        let sorted = attributes.sorted { $0.name < $1.name }
        guard !zip(sorted, sorted.dropFirst()).contains(where: { $0.name == $1.name }) else { return nil }
        self.attributes = sorted
    }

    /// Takes attributes that are sorted by name and have no duplicates.
    init(sorted attributes: [AttributeType]) {
        self.attributes = attributes
    }

    /// The attribute of that name.
    public subscript(name: Text) -> AttributeType? { attributes.first { $0.name == name } }
}

extension SchemaType: CustomStringConvertible {
    /// The type in the notation of schemas.
    public var description: String {
        switch self {
        case .bool: "Bool"
        case .long: "Long"
        case .string: "String"
        case .set(let element): "Set<\(element)>"
        case .record(let record): record.description
        case .entity(let type): type.description
        case .extension(let type): type.rawValue
        }
    }

    /// The type's name in messages, without what it contains.
    var shortName: String {
        switch self {
        case .bool: "bool"
        case .long: "long"
        case .string: "string"
        case .set: "set"
        case .record: "record"
        case .entity(let type): "entity of type `\(type)`"
        case .extension(let type): type.rawValue
        }
    }
}

extension RecordType: CustomStringConvertible {
    /// The type in the notation of schemas.
    public var description: String {
        let parts = attributes.map { "\(Escapes.quoted($0.name))\($0.isRequired ? "" : "?"): \($0.type)" }
        return "{\(parts.joined(separator: ", "))}"
    }
}
