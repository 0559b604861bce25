// The durable view of the log: one connection, one thread at a time.

internal import Authorization
internal import Bytes

/// What becomes a row.
enum RowChange {
    /// A decision with all that was recorded of it until now.
    case decision(DecisionEntry)
    /// A decision whose row stands, with all that was recorded of it until now.
    case rewrite(DecisionEntry)
    /// A redemption of a decision of which only the row is known.
    case redemption(decision: UInt64, RedemptionEntry)
    /// An effect on a decision of which only the row is known.
    case effect(decision: UInt64, EffectEntry)
    /// A statement of the authority.
    case authority(AuthorityEvent)
}

/// The tables of the view, and what it knows of them.
///
/// Not safe to use from two threads at a time: see ``ViewTurn``. After any error it MUST NOT be written to again:
/// the open transaction ends with the connection, and the header in memory is ahead of the one in the file.
final class View {
    let connection: SQLiteConnection
    let statements: ViewStatements
    /// What the header says; written with every transaction.
    var header: ViewHeader
    /// The claims that are being merged: their sum, and one more than the last index of their decisions.
    var merging: (sum: RowSum, end: UInt64)?

    init(connection: SQLiteConnection, header: ViewHeader) throws(StateError) {
        self.connection = connection
        self.header = header
        statements = try ViewStatements(connection)
    }

    /// Begins a transaction; what the header will say is in memory from now on.
    func begin() throws(StateError) {
        try statements.begin.run("begin a transaction of")
    }

    /// Ends a transaction together with the header.
    ///
    /// *A crash before the commit: the view is as it was. After it: the view has everything of the transaction.*
    /// Which of the two does not matter for the truth: the log is read again from where the header says.
    func commit() throws(StateError) {
        statements.writeHeader.bind(1, header.encoded)
        try statements.writeHeader.run("write the header of")
        try statements.commit.run("commit to")
    }

    /// Runs writes as one transaction together with the header.
    func transaction(_ body: () throws(StateError) -> Void) throws(StateError) {
        try begin()
        try body()
        try commit()
    }

    /// Checkpoints when the write-ahead log has grown to its limit; for the transactions of a start, which follow
    /// each other at once.
    func checkpointIfLarge() throws(StateError) {
        guard connection.writeAheadPages >= EmbeddedState.checkpointPagesMax else { return }
        try connection.checkpoint()
    }

    /// Writes rows within a transaction.
    ///
    /// Rows that stand already are left as they are, so that a part of the log may be applied twice.
    func apply(_ changes: ArraySlice<RowChange>) throws(StateError) {
        for change in changes {
            try apply(change)
        }
    }

    private func apply(_ change: RowChange) throws(StateError) {
        switch change {
        case .decision(let entry): try insert(entry)
        case .rewrite(let entry): try rewrite(entry)
        case .redemption(let index, let redemption):
            var entry = try standing(index)
            if entry.take(redemption) { try rewrite(entry) }
        case .effect(let index, let effect):
            var entry = try standing(index)
            if entry.take(effect) { try rewrite(entry) }
        case .authority(let event): try insert(event)
        }
    }

    private func insert(_ entry: DecisionEntry) throws(StateError) {
        // Decisions come in the order of the log: what is below the end stands already, with later statements perhaps.
        guard entry.index >= header.decisionsEnd else { return }
        let statement = statements.insertDecision
        statement.bind(1, entry.index)
        statement.bind(2, entry.id.high)
        statement.bind(3, entry.id.low)
        statement.bind(4, EntryCoding.encode(entry))
        // A chain over the decisions: the next row tells whether the one before it is missing.
        statement.bind(5, header.decisionsEnd)
        try statement.run("insert a decision into")
        header.ids.add(View.checksum(entry.id, index: entry.index))
        header.decisionsEnd = entry.index &+ 1
        if let key = entry.claimKey {
            header.tail.add(ClaimAddress(key).checksum(index: entry.index))
        }
    }

    private func rewrite(_ entry: DecisionEntry) throws(StateError) {
        statements.rewriteDecision.bind(1, entry.index)
        statements.rewriteDecision.bind(2, EntryCoding.encode(entry))
        try statements.rewriteDecision.run("rewrite a decision of")
        guard connection.changes == 1 else { throw .corrupt("the decision at \(entry.index) has no row") }
    }

    private func standing(_ index: UInt64) throws(StateError) -> DecisionEntry {
        guard let entry = try entry(index: index) else { throw .corrupt("the decision at \(index) has no row") }
        return entry
    }

    private func insert(_ event: AuthorityEvent) throws(StateError) {
        let body = AuthorityCoding.encode(event)
        statements.insertAuthority.bind(1, event.index)
        statements.insertAuthority.bind(2, body)
        try statements.insertAuthority.run("insert an authority statement into")
        if connection.changes == 1 {
            header.authority.add(AuthorityCoding.checksum(body, index: event.index))
        }
    }
}

/// The row of an authority statement.
enum AuthorityCoding {
    /// The bytes of the row.
    static func encode(_ event: AuthorityEvent) -> [UInt8] {
        var writer = ByteWriter(capacity: event.payload.count + 24)
        writer.append(event.kind)
        writer.append(counted: event.payload)
        writer.seal(seed: event.index)
        return writer.bytes
    }

    /// Reads a row; nil if it is not what was written.
    static func decode(_ body: [UInt8], index: UInt64) -> AuthorityEvent? {
        guard var reader = ByteReader(sealed: body, seed: index), let kind = reader.byte(),
            let payload = reader.counted(),
            reader.isAtEnd
        else { return nil }
        return AuthorityEvent(index: index, kind: kind, payload: payload)
    }

    /// The part of a row in the sum of its table.
    static func checksum(_ body: [UInt8], index: UInt64) -> UInt64 {
        RowChecksum.of(body, count: body.count, seed: ~index)
    }
}
