// The context of a request as a Cedar record of the type that its action declares.

import Authorization
import Bytes
import Cedar

/// Reads contexts: plain JSON by a type, nothing coerced, nothing dropped.
struct ContextReader {
    private let decoder: ValueDecoder

    init(_ schema: Schema) {
        decoder = ValueDecoder(schema: schema, options: .plain)
    }

    /// The record; everything in the JSON is in it.
    func context(_ json: JSONValue, as type: RecordType) throws(RequestRefusal) -> Record {
        do throws(DecodingError) {
            let record = try decoder.record(json, as: type)
            try refuseUnjudged(json, as: type, at: "")
            return record
        } catch {
            throw RequestRefusal(.requestInvalid, Self.detail(error))
        }
    }

    private static func detail(_ error: DecodingError) -> String {
        let path = error.path
        let joint = path.isEmpty || path.utf8.first == UInt8(ascii: "[") ? "" : "."
        return DecodingError(error.reason, at: "context" + joint + path).description
    }

    /// Refuses members beside `type` and `id` of an entity, which Cedar's format overlooks.
    ///
    /// What is forwarded later is the JSON as it came: a member that no policy could see must not be in it.
    private func refuseUnjudged(
        _ json: JSONValue,
        as type: RecordType,
        at path: String
    ) throws(DecodingError) {
        for attribute in type.attributes where attribute.type.containsEntities {
            guard let value = json[attribute.name] else { continue }
            try refuseUnjudged(value, as: attribute.type, at: "\(path)\(attribute.name)")
        }
    }

    private func refuseUnjudged(_ json: JSONValue, as type: SchemaType, at path: String) throws(DecodingError) {
        switch type {
        case .bool, .long, .string, .extension: return
        case .record(let record): try refuseUnjudged(json, as: record, at: "\(path).")
        case .set(let element):
            for (index, value) in json.elements.enumerated() {
                try refuseUnjudged(value, as: element, at: "\(path)[\(index)]")
            }
        case .entity:
            for member in json.members where !member.hasName("type") && !member.hasName("id") {
                throw DecodingError(.unexpected, at: "\(path).\(member.name)")
            }
        }
    }
}

extension SchemaType {
    /// Whether values of the type are entities, or hold some.
    fileprivate var containsEntities: Bool {
        switch self {
        case .bool, .long, .string, .extension: false
        case .entity: true
        case .set(let element): element.containsEntities
        case .record(let record): record.attributes.contains { $0.type.containsEntities }
        }
    }
}
