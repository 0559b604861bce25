import Bytes
import Cryptography
import Testing

/// Known answers of FIPS 180-4 examples and NIST's byte-oriented test messages.
private let knownAnswers: [(message: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ([0xbd], "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
    ([0xc9, 0x8c, 0x8e, 0x55], "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"),
    ([UInt8](repeating: 0, count: 55), "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"),
    ([UInt8](repeating: 0, count: 56), "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"),
    ([UInt8](repeating: 0, count: 64), "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
    (
        [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
]

@Suite struct SHA256Tests {
    @Test(arguments: knownAnswers) func digestOfAMessageIsTheKnownOne(message: [UInt8], digest: String) {
        #expect(SHA256.digest(of: message).hex == digest)
        #expect(SHA256.digest(of: message[...]).hex == digest)
        #expect(SHA256.digest(of: message.span).hex == digest)
    }

    @Test(arguments: knownAnswers) func digestOfPiecesIsThatOfTheWhole(message: [UInt8], digest: String) {
        var hasher = SHA256Hasher()
        for _ in 0..<2 {
            var rest = message[...]
            var count = 1
            while !rest.isEmpty {
                hasher.update(rest.prefix(count))
                rest = rest.dropFirst(count)
                count = count * 2 + 1
            }
            // Finalizing starts anew: the second round must not see the first.
            #expect(hasher.finalize().hex == digest)
        }
    }

    @Test func prefixedDigestsAreThoseOfTheJoinedBytes() {
        let left = SHA256.digest(of: [1])
        let right = SHA256.digest(of: [2])
        #expect(SHA256.digest(prefix: 1, of: left, right) == SHA256.digest(of: [1] + left.bytes + right.bytes))
        #expect(SHA256.digest(prefix: 1, of: left, right) != SHA256.digest(prefix: 1, of: right, left))
        let leaf = unsafe left.withUnsafeBytes { unsafe SHA256.digest(prefix: 0, of: $0) }
        #expect(leaf == SHA256.digest(of: [0] + left.bytes))
    }

    @Test func hasherTakesDigestsAndSingleBytes() {
        let digest = SHA256.digest(of: [7])
        var hasher = SHA256Hasher()
        hasher.update(byte: 9)
        hasher.update(digest)
        hasher.update(digest.bytes)
        #expect(hasher.finalize() == SHA256.digest(of: [9] + digest.bytes + digest.bytes))
    }

    @Test func textIsHashedAsItsBytes() {
        // Composed and decomposed letters are equal as strings and different as texts.
        #expect(SHA256.digest(of: Text("\u{e9}")) == SHA256.digest(of: [0xc3, 0xa9]))
        #expect(SHA256.digest(of: Text("e\u{301}")) == SHA256.digest(of: [0x65, 0xcc, 0x81]))
    }

    @Test func everyThreadHasAContextOfItsOwn() async {
        let expected = SHA256.digest(of: [UInt8](repeating: 3, count: 300))
        let key = HMACSHA256Key([1, 2, 3])
        let code = key.code(for: [4])
        let isRight = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    (0..<2_000).allSatisfy { _ in
                        SHA256.digest(of: [UInt8](repeating: 3, count: 300)) == expected && key.code(for: [4]) == code
                    }
                }
            }
            return await group.allSatisfy { $0 }
        }
        #expect(isRight)
    }
}
