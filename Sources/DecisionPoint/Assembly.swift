// Putting a decision point together from what is on the disk, and taking it apart again.

import Authority
import Authorization
package import Bytes
import Cryptography
package import Ledger
package import Receipts
package import Runtime
package import State
package import StrictPolicy
import Transparency

extension Log: StatementLog {}

/// What a decision point is assembled from.
package struct AssemblyOptions: Sendable {
    /// The log: its directory, its key, its bounds.
    package let log: LogConfiguration
    /// The file of the view; its folder must be there.
    package let statePath: String
    /// The fleet's key for claims.
    package let claimKeys: ClaimKeys
    /// The bundle that rules from the start.
    package let bundle: PolicyBundle
    /// The digest of the configuration.
    package let configuration: Digest
    /// The user that the gate runs as.
    package let ownUserID: UInt32
    /// The clocks.
    package var clock: any TimeSource = SystemTime()
    /// Random words.
    package var random: any WordSource = KernelWords()
    /// The bounds of the pipeline.
    package var limits = PipelineLimits()
    /// Who counts.
    package var observer: (any PipelineObserver)?
    /// Wraps the state, for tests of what its faults do.
    package var wrappingState: @Sendable (any StateStore) -> any StateStore = { $0 }

    /// Puts the options together; what has a default can be set afterwards.
    package init(
        log: LogConfiguration,
        statePath: String,
        claimKeys: ClaimKeys,
        bundle: PolicyBundle,
        configuration: Digest,
        ownUserID: UInt32
    ) {
        self.log = log
        self.statePath = statePath
        self.claimKeys = claimKeys
        self.bundle = bundle
        self.configuration = configuration
        self.ownUserID = ownUserID
    }
}

/// Why a decision point cannot be assembled from what is on the disk; the gate MUST NOT start.
package enum AssemblyError: Error, Hashable, Sendable {
    /// The view speaks of a statement that the log does not have at that index.
    case viewContradictsLog(index: UInt64)
    /// A statement of the log cannot be understood by this release.
    case statement(index: UInt64, StatementError)
    /// The authority's statements do not follow from one another.
    case authority(String)
    /// The key for claims is not the one that the log's claims were made with: every idempotency key would be
    /// forgotten.
    case otherClaimKey(index: UInt64)
}

extension AssemblyError: CustomStringConvertible {
    /// One line that says what was found and where.
    package var description: String {
        switch self {
        case .viewContradictsLog(let index):
            "the state view speaks of another statement at index \(index) than the log has: log and state do not belong together"
        case .statement(let index, let error): "the statement at index \(index) of the log: \(error)"
        case .authority(let reason): "the identities and halts of the log: \(reason)"
        case .otherClaimKey(let index):
            "the key for claims is not the one that statement \(index) was written with: every idempotency key would be forgotten"
        }
    }
}

/// A decision point with its log and its state, caught up and ready to be opened.
package final class Assembly: Sendable {
    /// The log.
    package let log: Log
    /// What the gate remembers.
    package let state: EmbeddedState
    /// The pipeline.
    package let pipeline: Pipeline
    /// How many statements the view had to be told at this start.
    package let caughtUp: UInt64
    /// Whether the view was there and could be believed.
    package let viewCondition: ViewCondition
    private let options: AssemblyOptions

    /// Recovers the log, catches the state up with it, and makes the pipeline; nothing is written yet.
    ///
    /// Blocks for as long as that takes. `executor` runs the pipeline's work on the gate's loop; `released` is called
    /// on the log's thread after the answers of each batch.
    ///
    /// - Throws: `LogError`, `StateError` or ``AssemblyError``; the gate MUST NOT start.
    package init(
        _ options: AssemblyOptions,
        executor: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void,
        released: @escaping @Sendable () -> Void = {}
    ) throws {
        self.options = options
        let log = try Log(opening: options.log)
        let origin = log.verifierKey.name.text
        let opening = try EmbeddedState.open(path: options.statePath, origin: origin, logSize: log.opening.size)
        do {
            try Self.check(opening.newest, against: log)
            try Self.checkClaimKey(options.claimKeys, log)
            caughtUp = try Self.catchUp(
                opening,
                with: log,
                bundle: options.bundle,
                directory: options.log.directory,
                origin
            )
            let store = options.wrappingState(opening.state)
            let parts = PipelineParts(
                origin: origin,
                claimKeys: options.claimKeys,
                clock: options.clock,
                random: options.random,
                log: log,
                state: store,
                limits: options.limits,
                ownUserID: options.ownUserID,
                observer: options.observer,
                executor: executor
            )
            pipeline = Pipeline(
                parts: parts,
                authority: try Self.authority(opening.state, ownUserID: options.ownUserID),
                timeFloor: try Self.timeFloor(log)
            )
            try log.start(observer: StateFeeder(state: store, released: released))
        } catch {
            opening.state.close()
            throw error
        }
        self.log = log
        state = opening.state
        viewCondition = opening.condition
    }

    /// Writes that the gate started and which bundle rules, and takes requests from then on.
    package func open(reply: @escaping @Sendable (GateReply) -> Void) {
        pipeline.open(
            options.bundle,
            clean: log.opening.endedClean,
            key: log.verifierKey.text,
            configuration: options.configuration,
            reply: reply
        )
    }

    /// Writes that the gate stopped, then ends log and state.
    ///
    /// Call it when nothing is in flight any more; `done` says whether the last statement is durable.
    package func close(done: @escaping @Sendable (GateReply) -> Void) {
        pipeline.close(configuration: options.configuration, reply: done)
    }

    /// Ends the log's threads, then the state; blocks until both have written what they have.
    package func end() {
        log.close()
        state.close()
    }

    /// The newest decision of the view must be the log's own.
    private static func check(_ newest: Reference?, against log: Log) throws {
        guard let newest else { return }
        let position = try log.position(of: newest.index)
        guard TreeHash.leaf(try log.statement(at: position)) == newest.leaf else {
            throw AssemblyError.viewContradictsLog(index: newest.index)
        }
    }

    /// How far back the start looks for a decision with an idempotency key.
    private static let claimsLookedAtMax: UInt64 = 1_000

    /// The newest decision that claimed an idempotency key must have been written with this key.
    private static func checkClaimKey(_ keys: ClaimKeys, _ log: Log) throws {
        let end = log.opening.size
        var index = end
        while index > 0, end - index < claimsLookedAtMax {
            index -= 1
            let position = try log.position(of: index)
            guard case .decision(let decision)? = try? Statement(parsing: log.statement(at: position)),
                let claimed = decision.claim.key,
                let record = try log.records(at: position).first(where: { $0.kind == .request }),
                let request = try? RequestRecord(parsing: record.content), let key = request.idempotencyKey
            else { continue }
            let code = keys.code(actor: request.actor, surface: request.surface, idempotencyKey: key)
            guard code == claimed else { throw AssemblyError.otherClaimKey(index: index) }
            return
        }
    }

    private static func catchUp(
        _ opening: Opening,
        with log: Log,
        bundle: PolicyBundle,
        directory: String,
        _ origin: Text
    ) throws -> UInt64 {
        let size = log.opening.size
        guard opening.appliedSize < size else { return 0 }
        let translation = CatchUp(bundle: bundle)
        var entries = try LogReader(directory: directory, origin: origin).entries(from: opening.appliedSize, to: size)
        var changes: [StateChange] = []
        var next = opening.appliedSize
        while let entry = try entries.next() {
            let recovered = RecoveredStatement(bytes: entry.statement, records: entry.records, position: entry.position)
            do throws(StatementError) {
                changes.append(try translation.change(recovered))
            } catch {
                throw AssemblyError.statement(index: entry.position.index, error)
            }
            next += 1
            if changes.count == catchUpChanges {
                try opening.state.applyDirectly(changes, size: next)
                changes.removeAll(keepingCapacity: true)
            }
        }
        try opening.state.applyDirectly(changes, size: next)
        return next - opening.appliedSize
    }

    /// How many changes are applied in one transaction at start: large enough to be fast, small enough for memory.
    private static let catchUpChanges = 8_192

    private static func authority(_ state: EmbeddedState, ownUserID: UInt32) throws -> AuthorityState {
        let events = try state.authorityEvents()
        do {
            return try CatchUp.authority(events, ownUserID: ownUserID)
        } catch {
            throw AssemblyError.authority("\(error)")
        }
    }

    /// The time of the last statement: the clock must not be before it.
    private static func timeFloor(_ log: Log) throws -> Int64 {
        guard let last = log.opening.lastStatement else { return 0 }
        do throws(StatementError) {
            return try Statement(parsing: last).header.time
        } catch {
            throw AssemblyError.statement(index: log.opening.size - 1, error)
        }
    }
}
