import Bytes
import Cryptography
import Testing

/// The example key of C2SP signed-note.
private let exampleText = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"

private func signerKey(_ text: [UInt8]) throws -> NoteSignerKey {
    try unsafe text.withUnsafeBytes { try unsafe NoteSignerKey(text: $0) }
}

private func text(_ key: NoteSignerKey) throws -> [UInt8] {
    try unsafe key.text().withUnsafeBytes { unsafe Array($0) }
}

@Suite struct NoteKeyNameTests {
    @Test(arguments: ["a", "gate-1.example/2026", "é", "\u{4e2d}", String(repeating: "a", count: 254)])
    func nameIsAccepted(name: String) throws {
        #expect(try NoteKeyName(Text(name)).description == name)
    }

    @Test(
        arguments: [
            "", " ", "a b", "a+b", "a\nb", "a\tb", "a\u{0}", "a\u{7f}", "a\u{85}", "a\u{a0}", "a\u{1680}", "a\u{2000}",
            "a\u{200a}", "a\u{2028}", "a\u{202f}", "a\u{205f}", "a\u{3000}",
        ]
    )
    func nameWithForbiddenCharactersIsRefused(name: String) {
        #expect(throws: KeyError.name) { try NoteKeyName(Text(name)) }
    }

    @Test func lengthOfANameIsLimited() throws {
        let limit = NoteKeyName.byteCountMax
        for count in [limit - 1, limit] {
            #expect(try NoteKeyName(utf8: [UInt8](repeating: 0x61, count: count)[...]).text.byteCount == count)
        }
        #expect(throws: KeyError.name) { try NoteKeyName(utf8: [UInt8](repeating: 0x61, count: limit + 1)[...]) }
    }

    @Test func bytesThatAreNotTextAreRefused() {
        #expect(throws: KeyError.name) { try NoteKeyName(utf8: [0x61, 0xff][...]) }
        #expect(throws: KeyError.name) { try NoteKeyName(utf8: [0xed, 0xa0, 0x80][...]) }
    }
}

@Suite struct NoteVerifierKeyTests {
    @Test func exampleOfTheSpecificationIsRead() throws {
        let key = try NoteVerifierKey(text: exampleText.utf8)
        #expect(key.name.description == "example.com/foo")
        #expect(key.algorithm == .ed25519)
        #expect(key.id.hex == "530d903a")
        #expect(key.text.string == exampleText)
    }

    @Test(
        arguments: [
            ("", KeyError.form),
            ("example.com/foo", .form),
            ("example.com/foo+530d903a", .form),
            ("example.com/foo+530d903a+", .form),
            ("+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .name),
            ("example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .name),
            ("example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyID),
            ("example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyID),
            ("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyID),
            ("example.com/foo+30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .keyID),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n", .base64),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2", .base64),
            ("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", .algorithm),
            ("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==", .length),
            ("example.com/foo+530d903a+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", .weakOrMalformedPoint),
        ]
    )
    func malformedKeyIsRefused(text: String, error: KeyError) {
        #expect(throws: error) { try NoteVerifierKey(text: text.utf8) }
    }

    @Test func everyFlippedBitIsRefused() throws {
        for position in exampleText.utf8.indices {
            for bit in 0..<8 {
                var bytes = Array(exampleText.utf8)
                let offset = exampleText.utf8.distance(from: exampleText.startIndex, to: position)
                bytes[offset] ^= 1 << UInt8(bit)
                #expect(throws: KeyError.self) { try NoteVerifierKey(text: bytes) }
            }
        }
    }

    @Test func lengthOfTheTextIsLimited() throws {
        let example = try NoteVerifierKey(text: exampleText.utf8)
        for count in [NoteKeyName.byteCountMax - 1, NoteKeyName.byteCountMax] {
            let name = try NoteKeyName(Text(String(repeating: "n", count: count)))
            let key = NoteVerifierKey(name: name, algorithm: .ed25519, publicKey: example.publicKey)
            #expect(key.text.byteCount == NoteVerifierKey.textByteCountMax - NoteKeyName.byteCountMax + count)
            #expect(try NoteVerifierKey(text: key.text.utf8) == key)
        }
        let long = [UInt8](repeating: 0x6e, count: NoteVerifierKey.textByteCountMax + 1)
        #expect(throws: KeyError.form) { try NoteVerifierKey(text: long) }
    }

    @Test func algorithmsHaveDifferentIDs() throws {
        let key = try NoteVerifierKey(text: exampleText.utf8)
        let other = NoteVerifierKey(name: key.name, algorithm: .cosignature, publicKey: key.publicKey)
        #expect(other.id != key.id)
        #expect(try NoteVerifierKey(text: other.text.utf8) == other)
    }
}

@Suite struct NoteSignerKeyTests {
    /// Written and read by Go's `golang.org/x/mod/sumdb/note` for the seed 00..1f.
    private static let goText =
        "PRIVATE+KEY+receipts.example/gate1+0f1f997c+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

    @Test func keyFileOfGoIsReadAndWritten() throws {
        let key = try signerKey(Array(Self.goText.utf8))
        #expect(
            key.verifierKey.text.string
                == "receipts.example/gate1+0f1f997c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
        )
        #expect(try text(key) == Array(Self.goText.utf8))
        let signature = key.sign([1, 2])
        #expect(key.verifierKey.publicKey.isValid(signature, for: [1, 2]))
        #expect(!key.verifierKey.publicKey.isValid(signature, for: [1, 3]))
    }

    @Test func generatedKeyComesBackFromItsText() throws {
        let name = try NoteKeyName("w.example")
        for algorithm in NoteKeyAlgorithm.allCases {
            let key = NoteSignerKey(name: name, algorithm: algorithm, privateKey: try .generate())
            let again = try signerKey(text(key))
            #expect(again.verifierKey == key.verifierKey)
            #expect(again.sign([5]) == key.sign([5]))
        }
    }

    @Test func everyFlippedBitIsRefused() throws {
        let bytes = Array(Self.goText.utf8)
        for position in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[position] ^= 1 << UInt8(bit)
                #expect(throws: KeyError.self) { try signerKey(flipped) }
            }
        }
    }

    @Test func everyCutAndAppendedByteIsRefused() {
        let bytes = Array(Self.goText.utf8)
        for count in bytes.indices { #expect(throws: KeyError.self) { try signerKey(Array(bytes.prefix(count))) } }
        for byte in UInt8.min...UInt8.max { #expect(throws: KeyError.self) { try signerKey(bytes + [byte]) } }
        #expect(throws: KeyError.form) { try signerKey([UInt8](repeating: 0x61, count: 10_000)) }
    }
}
