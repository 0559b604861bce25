// The tables of the view.

/// Names and versions of the file; a change of the tables, of a row or of a code takes a new version, and the view
/// is rebuilt.
enum ViewSchema {
    /// `WRIT` in the header of the file.
    static let applicationID: Int64 = 0x5752_4954
    /// The version of tables and rows.
    static let version: Int64 = 1

    /// The memory that SQLite may use for pages.
    static let cacheKibibytes = 3_072

    /// What every connection is told before the first read.
    ///
    /// Exclusive locking keeps the index of the write-ahead log in memory: one connection per file is the rule
    /// here, because Debian's SQLite damages a file that two connections checkpoint. `NORMAL` does: the log is the
    /// truth, the view has only to be consistent.
    static let settings = """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -\(cacheKibibytes);
        PRAGMA temp_store = MEMORY;
        PRAGMA mmap_size = 0;
        PRAGMA cell_size_check = ON;
        PRAGMA trusted_schema = OFF;
        """

    /// Makes the tables of an empty view.
    static let tables = """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        CREATE TABLE header(one INTEGER PRIMARY KEY, body BLOB NOT NULL);
        CREATE TABLE decisions(
            position INTEGER PRIMARY KEY, id_high INTEGER NOT NULL, id_low INTEGER NOT NULL, entry BLOB NOT NULL,
            previous_end INTEGER NOT NULL);
        CREATE INDEX decisions_by_id ON decisions(id_high, id_low);
        CREATE TABLE claims(address BLOB PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE authority(position INTEGER PRIMARY KEY, body BLOB NOT NULL);
        """
}
