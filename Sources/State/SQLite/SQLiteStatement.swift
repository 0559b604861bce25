// A compiled statement of SQLite.

internal import CSQLite

/// A compiled statement: bind, step, read, reset.
@safe
final class SQLiteStatement {
    /// Nil once the connection was closed; SQLite refuses to step a null pointer and reads zeros from it.
    private var handle: OpaquePointer?

    /// Takes a compiled statement over.
    @unsafe
    init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        finalize()
    }

    /// Frees the statement; from now on a step throws.
    func finalize() {
        unsafe sqlite3_finalize(handle)
        unsafe handle = nil
    }

    /// Binds an integer to a parameter, counted from one.
    func bind(_ position: Int32, _ value: Int64) {
        unsafe sqlite3_bind_int64(handle, position, value)
    }

    /// Binds an unsigned integer by its bits.
    func bind(_ position: Int32, _ value: UInt64) {
        unsafe sqlite3_bind_int64(handle, position, Int64(bitPattern: value))
    }

    /// Binds a copy of bytes.
    func bind(_ position: Int32, _ bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            // A null pointer would bind NULL.
            unsafe sqlite3_bind_zeroblob(handle, position, 0)
            return
        }
        // SQLITE_TRANSIENT, a macro that is not imported: SQLite copies before the call returns.
        let transient = unsafe unsafeBitCast(-1 as Int, to: sqlite3_destructor_type.self)
        unsafe bytes.withUnsafeBufferPointer { buffer in
            _ = unsafe sqlite3_bind_blob(handle, position, buffer.baseAddress, Int32(clamping: buffer.count), transient)
        }
    }

    /// Takes one step; whether there is a row to read.
    func step(_ operation: String) throws(StateError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            unsafe sqlite3_reset(handle)
            throw SQLiteConnection.error(operation, code)
        }
    }

    /// Runs a statement that returns no rows, and makes it ready for the next time.
    func run(_ operation: String) throws(StateError) {
        _ = try step(operation)
        reset()
    }

    /// Makes the statement ready for the next time and ends its read of the file.
    func reset() {
        unsafe sqlite3_reset(handle)
    }

    /// An integer of the present row, by column counted from zero.
    func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    /// An integer of the present row, by its bits.
    func bits(_ column: Int32) -> UInt64 {
        UInt64(bitPattern: integer(column))
    }

    /// Whether a column of the present row is stored as an integer; the same bits as another type would sort elsewhere.
    func isInteger(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_INTEGER
    }

    /// Whether a column of the present row is stored as bytes; the same bytes as a text would sort elsewhere.
    func isBytes(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_BLOB
    }

    /// The bytes of the present row.
    func bytes(_ column: Int32) -> [UInt8] {
        guard let base = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: base, count: count))
    }
}
