// The whole chain of one action: who, by whose leave, what came of it.

package import Authorization
package import Bytes
package import Ledger
import Receipts

/// Why there is no chain.
package enum ChainError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No statement has this id.
    case unknown(Text)
    /// The statement with this id belongs to no action.
    case noAction(Text)

    /// One line that says so.
    package var description: String {
        switch self {
        case .unknown(let id): "no statement of the log has the id `\(id)`"
        case .noAction(let id): "the statement `\(id)` is neither decision, redemption nor effect"
        }
    }
}

/// One decision with everything that the log tells of it.
package struct LogChain: Sendable {
    /// The decision.
    package private(set) var decision: LogLine
    /// The identity of the actor as it stood then.
    package private(set) var actor: LogLine?
    /// The identity of the one that redeemed, as it stood then.
    package private(set) var redeemer: LogLine?
    /// The bundle in force.
    package private(set) var bundle: LogLine?
    /// The redemption, where it was a statement of its own.
    package private(set) var redemption: LogLine?
    /// The effects in their order: the first stands.
    package private(set) var effects: [LogLine] = []
    /// Later decisions that point to this one: retries that were refused, rulings under the same key.
    package private(set) var followers: [LogLine] = []

    /// Finds the chain that a statement belongs to, by the statement's id; reads the log twice.
    package static func find(_ id: Identifier, in reader: LogReader) throws -> LogChain {
        guard let index = try decisionIndex(of: id, in: reader) else { throw ChainError.unknown(id.text) }
        var identities: [Text: LogLine] = [:]
        var bundle: LogLine?
        var chain: LogChain?
        var entries = try reader.entries()
        while let entry = try entries.next() {
            let line = try LogLine(entry)
            if line.index == index {
                chain = LogChain(decision: line)
                chain?.bundle = bundle
                if case .decision(let decision) = line.statement {
                    chain?.actor = identities[decision.subject.actor.id]
                    chain?.redeemer = decision.ruling.permit?.redemption.flatMap { identities[$0.by] }
                }
                continue
            }
            switch line.statement {
            case .identity(let change): identities[change.identity.name] = line
            case .bundle: bundle = line
            case .decision, .redemption, .effect: chain?.take(line, identities)
            case .halt, .resume, .gate: break
            }
        }
        guard let chain else { throw ChainError.unknown(id.text) }
        return chain
    }

    private init(decision: LogLine) {
        self.decision = decision
    }

    private static func decisionIndex(of id: Identifier, in reader: LogReader) throws -> UInt64? {
        var entries = try reader.entries()
        while let entry = try entries.next() {
            let line = try LogLine(entry)
            guard line.statement.header.id == id else { continue }
            if case .decision = line.statement { return line.index }
            guard let index = line.decisionIndex else { throw ChainError.noAction(id.text) }
            return index
        }
        return nil
    }

    private mutating func take(_ line: LogLine, _ identities: [Text: LogLine]) {
        switch line.statement {
        case .redemption(let statement) where statement.decision.index == decision.index:
            redemption = line
            redeemer = identities[statement.redemption.by]
        case .effect(let statement) where statement.decision.index == decision.index:
            effects.append(line)
        case .decision(let statement):
            let points = [statement.claim.parent?.index, statement.claim.original?.reference.index]
            if points.contains(decision.index) { followers.append(line) }
        case .redemption, .effect, .halt, .resume, .identity, .bundle, .gate: break
        }
    }

    /// All lines of the chain, as a tree: how deep each stands, and what it is to the decision.
    package var tree: [(depth: Int, role: String, line: LogLine)] {
        var tree: [(depth: Int, role: String, line: LogLine)] = [(0, "decision", decision)]
        if let actor { tree.append((1, "actor", actor)) }
        if let bundle { tree.append((1, "bundle", bundle)) }
        if let redeemer { tree.append((1, "redeemer", redeemer)) }
        if let redemption { tree.append((1, "redemption", redemption)) }
        for (position, effect) in effects.enumerated() {
            tree.append((redemption == nil ? 1 : 2, position == 0 ? "effect" : "finding", effect))
        }
        for follower in followers { tree.append((1, "later", follower)) }
        return tree
    }
}
