// Halts and identities: in force in memory and in the log, in the order that is safe.

package import Authority
package import Authorization
package import Bytes
import Ledger
import Receipts
import Runtime
import State

extension Pipeline {
    /// Stops a scope: in force in memory at once, then durable, then acknowledged.
    ///
    /// From the return of this function no ruling and no redemption in scope is sealed. If the log does not take the
    /// statement, the halt is in force all the same until the process ends, and the reply says so.
    package func halt(
        _ scope: HaltScope,
        reason: Text?,
        caller: Caller,
        reply: @escaping @Sendable (AuthorityReply) -> Void
    ) {
        if let refusal = change(.halted(scope)) { return reply(.refused(refusal)) }
        append(.halted(scope), note: reason, caller: caller, applies: false, reply)
    }

    /// Ends every halt of exactly this scope, from its place in the log on.
    package func resume(_ scope: HaltScope, caller: Caller, reply: @escaping @Sendable (AuthorityReply) -> Void) {
        if let refusal = check(.resumed(scope)) { return reply(.refused(refusal)) }
        append(.resumed(scope), note: nil, caller: caller, applies: true, reply)
    }

    /// Adds, rotates or retires an identity: a retirement at once, the others from their place in the log on.
    package func change(
        identity event: Authority.AuthorityEvent,
        caller: Caller,
        reply: @escaping @Sendable (AuthorityReply) -> Void
    ) {
        switch event {
        case .added, .rotated:
            let identity = identity(of: event)
            if let refusal = check(event) { return reply(.refused(refusal)) }
            append(event, note: nil, caller: caller, applies: true, identity: identity, reply)
        case .retired:
            let identity = identity(of: event)
            if let refusal = change(event) { return reply(.refused(refusal)) }
            append(event, note: nil, caller: caller, applies: false, identity: identity, reply)
        case .halted, .resumed:
            reply(.refused("halts are not identities"))
        }
    }

    private func identity(of event: Authority.AuthorityEvent) -> Identity? {
        switch event {
        case .rotated(let name, _), .retired(let name): authority.identity(name)
        case .added, .halted, .resumed: nil
        }
    }

    /// Whether an event may happen now; nil if it may, else one line that says why not.
    private func check(_ event: Authority.AuthorityEvent) -> String? {
        shared.withLock { shared in
            guard shared.isOpen else { return "the gate is catching up with its log" }
            do throws(AuthorityError) {
                try shared.authority.check(event)
                return nil
            } catch {
                return error.description
            }
        }
    }

    /// Makes an event true in memory; nil if it is, else one line that says why not.
    func change(_ event: Authority.AuthorityEvent) -> String? {
        shared.withLock { shared in
            guard shared.isOpen else { return "the gate is catching up with its log" }
            do throws(AuthorityError) {
                try shared.authority.check(event)
                try shared.authority.apply(event)
                shared.snapshot = shared.authority.snapshot
                return nil
            } catch {
                return error.description
            }
        }
    }

    private func append(
        _ event: Authority.AuthorityEvent,
        note: Text?,
        caller: Caller,
        applies: Bool,
        identity: Identity? = nil,
        _ reply: @escaping @Sendable (AuthorityReply) -> Void
    ) {
        let pending = PendingAuthority(
            pipeline: self,
            event: event,
            note: note,
            caller: caller,
            applies: applies,
            identity: identity,
            reply: reply
        )
        hand(pending, priority: .authority) { reply(.unavailable($0)) }
    }
}

/// A change of authority on its way to the log.
final class PendingAuthority: PendingStatement, @unchecked Sendable {
    private let event: Authority.AuthorityEvent
    private let note: Text?
    private let caller: Caller
    /// Whether the event becomes true in memory when it is durable; else it is true already.
    private let applies: Bool
    private let reply: @Sendable (AuthorityReply) -> Void
    /// The identity that the event is about, as it was when the change was asked for.
    private let identity: Identity?
    private var refusal: String?
    private var statement: [UInt8] = []

    init(
        pipeline: Pipeline,
        event: Authority.AuthorityEvent,
        note: Text?,
        caller: Caller,
        applies: Bool,
        identity: Identity?,
        reply: @escaping @Sendable (AuthorityReply) -> Void
    ) {
        self.identity = identity
        self.event = event
        self.note = note
        self.caller = caller
        self.applies = applies
        self.reply = reply
        super.init(pipeline: pipeline)
    }

    /// Two changes that both were legal when they were asked for may not be legal one after the other: the second is
    /// withdrawn here, where changes have an order.
    override func seal(_ context: SealContext) -> Entry? {
        if applies {
            refusal = pipeline.change(event)
            guard refusal == nil else { return nil }
        }
        let instant = pipeline.moment().instant
        guard let id = pipeline.freshIdentifier(instant), let nonce = pipeline.freshNonce() else { return nil }
        let record = note.map { NoteRecord(text: $0, nonce: nonce) }
        let encoded = try? AuthorityTranslation.encode(
            event,
            StatementHeader(id: id, origin: pipeline.parts.origin, time: instant),
            by: caller.connection,
            identity: identity,
            reason: record?.digest
        )
        guard let encoded else { return nil }
        statement = encoded
        return Entry(
            statement: statement,
            records: record.map { [EvidenceRecord(kind: .note, content: $0.encoded)] } ?? []
        )
    }

    override func change(_ release: Release) -> StateChange {
        .authority(index: release.position.index, kind: 0, payload: statement)
    }

    override func release(_ release: Release) {
        pipeline.forget(self)
        guard takeAnswer() else { return }
        reply(.recorded(Proof(index: release.position.index, receipt: release.receipt)))
    }

    override func fail() {
        pipeline.forget(self)
        guard takeAnswer() else { return }
        reply(refusal.map { .refused($0) } ?? .unavailable(failure))
    }

    override func expire() {
        guard takeAnswer() else { return }
        reply(.pending)
    }
}
