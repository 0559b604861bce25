/// A generator of numbers that a seed reproduces (SplitMix64).
package struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    /// Makes a generator.
    package init(seed: UInt64) {
        state = seed
    }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Makes new inputs out of seeds: small changes of bytes, and stretches that are repeated, moved, dropped or mixed.
package struct Mutator {
    private var numbers: SeededNumbers
    private let seeds: [[UInt8]]
    /// Stretches of text that decoders look for.
    private let words: [[UInt8]]

    /// Makes a mutator of seeds.
    package init(_ seeds: [[UInt8]], seed: UInt64) {
        self.seeds = seeds.isEmpty ? [[]] : seeds
        numbers = SeededNumbers(seed: seed)
        words = Self.tokens.map { Array($0.utf8) }
    }

    private static let tokens = [
        "(", ")", "{", "}", "[", "]", "\"", "\\", "::", "//", "\n", "\r\n", "&&", "||", "==", "!", "-", "@", "?", ";",
        ",",
        ".", ":", "*", "\\u{0}", "\\u0000", "\\ud800", "\u{202E}", "é", "👍", "\u{0}", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "1e999", "0", "null", "true", "__cedar", "__entity", "__extn",
        "permit", "forbid", "when", "unless", "if", "then", "else", "in", "is", "has", "like", "principal", "action",
        "resource", "context", "entity", "type", "namespace", "Set<", "ip(", "decimal(", ".contains(", ".getTag(",
        "Content-Length: ", "Transfer-Encoding: chunked", "HTTP/1.1", "\r\n\r\n", "\u{2014} ", "=", "A==",
    ]

    /// The next input, of at most that many bytes.
    package mutating func next(bytesMax: Int) -> [UInt8] {
        var input = seeds.randomElement(using: &numbers) ?? []
        for _ in 0..<Int.random(in: 1...5, using: &numbers) { mutate(&input) }
        return Array(input.prefix(bytesMax))
    }

    private mutating func place(in input: [UInt8]) -> Int { Int.random(in: 0...input.count, using: &numbers) }

    private mutating func stretch(of input: [UInt8]) -> Range<Int> {
        let start = place(in: input)
        return start..<min(input.count, start + Int.random(in: 0...32, using: &numbers))
    }

    private mutating func mutate(_ input: inout [UInt8]) {
        switch Int.random(in: 0..<8, using: &numbers) {
        case 0 where !input.isEmpty:
            input[Int.random(in: input.indices, using: &numbers)] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 1 where !input.isEmpty:
            input[Int.random(in: input.indices, using: &numbers)] = UInt8.random(in: .min ... .max, using: &numbers)
        case 2:
            input.removeSubrange(stretch(of: input))
        case 3:
            let copy = Array(input[stretch(of: input)])
            let count = Int.random(in: 1...8, using: &numbers)
            input.insert(contentsOf: (0..<count).flatMap { _ in copy }, at: place(in: input))
        case 4:
            let other = seeds.randomElement(using: &numbers) ?? []
            input.insert(contentsOf: other[stretch(of: other)], at: place(in: input))
        case 5:
            input.removeSubrange(place(in: input)...)
        default:
            input.insert(contentsOf: words.randomElement(using: &numbers) ?? [], at: place(in: input))
        }
    }
}
