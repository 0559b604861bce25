// Opening and closing the gate: the statements that say so, and the bundle that rules between them.

import Authority
package import Authorization
package import Bytes
import Ledger
import Receipts
import Runtime
import State
package import StrictPolicy

/// What becomes of a statement that the gate makes about itself.
package enum GateReply: Sendable {
    /// It is durable.
    case recorded(Proof)
    /// The log does not take it.
    case unavailable(Cause)
}

extension Pipeline {
    /// Writes that the gate started, then that the bundle came into force, and takes requests from then on.
    ///
    /// `clean` says whether the previous run ended with `stopped`; `key` is the log's verifier key; `configuration`
    /// the digest of the configuration.
    package func open(
        _ bundle: PolicyBundle,
        clean: Bool,
        key: Text,
        configuration: Digest,
        reply: @escaping @Sendable (GateReply) -> Void
    ) {
        let started: StatementMaker = { header in
            try GateStatement(
                header: header,
                change: .started(clean: clean, key: key),
                engine: engineVersion,
                configuration: configuration,
                refused: [:]
            ).encode()
        }
        appendOwn(started) { [self] result in
            guard case .recorded = result else { return reply(result) }
            parts.executor { [self] in
                replace(bundle) { loaded in
                    if case .recorded = loaded { self.shared.withLock { $0.isOpen = true } }
                    reply(loaded)
                }
            }
        }
    }

    /// Puts another bundle into force once its statement is durable.
    ///
    /// A decision sees one bundle, whole.
    package func replace(_ bundle: PolicyBundle, reply: @escaping @Sendable (GateReply) -> Void) {
        let loaded: StatementMaker = { header in
            try BundleStatement(header: header, bundle: bundle.identity.reference).encode()
        }
        appendOwn(loaded) { [self] result in
            if case .recorded = result { shared.withLock { $0.bundle = bundle } }
            reply(result)
        }
    }

    /// Stops taking requests and writes that the gate stopped, with the counts of what was refused without a statement.
    ///
    /// The caller MUST have waited until ``inFlight`` is zero, or have given up on that.
    package func close(configuration: Digest, reply: @escaping @Sendable (GateReply) -> Void) {
        let refused = shared.withLock { shared in
            shared.isOpen = false
            return shared.refused
        }
        let stopped: StatementMaker = { header in
            try GateStatement(
                header: header,
                change: .stopped,
                engine: engineVersion,
                configuration: configuration,
                refused: refused
            ).encode()
        }
        appendOwn(stopped, reply)
    }

    /// The number of statements whose callers wait.
    package var inFlight: Int { shared.withLock { $0.waiting.count + $0.waiterCount } }

    /// Why the gate could not PERMIT now; empty if it could.
    package var unreadiness: [Cause] {
        let moment = moment()
        var causes: [Cause] = []
        if !moment.isClockTrusted { causes.append(.clockUntrusted) }
        if moment.bundle == nil { causes.append(.bundleUnavailable) }
        if !moment.isOpen { causes.append(.stateUnavailable) }
        if !parts.log.isRunning { causes.append(.logUnavailable) }
        if parts.state.isOverloaded { causes.append(.overloaded) }
        if moment.authority.haltsInForce.contains(.all) { causes.append(.halted) }
        return causes
    }

    private func appendOwn(
        _ encode: @escaping StatementMaker,
        _ reply: @escaping @Sendable (GateReply) -> Void
    ) {
        let pending = PendingOwn(pipeline: self, encode: encode, reply: reply)
        hand(pending, priority: .authority) { reply(.unavailable($0)) }
    }
}

/// Makes the bytes of a statement as soon as its header is known.
private typealias StatementMaker = @Sendable (StatementHeader) throws -> [UInt8]

/// A statement of the gate about itself on its way to the log.
private final class PendingOwn: PendingStatement, @unchecked Sendable {
    private let encode: StatementMaker
    private let reply: @Sendable (GateReply) -> Void

    init(
        pipeline: Pipeline,
        encode: @escaping StatementMaker,
        reply: @escaping @Sendable (GateReply) -> Void
    ) {
        self.encode = encode
        self.reply = reply
        super.init(pipeline: pipeline)
    }

    override func seal(_ context: SealContext) -> Entry? {
        let instant = pipeline.moment().instant
        guard let id = pipeline.freshIdentifier(instant) else { return nil }
        let statement = try? encode(StatementHeader(id: id, origin: pipeline.parts.origin, time: instant))
        return statement.map { Entry(statement: $0, records: []) }
    }

    override func release(_ release: Release) {
        pipeline.forget(self)
        guard takeAnswer() else { return }
        reply(.recorded(Proof(index: release.position.index, receipt: release.receipt)))
    }

    override func fail() {
        pipeline.forget(self)
        guard takeAnswer() else { return }
        reply(.unavailable(failure))
    }

    /// The gate itself waits as long as it takes: a slow disk at start is no reason to start without a statement.
    override func expire() {}
}
