// The files that readers fetch.

internal import Runtime
internal import Transparency

/// Serving tiles, bundles and the checkpoint.
enum LogFiles {
    private static let checkpointPath = Array("checkpoint".utf8)

    /// Reads the file of a path; nil unless it is one that the published tree has.
    static func read(
        _ layout: LogLayout,
        path: some Collection<UInt8>,
        published: UInt64
    ) throws(LogError) -> [UInt8]? {
        if path.elementsEqual(checkpointPath) { return try checkpoint(layout) }
        guard let tile = TilePath(path: path) else { return nil }
        let level =
            switch tile.kind {
            case .hashes(let level): level
            case .entries: 0
            }
        guard tile.width <= TileLayout.width(level: level, index: tile.index, treeSize: published) else { return nil }
        let store = TileStore(layout: layout)
        if let bytes = try store.read(tile) { return bytes }
        // A partial tile goes when the full one stands; its content is the beginning of that.
        guard !tile.isFull, let full = TilePath(kind: tile.kind, index: tile.index, width: TileLayout.width),
            let bytes = try store.read(full)
        else { return nil }
        return beginning(of: bytes, full, tile)
    }

    /// The narrower tile that a wider one begins with.
    static func beginning(of bytes: [UInt8], _ wider: TilePath, _ narrower: TilePath) -> [UInt8]? {
        switch narrower.kind {
        case .hashes: return Array(bytes.prefix(narrower.width * (bytes.count / wider.width)))
        case .entries:
            guard let ranges = try? EntryBundle.ranges(in: bytes, width: wider.width) else { return nil }
            return Array(bytes[..<ranges[narrower.width - 1].upperBound])
        }
    }

    private static func checkpoint(_ layout: LogLayout) throws(LogError) -> [UInt8]? {
        guard try system({ () throws(SystemError) in try Files.exists(layout.checkpoint) }) else { return nil }
        do throws(FileReadError) {
            return try Files.read(layout.checkpoint, bytesMax: SignedNote.byteCountMax)
        } catch {
            switch error {
            case .system(let error): throw .system(error)
            case .notAFile, .tooLarge: throw .foreignFile(path: layout.checkpoint)
            }
        }
    }
}
