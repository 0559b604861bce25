import HTTP
import Testing

/// A small seeded generator (SplitMix64), so that a failure can be repeated from the seed that is printed.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

private let seeds: [String] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /v1/decisions?x=%41 HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
    "PUT /a HTTP/1.1\r\nHost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "4\r\nwxyz\r\n1\r\n!\r\n0\r\n\r\nGET / HTTP/1.1\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
]

private let splices: [[UInt8]] = [
    "\r\n", "\n", "\r", "\0", " ", "\t", ":", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "%",
    "0\r\n\r\n",
    "é", "Host: b\r\n", ";", "HTTP/1.0", "ffffffff", "99999999999999999999",
].map { Array($0.utf8) }

private func mutate(_ bytes: inout [UInt8], with generator: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0..<max(1, bytes.count), using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0 where !bytes.isEmpty: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where !bytes.isEmpty: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 2 where !bytes.isEmpty: bytes.remove(at: index)
        case 3: bytes.removeLast(min(bytes.count, Int.random(in: 0..<8, using: &generator)))
        default:
            bytes.insert(contentsOf: splices.randomElement(using: &generator) ?? [], at: min(index, bytes.count))
        }
    }
}

@Suite("Random messages")
struct RandomMessageTests {
    @Test func verdictDoesNotDependOnHowTheBytesAreCut() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(state: seed)
        for round in 0..<4_000 {
            var bytes = Array((seeds.randomElement(using: &generator) ?? "").utf8)
            mutate(&bytes, with: &generator)
            let whole = judge(bytes)
            var cuts = SeededGenerator(state: generator.next())
            let pieces = judge(bytes, cut: { rest in Int.random(in: 1...max(1, rest), using: &cuts) })
            let single = judge(bytes, cut: { _ in 1 })
            guard whole == pieces, whole == single else {
                Issue.record("seed \(seed) round \(round): \(bytes): \(whole), \(pieces), \(single)")
                return
            }
        }
    }

    @Test func everySplitOfAValidRequestGivesTheSameRequest() {
        for text in seeds {
            let bytes = Array(text.utf8)
            let whole = judge(bytes)
            for split in 1..<bytes.count {
                var isFirst = true
                let verdict = judge(
                    bytes,
                    cut: { rest in
                        defer { isFirst = false }
                        return isFirst ? split : rest
                    }
                )
                #expect(verdict == whole)
            }
        }
    }

    @Test func noiseNeverCrashesTheResponseParser() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(state: seed)
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Type: a/b\r\n\r\nabc"
        for _ in 0..<4_000 {
            var bytes = Array(text.utf8)
            mutate(&bytes, with: &generator)
            var parser = ResponseParser(bodyBytesMax: 100)
            var count = bytes.count
            var span = bytes.mutableSpan
            let progress = try? parser.advance(&span, count: &count)
            if case .complete(let byteCount) = progress {
                #expect(byteCount <= bytes.count, "seed \(seed)")
            }
        }
    }
}
