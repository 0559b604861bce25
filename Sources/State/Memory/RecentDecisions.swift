// Where recent decisions are, by id and by key.

internal import Authorization
internal import Bytes

/// The indexes of recent decisions by id and by claim, in two generations.
///
/// Nothing is deleted one by one: when the old generation is no longer needed, it goes as a whole. An index that is
/// still found after its decision left memory is as right as before; the decision is read from the view then.
struct RecentDecisions {
    private struct Generation {
        var ids: [Identifier: UInt64]
        var claims: [ClaimAddress: UInt64]
        /// One more than the newest index.
        var end: UInt64 = 0

        init(capacity: Int) {
            ids = Dictionary(minimumCapacity: capacity)
            claims = Dictionary(minimumCapacity: capacity)
        }
    }

    private let capacity: Int
    private var young: Generation
    private var old: Generation

    /// Starts empty; a generation has `capacity` decisions, or more while older ones may not leave.
    init(capacity: Int) {
        self.capacity = capacity
        young = Generation(capacity: capacity)
        old = Generation(capacity: 0)
    }

    /// The index of the newest decision with an id.
    func index(id: Identifier) -> UInt64? {
        young.ids[id] ?? old.ids[id]
    }

    /// The index of the newest decision under a key.
    func index(claim address: ClaimAddress) -> UInt64? {
        young.claims[address] ?? old.claims[address]
    }

    /// Adds a decision, the newest of all.
    ///
    /// - Parameters:
    ///   - entry: The decision.
    ///   - oldest: The index of the oldest decision that must be found here.
    mutating func add(_ entry: DecisionEntry, oldest: UInt64) {
        if young.ids.count >= capacity, old.end <= oldest {
            old = young
            young = Generation(capacity: capacity)
        }
        young.ids[entry.id] = entry.index
        if let key = entry.claimKey { young.claims[ClaimAddress(key)] = entry.index }
        young.end = entry.index &+ 1
    }
}
