// The statements of the view, compiled once.

/// Every statement that the view runs after it was opened.
struct ViewStatements {
    let begin: SQLiteStatement
    let commit: SQLiteStatement
    let readHeader: SQLiteStatement
    let writeHeader: SQLiteStatement
    let insertDecision: SQLiteStatement
    let rewriteDecision: SQLiteStatement
    let decision: SQLiteStatement
    let decisionsFrom: SQLiteStatement
    let lastDecision: SQLiteStatement
    let nextDecision: SQLiteStatement
    let decisionByID: SQLiteStatement
    let ids: SQLiteStatement
    let insertClaim: SQLiteStatement
    let rewriteClaim: SQLiteStatement
    let deleteClaim: SQLiteStatement
    let claim: SQLiteStatement
    let claims: SQLiteStatement
    let insertAuthority: SQLiteStatement
    let authority: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(StateError) {
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        readHeader = try connection.prepare("SELECT body FROM header WHERE one = 1")
        writeHeader = try connection.prepare("INSERT OR REPLACE INTO header(one, body) VALUES (1, ?1)")
        insertDecision = try connection.prepare(
            "INSERT INTO decisions(position, id_high, id_low, entry, previous_end) VALUES (?1, ?2, ?3, ?4, ?5)"
        )
        rewriteDecision = try connection.prepare("UPDATE decisions SET entry = ?2 WHERE position = ?1")
        decision = try connection.prepare("SELECT entry FROM decisions WHERE position = ?1")
        decisionsFrom = try connection.prepare(
            "SELECT position, entry FROM decisions WHERE position >= ?1 ORDER BY position LIMIT ?2"
        )
        lastDecision = try connection.prepare("SELECT max(position) FROM decisions")
        nextDecision = try connection.prepare(
            "SELECT position, previous_end, entry FROM decisions WHERE position > ?1 ORDER BY position LIMIT 1"
        )
        ids = try connection.prepare("SELECT id_high, id_low, position FROM decisions INDEXED BY decisions_by_id")
        decisionByID = try connection.prepare(
            "SELECT position FROM decisions WHERE id_high = ?1 AND id_low = ?2 ORDER BY position DESC LIMIT 1"
        )
        insertClaim = try connection.prepare("INSERT OR IGNORE INTO claims(address, position) VALUES (?1, ?2)")
        rewriteClaim = try connection.prepare("UPDATE claims SET position = ?2 WHERE address = ?1")
        deleteClaim = try connection.prepare("DELETE FROM claims WHERE address = ?1 AND position = ?2")
        claim = try connection.prepare("SELECT position FROM claims WHERE address = ?1")
        claims = try connection.prepare("SELECT address, position FROM claims")
        insertAuthority = try connection.prepare("INSERT OR IGNORE INTO authority(position, body) VALUES (?1, ?2)")
        authority = try connection.prepare("SELECT position, body FROM authority ORDER BY position")
    }
}
