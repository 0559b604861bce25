// What one sync costs here: what every durable figure is compared with.

import Runtime

/// Raw `pwrite` and `fdatasync` into a file of zeros, as the log does it, without the log.
struct SyncProbe: ~Copyable {
    private let file: FileDescriptor
    private let bytes: [UInt8]
    private static let fileBytes = 8 << 20
    private var offset = 0

    /// Makes the file.
    init(directory: String, bytes count: Int) throws {
        let made = try FileDescriptor(opening: "\(directory)/raw-sync", .create(permissions: 0o600))
        try made.writeAll([UInt8](repeating: 0, count: Self.fileBytes), at: 0)
        try made.fullSync()
        file = made
        bytes = [UInt8](repeating: 0x57, count: count)
    }

    /// Measures writes of that size one after the other, each followed by a sync.
    mutating func run(_ count: Int) throws -> [UInt32] {
        var latencies: [UInt32] = []
        latencies.reserveCapacity(count)
        for _ in 0..<count {
            if offset + bytes.count > Self.fileBytes { offset = 0 }
            let start = Clock.now()
            try file.writeAll(bytes, at: Int64(offset))
            try file.dataSync()
            latencies.append(Clock.since(start))
            offset += bytes.count
        }
        return latencies
    }
}
