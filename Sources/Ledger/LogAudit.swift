// Reading a whole log again, and every promise with it.

package import Bytes
package import Cryptography
internal import Receipts
internal import Transparency

/// What does not add up in a log.
package enum AuditDefect: Error, Hashable, Sendable {
    /// The files are damaged, or not of this log.
    case files(String)
    /// The published checkpoint is missing, or is not one of this log; the reason is a whole sentence.
    case checkpoint(String)
    /// A tile or an entry bundle is missing or has other content.
    case tile(String)
    /// The entry is no statement that this release knows.
    case statement(String)
    /// The statement names another log.
    case origin
    /// An evidence record is missing, or is not the one whose digest the statement has.
    case evidence(String)
    /// A reference to another statement does not hold.
    case reference(String)
    /// What is redeemed is no PERMIT.
    case redemptionWithoutPermit
    /// The redeemer is not in the audience.
    case redemptionOutsideOfAudience
    /// The PERMIT had expired, or the time to act does not follow its redemption.
    case redemptionTooLate
    /// The PERMIT had been redeemed before, by this statement.
    case redeemedTwice(first: UInt64)
    /// Another PERMIT of the same key had been redeemed, and its window had not passed.
    case keyRedeemedTwice(first: UInt64)
    /// A halt in scope was in force.
    case redemptionUnderHalt
    /// The effect is not of the enforcement point or the attempt that redeemed.
    case effectOfAnother
    /// There was an effect before, and this one does not say that it contradicts it; or the other way round.
    case effectContradiction
}

extension AuditDefect: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .files(let reason): reason
        case .checkpoint(let reason): reason
        case .tile(let path): "`\(path)` is missing or not that of the log"
        case .statement(let reason): "not a statement: \(reason)"
        case .origin: "the statement names another log"
        case .evidence(let kind): "the \(kind) record is missing or not the one of the statement"
        case .reference(let member):
            "`\(member)` does not refer to a statement of that index and leaf, or not to one of its kind"
        case .redemptionWithoutPermit: "what is redeemed is no PERMIT"
        case .redemptionOutsideOfAudience: "the redeemer is not in the audience"
        case .redemptionTooLate: "it was redeemed when it had expired"
        case .redeemedTwice(let first): "the PERMIT was redeemed before, by statement \(first)"
        case .keyRedeemedTwice(let first): "the key has a redeemed PERMIT already, decision \(first)"
        case .redemptionUnderHalt: "it was redeemed while a halt in scope was in force"
        case .effectOfAnother: "the effect is not of the enforcement point and attempt that redeemed"
        case .effectContradiction: "the effect and the one before do not fit each other"
        }
    }
}

/// The first thing that does not add up, and at which statement.
package struct AuditDiscrepancy: Error, Hashable, Sendable {
    /// The index of the statement; nil when it is not about one.
    package let index: UInt64?
    /// What it is.
    package let defect: AuditDefect

    /// Makes a discrepancy.
    package init(at index: UInt64?, _ defect: AuditDefect) {
        self.index = index
        self.defect = defect
    }
}

extension AuditDiscrepancy: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        guard let index else { return defect.description }
        return "statement \(index): \(defect)"
    }
}

/// What a clean audit has seen.
package struct AuditSummary: Hashable, Sendable {
    /// The number of statements.
    package let size: UInt64
    /// The root hash over all of them.
    package let root: Digest
    /// The size of the published tree; nil when nothing was published.
    package let published: UInt64?
    /// How many statements of each type there are, by the word for the type, ascending.
    package let counts: [(type: String, count: UInt64)]
    /// Whether an incomplete frame stands at the end: a running gate writes it, or a crash left it.
    package let endsIncomplete: Bool

    /// How many statements stand behind the published checkpoint: nobody but the log's folder vouches for them.
    package var unpublished: UInt64 { size - min(size, published ?? 0) }

    /// What a person has to know about them; nil when there are none.
    package var unpublishedNote: String? {
        switch unpublished {
        case 0: nil
        case 1: "1 statement is not yet under a published checkpoint"
        default: "\(unpublished) statements are not yet under a published checkpoint"
        }
    }

    /// Compares all members.
    package static func == (left: AuditSummary, right: AuditSummary) -> Bool {
        left.size == right.size && left.root == right.root && left.published == right.published
            && left.endsIncomplete == right.endsIncomplete && left.counts.elementsEqual(right.counts) { $0 == $1 }
    }

    /// Feeds size and root to a hasher.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(size)
        hasher.combine(root)
    }
}

/// Re-hashes a log and checks everything that the log alone can show.
///
/// Frames and their roots, segments and their frontiers, the published checkpoint and its signature, tiles and bundles
/// against the statements, evidence records against their digests, references between statements, and the promises
/// that each PERMIT is redeemed at most once, each key has at most one redeemed PERMIT within its window, nothing is
/// redeemed under a halt in scope, and each effect has its redemption. The walk streams: memory grows with the number
/// of redemptions and effects, a few words for each. It takes no lock, so a gate may be writing.
package struct LogAudit {
    private let layout: LogLayout
    private let key: NoteVerifierKey
    private let origin: Digest

    /// Audits the log in a folder, which has to be that of this key.
    package init(directory: String, key: NoteVerifierKey) {
        layout = LogLayout(directory: directory)
        self.key = key
        origin = SHA256.digest(of: key.name.text)
    }

    /// Reads the whole log.
    ///
    /// - Parameter progress: Called after each frame with the number of statements that were read.
    /// - Returns: What was seen, when everything adds up.
    /// - Throws: The first discrepancy.
    package func run(progress: (UInt64) -> Void = { _ in }) throws(AuditDiscrepancy) -> AuditSummary {
        // Read first: what is published by now is in the segments, whatever a running gate adds.
        let published: Checkpoint?
        do throws(LogError) {
            published = try PublishedCheckpoint.read(layout, key: key)
        } catch {
            throw AuditDiscrepancy(at: nil, .checkpoint(error.description))
        }
        var walk = AuditWalk(layout, key: key, published: published)
        for first in try files({ () throws(LogError) in try layout.segmentList() }) {
            let endsIncomplete = try segment(first, &walk, progress)
            walk.endsIncomplete = endsIncomplete
        }
        return try walk.finish()
    }

    /// Reads one segment; answers whether something incomplete stands at its end.
    private func segment(
        _ first: UInt64,
        _ walk: inout AuditWalk,
        _ progress: (UInt64) -> Void
    ) throws(AuditDiscrepancy) -> Bool {
        // What follows an incomplete frame would be a gap.
        guard !walk.endsIncomplete else {
            throw AuditDiscrepancy(at: first, .files("the segment before is incomplete"))
        }
        let file: SegmentFile
        do throws(LogError) {
            file = try SegmentFile(layout, first: first, origin: origin)
        } catch {
            throw AuditDiscrepancy(at: first, .files(error.description))
        }
        guard file.header.frontier == walk.tree.range else {
            let error = LogError.damaged(path: file.path, offset: 0, .continuity)
            throw AuditDiscrepancy(at: first, .files(error.description))
        }
        var offset = UInt64(SegmentHeader.byteCount)
        do throws(LogError) {
            while let frame = try file.frame(at: offset) {
                guard frame.header.first == walk.tree.size else {
                    throw .damaged(path: file.path, offset: offset, .index)
                }
                try walk.take(frame, FrameCursor.Place(segment: first, offset: offset))
                offset += UInt64(frame.header.frameBytes)
                progress(walk.tree.size)
            }
            return try checkEnd(of: file, at: offset)
        } catch {
            if let discrepancy = walk.discrepancy { throw discrepancy }
            // A file that cannot even be searched is not one that only ends early.
            guard (try? Self.isIncompleteEnd(error, file, offset, layout)) == true else {
                throw AuditDiscrepancy(at: walk.tree.size, .files(error.description))
            }
            return true
        }
    }

    /// Only zeros may follow the last frame, or what a running gate is writing.
    private func checkEnd(of file: borrowing SegmentFile, at offset: UInt64) throws(LogError) -> Bool {
        if try file.isZero(from: offset) { return false }
        throw .damaged(path: file.path, offset: offset, .frameHeader)
    }

    private static func isIncompleteEnd(
        _ error: LogError,
        _ file: borrowing SegmentFile,
        _ offset: UInt64,
        _ layout: LogLayout
    ) throws(LogError) -> Bool {
        switch error {
        case .damaged(_, _, .index), .damaged(_, _, .root): return false
        case .damaged:
            guard try layout.segmentList().last == file.header.first else { return false }
            return try !file.hasFrameHeader(from: offset + UInt64(FrameHeader.alignment))
        case .system, .locked, .exists, .notALog, .foreignFile, .origin, .checkpoint, .checkpointMissing, .rolledBack,
            .forked, .noStatement, .position, .tree, .key, .noRoom:
            return false
        }
    }

    private func files<Value>(_ body: () throws(LogError) -> Value) throws(AuditDiscrepancy) -> Value {
        do throws(LogError) {
            return try body()
        } catch {
            throw AuditDiscrepancy(at: nil, .files(error.description))
        }
    }
}
