// Opening the view: what is found there is believed only as far as sums and checksums go.

internal import Authorization
internal import Bytes
internal import Glibc

/// How the view was found at opening.
package enum ViewCondition: Hashable, Sendable {
    /// There was none; an empty one was made.
    case created
    /// It was there, and is what its header says.
    case intact
    /// It was damaged, of another version or of another log, and an empty one was made; the text says which.
    case rebuilt(String)
}

extension View {
    /// Opens the view of a log, or makes an empty one where there is none that can be believed.
    ///
    /// Only a damaged or foreign file is replaced. An error of the disk is thrown: what cannot be read now may be
    /// readable later.
    static func open(
        path: String,
        origin: Text,
        tail: inout ClaimTail
    ) throws(StateError) -> (view: View, condition: ViewCondition) {
        guard try prepareFile(path) else {
            return (try create(path, origin), .created)
        }
        let reason: String
        if unsafe access(damagePath(path), F_OK) == 0 {
            reason = "it was found damaged in the run before"
        } else {
            do throws(StateError) {
                var loaded = tail
                let view = try load(path, origin, &loaded)
                tail = loaded
                return (view, .intact)
            } catch {
                guard case .corrupt(let what) = error else { throw error }
                reason = what
            }
        }
        try remove(path)
        _ = try prepareFile(path)
        return (try create(path, origin), .rebuilt(reason))
    }

    /// Marks the view as damaged, so that the next opening rebuilds it; it cannot do more now.
    static func markDamaged(path: String) {
        let descriptor = unsafe Glibc.open(damagePath(path), O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    private static func damagePath(_ path: String) -> String { path + "-damaged" }

    /// Makes sure that there is a file that only its owner can read; whether it was there and not empty.
    private static func prepareFile(_ path: String) throws(StateError) -> Bool {
        let descriptor = unsafe Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(operation: "open", number: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .system(operation: "open", number: errno) }
        return status.st_size > 0
    }

    private static func remove(_ path: String) throws(StateError) {
        // The mark goes last: a crash before that begins the removal again.
        for suffix in ["", "-wal", "-shm", "-journal", "-damaged"] {
            guard unsafe unlink(path + suffix) == 0 || errno == ENOENT else {
                throw .system(operation: "remove", number: errno)
            }
        }
    }

    private static func create(_ path: String, _ origin: Text) throws(StateError) -> View {
        // A write-ahead log without its file belongs to something that is gone.
        for suffix in ["-wal", "-shm", "-journal"] {
            guard unsafe unlink(path + suffix) == 0 || errno == ENOENT else {
                throw .system(operation: "remove", number: errno)
            }
        }
        let connection = try SQLiteConnection(path: path)
        try connection.execute(ViewSchema.settings, "set up")
        try connection.execute("BEGIN IMMEDIATE;" + ViewSchema.tables + "COMMIT;", "create")
        let view = try View(connection: connection, header: ViewHeader(origin: origin))
        try view.transaction {}
        return view
    }

    private static func load(_ path: String, _ origin: Text, _ tail: inout ClaimTail) throws(StateError) -> View {
        let connection = try SQLiteConnection(path: path)
        try connection.execute(ViewSchema.settings, "set up")
        guard try number(connection, "PRAGMA application_id") == ViewSchema.applicationID else {
            throw .corrupt("it is not a state view")
        }
        let version = try number(connection, "PRAGMA user_version")
        guard version == ViewSchema.version else { throw .corrupt("it has version \(version) of the tables") }
        let view = try View(connection: connection, header: ViewHeader(origin: origin))
        try view.loadHeader(origin)
        try view.checkIDs()
        try view.loadClaims(&tail)
        try view.loadTail(&tail)
        _ = try view.authorityEvents()
        return view
    }

    private static func number(_ connection: SQLiteConnection, _ sql: String) throws(StateError) -> Int64 {
        let statement = try connection.prepare(sql)
        defer { statement.reset() }
        return try statement.step("read the version of") ? statement.integer(0) : 0
    }

    private func loadHeader(_ origin: Text) throws(StateError) {
        defer { statements.readHeader.reset() }
        guard try statements.readHeader.step("read the header of"),
            let found = ViewHeader(encoded: statements.readHeader.bytes(0))
        else { throw .corrupt("its header is damaged or missing") }
        guard found.origin == origin else { throw .corrupt("it belongs to the log `\(found.origin)`") }
        header = found
    }

    /// Reads every id, about 0.1 microseconds each; a missing or changed one shows in the sum, one that no search
    /// would find in type and order.
    private func checkIDs() throws(StateError) {
        let statement = statements.ids
        defer { statement.reset() }
        var sum = RowSum()
        var last: (high: Int64, low: Int64, index: Int64)?
        while try statement.step("read the ids of") {
            let row = (high: statement.integer(0), low: statement.integer(1), index: statement.integer(2))
            guard statement.isInteger(0), statement.isInteger(1), last.map({ $0 < row }) ?? true else {
                throw .corrupt("ids are out of order")
            }
            last = row
            sum.add(
                View.checksum(Identifier(high: statement.bits(0), low: statement.bits(1)), index: statement.bits(2))
            )
        }
        guard sum == header.ids else { throw .corrupt("ids are missing or changed") }
    }

    /// Reads every claim of the table into the filter; a missing or changed one shows in the sum, one that no
    /// search would find in type and order.
    private func loadClaims(_ tail: inout ClaimTail) throws(StateError) {
        let statement = statements.claims
        defer { statement.reset() }
        var sum = RowSum()
        var last: ClaimAddress?
        while try statement.step("read the claims of") {
            guard statement.isBytes(0), let address = ClaimAddress(bytes: statement.bytes(0)),
                last.map({ $0 < address }) ?? true
            else { throw .corrupt("claims are out of order") }
            last = address
            sum.add(address.checksum(index: statement.bits(1)))
            tail.noteInTable(address)
        }
        guard sum == header.merged else { throw .corrupt("claims are missing or changed") }
    }

    /// Reads the claims that are not in the table yet from the rows of their decisions.
    private func loadTail(_ tail: inout ClaimTail) throws(StateError) {
        var sum = RowSum()
        var next = header.mergedEnd
        while true {
            let entries = try decisions(from: next, limit: View.loadRowsMax)
            guard let last = entries.last else { break }
            for entry in entries {
                let address = entry.claimKey.map { ClaimAddress($0) }
                if let address { sum.add(address.checksum(index: entry.index)) }
                tail.add(address, index: entry.index)
            }
            next = last.index &+ 1
        }
        guard sum == header.tail else { throw .corrupt("claims of recent decisions are missing") }
        defer { statements.lastDecision.reset() }
        _ = try statements.lastDecision.step("look for the newest decision of")
        let hasDecisions = header.decisionsEnd > 0
        guard !hasDecisions || statements.lastDecision.bits(0) &+ 1 == header.decisionsEnd else {
            throw .corrupt("the newest decision is missing")
        }
    }

    private static let loadRowsMax = 512
}
