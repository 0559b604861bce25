// The evidence of what else a ruling stood on.

package import Authorization
package import Bytes
internal import Cryptography

/// The frozen facts of a decision, in the form whose digest stands in the statement.
///
/// It has a nonce of its own and not that of the request: when the request's record is erased, what is left here opens
/// nothing.
package struct FactsRecord: Sendable {
    /// The facts, without the request's nonce: this one is the record's own in its place.
    private let facts: Facts
    /// The record's own nonce.
    package let nonce: Nonce
    /// The bytes of the record.
    package let encoded: [UInt8]

    /// Makes the record of facts.
    ///
    /// - Parameters:
    ///   - facts: The facts of one decision.
    ///   - nonce: A fresh one, not that of the request.
    package init(_ facts: Facts, nonce: Nonce) {
        self.facts = facts
        self.nonce = nonce
        encoded = Self.encode(facts, nonce)
    }

    /// Reads a record, strictly.
    ///
    /// - Throws: ``StatementError``, for bytes that making a record would not give, too.
    package init(parsing bytes: [UInt8]) throws(StatementError) {
        let reader = try StatementReader(parsing: bytes, limits: StatementLimits.recordJSON)
        guard let nonce = Nonce(bytes: Hex.decode(try reader.text("nonce").string) ?? []) else {
            throw reader.invalid("nonce")
        }
        guard let actor = ActorFact(rawValue: try reader.text("actor").string) else { throw reader.invalid("actor") }
        var redemption: RedemptionFact?
        if let object = try reader.optionalObject("redemption") {
            redemption = RedemptionFact(by: try object.text("by"), attempt: try object.digest("attempt"))
        }
        let facts = Facts(
            instant: try reader.time("instant"),
            id: try reader.identifier("id"),
            nonce: nonce,
            asOf: try reader.integer("as_of"),
            caller: try Self.caller(reader.object("caller")),
            actor: actor,
            isHalted: try reader.boolean("halted"),
            claim: try Self.claim(reader.object("claim")),
            redemption: redemption
        )
        self.init(facts, nonce: nonce)
        guard encoded == bytes else { throw .notCanonical }
    }

    /// The digest of the record: `facts` in the statement.
    package var digest: Digest { SHA256.digest(of: encoded) }

    /// The facts, with the nonce that stands in the request's record.
    package func facts(requestNonce: Nonce) -> Facts {
        Facts(
            instant: facts.instant,
            id: facts.id,
            nonce: requestNonce,
            asOf: facts.asOf,
            caller: facts.caller,
            actor: facts.actor,
            isHalted: facts.isHalted,
            claim: facts.claim,
            redemption: facts.redemption
        )
    }

    private static func caller(_ reader: StatementReader) throws(StatementError) -> Caller {
        guard let role = Role(rawValue: try reader.text("role").string) else { throw reader.invalid("role") }
        return Caller(name: try reader.text("name"), role: role, connection: try reader.text("connection"))
    }

    private static func claim(_ reader: StatementReader) throws(StatementError) -> ClaimFact {
        switch try reader.text("kind").string {
        case "none": .none
        case "own": .own(key: try reader.code("key"), parent: try reader.optionalReference("parent"))
        case "conflict": .conflict(try reader.original("original"))
        case "redeemed": .redeemed(try reader.original("original"))
        default: throw reader.invalid("kind")
        }
    }

    private static func encode(_ facts: Facts, _ nonce: Nonce) -> [UInt8] {
        var writer = StatementWriter(capacity: 768)
        writer.raw("{\"actor\":")
        writer.word(facts.actor.rawValue)
        writer.raw(",\"as_of\":")
        writer.integer(facts.asOf)
        writer.raw(",\"caller\":{\"connection\":")
        writer.text(facts.caller.connection)
        writer.raw(",\"name\":")
        writer.text(facts.caller.name)
        writer.raw(",\"role\":")
        writer.word(facts.caller.role.rawValue)
        writer.raw("},\"claim\":")
        encode(facts.claim, to: &writer)
        writer.raw(",\"halted\":")
        writer.boolean(facts.isHalted)
        writer.raw(",\"id\":")
        writer.identifier(facts.id)
        writer.raw(",\"instant\":")
        writer.time(facts.instant)
        writer.raw(",\"nonce\":")
        writer.nonce(nonce)
        if let redemption = facts.redemption {
            writer.raw(",\"redemption\":{\"attempt\":")
            writer.digest(redemption.attempt)
            writer.raw(",\"by\":")
            writer.text(redemption.by)
            writer.raw("}")
        }
        writer.raw("}")
        return writer.bytes
    }

    private static func encode(_ claim: ClaimFact, to writer: inout StatementWriter) {
        switch claim {
        case .none: writer.raw("{\"kind\":\"none\"}")
        case .own(let key, let parent):
            writer.raw("{\"key\":")
            writer.code(key)
            writer.raw(",\"kind\":\"own\"")
            if let parent {
                writer.raw(",\"parent\":")
                writer.reference(parent)
            }
            writer.raw("}")
        case .conflict(let original):
            writer.raw("{\"kind\":\"conflict\",\"original\":")
            writer.original(original)
            writer.raw("}")
        case .redeemed(let original):
            writer.raw("{\"kind\":\"redeemed\",\"original\":")
            writer.original(original)
            writer.raw("}")
        }
    }
}
