// The one row that says how far the view is and what it must contain.

internal import Bytes

/// Written in the same transaction as every change, so that the view is at one log size or at another, never between.
struct ViewHeader: Hashable {
    /// The origin of the log.
    var origin: Text
    /// The log size up to which every statement is in the view.
    var applied: UInt64 = 0
    /// One more than the index of the newest decision in the view; may be past `applied` within a batch.
    var decisionsEnd: UInt64 = 0
    /// Claims of decisions below this index are in the table of claims, the others only in their rows.
    var mergedEnd: UInt64 = 0
    /// No claim of a decision below this index is left.
    var prunedEnd: UInt64 = 0
    /// The ids of decisions.
    var ids = RowSum()
    /// The table of claims.
    var merged = RowSum()
    /// The claims of decisions from `mergedEnd` on.
    var tail = RowSum()
    /// The table of authority statements.
    var authority = RowSum()

    /// Starts the view of a log.
    init(origin: Text) {
        self.origin = origin
    }

    private static let seed: UInt64 = 0x5752_4954_5649_4557

    /// The bytes of the row.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.append(counted: origin.utf8)
        writer.append(applied)
        writer.append(decisionsEnd)
        writer.append(mergedEnd)
        writer.append(prunedEnd)
        for sum in [ids, merged, tail, authority] {
            writer.append(sum.count)
            writer.append(sum.sum)
        }
        writer.seal(seed: ViewHeader.seed)
        return writer.bytes
    }

    /// Reads the row; nil if it is not what was written.
    init?(encoded bytes: [UInt8]) {
        guard var reader = ByteReader(sealed: bytes, seed: ViewHeader.seed), let origin = reader.text(),
            let applied = reader.word(), let decisionsEnd = reader.word(), let mergedEnd = reader.word(),
            let prunedEnd = reader.word(), let ids = ViewHeader.sum(&reader), let merged = ViewHeader.sum(&reader),
            let tail = ViewHeader.sum(&reader),
            let authority = ViewHeader.sum(&reader), reader.isAtEnd
        else { return nil }
        self.origin = origin
        self.applied = applied
        self.decisionsEnd = decisionsEnd
        self.mergedEnd = mergedEnd
        self.prunedEnd = prunedEnd
        self.ids = ids
        self.merged = merged
        self.tail = tail
        self.authority = authority
    }

    private static func sum(_ reader: inout ByteReader) -> RowSum? {
        guard let count = reader.word(), let sum = reader.word() else { return nil }
        return RowSum(count: count, sum: sum)
    }
}
