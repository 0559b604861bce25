import Bytes
import Cryptography
import Testing
import Transparency

private let root = "qQUkx33gpiPxY8Wd+8pRYKZk1+suDbbsg24pmvgw7gQ="

private let otherSpellings: [(text: String, error: CheckpointError)] = [
    ("", .form),
    ("log.example\n7\n", .form),
    ("log.example\n7\n\(root)", .form),
    ("\n7\n\(root)\n", .origin),
    ("log example\n7\n\(root)\n", .origin),
    ("log.example\n\n\(root)\n", .size),
    ("log.example\n07\n\(root)\n", .size),
    ("log.example\n+7\n\(root)\n", .size),
    ("log.example\n-7\n\(root)\n", .size),
    ("log.example\n7 \n\(root)\n", .size),
    ("log.example\n0x7\n\(root)\n", .size),
    ("log.example\n9223372036854775808\n\(root)\n", .size),
    ("log.example\n18446744073709551623\n\(root)\n", .size),
    ("log.example\n99999999999999999999\n\(root)\n", .size),
    ("log.example\n7\n\n", .root),
    ("log.example\n7\n\(root) \n", .root),
    ("log.example\n7\nqQUkx33gpiPxY8Wd+8pRYKZk1+suDbbsg24pmvgw7gR=\n", .root),
    ("log.example\n7\nqQUkx33gpiPxY8Wd+8pRYKZk1+suDbbsg24pmvgw7g==\n", .root),
    ("log.example\n7\nqQUkx33gpiPxY8Wd-8pRYKZk1-suDbbsg24pmvgw7gQ=\n", .root),
    ("log.example\n0\n\(root)\n", .root),
    ("log.example\n7\n\(root)\nmore\n", .extensionLines),
    ("log.example\n7\n\(root)\n\n", .extensionLines),
]

@Suite struct CheckpointTests {
    @Test(arguments: ["1", "9", "10", "9223372036854775807"]) func checkpointInItsOneSpellingIsRead(size: String) throws
    {
        let text = Array("log.example/1\n\(size)\n\(root)\n".utf8)
        let checkpoint = try Checkpoint(text: text)
        #expect(checkpoint.text == text)
        #expect("\(checkpoint.size)" == size)
        #expect(checkpoint.origin.description == "log.example/1")
        #expect(try Checkpoint(origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root) == checkpoint)
    }

    @Test(arguments: otherSpellings)
    func otherSpellingIsRefused(text: String, error: CheckpointError) {
        #expect(throws: error) { try Checkpoint(text: Array(text.utf8)) }
    }

    @Test func emptyTreeHasItsOwnRootHash() throws {
        let text = Array("log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n".utf8)
        #expect(try Checkpoint(text: text).text == text)
        let origin = try NoteKeyName("log.example")
        #expect(throws: CheckpointError.root) { try Checkpoint(origin: origin, size: 0, root: .zero) }
        #expect(throws: CheckpointError.size) { try Checkpoint(origin: origin, size: 1 << 63, root: .zero) }
    }

    @Test func lengthOfTheTextIsLimited() throws {
        let origin = try NoteKeyName(Text(String(repeating: "a", count: NoteKeyName.byteCountMax)))
        let checkpoint = try Checkpoint(origin: origin, size: TreeHash.treeSizeMax, root: .zero)
        #expect(checkpoint.text.count == Checkpoint.textByteCountMax)
        #expect(try Checkpoint(text: checkpoint.text) == checkpoint)
        #expect(throws: CheckpointError.form) { try Checkpoint(text: [0x61] + checkpoint.text) }
    }

    private func key(_ name: String, _ seed: UInt8, _ algorithm: NoteKeyAlgorithm = .ed25519) throws -> NoteSignerKey {
        let privateKey = try Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32))
        return NoteSignerKey(name: try NoteKeyName(Text(name)), algorithm: algorithm, privateKey: privateKey)
    }

    @Test func checkpointOfTheLogVerifies() throws {
        let log = try key("log.example", 1)
        let checkpoint = try Checkpoint(origin: log.verifierKey.name, size: 3, root: TreeHash.leaf([1]))
        let note = try checkpoint.signed(by: log)
        let verified = try VerifiedCheckpoint(SignedNote(note.encoded), logKey: log.verifierKey)
        #expect(verified.checkpoint == checkpoint)
        #expect(throws: CheckpointError.note(.noKnownSignature)) {
            try VerifiedCheckpoint(note, logKey: key("log.example", 2).verifierKey)
        }
    }

    @Test func checkpointOfAnotherOriginIsRefused() throws {
        let log = try key("log.example", 1)
        let other = try Checkpoint(origin: NoteKeyName("other.example"), size: 3, root: TreeHash.leaf([1]))
        #expect(throws: CheckpointError.key) { try other.signed(by: log) }
        let signature = try #require(log.signature(ofText: other.text))
        let note = try SignedNote(text: other.text, signatures: [signature])
        #expect(throws: CheckpointError.origin) { try VerifiedCheckpoint(note, logKey: log.verifierKey) }
    }

    @Test func witnessAloneDoesNotMakeACheckpoint() throws {
        let (log, witness) = (try key("log.example", 1), try key("witness.example", 2, .cosignature))
        let checkpoint = try Checkpoint(origin: log.verifierKey.name, size: 3, root: TreeHash.leaf([1]))
        let cosignature = try #require(witness.cosignature(ofText: checkpoint.text, time: 5))
        let alone = try SignedNote(text: checkpoint.text, signatures: [cosignature])
        #expect(throws: CheckpointError.unsigned) {
            try VerifiedCheckpoint(alone, logKey: log.verifierKey, witnessKeys: [witness.verifierKey])
        }
        let both = try SignedNote(
            text: checkpoint.text,
            signatures: checkpoint.signed(by: log).signatures + [cosignature]
        )
        let verified = try VerifiedCheckpoint(both, logKey: log.verifierKey, witnessKeys: [witness.verifierKey])
        #expect(verified.note.isSigned(by: witness.verifierKey))
        // A key of a witness is none of a log.
        #expect(throws: CheckpointError.key) { try VerifiedCheckpoint(both, logKey: witness.verifierKey) }
        #expect(throws: CheckpointError.key) { try checkpoint.signed(by: key("log.example", 1, .cosignature)) }
    }

    @Test func signedTextThatIsNoCheckpointIsRefused() throws {
        let log = try key("log.example", 1)
        let text = Array("log.example\nhello\n".utf8)
        let note = try SignedNote(text: text, signatures: [#require(log.signature(ofText: text))])
        #expect(throws: CheckpointError.form) { try VerifiedCheckpoint(note, logKey: log.verifierKey) }
    }
}
