// Between the reports of enforcement points, statements and what the state keeps of them.

import Bytes
import Ledger
package import Receipts
import State

extension EffectResult {
    /// The result as canonical JSON; empty if nothing is said.
    package var canonical: [UInt8] {
        guard !isEmpty else { return [] }
        var writer = JSONWriter(capacity: 192)
        writer.beginObject()
        if let digest { writer.member("digest", sha256: digest) }
        if let durationMilliseconds { writer.member("duration_milliseconds", durationMilliseconds) }
        if let sizeBytes { writer.member("size_bytes", sizeBytes) }
        if let status { writer.member("status", status) }
        writer.endObject()
        return writer.bytes
    }
}

extension ReportedEffect {
    /// The same word in the state's list.
    var kind: EffectKind {
        switch self {
        case .executed: .executed
        case .failed: .failed
        case .notStarted: .notStarted
        }
    }
}

extension EffectEntry {
    /// What the state keeps of a report whose statement stands at a position.
    init(_ report: EffectStatement.Report, at time: Int64, _ position: EntryPosition) {
        self.init(
            kind: report.effect.kind,
            result: report.result?.canonical ?? [],
            at: time,
            index: position.index,
            treeSize: position.treeSize,
            segment: position.segment,
            offset: position.offset
        )
    }
}
