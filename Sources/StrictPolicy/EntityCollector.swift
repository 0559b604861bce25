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
        let verdicts = schema.verdicts(on: json)
        for (place, verdict) in verdicts.enumerated() where problems.count < Self.problemsMax {
            for error in verdict.errors { fail(error, [.element(place)], in: file) }
        }
        refuseRepetitions(verdicts, in: file)
        guard problems.isEmpty else { return }
        do throws(DecodingError) {
            // Actions come from the schemas alone; those in the file were checked to be the same.
            entities += try Entities(json, schema: schema).all.filter { !$0.uid.type.isAction }
        } catch {
            fail(error, [], in: file)
        }
    }

    /// The most problems that are reported.
    private static let problemsMax = 100

    private mutating func fail(_ error: DecodingError, _ steps: [JSONStep], in file: SourceFile) {
        let range = JSONLocator.range(of: steps + Self.steps(error.path), in: file.bytes)
        problems.append(PolicyProblem(.entities, in: file, at: range, error.description))
    }

    /// Two descriptions of one entity are refused, even if they are the same today.
    private mutating func refuseRepetitions(_ verdicts: [EntityVerdict], in file: SourceFile) {
        for (place, verdict) in verdicts.enumerated() {
            guard let uid = verdict.uid else { continue }
            guard let first = files.updateValue(file.path, forKey: uid) else { continue }
            let range = JSONLocator.range(of: [.element(place)], in: file.bytes)
            let message = "entity `\(uid)` is given already in \(first)"
            problems.append(PolicyProblem(.entities, in: file, at: range, message))
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
