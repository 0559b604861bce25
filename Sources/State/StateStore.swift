// What the gate asks of its memory.

package import Authorization
package import Bytes

/// One statement, as far as the state is concerned.
package enum StateChange: Hashable, Sendable {
    /// A decision, perhaps redeemed by the same statement.
    case decision(DecisionEntry)
    /// The redemption of the decision at an index.
    case redemption(decision: UInt64, RedemptionEntry)
    /// The first report on the decision at an index.
    case effect(decision: UInt64, EffectEntry)
    /// An identity, halt or resume statement: all are kept.
    case authority(index: UInt64, kind: UInt8, payload: [UInt8])
    /// A statement that changes nothing here.
    case none
}

/// A statement of the authority, as it stands in the log.
package struct AuthorityEvent: Hashable, Sendable {
    /// The index of the statement.
    package let index: UInt64
    /// What kind of statement it is; the meaning is the caller's.
    package let kind: UInt8
    /// The bytes of the statement, or what the caller wants to get back of it.
    package let payload: [UInt8]

    /// Makes an event.
    package init(index: UInt64, kind: UInt8, payload: [UInt8]) {
        self.index = index
        self.kind = kind
        self.payload = payload
    }
}

/// Why the state does not answer; to the caller each of them is SILENCE `state_unavailable`.
package enum StateError: Error, Hashable, Sendable {
    /// The view is ahead of the log: entries of the log were lost. Refuse to start; never delete the view to get
    /// past this.
    case viewAhead(applied: UInt64, logSize: UInt64)
    /// The view has not caught up with the log yet.
    case behind(applied: UInt64, logSize: UInt64)
    /// A store that has failed before; it answers nothing until it is opened again.
    case failed(String)
    /// The view did not become free in time; the next question may be answered.
    case busy
    /// The view holds something that it cannot hold: it must be rebuilt from the log.
    case corrupt(String)
    /// The database refused; `code` is SQLite's extended result code.
    case database(operation: String, code: Int32)
    /// The operating system refused.
    case system(operation: String, number: Int32)
}

extension StateError: CustomStringConvertible {
    /// One line that says what was attempted.
    package var description: String {
        switch self {
        case .viewAhead(let applied, let logSize):
            "the state view has applied \(applied) statements but the log has \(logSize): entries of the log were lost"
        case .behind(let applied, let logSize):
            "the state view has applied \(applied) of \(logSize) statements"
        case .failed(let reason): "the state store has stopped: \(reason)"
        case .busy: "the state view did not become free in time"
        case .corrupt(let what): "the state view is corrupt: \(what)"
        case .database(let operation, let code): "cannot \(operation) the state view: SQLite result code \(code)"
        case .system(let operation, let number): "cannot \(operation) the state view: error number \(number)"
        }
    }
}

extension StateError {
    /// The same reason, as it is given to everyone who asks later.
    var standing: StateError {
        if case .failed = self { return self }
        return .failed(description)
    }
}

/// The memory of the gate: what was decided, redeemed and reported, under which key.
///
/// Everything in it follows from statements that are durable in the log. All functions may be called from any
/// thread at any time. A nil says that there is nothing; what cannot be known is thrown, never nil.
package protocol StateStore: Sendable {
    /// The newest decision that claimed a key, forgotten or not; ask ``DecisionEntry/remembers(at:)``.
    func entry(claim key: Digest) throws(StateError) -> DecisionEntry?

    /// The decision with an id.
    func entry(id: Identifier) throws(StateError) -> DecisionEntry?

    /// The decision at an index of the log.
    func entry(index: UInt64) throws(StateError) -> DecisionEntry?

    /// Takes the changes of one batch, in the order of the log, up to a log size.
    ///
    /// Called on the log's thread after the sync and before the answers. MUST NOT fail, wait for a disk, or forget:
    /// from its return on every lookup sees the changes or throws.
    func record(_ changes: [StateChange], size: UInt64)

    /// All statements of the authority, in the order of the log.
    func authorityEvents() throws(StateError) -> [AuthorityEvent]

    /// Statements that were recorded and that the durable view does not have yet.
    var lag: UInt64 { get }

    /// Whether the view has fallen so far behind that new decisions must be answered SILENCE `overloaded`.
    var isOverloaded: Bool { get }
}
