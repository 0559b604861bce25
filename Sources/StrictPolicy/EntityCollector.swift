// The entities of several files as one store.

import Bytes
import Cedar

/// Reads entity files and collects their entities, each once.
struct EntityCollector {
    private let schema: Schema
    private(set) var entities: [Entity] = []
    private(set) var problems: [PolicyProblem] = []
    private var files: [EntityUID: Text] = [:]

    init(_ schema: Schema) {
        self.schema = schema
    }

    mutating func add(_ file: SourceFile) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: file.bytes, limits: .file)
        } catch {
            problems.append(PolicyProblem(.json, in: file, at: error.offset..<error.offset + 1, error.reasonText))
            return
        }
        let store: Entities
        do throws(DecodingError) {
            store = try Entities(json, schema: schema)
        } catch {
            let range = JSONLocator.range(of: Self.steps(error.path), in: file.bytes)
            problems.append(PolicyProblem(.entities, in: file, at: range, error.description))
            return
        }
        // Actions come from the schemas alone; those in the file were checked to be the same.
        for entity in store.all where !entity.uid.type.isAction {
            if let first = files[entity.uid] {
                let message = "entity `\(entity.uid)` is given already in \(first)"
                problems.append(PolicyProblem(.entities, file: file.path, message))
            } else {
                files[entity.uid] = file.path
                entities.append(entity)
            }
        }
    }

    /// The path of a decoding error, such as `[3].attrs.owner`, as steps; good enough to point at a line.
    private static func steps(_ path: String) -> [JSONStep] {
        path.split { $0 == "." || $0 == "[" }.map { part in
            guard part.hasSuffix("]"), let index = Int(part.dropLast()) else { return .member(Text(String(part))) }
            return .element(index)
        }
    }
}
