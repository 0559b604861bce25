public import Bytes

/// Turns JSON into Cedar values, guided by a type if there is one.
///
/// With a type, entities may be written `{"type": …, "id": …}` and extension values as plain strings; without one, or
/// as well, with the escapes `__entity` and `__extn`. Nothing is coerced, guessed or dropped.
public struct ValueDecoder: Sendable {
    /// What is read besides Cedar's own format.
    public struct Options: Hashable, Sendable {
        /// Whether the escapes `__entity` and `__extn` are understood; else they are members like others.
        public var explicitEscapes: Bool
        /// Whether a number is read, exactly, where a decimal is expected.
        public var numbersAsDecimals: Bool

        /// Cedar's own format: escapes, and no numbers but integers.
        public static let cedar = Options(explicitEscapes: true, numbersAsDecimals: false)
        /// Plain JSON by a type: no escapes, and numbers where decimals are expected.
        public static let plain = Options(explicitEscapes: false, numbersAsDecimals: true)

        /// Chooses what is read.
        public init(explicitEscapes: Bool, numbersAsDecimals: Bool) {
            self.explicitEscapes = explicitEscapes
            self.numbersAsDecimals = numbersAsDecimals
        }
    }

    private let schema: Schema?
    private let options: Options

    /// Makes a decoder.
    ///
    /// - Parameters:
    ///   - schema: If there is one, entities of types that list their members have to be among them.
    ///   - options: What is read.
    public init(schema: Schema? = nil, options: Options = .cedar) {
        self.schema = schema
        self.options = options
    }

    /// The value that the JSON stands for.
    ///
    /// - Throws: ``DecodingError`` with the path of the first thing that is wrong.
    public func value(_ json: JSONValue, as type: SchemaType? = nil) throws(DecodingError) -> Value {
        guard let type else { return try untyped(json) }
        switch type {
        case .bool:
            if let value = json.boolean { return .bool(value) }
            return try called(json, .bool, type)
        case .long: return json.kind == .object ? try called(json, .long, type) : .long(try long(json))
        case .string:
            guard let value = json.string else { throw mismatch(type, json) }
            return .string(value)
        case .set(let element): return try set(json, of: element)
        case .record(let record): return .record(try self.record(json, as: record))
        case .entity(let expected): return .entity(try entity(json, of: expected))
        case .extension(let expected): return try extensionValue(json, of: expected)
        }
    }

    /// The record that the JSON stands for: all required attributes, and none but declared ones.
    public func record(_ json: JSONValue, as type: RecordType) throws(DecodingError) -> Record {
        guard json.kind == .object else { throw mismatch(.record(type), json) }
        var fields: [Record.Field] = []
        fields.reserveCapacity(json.count)
        var required = 0
        for member in json.members {
            let name = member.name
            guard let attribute = type[name] else { throw DecodingError(.unexpected, at: name.string) }
            do throws(DecodingError) {
                fields.append(Record.Field(name, try value(member.value, as: attribute.type)))
            } catch {
                throw error.inside(name.string)
            }
            if attribute.isRequired { required += 1 }
        }
        guard let record = Record(fields) else { throw DecodingError(.duplicate) }
        if required < type.attributes.count {
            for attribute in type.attributes where attribute.isRequired && !record.contains(attribute.name) {
                throw DecodingError(.missing, at: attribute.name.string)
            }
        }
        return record
    }

    private func mismatch(_ type: SchemaType, _ json: JSONValue) -> DecodingError {
        if json.kind == .null { return DecodingError(.null) }
        return DecodingError(.mismatch(expected: type.shortName, found: Self.name(of: json.kind)))
    }

    private static func name(of kind: JSONValue.Kind) -> String {
        switch kind {
        case .null: "null"
        case .true, .false: "bool"
        case .integer: "integer"
        case .fraction: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    private func long(_ json: JSONValue) throws(DecodingError) -> Int64 {
        switch json.kind {
        case .integer:
            guard let value = json.integer else { throw DecodingError(.integerOutOfRange) }
            return value
        case .fraction: throw DecodingError(.notAnInteger)
        case .null, .true, .false, .string, .array, .object: throw mismatch(.long, json)
        }
    }

    private func set(_ json: JSONValue, of element: SchemaType?) throws(DecodingError) -> Value {
        guard json.kind == .array else { throw mismatch(.set(element ?? .bool), json) }
        var values: [Value] = []
        values.reserveCapacity(json.count)
        for (index, member) in json.elements.enumerated() {
            do throws(DecodingError) {
                values.append(try value(member, as: element))
            } catch {
                throw error.inside("[\(index)]")
            }
        }
        return .set(ValueSet(values))
    }

    private func untyped(_ json: JSONValue) throws(DecodingError) -> Value {
        switch json.kind {
        case .null: throw DecodingError(.null)
        case .true, .false: return .bool(json.kind == .true)
        case .integer, .fraction: return .long(try long(json))
        case .string: return .string(json.string ?? "")
        case .array: return try set(json, of: nil)
        case .object: return try untypedObject(json)
        }
    }

    private func untypedObject(_ json: JSONValue) throws(DecodingError) -> Value {
        if let escape = try escape(json) {
            switch escape {
            case .entity(let content): return .entity(try uid(content))
            case .extension(let content): return try call(content)
            }
        }
        var fields: [Record.Field] = []
        fields.reserveCapacity(json.count)
        for member in json.members {
            let name = member.name
            do throws(DecodingError) {
                fields.append(Record.Field(name, try untyped(member.value)))
            } catch {
                throw error.inside(name.string)
            }
        }
        guard let record = Record(fields) else { throw DecodingError(.duplicate) }
        return .record(record)
    }
}

extension ValueDecoder {
    private enum Escape {
        case entity(JSONValue)
        case `extension`(JSONValue)
    }

    /// The escape that an object is, if it is one; an escape beside other members is refused, as is the obsolete
    /// `__expr`.
    private func escape(_ json: JSONValue) throws(DecodingError) -> Escape? {
        guard options.explicitEscapes, json.kind == .object else { return nil }
        for member in json.members {
            let isEntity = member.hasName("__entity")
            guard isEntity || member.hasName("__extn") || member.hasName("__expr") else { continue }
            guard json.count == 1, !member.hasName("__expr") else { throw DecodingError(.malformedEscape) }
            return isEntity ? .entity(member.value) : .extension(member.value)
        }
        return nil
    }

    /// Reads `{"type": …, "id": …}`, or that inside `__entity`.
    func entityUID(_ json: JSONValue) throws(DecodingError) -> EntityUID {
        switch try escape(json) {
        case .entity(let content): return try uid(content)
        case .extension: throw DecodingError(.mismatch(expected: "entity", found: "extension value"))
        case nil: return try uid(json)
        }
    }

    private func uid(_ json: JSONValue) throws(DecodingError) -> EntityUID {
        guard json.kind == .object else {
            throw DecodingError(.mismatch(expected: "entity", found: Self.name(of: json.kind)))
        }
        guard let type = json["type"]?.string, let id = json["id"]?.string else {
            throw DecodingError(.malformedEscape)
        }
        guard let type = EntityType(type.string) else { throw DecodingError(.invalidEntityType) }
        let uid = EntityUID(type: type, id: id)
        if let choices = schema?[type]?.choices, !choices.contains(id) { throw DecodingError(.undeclaredEntity(uid)) }
        return uid
    }

    private func entity(_ json: JSONValue, of expected: EntityType) throws(DecodingError) -> EntityUID {
        guard json.kind == .object else { throw mismatch(.entity(expected), json) }
        let uid = try entityUID(json)
        guard uid.type == expected else {
            let found = SchemaType.entity(uid.type).shortName
            throw DecodingError(.mismatch(expected: SchemaType.entity(expected).shortName, found: found))
        }
        return uid
    }

    /// Calls a function of an extension type whose result is no value of one, such as `isIpv4`.
    private func called(_ json: JSONValue, _ kind: Value.Kind, _ type: SchemaType) throws(DecodingError) -> Value {
        guard case .extension(let content) = try escape(json) else { throw mismatch(type, json) }
        let value = try call(content)
        guard value.kind == kind else {
            throw DecodingError(.mismatch(expected: type.shortName, found: value.kind.description))
        }
        return value
    }

    private func extensionValue(_ json: JSONValue, of expected: ExtensionType) throws(DecodingError) -> Value {
        switch json.kind {
        case .string: return try call(expected.constructor, [.string(json.string ?? "")])
        case .integer, .fraction:
            guard options.numbersAsDecimals, expected == .decimal else { throw mismatch(.extension(expected), json) }
            guard let value = Decimal(exactly: json.token) else { throw DecodingError(.decimalOutOfRange) }
            return .decimal(value)
        case .null, .true, .false, .array: throw mismatch(.extension(expected), json)
        case .object: break
        }
        guard options.explicitEscapes else { throw mismatch(.extension(expected), json) }
        let value: Value
        switch try escape(json) {
        case .extension(let content): value = try call(content)
        case .entity: throw DecodingError(.mismatch(expected: expected.rawValue, found: "entity"))
        case nil: value = try call(json)
        }
        guard value.kind == expected.kind else {
            throw DecodingError(.mismatch(expected: expected.rawValue, found: value.kind.description))
        }
        return value
    }

    /// Reads `{"fn": …, "arg": …}` or `{"fn": …, "args": […]}` and calls the function.
    private func call(_ json: JSONValue) throws(DecodingError) -> Value {
        guard json.kind == .object, json.count == 2, let name = json["fn"]?.string else {
            throw DecodingError(.malformedEscape)
        }
        guard let function = ExtensionFunction.named(name.string) else {
            throw DecodingError(.unknownFunction(name.string))
        }
        var arguments: [Value] = []
        if let argument = json["arg"] {
            arguments.append(try untyped(argument))
        } else if let list = json["args"], list.kind == .array {
            for element in list.elements { arguments.append(try untyped(element)) }
        } else {
            throw DecodingError(.malformedEscape)
        }
        return try call(function, arguments)
    }

    private func call(_ function: ExtensionFunction, _ arguments: [Value]) throws(DecodingError) -> Value {
        do throws(EvaluationError) {
            return try function.call(arguments)
        } catch {
            throw DecodingError(.extensionFailed(error))
        }
    }
}

extension ExtensionType {
    /// The function that makes values of the type from strings.
    var constructor: ExtensionFunction {
        switch self {
        case .decimal: .decimal
        case .ipaddr: .ip
        case .datetime: .datetime
        case .duration: .duration
        }
    }

    /// The kind of the type's values.
    var kind: Value.Kind {
        switch self {
        case .decimal: .decimal
        case .ipaddr: .ipaddr
        case .datetime: .datetime
        case .duration: .duration
        }
    }
}
