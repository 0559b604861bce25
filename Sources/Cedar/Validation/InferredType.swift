import Bytes

/// The type that validation gives an expression in one request environment (cedar-spec `Validation/Types.lean`).
///
/// Types that a schema declares are taken as they are, and only looked into where a rule needs it: they may be large.
indirect enum InferredType: Sendable {
    /// Of no value; the type of an empty set's members.
    case never
    /// The truth value that is always this one.
    case always(Bool)
    case bool
    case long
    case string
    /// A set; of members of any type if it is `nil`, which only expectations are.
    case set(InferredType?)
    case record(InferredRecord)
    /// An entity of one of these types, which are sorted, at least one; strict validation has only single ones.
    case entity([EntityType])
    /// An entity of any type; only expectations are.
    case anyEntity
    case `extension`(ExtensionType)

    /// The type of what a schema declares so.
    init(_ type: SchemaType) {
        switch type {
        case .bool: self = .bool
        case .long: self = .long
        case .string: self = .string
        case .set(let element): self = .set(InferredType(element))
        case .record(let record): self = .record(.declared(record))
        case .entity(let type): self = .entity([type])
        case .extension(let type): self = .extension(type)
        }
    }

    var isAlwaysTrue: Bool {
        if case .always(true) = self { true } else { false }
    }

    var isAlwaysFalse: Bool {
        if case .always(false) = self { true } else { false }
    }

    /// Whether `<` takes it.
    var isOrdered: Bool {
        switch self {
        case .long, .extension(.datetime), .extension(.duration): true
        case .never, .always, .bool, .string, .set, .record, .entity, .anyEntity, .extension(.decimal),
            .extension(.ipaddr):
            false
        }
    }
}

/// The type of a record, as it is declared or as it follows from an expression.
enum InferredRecord: Sendable {
    case declared(RecordType)
    case inferred(Attributes)

    /// The attributes that follow from an expression, or from two types together.
    final class Attributes: Sendable {
        /// Sorted by name.
        let attributes: [Attribute]
        /// Whether there may be other attributes, too.
        let isOpen: Bool

        init(_ attributes: [Attribute], isOpen: Bool) {
            self.attributes = attributes
            self.isOpen = isOpen
        }
    }

    struct Attribute: Sendable {
        let name: Text
        let type: InferredType
        let isRequired: Bool

        init(name: Text, type: InferredType, isRequired: Bool) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
        }

        init(_ attribute: AttributeType) {
            self.init(name: attribute.name, type: InferredType(attribute.type), isRequired: attribute.isRequired)
        }
    }

    /// The type of all records; only expectations are open without any attribute.
    static let any = InferredRecord.inferred(Attributes([], isOpen: true))

    var isOpen: Bool {
        switch self {
        case .declared: false
        case .inferred(let attributes): attributes.isOpen
        }
    }

    var count: Int {
        switch self {
        case .declared(let type): type.attributes.count
        case .inferred(let attributes): attributes.attributes.count
        }
    }

    /// The names in their order.
    var names: [Text] {
        switch self {
        case .declared(let type): type.attributes.map(\.name)
        case .inferred(let attributes): attributes.attributes.map(\.name)
        }
    }

    /// The attribute at a place.
    func attribute(at index: Int) -> Attribute {
        switch self {
        case .declared(let type): Attribute(type.attributes[index])
        case .inferred(let attributes): attributes.attributes[index]
        }
    }

    /// The name at a place.
    func name(at index: Int) -> Text {
        switch self {
        case .declared(let type): type.attributes[index].name
        case .inferred(let attributes): attributes.attributes[index].name
        }
    }

    /// The attribute of that name.
    subscript(name: Text) -> Attribute? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.name(at: middle) < name { low = middle + 1 } else { high = middle }
        }
        return low < count && self.name(at: low) == name ? attribute(at: low) : nil
    }
}

extension InferredType {
    /// The type's name in messages, cut where it is too long.
    var name: String {
        var text = ""
        write(to: &text)
        guard text.utf8.count > ValidationLimits.typeNameBytesMax else { return text }
        return text.prefix(ValidationLimits.typeNameBytesMax) + "…"
    }

    /// Writes the name, at most a little more than the limit.
    private func write(to text: inout String) {
        guard text.utf8.count <= ValidationLimits.typeNameBytesMax else { return }
        switch self {
        case .never: text += "nothing"
        case .always(let value): text += value ? "True" : "False"
        case .bool: text += "Bool"
        case .long: text += "Long"
        case .string: text += "String"
        case .set(nil): text += "Set"
        case .set(.some(let element)):
            text += "Set<"
            element.write(to: &text)
            text += ">"
        case .record(let record): Self.write(record, to: &text)
        case .entity(let types): text += types.prefix(8).map(\.description).joined(separator: " | ")
        case .anyEntity: text += "entity"
        case .extension(let type): text += type.rawValue
        }
    }

    private static func write(_ record: InferredRecord, to text: inout String) {
        if record.isOpen, record.count == 0 {
            text += "record"
            return
        }
        text += "{"
        for index in 0..<record.count where text.utf8.count <= ValidationLimits.typeNameBytesMax {
            let attribute = record.attribute(at: index)
            text += (index == 0 ? "" : ", ") + attribute.name.string + (attribute.isRequired ? ": " : "?: ")
            attribute.type.write(to: &text)
        }
        text += record.isOpen ? ", …}" : "}"
    }
}
