// One connection of SQLite: a thin layer that turns result codes into errors.

internal import CSQLite

/// The one connection to the view's file; only the thread whose turn it is uses it.
@safe
final class SQLiteConnection {
    private let handle: OpaquePointer
    private let pages: UnsafeMutablePointer<Int32>
    private var isOpen = true
    private var statements: [SQLiteStatement] = []

    /// Opens a file, which is made if it is not there.
    init(path: String) throws(StateError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe handle else {
            unsafe sqlite3_close(handle)
            throw SQLiteConnection.error("open", code)
        }
        unsafe self.handle = opened
        unsafe pages = .allocate(capacity: 1)
        unsafe pages.initialize(to: 0)
        // The hook replaces automatic checkpoints, which could strike inside a commit: up to 485 ms were measured.
        _ = unsafe sqlite3_wal_hook(
            opened,
            { context, _, _, pages in
                unsafe context?.assumingMemoryBound(to: Int32.self).pointee = pages
                return SQLITE_OK
            },
            pages
        )
    }

    deinit {
        close()
        unsafe pages.deallocate()
    }

    /// The number of pages in the write-ahead log after the last commit.
    var writeAheadPages: Int { Int(unsafe pages.pointee) }

    /// The number of rows that the last statement changed.
    var changes: Int { Int(unsafe sqlite3_changes(handle)) }

    /// Runs statements that return no rows.
    func execute(_ sql: String, _ operation: String) throws(StateError) {
        guard isOpen else { throw .failed("it was closed") }
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteConnection.error(operation, code) }
    }

    /// Compiles a statement that lives as long as the connection.
    func prepare(_ sql: String) throws(StateError) -> SQLiteStatement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let compiled = unsafe statement else { throw SQLiteConnection.error("prepare", code) }
        let prepared = unsafe SQLiteStatement(compiled)
        statements.append(prepared)
        return prepared
    }

    /// Moves the write-ahead log into the file.
    func checkpoint() throws(StateError) {
        guard isOpen else { throw .failed("it was closed") }
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteConnection.error("checkpoint", code) }
        unsafe pages.pointee = 0
    }

    /// Closes the file and ends all of its statements.
    func close() {
        guard isOpen else { return }
        isOpen = false
        for statement in statements {
            statement.finalize()
        }
        statements = []
        unsafe sqlite3_close_v2(handle)
    }

    /// Turns a result code into an error: what means a damaged file is told apart.
    static func error(_ operation: String, _ code: Int32) -> StateError {
        switch code & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_SCHEMA,
            SQLITE_ERROR:
            // A plain error means that a table or column of our own schema is not there: our statements are fixed.
            .corrupt("SQLite result code \(code) on \(operation)")
        default:
            .database(operation: operation, code: code)
        }
    }
}
