// Old statements, and their receipts again.

internal import Bytes
internal import Cryptography
internal import Receipts
internal import Transparency

extension Log {
    /// The bytes of an old statement.
    ///
    /// - Throws: ``LogError/position(index:)`` when it does not stand there.
    package func statement(at position: EntryPosition) throws(LogError) -> [UInt8] {
        try entry(at: position).statement
    }

    /// The evidence records of an old statement that were not erased.
    ///
    /// - Throws: ``LogError/position(index:)`` when the statement does not stand there.
    package func records(at position: EntryPosition) throws(LogError) -> [EvidenceRecord] {
        try entry(at: position).records
    }

    /// An old statement with its records: one frame is read and its checksums are checked.
    package func entry(at position: EntryPosition) throws(LogError) -> Entry {
        guard position.index < size else { throw .noStatement(index: position.index) }
        let file = try SegmentFile(configuration.layout, first: position.segment, origin: origin)
        guard let frame = try file.frame(at: position.offset), frame.header.treeSize == position.treeSize,
            position.index >= frame.header.first, position.index < position.treeSize
        else { throw .position(index: position.index) }
        let place = Int(position.index - frame.header.first)
        return Entry(statement: Array(frame.statement(place)), records: frame.records(of: place))
    }

    /// Where a statement stands: a walk over the frame headers of its segment, for callers that did not keep the
    /// position.
    package func position(of index: UInt64) throws(LogError) -> EntryPosition {
        guard index < size else { throw .noStatement(index: index) }
        return try SegmentLookup.position(of: index, configuration.layout, origin: origin)
    }

    /// The receipt of an old statement at the tree size of its batch: the same bytes as the first time.
    ///
    /// The signature is deterministic and the frame fixes the tree size. The path comes from memory for fresh
    /// statements, else from the published tiles, which are checked against the published root, and for what is not
    /// published yet from the segments.
    package func receipt(at position: EntryPosition) throws(LogError) -> [UInt8] {
        let statement = try statement(at: position)
        let (root, hashes) = try proof(of: position.index, treeSize: position.treeSize)
        return Receipt.encode(
            statement: statement,
            index: position.index,
            hashes: hashes,
            checkpoint: try checkpoint(size: position.treeSize, root: root)
        )
    }

    private var origin: Digest { SHA256.digest(of: verifierKey.name.text) }

    private func proof(of index: UInt64, treeSize: UInt64) throws(LogError) -> (root: Digest, hashes: [Digest]) {
        do throws(TreeError) {
            return try tree.read { tail throws(TreeError) in
                guard index >= tail.cut else { throw .missing(level: 0, index: index) }
                let edge = try tail.edge(size: treeSize)
                return (edge.root, try edge.inclusionProof(of: index, reading: tail))
            }
        } catch {
            // Not in memory any more.
        }
        do throws(TreeError) {
            let reader = try StoredHashes(configuration.layout, origin: origin, published: publishedCheckpoint)
            let edge = try TreeEdge(size: treeSize, reading: reader)
            return (edge.root, try edge.inclusionProof(of: index, reading: reader))
        } catch {
            throw .tree(error)
        }
    }

    private var publishedCheckpoint: Checkpoint? {
        try? PublishedCheckpoint.read(configuration.layout, key: verifierKey)
    }

    /// The file that a reader asks for under `/log/`: `checkpoint`, a tile or an entry bundle; nil for any other path,
    /// and for tiles that no published checkpoint needs.
    ///
    /// The path is decoded strictly and written anew: no byte of it reaches the file system.
    package func file(path: some Collection<UInt8>) throws(LogError) -> [UInt8]? {
        try LogFiles.read(configuration.layout, path: path, published: publisher.standing)
    }
}

/// Hashes of complete nodes of the whole tree: from tiles as far as they are published, from statements beyond.
private struct StoredHashes: HashReader {
    private let layout: LogLayout
    private let origin: Digest
    private let tiles: TileHashReader?

    init(_ layout: LogLayout, origin: Digest, published: Checkpoint?) throws(TreeError) {
        self.layout = layout
        self.origin = origin
        guard let published, published.size > 0 else {
            tiles = nil
            return
        }
        let store = TileStore(layout: layout)
        tiles = try? TileHashReader(size: published.size, root: published.root) { level, index, width in
            store.hashes(level: level, index: index, width: width)
        }
    }

    func hash(level: Int, index: UInt64) throws(TreeError) -> Digest {
        let first = index << UInt64(level)
        let end = (index + 1) << UInt64(level)
        if let tiles, end <= tiles.size, let hash = try? tiles.hash(level: level, index: index) { return hash }
        return try computed(first: first, end: end)
    }

    /// The root over statements that are hashed again; `end - first` is a power of two.
    private func computed(first: UInt64, end: UInt64) throws(TreeError) -> Digest {
        var range = CompactRange()
        do throws(LogError) {
            var cursor = try FrameCursor(layout, origin: origin, from: first)
            while let (frame, _) = try cursor.frame(limit: end) {
                for (position, leaf) in frame.leaves.enumerated() {
                    let index = frame.header.first + UInt64(position)
                    guard index >= first, index < end else { continue }
                    try Self.append(leaf, to: &range)
                }
            }
        } catch {
            throw .missing(level: 0, index: first)
        }
        guard range.size == end - first else { throw .missing(level: 0, index: first) }
        return range.root
    }

    private static func append(_ leaf: Digest, to range: inout CompactRange) throws(LogError) {
        do throws(TreeError) {
            try range.append(leaf: leaf)
        } catch {
            throw .tree(error)
        }
    }
}

/// Finding statements by index.
enum SegmentLookup {
    static func position(of index: UInt64, _ layout: LogLayout, origin: Digest) throws(LogError) -> EntryPosition {
        guard let segment = try layout.segmentList().last(where: { $0 <= index }) else {
            throw .noStatement(index: index)
        }
        let file = try SegmentFile(layout, first: segment, origin: origin)
        guard let offset = try file.offset(of: index), let header = try file.frameHeader(at: offset) else {
            throw .noStatement(index: index)
        }
        return EntryPosition(index: index, treeSize: header.treeSize, segment: segment, offset: offset)
    }
}
