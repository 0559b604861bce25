// The files of tiles and bundles.

internal import Bytes
internal import CSystem
private import Glibc
internal import Runtime
internal import Transparency

/// Reads and writes the tile files of a log.
struct TileStore: Sendable {
    let layout: LogLayout

    /// Above this number of new files one sync of the whole file system is cheaper than one for each.
    private static let filesSyncedOneByOne = 16
    static let filePermissions: UInt32 = 0o644
    static let directoryPermissions: UInt32 = 0o755
    /// The longest file: a bundle of 256 of the longest entries.
    private static let bytesMax = TileLayout.width * (2 + EntryBundle.entryByteCountMax)

    func file(_ path: TilePath) -> String { "\(layout.directory)/\(path.path)" }

    /// The bytes of a tile; nil when there is no such file.
    func read(_ path: TilePath) throws(LogError) -> [UInt8]? {
        let name = file(path)
        guard try system({ () throws(SystemError) in try Files.exists(name) }) else { return nil }
        do throws(FileReadError) {
            return try Files.read(name, bytesMax: Self.bytesMax)
        } catch {
            switch error {
            case .system(let error): throw .system(error)
            case .notAFile, .tooLarge: throw .foreignFile(path: name)
            }
        }
    }

    /// The hashes of a tile of at least a width, as a fetch function of ``TileHashReader``: the partial file or the
    /// full one.
    func hashes(level: Int, index: UInt64, width: Int) -> [UInt8]? {
        for width in [width, TileLayout.width] {
            guard let path = TilePath(kind: .hashes(level: level), index: index, width: width) else { return nil }
            if let bytes = try? read(path) { return bytes }
        }
        return nil
    }

    /// Writes files and makes them durable; when this returns, all of them survive a crash.
    func write(_ files: [(path: TilePath, bytes: [UInt8])]) throws(SystemError) {
        var directories: Set<String> = []
        for (path, bytes) in files {
            let name = file(path)
            let directory = Files.parent(of: name)
            if !directories.contains(directory) {
                try createDirectories(directory, &directories)
            }
            let temporary = name + ".tmp"
            if try Files.exists(temporary) { try Files.remove(temporary) }
            let file = try FileDescriptor(opening: temporary, .create(permissions: Self.filePermissions))
            try file.writeAll(bytes, at: 0)
            if files.count <= Self.filesSyncedOneByOne { try file.fullSync() }
        }
        if files.count > Self.filesSyncedOneByOne { try syncFileSystem() }
        for (path, _) in files { try SegmentMaker.rename(file(path) + ".tmp", to: file(path)) }
        for directory in directories.sorted() { try Files.syncDirectory(directory) }
    }

    private func createDirectories(_ directory: String, _ touched: inout Set<String>) throws(SystemError) {
        try Files.createDirectory(directory, permissions: Self.directoryPermissions)
        // Parents may be new as well: their names have to be durable too.
        var path = directory
        while path.utf8.count > layout.directory.utf8.count {
            guard touched.insert(path).inserted else { return }
            path = Files.parent(of: path)
        }
        touched.insert(layout.directory)
    }

    private func syncFileSystem() throws(SystemError) {
        let directory = try FileDescriptor(opening: layout.directory, .directory)
        guard writ_sync_file_system(directory.number) == 0 else {
            throw SystemError("sync the file system of", subject: layout.directory, number: writ_errno())
        }
    }

    /// The partial tiles that stand in the place of a tile, whatever their width.
    func partials(beside path: TilePath) -> [TilePath] {
        guard let full = TilePath(kind: path.kind, index: path.index, width: TileLayout.width),
            let names = try? Files.list(file(full) + ".p")
        else { return [] }
        return names.compactMap { TilePath(path: "\(full.path).p/\($0)".utf8) }
    }

    /// Removes the partial files of a tile that is full now; they may go (C2SP tlog-tiles), so a failure is no matter.
    func removePartials(of path: TilePath) {
        let directory = file(path) + ".p"
        guard path.isFull, let names = try? Files.list(directory) else { return }
        for name in names { try? Files.remove("\(directory)/\(name)") }
        _ = unsafe rmdir(directory)
    }
}
