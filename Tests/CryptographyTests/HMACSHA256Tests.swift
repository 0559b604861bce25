import Bytes
import Cryptography
import Testing

/// RFC 4231 §4.2 to §4.8, without the truncated output of §4.6, which has a test of its own.
private let knownAnswers: [(key: [UInt8], message: [UInt8], code: String)] = [
    (
        [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
        [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
        Array(0x01...0x19), [UInt8](repeating: 0xcd, count: 50),
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
        [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
        [UInt8](repeating: 0xaa, count: 131),
        Array(
            ("This is a test using a larger than block-size key and a larger than block-size data. "
                + "The key needs to be hashed before being used by the HMAC algorithm.").utf8
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
]

@Suite struct HMACSHA256Tests {
    @Test(arguments: knownAnswers) func codeIsTheKnownOne(key: [UInt8], message: [UInt8], code: String) throws {
        let key = HMACSHA256Key(key)
        let expected = try #require(Digest(hex: code))
        // A key can be used again and again.
        for _ in 0..<3 { #expect(key.code(for: message) == expected) }
        #expect(key.isValid(expected, for: message))
        #expect(!key.isValid(expected, for: message + [0]))
        #expect(!key.isValid(SHA256.digest(of: message), for: message))
    }

    @Test func truncatedCodeIsTheKnownOne() {
        // RFC 4231 §4.6 gives only the first 16 bytes.
        let code = HMACSHA256Key([UInt8](repeating: 0x0c, count: 20)).code(for: Array("Test With Truncation".utf8))
        #expect(Hex.encode(code.bytes.prefix(16)) == "a3b6167473100ee06e0c796c2955552b")
    }

    /// At the block size and one byte on either side of it the key is padded, taken whole, and hashed.
    @Test(arguments: [0, 1, 63, 64, 65, 128]) func keyOfAnyLengthFollowsTheDefinition(count: Int) {
        let key = [UInt8](repeating: 0x5a, count: count)
        let block = (count > 64 ? SHA256.digest(of: key).bytes : key)
        let padded = block + [UInt8](repeating: 0, count: 64 - block.count)
        let inner = SHA256.digest(of: padded.map { $0 ^ 0x36 } + [1, 2, 3])
        #expect(HMACSHA256Key(key).code(for: [1, 2, 3]) == SHA256.digest(of: padded.map { $0 ^ 0x5c } + inner.bytes))
    }
}

@Suite struct ConstantTimeTests {
    @Test func equalBytesAreEqual() {
        #expect(constantTimeEquals([UInt8](), []))
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(constantTimeEquals(SHA256.digest(of: [1]), SHA256.digest(of: [1])))
    }

    @Test func differentBytesAreNot() {
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
        #expect(!constantTimeEquals([], [0]))
        #expect(!constantTimeEquals(SHA256.digest(of: [1]), SHA256.digest(of: [2])))
    }
}
