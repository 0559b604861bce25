// From JSON Schema to the types of Cedar: exactly where that is possible, else not at all, and said so.

import Bytes

/// A Cedar type that stands for a JSON Schema.
indirect enum DraftType: Hashable {
    case string
    case long
    case decimal
    case bool
    case set(DraftType)
    case record([DraftAttribute])
}

/// One attribute of a drafted record.
struct DraftAttribute: Hashable {
    let name: Text
    let type: DraftType
    let isRequired: Bool
    /// What the schema says and the type cannot: lines for the person who reviews.
    let remarks: [String]
}

/// Arguments as a record, with what could not be mapped.
struct DraftRecord: Hashable {
    var attributes: [DraftAttribute] = []
    /// The members that have no type, each with the reason: a call that has one is refused.
    var refused: [(name: Text, reason: String)] = []
    var remarks: [String] = []

    static func == (left: DraftRecord, right: DraftRecord) -> Bool {
        left.attributes == right.attributes && left.remarks == right.remarks
            && left.refused.elementsEqual(right.refused) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(attributes)
    }
}

/// Why a schema has no type in Cedar.
struct Unmappable: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// Maps the schemas of one tool.
struct TypeMapper {
    /// The deepest nesting that is mapped.
    static let depthMax = 16
    /// The most properties of one object.
    static let propertiesMax = 1_000
    /// The most values of an `enum` that a remark lists.
    private static let valuesListedMax = 12

    private let root: JSONValue

    init(root: JSONValue) {
        self.root = root
    }

    /// The arguments of a tool; an absent schema is one without arguments.
    static func arguments(_ schema: JSONValue?) -> DraftRecord {
        guard let schema, schema.kind == .object else { return DraftRecord() }
        let mapper = TypeMapper(root: schema)
        do throws(Unmappable) {
            let resolved = try mapper.resolve(schema, depth: 0)
            return mapper.record(resolved, depth: 0)
        } catch {
            var record = DraftRecord()
            record.remarks.append("the arguments could not be mapped: \(error.reason)")
            return record
        }
    }

    private func record(_ schema: JSONValue, depth: Int) -> DraftRecord {
        var record = DraftRecord()
        let required = Set(schema["required"].map { $0.elements.compactMap(\.string) } ?? [])
        let properties = schema["properties"].map { Array($0.members) } ?? []
        for member in properties.prefix(Self.propertiesMax).sorted(by: { $0.name < $1.name }) {
            do throws(Unmappable) {
                try Self.checkName(member.name, isTop: depth == 0)
                var remarks: [String] = []
                let mapped = try type(member.value, depth: depth + 1, &remarks)
                let isRequired = required.contains(member.name) && !mapped.isNullable
                record.attributes.append(
                    DraftAttribute(name: member.name, type: mapped.type, isRequired: isRequired, remarks: remarks)
                )
            } catch {
                let cost = required.contains(member.name) ? "; it is required, so every call is refused" : ""
                record.refused.append((member.name, error.reason + cost))
            }
        }
        if properties.count > Self.propertiesMax {
            record.remarks.append("only \(Self.propertiesMax) of \(properties.count) members were mapped")
        }
        if let additional = schema["additionalProperties"], additional.boolean != false {
            record.remarks.append("the server takes further members; a call that has one is refused")
        }
        return record
    }

    /// Names that no request can have, or that are the gate's own.
    private static func checkName(_ name: Text, isTop: Bool) throws(Unmappable) {
        if name.utf8.first == UInt8(ascii: "$") { throw Unmappable("names that begin with `$` are reserved") }
        if isTop, name == "writ" { throw Unmappable("the member `writ` of the context is the gate's own") }
    }

    // MARK: Types

    private func type(
        _ schema: JSONValue,
        depth: Int,
        _ remarks: inout [String]
    ) throws(Unmappable) -> (type: DraftType, isNullable: Bool) {
        guard depth <= Self.depthMax else { throw Unmappable("nested deeper than \(Self.depthMax)") }
        let schema = try resolve(schema, depth: depth)
        if let alternatives = schema["anyOf"] ?? schema["oneOf"] {
            return try alternative(Array(alternatives.elements), depth, &remarks)
        }
        if let all = schema["allOf"] {
            guard all.count == 1, let only = all.elements.first(where: { _ in true }) else {
                throw Unmappable("`allOf` with \(all.count) schemas")
            }
            return try type(only, depth: depth + 1, &remarks)
        }
        let (name, isNullable) = try Self.name(of: schema)
        if isNullable { remarks.append("null is refused: leave the member out") }
        return (try type(named: name, schema, depth, &remarks), isNullable)
    }

    private func alternative(
        _ schemas: [JSONValue],
        _ depth: Int,
        _ remarks: inout [String]
    ) throws(Unmappable) -> (type: DraftType, isNullable: Bool) {
        let others = schemas.filter { $0["type"]?.string != "null" }
        guard others.count == 1, let only = others.first else {
            throw Unmappable("one of \(others.count) different types")
        }
        let isNullable = others.count < schemas.count
        if isNullable { remarks.append("null is refused: leave the member out") }
        let mapped = try type(only, depth: depth + 1, &remarks)
        return (mapped.type, mapped.isNullable || isNullable)
    }

    private func type(
        named name: Text,
        _ schema: JSONValue,
        _ depth: Int,
        _ remarks: inout [String]
    ) throws(Unmappable) -> DraftType {
        switch name {
        case "string":
            remarks += Self.restrictions(schema)
            return .string
        case "integer":
            remarks += Self.restrictions(schema)
            return .long
        case "number", "float":
            remarks += Self.restrictions(schema)
            remarks.append("a decimal: at most four digits behind the point")
            return .decimal
        case "boolean": return .bool
        case "array": return .set(try element(of: schema, depth, &remarks))
        case "object": return try object(schema, depth, &remarks)
        default: throw Unmappable("a type `\(Self.plain(name))` that Cedar does not have")
        }
    }

    private func element(of schema: JSONValue, _ depth: Int, _ remarks: inout [String]) throws(Unmappable) -> DraftType
    {
        if schema["prefixItems"] != nil { throw Unmappable("a list whose places have types of their own") }
        guard let items = schema["items"], items.kind == .object else {
            throw Unmappable("a list without one type for its elements")
        }
        var inner: [String] = []
        let mapped = try type(items, depth: depth + 1, &inner)
        guard !mapped.isNullable else { throw Unmappable("a list whose elements may be null") }
        remarks += inner.map { "each: \($0)" }
        remarks.append("a set: policies see neither order nor repetition")
        return mapped.type
    }

    private func object(_ schema: JSONValue, _ depth: Int, _ remarks: inout [String]) throws(Unmappable) -> DraftType {
        guard schema["properties"]?.kind == .object else {
            throw Unmappable("an object whose members are not named")
        }
        let required = Set(schema["required"].map { $0.elements.compactMap(\.string) } ?? [])
        let record = record(schema, depth: depth)
        for refused in record.refused {
            let name = Self.plain(refused.name)
            guard !required.contains(refused.name) else {
                throw Unmappable("an object whose required member `\(name)` has no type: \(refused.reason)")
            }
            remarks.append("NOT MAPPED: `\(name)` of it: \(refused.reason)")
        }
        remarks += record.remarks
        return .record(record.attributes)
    }

    /// The one type that a schema names, or that its values have.
    private static func name(of schema: JSONValue) throws(Unmappable) -> (name: Text, isNullable: Bool) {
        if let name = schema["type"]?.string { return (name, false) }
        if let names = schema["type"], names.kind == .array {
            let all = names.elements.compactMap(\.string)
            let others = all.filter { $0 != "null" }
            guard others.count == 1, let name = others.first else { throw Unmappable("one of \(others.count) types") }
            return (name, others.count < all.count)
        }
        let values = schema["enum"].map { Array($0.elements) } ?? schema["const"].map { [$0] } ?? []
        if !values.isEmpty, values.allSatisfy({ $0.kind == .string }) { return ("string", false) }
        if !values.isEmpty, values.allSatisfy({ $0.kind == .integer }) { return ("integer", false) }
        if schema["properties"] != nil { return ("object", false) }
        throw Unmappable(values.isEmpty ? "any type" : "one of values of different types")
    }

    /// What a schema demands and a Cedar type does not.
    private static func restrictions(_ schema: JSONValue) -> [String] {
        var remarks: [String] = []
        if let values = schema["enum"].map({ Array($0.elements) }), !values.isEmpty {
            let listed = values.prefix(valuesListedMax).map { plain(Text(String(decoding: $0.content, as: UTF8.self))) }
            let more = values.count > valuesListedMax ? ", …" : ""
            remarks.append("the server takes \(listed.joined(separator: ", "))\(more); the type takes more")
        }
        for name in ["const", "format", "pattern", "minimum", "maximum", "maxLength"] as [Text] {
            guard let value = schema[name], !value.content.isEmpty else { continue }
            remarks.append("\(name) \(plain(Text(String(decoding: value.content, as: UTF8.self)))) is not checked")
        }
        return remarks
    }

    // MARK: References

    /// Follows `$ref` within the tool's own schema.
    private func resolve(_ schema: JSONValue, depth: Int) throws(Unmappable) -> JSONValue {
        var schema = schema
        var steps = 0
        while let reference = schema["$ref"]?.string {
            steps += 1
            guard steps + depth <= Self.depthMax else { throw Unmappable("it refers to itself") }
            guard reference.string.hasPrefix("#") else { throw Unmappable("it refers to another document") }
            var target: JSONValue? = root
            for step in reference.string.dropFirst(1).split(separator: "/") {
                target = target?[Self.unescaped(step)]
            }
            guard let found = target, found.kind == .object else { throw Unmappable("it refers to nothing") }
            schema = found
        }
        return schema
    }

    /// A step of a JSON pointer without its escapes (RFC 6901 section 4).
    private static func unescaped(_ step: Substring) -> Text {
        var bytes: [UInt8] = []
        var rest = Array(step.utf8)[...]
        while let byte = rest.popFirst() {
            let isEscape =
                byte == UInt8(ascii: "~") && (rest.first == UInt8(ascii: "0") || rest.first == UInt8(ascii: "1"))
            guard isEscape, let code = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            bytes.append(code == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
        }
        return Text(String(decoding: bytes, as: UTF8.self))
    }

    /// A text in one line of a comment.
    static func plain(_ text: Text) -> String {
        var line = ""
        for scalar in text.string.unicodeScalars {
            guard line.utf8.count < 160 else { return line + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                line += " "
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
                .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
                .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
                .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator:
                line.unicodeScalars.append(scalar)
            @unknown default: line += " "
            }
        }
        return line
    }
}
