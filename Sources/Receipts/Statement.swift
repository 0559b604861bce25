// One log entry: what was asked, what was ruled and why, or what else changed (docs/formats/statement.md).

package import Authorization
package import Bytes

/// The members that all statements have.
package struct StatementHeader: Hashable, Sendable {
    /// The statement's own id.
    package let id: Identifier
    /// The log's name, which is also the name of its key.
    package let origin: Text
    /// The gate's wall clock when the facts were frozen, in milliseconds since 1970.
    package let time: Int64

    /// Makes a header.
    package init(id: Identifier, origin: Text, time: Int64) {
        self.id = id
        self.origin = origin
        self.time = time
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        id = try predicate.identifier("id")
        origin = try predicate.text("origin")
        time = try predicate.time("time")
    }
}

/// A statement of any type that this release knows.
package enum Statement: Hashable, Sendable {
    /// What was asked, ruled and why.
    case decision(DecisionStatement)
    /// The one use of a PERMIT, when it was not redeemed with its decision.
    case redemption(RedemptionStatement)
    /// What came of a redemption.
    case effect(EffectStatement)
    /// An immediate stop.
    case halt(HaltStatement)
    /// The end of a stop.
    case resume(ResumeStatement)
    /// A change of the identities.
    case identity(IdentityStatement)
    /// A bundle came into force.
    case bundle(BundleStatement)
    /// The gate started or stopped.
    case gate(GateStatement)

    /// Reads a statement, strictly.
    ///
    /// - Throws: ``StatementError`` for an unknown type, member or value, and for bytes that encoding would not give
    ///   back.
    package init(parsing bytes: [UInt8]) throws(StatementError) {
        let reader = try StatementReader(parsing: bytes, limits: StatementLimits.json)
        let type = try reader.text("predicateType")
        let predicate = try reader.object("predicate")
        let subject = try StatementSubject(reader)
        switch type.string {
        case "urn:writ:decision:v1": self = .decision(try DecisionStatement(predicate, subject))
        case "urn:writ:redemption:v1": self = .redemption(try RedemptionStatement(predicate))
        case "urn:writ:effect:v1": self = .effect(try EffectStatement(predicate))
        case "urn:writ:halt:v1": self = .halt(try HaltStatement(predicate))
        case "urn:writ:resume:v1": self = .resume(try ResumeStatement(predicate))
        case "urn:writ:identity:v1": self = .identity(try IdentityStatement(predicate))
        case "urn:writ:bundle:v1": self = .bundle(try BundleStatement(predicate))
        case "urn:writ:gate:v1": self = .gate(try GateStatement(predicate, subject))
        default: throw .unknownType(type)
        }
        guard try encode() == bytes else { throw .notCanonical }
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``; the statement MUST NOT be appended then.
    package func encode() throws(StatementError) -> [UInt8] {
        switch self {
        case .decision(let statement): try statement.encode()
        case .redemption(let statement): try statement.encode()
        case .effect(let statement): try statement.encode()
        case .halt(let statement): try statement.encode()
        case .resume(let statement): try statement.encode()
        case .identity(let statement): try statement.encode()
        case .bundle(let statement): try statement.encode()
        case .gate(let statement): try statement.encode()
        }
    }

    /// The members that all statements have.
    package var header: StatementHeader {
        switch self {
        case .decision(let statement): statement.header
        case .redemption(let statement): statement.header
        case .effect(let statement): statement.header
        case .halt(let statement): statement.header
        case .resume(let statement): statement.header
        case .identity(let statement): statement.header
        case .bundle(let statement): statement.header
        case .gate(let statement): statement.header
        }
    }

    /// The word for the type, as it stands in the predicate type.
    package var typeName: String {
        switch self {
        case .decision: "decision"
        case .redemption: "redemption"
        case .effect: "effect"
        case .halt: "halt"
        case .resume: "resume"
        case .identity: "identity"
        case .bundle: "bundle"
        case .gate: "gate"
        }
    }
}

/// The one subject of a statement.
struct StatementSubject {
    let digest: Digest

    init(_ statement: StatementReader) throws(StatementError) {
        let array = try statement.member("subject")
        guard array.kind == .array, array.count == 1, let first = array.elements.first(where: { _ in true }) else {
            throw .invalid("subject")
        }
        let reader = try StatementReader(first, path: "subject")
        digest = try reader.object("digest").hex("sha256")
    }
}

extension StatementWriter {
    /// Opens the statement and its predicate.
    mutating func beginStatement() {
        raw("{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{")
    }

    /// Closes the predicate and the statement: its type, and the name and digest of its one subject.
    mutating func endStatement(_ type: StaticString, subject name: StaticString, _ digest: Digest) {
        raw("},\"predicateType\":\"urn:writ:")
        raw(type)
        raw(":v1\",\"subject\":[{\"digest\":{\"sha256\":\"")
        hex(digest)
        raw("\"},\"name\":\"")
        raw(name)
        raw("\"}]}")
    }

    /// The finished statement, if it is within its limit.
    consuming func finished() throws(StatementError) -> [UInt8] {
        guard count <= StatementLimits.statementBytesMax else {
            throw .tooLong(bytesMax: StatementLimits.statementBytesMax)
        }
        return bytes
    }
}
