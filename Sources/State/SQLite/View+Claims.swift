// The table of claims: fed in sorted runs, because keys are random and each page of the table costs a write.

internal import Bytes

extension View {
    /// The shortest window that a surface may have: nothing younger can be forgotten.
    static let windowMillisecondsMin: Int64 = 3_600_000

    /// Begins to merge every claim that is not in the table yet.
    func beginMerge() {
        merging = (header.tail, header.decisionsEnd)
    }

    /// Puts claims into the table, within a transaction; the newest decision of a key wins.
    func merge(_ claims: ArraySlice<(address: ClaimAddress, index: UInt64)>) throws(StateError) {
        for claim in claims {
            try merge(claim.address, claim.index)
        }
    }

    private func merge(_ address: ClaimAddress, _ index: UInt64) throws(StateError) {
        let bytes = address.bytes
        statements.insertClaim.bind(1, bytes)
        statements.insertClaim.bind(2, index)
        try statements.insertClaim.run("insert a claim into")
        if connection.changes == 1 {
            header.merged.add(address.checksum(index: index))
            return
        }
        guard let standing = try self.index(claim: address) else { throw .corrupt("a claim that stands is not found") }
        guard standing < index else { return }
        statements.rewriteClaim.bind(1, bytes)
        statements.rewriteClaim.bind(2, index)
        try statements.rewriteClaim.run("rewrite a claim of")
        header.merged.remove(address.checksum(index: standing))
        header.merged.add(address.checksum(index: index))
    }

    /// Says that the claims of the merge are in the table, within a transaction.
    func endMerge() {
        guard let merging else { return }
        header.mergedEnd = merging.end
        header.tail.remove(merging.sum)
        self.merging = nil
    }

    /// Removes the claims that their decisions no longer hold, for a bounded number of decisions.
    ///
    /// - Parameters:
    ///   - cursor: The index to go on from.
    ///   - instant: The time of the newest decision. The wall clock is not asked: a clock that jumps ahead must not
    ///     free a key.
    ///   - limit: The most decisions to look at.
    /// - Returns: The index to go on from; nil if nothing older than the shortest window is left.
    /// - Throws: ``StateError``, with the claims as they were.
    func prune(from cursor: UInt64, at instant: Int64, limit: Int) throws(StateError) -> UInt64? {
        let start = max(cursor, header.prunedEnd)
        // As long as nothing was left standing, the next walk need not begin before here.
        var isGapless = start == header.prunedEnd
        let (bound, overflow) = instant.subtractingReportingOverflow(View.windowMillisecondsMin)
        let old = try decisions(from: start, limit: limit).prefix { entry in
            entry.index < header.mergedEnd && !overflow && entry.instant <= bound
        }
        guard let last = old.last else { return nil }
        try transaction { () throws(StateError) in
            for entry in old {
                isGapless = try pruneClaim(of: entry, at: instant) && isGapless
                if isGapless { header.prunedEnd = entry.index &+ 1 }
            }
        }
        return last.index &+ 1
    }

    /// Removes the claim of a decision if its window is over; whether none is left.
    private func pruneClaim(of entry: DecisionEntry, at instant: Int64) throws(StateError) -> Bool {
        guard let key = entry.claimKey else { return true }
        guard !entry.remembers(at: instant) else { return false }
        let address = ClaimAddress(key)
        statements.deleteClaim.bind(1, address.bytes)
        statements.deleteClaim.bind(2, entry.index)
        try statements.deleteClaim.run("delete a claim of")
        if connection.changes == 1 {
            header.merged.remove(address.checksum(index: entry.index))
        }
        return true
    }
}
