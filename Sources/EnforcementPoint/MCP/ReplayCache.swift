// Results that are kept, so that a repeated call learns what came of the first one.

package import Bytes

/// The results of executed calls by their idempotency keys, bounded in number and bytes; the oldest go first.
package struct ReplayCache: Sendable {
    private struct Entry {
        let call: Digest
        let result: [UInt8]
    }

    private var entries: [Text: Entry] = [:]
    private var order: [Text] = []
    private var byteCount = 0
    private let countMax: Int
    private let bytesMax: Int

    /// Makes an empty cache.
    package init(countMax: Int = MCPLimits.replaysMax, bytesMax: Int = MCPLimits.replayBytesMax) {
        self.countMax = countMax
        self.bytesMax = bytesMax
    }

    /// The number of results that are kept.
    package var count: Int { order.count }

    /// Keeps a result; one that is larger than the whole cache is not kept, and the first of a key stays.
    package mutating func keep(_ result: [UInt8], key: Text, call: Digest) {
        guard entries[key] == nil, result.count <= bytesMax, countMax > 0 else { return }
        while order.count >= countMax || byteCount + result.count > bytesMax {
            let oldest = order.removeFirst()
            byteCount -= entries.removeValue(forKey: oldest)?.result.count ?? 0
        }
        entries[key] = Entry(call: call, result: result)
        order.append(key)
        byteCount += result.count
    }

    /// The result of that very call; nil if it is not kept, or if another call had the key.
    package func result(key: Text, call: Digest) -> [UInt8]? {
        guard let entry = entries[key], entry.call == call else { return nil }
        return entry.result
    }
}
