// Reading the view.

internal import Authorization
internal import Bytes

extension View {
    /// The decision at an index; throws if its row is missing.
    func entry(index: UInt64) throws(StateError) -> DecisionEntry? {
        let statement = statements.decision
        statement.bind(1, index)
        guard try statement.step("look up a decision in") else {
            statement.reset()
            try expectNothing(at: index)
            return nil
        }
        let bytes = statement.bytes(0)
        statement.reset()
        guard let entry = EntryCoding.decode(bytes, index: index) else {
            throw .corrupt("the row of the decision at \(index)")
        }
        return entry
    }

    /// Makes sure that no decision was ever at an index: a damaged page can hide a row without any error.
    private func expectNothing(at index: UInt64) throws(StateError) {
        guard index < header.decisionsEnd else { return }
        let statement = statements.nextDecision
        statement.bind(1, index)
        defer { statement.reset() }
        // The next row may be the missing one under a damaged position: its checksum tells.
        guard try statement.step("look up the next decision in"), statement.bits(0) > index, statement.bits(1) <= index,
            EntryCoding.decode(statement.bytes(2), index: statement.bits(0)) != nil
        else { throw .corrupt("the row of a decision near \(index) is missing") }
    }

    /// The part of a decision's id in the sum of ids.
    static func checksum(_ id: Identifier, index: UInt64) -> UInt64 {
        RowChecksum.mix(RowChecksum.mix(id.high, id.low), index)
    }

    /// The index of the newest decision with an id.
    func index(id: Identifier) throws(StateError) -> UInt64? {
        let statement = statements.decisionByID
        statement.bind(1, id.high)
        statement.bind(2, id.low)
        return try single(statement)
    }

    /// The index of the newest merged decision that claimed a key.
    func index(claim address: ClaimAddress) throws(StateError) -> UInt64? {
        statements.claim.bind(1, address.bytes)
        return try single(statements.claim)
    }

    private func single(_ statement: SQLiteStatement) throws(StateError) -> UInt64? {
        guard try statement.step("look up an index in") else {
            statement.reset()
            return nil
        }
        let index = statement.bits(0)
        statement.reset()
        return index
    }

    /// At most `limit` decisions from an index on, ascending.
    func decisions(from index: UInt64, limit: Int) throws(StateError) -> [DecisionEntry] {
        let statement = statements.decisionsFrom
        statement.bind(1, index)
        statement.bind(2, Int64(limit))
        defer { statement.reset() }
        var entries: [DecisionEntry] = []
        while try statement.step("read decisions of") {
            let position = statement.bits(0)
            guard let entry = EntryCoding.decode(statement.bytes(1), index: position) else {
                throw .corrupt("the row of the decision at \(position)")
            }
            entries.append(entry)
        }
        return entries
    }

    /// All authority statements, ascending; throws if one is missing.
    func authorityEvents() throws(StateError) -> [AuthorityEvent] {
        let statement = statements.authority
        defer { statement.reset() }
        var events: [AuthorityEvent] = []
        var sum = RowSum()
        while try statement.step("read the authority statements of") {
            let position = statement.bits(0)
            let body = statement.bytes(1)
            guard let event = AuthorityCoding.decode(body, index: position) else {
                throw .corrupt("the row of the authority statement at \(position)")
            }
            sum.add(AuthorityCoding.checksum(body, index: position))
            events.append(event)
        }
        guard sum == header.authority else { throw .corrupt("authority statements are missing") }
        return events
    }
}
