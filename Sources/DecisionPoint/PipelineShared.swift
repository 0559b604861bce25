// What the pipeline keeps under its lock: bundle, authority, and what is in flight.

import Authority
import Authorization
import Bytes
import StrictPolicy

/// The parts of the pipeline that change while it runs.
struct PipelineShared {
    /// What becomes of a request at the door.
    enum Admission {
        /// The key is this request's, or it has none.
        case reserved
        /// The key is in flight; the request waits for its outcome within its deadline.
        case waiting
        /// Too much is in flight.
        case overloaded
    }

    /// One consistent reading of what the facts begin with.
    struct Moment {
        /// The wall clock in milliseconds since 1970, never earlier than a reading before.
        let instant: Int64
        let authority: AuthoritySnapshot
        let bundle: PolicyBundle?
        let isClockTrusted: Bool
        let isOpen: Bool
    }

    var authority: AuthorityState
    var snapshot: AuthoritySnapshot
    var clockGuard: ClockGuard
    var bundle: PolicyBundle?
    /// Whether the state has caught up with the log.
    var isOpen = false
    var sequence: UInt64 = 0
    /// The statements that are with the log and whose callers wait.
    var waiting: [UInt64: PendingStatement] = [:]
    /// The claim keys in flight, each with the requests that wait for it.
    var claims: [Digest: [Question]] = [:]
    /// How many requests wait for keys.
    var waiterCount = 0
    /// The decisions whose redemption or effect is in flight.
    var busy: Set<Identifier> = []
    /// The names of identities whose statements are in flight.
    var busyNames: Set<Text> = []
    /// What callers' refusals may still write.
    var refusalBudget = RefusalBudget()
    /// Rulings that were counted and not recorded, for the next `gate` statement.
    var refused: [Cause: UInt64] = [:]

    init(authority: AuthorityState, clockGuard: ClockGuard) {
        self.authority = authority
        snapshot = authority.snapshot
        self.clockGuard = clockGuard
    }

    /// The latest reading of the wall clock.
    ///
    /// INVARIANT (time does not go back): a small step back within the guard's tolerance must not make an expired
    /// PERMIT live again.
    private var latest = Int64.min

    mutating func moment(wall: Int64, boot: Int64) -> Moment {
        let isTrusted = clockGuard.isTrusted(wall: wall, boot: boot)
        if isTrusted { latest = max(latest, wall) }
        return Moment(
            instant: isTrusted ? latest : wall,
            authority: snapshot,
            bundle: bundle,
            isClockTrusted: isTrusted,
            isOpen: isOpen
        )
    }

    mutating func admit(_ question: Question, pendingMax: Int) -> Admission {
        guard waiting.count + waiterCount < pendingMax else { return .overloaded }
        guard let key = question.claimKey else { return .reserved }
        if claims[key] != nil {
            claims[key]?.append(question)
            waiterCount += 1
            return .waiting
        }
        claims[key] = []
        return .reserved
    }

    mutating func release(_ key: Digest) -> [Question] {
        let waiters = claims.removeValue(forKey: key) ?? []
        waiterCount -= waiters.count
        return waiters
    }

    /// Takes out the callers whose commit budget is over and the requests that waited for a key until their deadline.
    mutating func expire(_ now: UInt64) -> (expired: [PendingStatement], late: [Question]) {
        let expired = waiting.values.filter { $0.answerBy < now }.sorted { $0.sequence < $1.sequence }
        for pending in expired { waiting[pending.sequence] = nil }
        guard waiterCount > 0 else { return (expired, []) }
        var late: [Question] = []
        for key in claims.keys {
            guard let waiters = claims[key], waiters.contains(where: { $0.deadline < now }) else { continue }
            late += waiters.filter { $0.deadline < now }
            claims[key] = waiters.filter { $0.deadline >= now }
        }
        waiterCount -= late.count
        return (expired, late.sorted { $0.arrival < $1.arrival })
    }

    mutating func replaceAuthority(_ state: AuthorityState) {
        authority = state
        snapshot = state.snapshot
    }
}
