import Bytes
import Cedar
import Foundation
import Testing

/// The fixtures of this target, which have to be there.
enum Fixtures {
    static func url(_ path: String) throws -> URL {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return tests.appendingPathComponent("Fixtures/cedar").appendingPathComponent(path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url(path)))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: bytes(path), limits: .file)
    }

    /// The content of a compressed file.
    static func decompressed(_ path: String) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", try url(path).path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(data)
    }

    /// The lines of a file of one JSON text a line.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }
}

/// One request of the conformance data, with what is expected of it.
struct ExpectedRequest {
    let request: Request
    let decision: Decision
    let reason: Set<String>
    let errors: Set<String>

    /// Reads a request of the data's format; every member has to be known.
    init(_ json: JSONValue, _ schema: Schema) throws {
        let known: Set<Text> = [
            "description", "principal", "action", "resource", "context", "validateRequest", "decision", "reason",
            "errors",
        ]
        for member in json.members { try #require(known.contains(member.name), "unknown member \(member.name)") }
        let action = try Self.uid(json["action"])
        let context = try #require(json["context"])
        let isValidated = json["validateRequest"]?.boolean ?? true
        request = Request(
            principal: try Self.uid(json["principal"]),
            action: action,
            resource: try Self.uid(json["resource"]),
            context: try schema.context(context, for: action)
        )
        if isValidated { try schema.validate(request) }
        let decision = try #require(json["decision"]?.string)
        self.decision = try #require(Decision(rawValue: decision.string))
        reason = try Self.names(json["reason"])
        errors = try Self.names(json["errors"])
    }

    static func uid(_ json: JSONValue?) throws -> EntityUID {
        var json = try #require(json)
        json = json["__entity"] ?? json
        let name = try #require(json["type"]?.string)
        let type = try #require(EntityType(name.string))
        let id = try #require(json["id"]?.string)
        return EntityUID(type: type, id: id)
    }

    private static func names(_ json: JSONValue?) throws -> Set<String> {
        var names: Set<String> = []
        for element in try #require(json).elements { names.insert(try #require(element.string).string) }
        return names
    }

    /// What is different from what was expected; `nil` if nothing is.
    func difference(_ policies: PolicySet, _ entities: Entities) -> String? {
        let evaluation = Authorizer.evaluate(request, policies, entities)
        let reason = Set(evaluation.determining.map { "policy\($0.policy)" })
        let errors = Set(evaluation.failures.map { "policy\($0.policy.policy)" })
        let indexed = PreparedAuthorizer(policies, entities).evaluate(request)
        guard indexed == evaluation else { return "the index gives \(indexed) instead of \(evaluation)" }
        guard evaluation.decision != decision || reason != self.reason || errors != self.errors else { return nil }
        return "got \(evaluation.decision) \(reason.sorted()) errors \(evaluation.failures), "
            + "expected \(decision) \(self.reason.sorted()) errors \(self.errors.sorted())"
    }
}

/// The entity type of a name that is known to be one.
func entityType(_ name: String) -> EntityType {
    guard let type = EntityType(name) else { preconditionFailure("`\(name)` is not the name of an entity type") }
    return type
}
