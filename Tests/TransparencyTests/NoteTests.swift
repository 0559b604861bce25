import Bytes
import Cryptography
import Testing
import Transparency

/// The lines of a note in a form that is easy to change.
private func note(_ text: String, _ signatures: [String]) -> [UInt8] {
    Array((text + "\n" + signatures.map { $0 + "\n" }.joined()).utf8)
}

private let signatureLine =
    "\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="

private let malformedNotes: [(text: String, error: NoteError)] = [
    ("", .form),
    ("\n", .form),
    ("\n\n", .form),
    ("text\n", .form),
    ("text\n\n", .form),
    ("\n\(signatureLine)\n", .form),
    ("text\n\n\(signatureLine)", .form),
    ("text\n\(signatureLine)\n", .form),
    ("text\n\n\n\(signatureLine)\n\n", .form),
    ("text\r\n\n\(signatureLine)\n", .characters),
    ("te\u{0}xt\n\n\(signatureLine)\n", .characters),
    ("te\txt\n\n\(signatureLine)\n", .characters),
    ("text\n\n\(signatureLine) \n", .signatureLine),
    ("text\n\n \(signatureLine)\n", .signatureLine),
    ("text\n\n- example.com/foo AAAAAAA=\n", .signatureLine),
    ("text\n\n\u{2014} example.com/foo\n", .signatureLine),
    ("text\n\n\u{2014} example.com/foo \n", .signatureLine),
    ("text\n\n\u{2014}  AAAAAAA=\n", .signatureLine),
    ("text\n\n\u{2014} a+b AAAAAAA=\n", .signatureLine),
    ("text\n\n\u{2014} a\u{a0}b AAAAAAA=\n", .signatureLine),
    // Four bytes of key ID and no signature.
    ("text\n\n\u{2014} a AAAAAA==\n", .signatureLine),
    // Not canonical: bits that are not used are set, padding missing.
    ("text\n\n\u{2014} a AAAAAAB=\n", .signatureLine),
    ("text\n\n\u{2014} a AAAAAAA\n", .signatureLine),
]

@Suite struct SignedNoteTests {
    @Test func exampleOfTheSpecificationVerifies() throws {
        let bytes = try Fixture.bytes("signed-note/signed-note-example.note")
        let key = try NoteVerifierKey(text: Fixture.bytes("signed-note/signed-note-example.vkey"))
        let note = try SignedNote(bytes)
        #expect(note.encoded == bytes)
        #expect(note.text == Array("This is an example message.\n".utf8))
        let verified = try VerifiedNote(note, keys: [key])
        #expect(verified.signers.map(\.key) == [key])
        #expect(verified.isSigned(by: key))
    }

    @Test func everyFlippedBitOfTheExampleIsRefused() throws {
        let bytes = try Fixture.bytes("signed-note/signed-note-example.note")
        let key = try NoteVerifierKey(text: Fixture.bytes("signed-note/signed-note-example.vkey"))
        for position in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[position] ^= 1 << UInt8(bit)
                #expect(throws: NoteError.self) { try VerifiedNote(SignedNote(flipped), keys: [key]) }
            }
        }
    }

    @Test func everyCutOfTheExampleIsRefused() throws {
        let bytes = try Fixture.bytes("signed-note/signed-note-example.note")
        for count in bytes.indices {
            #expect(throws: NoteError.self) { try SignedNote(Array(bytes.prefix(count))) }
        }
    }

    @Test func textIsSplitAtTheLastEmptyLine() throws {
        let parsed = try SignedNote(note("a\n\nb\n", [signatureLine]))
        #expect(parsed.text == Array("a\n\nb\n".utf8))
        #expect(parsed.signatures.count == 1)
        // An empty text line is a text.
        #expect(try SignedNote(note("\n", [signatureLine])).text == [0x0a])
    }

    @Test(arguments: malformedNotes)
    func malformedNoteIsRefused(text: String, error: NoteError) {
        #expect(throws: error) { try SignedNote(Array(text.utf8)) }
    }

    @Test func shortestSignatureIsRead() throws {
        let parsed = try SignedNote(Array("text\n\n\u{2014} a AAAAAAA=\n".utf8))
        #expect(parsed.signatures.first?.bytes == [0])
    }

    @Test func bytesThatAreNotTextAreRefused() {
        #expect(throws: NoteError.characters) { try SignedNote([0xff] + note("\n", [signatureLine])) }
    }

    @Test func numberOfSignaturesIsLimited() throws {
        let limit = SignedNote.signatureCountMax
        for count in [1, 16, limit - 1, limit] {
            let parsed = try SignedNote(note("t\n", Array(repeating: signatureLine, count: count)))
            #expect(parsed.signatures.count == count)
            #expect(try SignedNote(text: parsed.text, signatures: parsed.signatures) == parsed)
        }
        #expect(throws: NoteError.tooManySignatures) {
            try SignedNote(note("t\n", Array(repeating: signatureLine, count: limit + 1)))
        }
        let signature = try SignedNote(note("t\n", [signatureLine])).signatures[0]
        #expect(throws: NoteError.tooManySignatures) {
            try SignedNote(text: [0x0a], signatures: Array(repeating: signature, count: limit + 1))
        }
    }

    @Test func lengthOfANoteIsLimited() throws {
        let rest = note("\n", [signatureLine]).count
        for count in [SignedNote.byteCountMax - 1, SignedNote.byteCountMax] {
            let text = String(repeating: "a", count: count - rest) + "\n"
            #expect(try SignedNote(note(text, [signatureLine])).encoded.count == count)
        }
        let text = String(repeating: "a", count: SignedNote.byteCountMax + 1 - rest) + "\n"
        let signature = try SignedNote(note("t\n", [signatureLine])).signatures[0]
        #expect(throws: NoteError.tooLong) { try SignedNote(note(text, [signatureLine])) }
        #expect(throws: NoteError.tooLong) { try SignedNote(text: Array(text.utf8), signatures: [signature]) }
    }

    @Test func noteThatCouldNotBeReadIsNotPutTogether() throws {
        let signature = try SignedNote(note("t\n", [signatureLine])).signatures[0]
        #expect(throws: NoteError.form) { try SignedNote(text: [], signatures: [signature]) }
        #expect(throws: NoteError.form) { try SignedNote(text: [0x61], signatures: [signature]) }
        #expect(throws: NoteError.form) { try SignedNote(text: [0x61, 0x0a], signatures: []) }
        #expect(throws: NoteError.characters) { try SignedNote(text: [0x09, 0x0a], signatures: [signature]) }
        #expect(NoteSignature(name: signature.name, keyID: signature.keyID, bytes: []) == nil)
    }
}

@Suite struct VerifiedNoteTests {
    private let text = Array("log.example\n7\nqQUkx33gpiPxY8Wd+8pRYKZk1+suDbbsg24pmvgw7gQ=\n".utf8)

    private func key(_ name: String, _ seed: UInt8, _ algorithm: NoteKeyAlgorithm = .ed25519) throws -> NoteSignerKey {
        let privateKey = try Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32))
        return NoteSignerKey(name: try NoteKeyName(Text(name)), algorithm: algorithm, privateKey: privateKey)
    }

    @Test func signaturesOfUnknownKeysAreIgnored() throws {
        let (known, unknown) = (try key("log.example", 1), try key("other.example", 2))
        let signatures = [unknown, known].compactMap { $0.signature(ofText: text) }
        let note = try SignedNote(text: text, signatures: signatures)
        #expect(try VerifiedNote(note, keys: [known.verifierKey]).signers.map(\.key) == [known.verifierKey])
        #expect(throws: NoteError.noKnownSignature) {
            try VerifiedNote(note, keys: [key("log.example", 3).verifierKey])
        }
        #expect(throws: NoteError.noKnownSignature) { try VerifiedNote(note, keys: []) }
    }

    @Test func invalidSignatureOfAKnownKeyCondemnsTheNote() throws {
        let (first, second) = (try key("log.example", 1), try key("other.example", 2))
        let good = try #require(first.signature(ofText: text))
        let bad = try #require(second.signature(ofText: text + [0x0a]))
        let note = try SignedNote(text: text, signatures: [good, bad])
        #expect(try VerifiedNote(note, keys: [first.verifierKey]).isSigned(by: first.verifierKey))
        #expect(throws: NoteError.invalidSignature(second.verifierKey.name)) {
            try VerifiedNote(note, keys: [first.verifierKey, second.verifierKey])
        }
    }

    @Test func keyThatSignedTwiceCondemnsTheNote() throws {
        let known = try key("log.example", 1)
        let signature = try #require(known.signature(ofText: text))
        let note = try SignedNote(text: text, signatures: [signature, signature])
        #expect(throws: NoteError.repeatedSignature(known.verifierKey.name)) {
            try VerifiedNote(note, keys: [known.verifierKey])
        }
    }

    @Test func keysThatCannotBeToldApartAreRefused() throws {
        let known = try key("log.example", 1)
        let note = try SignedNote(text: text, signatures: [#require(known.signature(ofText: text))])
        #expect(throws: NoteError.ambiguousKeys(known.verifierKey.name)) {
            try VerifiedNote(note, keys: [known.verifierKey, known.verifierKey])
        }
    }

    @Test func cosignatureBindsItsTime() throws {
        let witness = try key("witness.example", 4, .cosignature)
        let signature = try #require(witness.cosignature(ofText: text, time: 1_700_000_000))
        let note = try SignedNote(text: text, signatures: [signature])
        let verified = try VerifiedNote(note, keys: [witness.verifierKey])
        #expect(verified.signers.map(\.time) == [1_700_000_000])
        for position in signature.bytes.indices {
            var bytes = signature.bytes
            bytes[position] ^= 1
            let flipped = try #require(NoteSignature(name: signature.name, keyID: signature.keyID, bytes: bytes))
            #expect(throws: NoteError.invalidSignature(signature.name)) {
                try VerifiedNote(SignedNote(text: text, signatures: [flipped]), keys: [witness.verifierKey])
            }
        }
        for bytes in [Array(signature.bytes.dropLast()), signature.bytes + [0], [1]] {
            #expect(Cosignature(bytes: bytes) == nil)
        }
    }

    /// Ed25519 signatures are deterministic: ours are those that Go's note package made and read.
    @Test func signaturesAreThoseOfTheOwnLog() throws {
        let note = try SignedNote(Fixture.bytes("own-tlog/log257/checkpoint"))
        let log = NoteSignerKey(
            name: try NoteKeyName("receipts.example/gate1"),
            algorithm: .ed25519,
            privateKey: try Ed25519PrivateKey(seed: Array(0..<32))
        )
        let witness = try key("witness.example/w1", 0x42, .cosignature)
        let signatures = [
            log.signature(ofText: note.text),
            witness.cosignature(ofText: note.text, time: 1_700_000_000),
        ]
        #expect(signatures == note.signatures)
        let other = try key("witness.example/w1", 0x43, .cosignature)
        #expect(other.cosignature(ofText: note.text, time: 1_700_000_000) != note.signatures[1])
    }

    @Test func keyMakesOnlySignaturesOfItsKind() throws {
        #expect(try key("a", 1).cosignature(ofText: text, time: 0) == nil)
        #expect(try key("a", 1, .cosignature).signature(ofText: text) == nil)
    }
}
