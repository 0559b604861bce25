// The claims that are in the view, but not yet in its table of claims.

internal import Bytes

/// Recent claims by address, and the filter that says which keys the table of claims cannot have.
///
/// Rows of decisions are appended cheaply; the table of claims is in the order of random keys. So claims gather
/// here and move there in sorted runs. Nothing is lost by a crash: at the next start they are read from the rows of
/// their decisions.
struct ClaimTail {
    /// The decisions after which a run is moved.
    let decisionsMax: Int

    /// What is known of a key without the table.
    enum Answer {
        /// The newest decision under the key.
        case at(UInt64)
        /// The table may have it.
        case maybeInTable
        /// No decision ever claimed it, or its claim was pruned.
        case nowhere
    }

    private var active: [ClaimAddress: UInt64]
    /// The run that is on its way into the table.
    private(set) var sealed: [ClaimAddress: UInt64] = [:]
    private var filter = ClaimFilter()
    /// Decisions, with or without a claim, since the active run was begun.
    private(set) var decisions = 0

    /// Starts with no claims.
    init(decisionsMax: Int) {
        self.decisionsMax = decisionsMax
        active = Dictionary(minimumCapacity: decisionsMax)
    }

    /// A run with room for all of its claims, so that it does not grow while others wait.
    func emptyRun() -> [ClaimAddress: UInt64] {
        Dictionary(minimumCapacity: decisionsMax)
    }

    /// Whether the active run should be sealed.
    var isFull: Bool { decisions >= decisionsMax }

    /// Where the newest decision under a key is.
    func find(_ address: ClaimAddress) -> Answer {
        if let index = active[address] ?? sealed[address] { return .at(index) }
        return filter.mayContain(address) ? .maybeInTable : .nowhere
    }

    /// Takes a decision that has its row.
    mutating func add(_ address: ClaimAddress?, index: UInt64) {
        decisions += 1
        if let address { active[address] = index }
    }

    /// Seals the active run, and goes on with an empty one.
    mutating func seal(next: [ClaimAddress: UInt64]) {
        sealed = active
        active = next
        decisions = 0
    }

    /// Says that the table has these keys, or will when the transaction is over; keys are never taken back.
    mutating func noteInTable(_ address: ClaimAddress) {
        filter.add(address)
    }

    /// Drops the sealed run, which the table has now.
    mutating func dropSealed() {
        sealed = [:]
    }
}
