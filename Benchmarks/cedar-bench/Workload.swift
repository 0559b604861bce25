// Policies, entities and requests, with the answers of the reference engine.

import Bytes
import Cedar
import Glibc

/// Measurements that cannot be made say why.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One workload as scripts/bench-cedar wrote it.
struct Workload {
    /// One store with its requests.
    struct World {
        let entities: Entities
        let requests: [Question]
    }

    /// One request, as values and as JSON, and its answer.
    struct Question {
        let request: Request
        let json: [UInt8]
        let decision: Decision
        let reasons: [Int]
        let errors: [Int]
    }

    let name: String
    let text: Text
    let policies: PolicySet
    let worlds: [World]

    init(_ path: String) throws {
        let json = try JSONValue(parsing: Self.bytes(path), limits: .file)
        guard let name = json["name"]?.string, let text = json["policies"]?.string, let worlds = json["worlds"] else {
            throw BenchError("`\(path)` is no workload")
        }
        self.name = name.string
        self.text = text
        policies = try PolicySet(parsing: text)
        self.worlds = try worlds.elements.map { world in
            guard let entities = world["entities"], let requests = world["requests"] else {
                throw BenchError("`\(path)` has a world without entities or requests")
            }
            return World(entities: try Entities(entities), requests: try requests.elements.map(Self.question))
        }
    }

    private static func question(_ json: JSONValue) throws -> Question {
        guard let request = json["request"], let bytes = CanonicalJSON.encode(request),
            let name = json["decision"]?.string?.string, let decision = Decision(rawValue: name)
        else { throw BenchError("a request of the workload has no answer") }
        return Question(
            request: try RequestReader.request(request),
            json: bytes,
            decision: decision,
            reasons: numbers(json["reasons"]),
            errors: numbers(json["errors"])
        )
    }

    private static func numbers(_ json: JSONValue?) -> [Int] {
        json.map { $0.elements.compactMap { $0.integer.map(Int.init) }.sorted() } ?? []
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY)
        guard descriptor >= 0 else { throw BenchError("`\(path)` cannot be opened") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}

/// Reads requests of Cedar's JSON form.
enum RequestReader {
    static func request(_ json: JSONValue) throws -> Request {
        guard let context = json["context"], case .record(let record) = try ValueDecoder().value(context) else {
            throw BenchError("a request has no context")
        }
        return Request(
            principal: try uid(json["principal"]),
            action: try uid(json["action"]),
            resource: try uid(json["resource"]),
            context: record
        )
    }

    private static func uid(_ json: JSONValue?) throws -> EntityUID {
        guard let name = json?["type"]?.string, let type = EntityType(name.string), let id = json?["id"]?.string else {
            throw BenchError("a request names no entity")
        }
        return EntityUID(type: type, id: id)
    }
}
