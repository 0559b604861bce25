// The audit's way through the frames: hashes, checkpoint and tiles.

internal import Bytes
internal import Cryptography
internal import Receipts
internal import Transparency

/// What the audit carries from frame to frame.
struct AuditWalk {
    private(set) var tree = TreeTail()
    /// The first discrepancy that a statement gave.
    private(set) var discrepancy: AuditDiscrepancy?
    /// Whether something incomplete stands at the end of what was read.
    var endsIncomplete = false

    private let layout: LogLayout
    private let published: Checkpoint?
    private var frames: AuditFrames
    private var rules: AuditRules
    private var bundle: [UInt8] = []
    private var counts: [String: UInt64] = [:]

    init(_ layout: LogLayout, key: NoteVerifierKey, published: Checkpoint?) {
        self.layout = layout
        self.published = published
        frames = AuditFrames(layout, origin: SHA256.digest(of: key.name.text))
        rules = AuditRules(origin: key.name.text)
    }

    /// Takes the next frame.
    ///
    /// - Throws: ``LogError`` about the frame itself; a discrepancy of a statement or a tile stands in ``discrepancy``
    ///   then.
    mutating func take(_ frame: Frame, _ place: FrameCursor.Place) throws(LogError) {
        frames.add(frame, place)
        do throws(AuditDiscrepancy) {
            for (position, leaf) in frame.leaves.enumerated() {
                try take(frame.statement(position), frame.records(of: position), leaf)
            }
        } catch {
            discrepancy = error
            throw .noStatement(index: tree.size)
        }
        guard let root = try? tree.root(size: tree.size), root == frame.root else {
            throw .damaged(path: layout.segment(place.segment), offset: place.offset, .root)
        }
        tree.trim(before: frame.header.first)
    }

    private mutating func take(
        _ statement: ArraySlice<UInt8>,
        _ records: [EvidenceRecord],
        _ leaf: Digest
    ) throws(AuditDiscrepancy) {
        let index = tree.size
        let parsed: Statement
        do throws(StatementError) {
            parsed = try Statement(parsing: Array(statement))
        } catch {
            throw AuditDiscrepancy(at: index, .statement(error.description))
        }
        counts[parsed.typeName, default: 0] += 1
        do throws(AuditDefect) {
            try rules.check(AuditEntry(index: index, statement: parsed, records: records), frames: &frames)
        } catch {
            throw AuditDiscrepancy(at: index, error)
        }
        guard (try? tree.append(leaf: leaf)) != nil, (try? EntryBundle.append(statement, to: &bundle)) != nil else {
            throw AuditDiscrepancy(at: index, .statement("the log is larger than a log can be"))
        }
        try checkTiles()
    }

    /// Compares what the statement just taken completes: a full bundle and its tiles, or the published tree.
    private mutating func checkTiles() throws(AuditDiscrepancy) {
        guard let published, tree.size <= published.size else { return }
        if tree.size == published.size {
            guard let root = try? tree.root(size: tree.size), root == published.root else {
                throw AuditDiscrepancy(at: nil, .checkpoint(LogError.forked(size: tree.size).description))
            }
            for level in 0...TileLayout.levelMax {
                let index = tree.size >> UInt64(TileLayout.height * (level + 1))
                let width = TileLayout.width(level: level, index: index, treeSize: tree.size)
                guard width > 0 else { continue }
                try checkPartials(.hashes(level: level), index, width)
                if level == 0 { try checkPartials(.entries, index, width) }
            }
        }
        guard tree.size % UInt64(TileLayout.width) == 0 else { return }
        let first = tree.size - UInt64(TileLayout.width)
        try TileLayout.forEachNewTile(from: first, to: tree.size) { path throws(AuditDiscrepancy) in
            if path.isFull { try check(path.kind, path.index, path.width) }
        }
        bundle.removeAll(keepingCapacity: true)
    }

    /// Compares a partial tile of the published tree, and those of earlier trees that still stand beside it.
    private func checkPartials(_ kind: TilePath.Kind, _ index: UInt64, _ width: Int) throws(AuditDiscrepancy) {
        try check(kind, index, width)
        guard let path = TilePath(kind: kind, index: index, width: width),
            let whole = try? LogFiles.read(layout, path: path.path.utf8, published: tree.size)
        else { return }
        let store = TileStore(layout: layout)
        for narrower in store.partials(beside: path) where narrower.width < width {
            guard let found = try? store.read(narrower), found == LogFiles.beginning(of: whole, path, narrower) else {
                throw AuditDiscrepancy(at: index * UInt64(TileLayout.width), .tile(narrower.path.string))
            }
        }
    }

    private func check(_ kind: TilePath.Kind, _ index: UInt64, _ width: Int) throws(AuditDiscrepancy) {
        guard let path = TilePath(kind: kind, index: index, width: width) else { return }
        let expected: [UInt8]? =
            switch kind {
            case .hashes(let level): tree.tile(level: level, index: index, width: width)
            case .entries: bundle
            }
        let found = try? LogFiles.read(layout, path: path.path.utf8, published: published?.size ?? 0)
        guard let expected, found == expected else {
            throw AuditDiscrepancy(at: index * UInt64(TileLayout.width), .tile(path.path.string))
        }
    }

    /// Compares the end with the published checkpoint and sums up.
    func finish() throws(AuditDiscrepancy) -> AuditSummary {
        // INVARIANT (signed from the start): the checkpoint of the empty tree is durable before the first frame is
        // written, so a log without a checkpoint is one that somebody took it from.
        guard published != nil || (tree.size == 0 && !endsIncomplete) else {
            let error = LogError.checkpointMissing(size: tree.size)
            throw AuditDiscrepancy(at: nil, .checkpoint(error.description))
        }
        if let published, published.size > tree.size {
            let error = LogError.rolledBack(published: published.size, recovered: tree.size)
            throw AuditDiscrepancy(at: nil, .checkpoint(error.description))
        }
        guard let root = try? tree.root(size: tree.size) else {
            throw AuditDiscrepancy(at: nil, .files("the tree cannot be hashed"))
        }
        return AuditSummary(
            size: tree.size,
            root: root,
            published: published?.size,
            counts: counts.sorted { $0.key < $1.key }.map { (type: $0.key, count: $0.value) },
            endsIncomplete: endsIncomplete
        )
    }
}

/// A statement with what the audit needs beside it.
struct AuditEntry {
    let index: UInt64
    let statement: Statement
    let records: [EvidenceRecord]
}
